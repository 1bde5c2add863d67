# Builds side by side, with a kernel that is built in a moment (tests/fake-kernel): different kernels of one source do
# not wait for each other, the same one is built once, and nothing is written to the source.
. "$SRCDIR/tests/tap.sh"
TINYX_CACHE=${TINYX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tinyx}
export TINYX_CACHE
. "$SRCDIR/tests/fake-kernel/world.sh"
fake_world "kernels built side by side"
for app in need:NEED_A one:FREE_1 two:FREE_2; do
	folder=${app%:*}
	mkdir -p "$folder/files/usr/bin"
	printf '#!/bin/sh\nsleep 1\n' >"$folder/files/usr/bin/app"
	chmod 755 "$folder/files/usr/bin/app"
	printf '%s\n' '[recipe]' 'description=an application for a test' '[run]' 'command=/usr/bin/app' \
		'[kernel]' "options=${app#*:}=y" >"$folder/recipe.conf"
done
build() { "$TINYX" build "./$1" --platform fake -k ./tree -o "out-$1" >"words-$1" 2>"err-$1"; }
# shellcheck disable=SC2317  # called by check
# both JOB JOB COUNT: COUNT kernels are being built while both jobs run.
both() {
	while kill -0 "$1" && kill -0 "$2"; do
		[ "$(wc -l <builds)" -lt "$3" ] || return 0
		sleep 0.1
	done
	return 1
}

build need # what all need is there
check "an image with the fake kernel" test -s out-need/bzImage
: >builds
touch stamp
FAKE_SLOW=20
export FAKE_SLOW
build one &
one=$!
build two &
two=$!
check "two different kernels are built at the same time" both $one $two 2
check "the first is complete" wait $one
check "the second is complete" wait $two
check "none waited for the other's" sh -c '! grep -E "waiting .*(kernel|configuration)" err-one err-two'
check "each has its own configuration" \
	sh -c 'grep -qx CONFIG_FREE_1=y out-one/kernel.config && grep -qx "# CONFIG_FREE_2 is not set" out-one/kernel.config &&
		grep -qx CONFIG_FREE_2=y out-two/kernel.config && grep -qx "# CONFIG_FREE_1 is not set" out-two/kernel.config'
check "each has a folder of its own" test "$(find "$TINYX_CACHE/build" -maxdepth 1 -name 'objects-*' | wc -l)" -eq 2
check "nothing was written to the source" test -z "$(find tree -newer stamp)"

# The same twice: the second waits, and takes what the first has made.
sed -i 's/FREE_1=y/FREE_3=y/' one/recipe.conf
sed -i 's/FREE_2=y/FREE_3=y/' two/recipe.conf
: >builds
FAKE_SLOW=5
build one &
one=$!
build two &
two=$!
check "the same kernel twice at once: one" wait $one
check "... and the other" wait $two
check "... built once" test "$(wc -l <builds)" -eq 1
check "... the same bytes" cmp out-one/bzImage out-two/bzImage
finish
