# A clock that is set a year ahead or back WHILE tinyx builds and drafts: the same end bytes. date(1) cannot
# be called here: tinyx and all that it started stand still, everything that is there gets the stamps of a year ago (or
# to come), and tinyx, by tests/clock/clock.c, a wall clock a year ahead (or back) of what it was.
# shellcheck disable=SC2317 # functions that are called by name
. "$SRCDIR/tests/tap.sh"
TINYX_CACHE=${TINYX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tinyx}
export TINYX_CACHE
. "$SRCDIR/tests/fake-kernel/world.sh"
fake_world "a clock that jumps"
gcc -shared -fPIC -O1 -o clock.so "$SRCDIR/tests/clock/clock.c" || finish
TEST_CLOCK=$PWD/ahead year=31536000
export TEST_CLOCK
mkdir -p app/files/usr/bin
printf '#!/bin/sh\nsleep 1\n' >app/files/usr/bin/app
chmod 755 app/files/usr/bin/app
printf '%s\n' '[recipe]' 'description=an application for a test' '[run]' 'command=/usr/bin/app' 'on-exit=poweroff' '[kernel]' \
	'options=NEED_A=y NEED_B=y FREE_1=y FREE_2=y FREE_3=y' '[test]' 'timeout=30' >app/recipe.conf

# shellcheck disable=SC2153 # the environment has it
build() { "$TINYX" build ./app --platform fake -k ./tree -o out-build; }
init() { "$TINYX" init micro-httpd -o out-init --force; }
forget() { # WHAT: its results, so that it has all to do; the kept build folder stays
	case $1 in
	build) rm -rf out-build "$TINYX_CACHE/kernel" "$TINYX_CACHE/kernel-build" "$TINYX_CACHE/packed" ;;
	init) rm -rf out-init ;;
	esac
}
sums() { # WHAT
	case $1 in
	build) folder=out-build ;;
	init) folder=out-init ;;
	esac
	(cd "$folder" && find . -type f ! -name report.json ! -name chosen.config | LC_ALL=C sort | xargs sha256sum)
}
below() { # PID: it and all that it started, parents first
	echo "$1"
	# shellcheck disable=SC2013 # words
	for child in $(cat /proc/"$1"/task/*/children 2>/dev/null); do below "$child"; done
}
stamps() { # SECONDS: of everything that this test makes, each so much from what it was
	find "$TINYX_CACHE" "$PWD" -xdev -path "$PWD/tree" -prune -o -path "$PWD/data" -prune -o \( -type f -o -type d \) ! -name ahead -print0 2>/dev/null |
		perl -0ne 'BEGIN { $by = shift @ARGV } chomp; @s = stat; utime $s[8] + $by, $s[9] + $by, $_' -- "$1"
}
# jump WHAT ahead|back: sets the clock while WHAT runs, as soon as when_WHAT is true
jump() {
	forget "$1"
	rm -f ahead
	case $1 in
	build) LD_PRELOAD=$PWD/clock.so "$TINYX" build ./app --platform fake -k ./tree -o out-build >words 2>err & ;;
	init) LD_PRELOAD=$PWD/clock.so "$TINYX" init micro-httpd -o out-init --force >words 2>err & ;;
	esac
	tinyx=$!
	left=200
	while ! when_"$1" && kill -0 $tinyx 2>/dev/null && [ $left -gt 0 ]; do
		sleep 0.1
		left=$((left - 1))
	done
	stopped=$(below $tinyx)
	# shellcheck disable=SC2086 # words
	kill -STOP $stopped 2>/dev/null
	case $2 in
	ahead) stamps -$year && echo +$year >ahead ;;
	back) stamps $year && echo -$year >ahead ;;
	esac
	check "$1, $2: the clock was set in the middle" kill -0 $tinyx
	# shellcheck disable=SC2086
	kill -CONT $stopped 2>/dev/null
	wait $tinyx
	check "$1, $2: it ends well" test $? -eq 0
	sums "$1" >have
	check_same "$1, $2: the same bytes" "want-$1" have
	[ ! -s ahead ] || rm ahead
}

for what in build init; do
	forget $what
	$what >words 2>err || {
		skip "$what" "it does not work here: $(tail -n 1 err)"
		[ $what = init ] || finish
		continue
	}
	sums $what >want-$what
done

# While make compares the stamps of .config and its copy: set back, it would go on for ever.
for direction in ahead back; do
	when_build() { [ -n "$(find "$TINYX_CACHE/build" -name syncing 2>/dev/null)" ]; }
	rm -rf "$TINYX_CACHE/build"/objects-*
	FAKE_EARLY=2
	export FAKE_EARLY
	jump build $direction
	unset FAKE_EARLY
	check "... it is said" grep -q "the machine's clock was set" err
done
# While it compiles.
for direction in ahead back; do
	when_build() { [ -s builds ]; }
	: >builds
	FAKE_SLOW=2
	export FAKE_SLOW
	jump build $direction
	unset FAKE_SLOW
	check "... it is said" grep -q "the machine's clock was set" err
done
# While a draft is made.
when_init() { [ -n "$(below "$tinyx" | sed 1d)" ]; } # a program of its is running
for direction in ahead back; do
	[ ! -s want-init ] || jump init $direction
done

# Between two builds: what was made of another configuration is newer than the one that is asked for.
build >words 2>err
stamps $year
sed -i 's/FREE_3=y/FREE_4=y FREE_3=y/' app/recipe.conf
forget build
build >words 2>err
check "set back between two builds of other configurations" test $? -eq 0
mv out-build out-kept
rm -rf "$TINYX_CACHE/build" "$TINYX_CACHE/kernel" "$TINYX_CACHE/kernel-build" "$TINYX_CACHE/packed"
build >words 2>err
check "... the kernel is that of the second" cmp out-kept/bzImage out-build/bzImage
finish
