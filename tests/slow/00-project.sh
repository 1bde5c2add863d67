# The project itself: setup, both compilers, lint, install.
. "$SRCDIR/tests/tap.sh"

"$SRCDIR/scripts/setup" --check >out.txt 2>err
check "setup --check: nothing is missing after setup" test $? -eq 0
check "setup does nothing when all is there" sh -c '"$SRCDIR/scripts/setup" >out2 2>&1 && ! test -s out2'
"$SRCDIR/scripts/setup" --nonsense >out.txt 2>err
check "setup: an unknown argument: status 2" test $? -eq 2

# As a user without rights, on a machine where a package is missing (a stand-in for dpkg-query says so).
mkdir bin
printf '#!/bin/sh\nexit 0\n' >bin/dpkg-query
printf '#!/bin/sh\nexit 1\n' >bin/sudo
chmod +x bin/*
if [ "$(id -u)" = 0 ]; then as="setpriv --reuid=65534 --regid=65534 --clear-groups"; else as=; fi
chmod 755 .
cp "$SRCDIR/scripts/setup" .
chmod 755 setup
# shellcheck disable=SC2086  # words
PATH=$PWD/bin:$PATH $as ./setup >out.txt 2>err </dev/null
check "setup without root and sudo: status 2" test $? -eq 2
check "... and prints the one command to run" grep -qE '^ +/.*/setup$' err

cp -R "$SRCDIR/Makefile" "$SRCDIR/tinyx" "$SRCDIR/docs" "$SRCDIR/recipes" "$SRCDIR/kconfig-heuristics" \
	"$SRCDIR/rootfs" "$SRCDIR/scripts" "$SRCDIR/tests" "$SRCDIR/compare" .
cp "$SRCDIR"/.clang-format "$SRCDIR"/.shellcheckrc .
# What clang warns of does not depend on what it makes of the code; gcc's warnings have been seen by `make tests`.
# One prefix for all of it: where it changes, everything is built again.
gcc='CC=gcc CFLAGS=-O0 BUILD=build-gcc PREFIX=/opt/tinyx'
# shellcheck disable=SC2086  # words
check "builds clean with gcc" make -s $gcc -j2
check "builds clean with clang" make -s CC=clang CFLAGS=-O0 BUILD=build-clang -j2
missing=
for tool in clang-format cppcheck shellcheck shfmt; do
	command -v $tool >/dev/null || missing="$missing $tool"
done
if [ -z "$missing" ]; then
	# shellcheck disable=SC2086  # words
	check "make lint" make -s lint $gcc -j2
else
	skip "make lint" "missing:$missing"
fi

# What nobody uses, and a test that is gone, are found.
printf 'int nobody_uses_it(void);\nint\nnobody_uses_it(void) {\n  return 1;\n}\n' >>tinyx/base/least.c
mkdir -p build-gcc/tests/unit
: >build-gcc/tests/unit/test-gone
# shellcheck disable=SC2086  # words
make -s tests $gcc -j2 >out.txt 2>&1
check "an exported name that nobody uses is found" sh -c '! BUILD=build-gcc scripts/check-exports >out.txt && grep -q nobody_uses_it out.txt'
check "a test without a source is removed" sh -c '! test -e build-gcc/tests/unit/test-gone'
head -n -5 tinyx/base/least.c >least.c && mv least.c tinyx/base/least.c

# A change that breaks the layers is found.
printf '#include "cmd/cmd.h"\n' >>tinyx/base/msg.c
check "a lower layer that includes a higher one is found" sh -c '! scripts/check-layers >out.txt && grep -q "tinyx/base/msg.c:.*cmd/cmd.h" out.txt'
sed -i '$d' tinyx/base/msg.c
printf '/* hvc0 */\n' >>tinyx/base/msg.c
check "a platform's word in a folder that knows no platform is found" sh -c '! scripts/check-layers >out.txt && grep -q "tinyx/base/msg.c:.*hvc0" out.txt'
sed -i '$d' tinyx/base/msg.c

# shellcheck disable=SC2086  # words
make -s install $gcc DESTDIR="$PWD/dest" >out.txt 2>&1
check "make install" test $? -eq 0 -a -x dest/opt/tinyx/bin/tinyx
rm -rf recipes # not to be found by accident
mv build-gcc gone
check "the installed program finds its data" sh -c '
	cd / && TINYX_DATADIR="" TINYX_CACHE=$1/cache "$1/dest/opt/tinyx/bin/tinyx" build ngimx 2>&1 | grep -q "did you mean .nginx." ' sh "$PWD"
check "man pages are installed" test -s dest/opt/tinyx/share/man/man1/tinyx.1 -a -s dest/opt/tinyx/share/man/man5/tinyx-recipe.5
check "what shells complete is installed" sh -c 'cd dest/opt/tinyx/share && grep -q minimize bash-completion/completions/tinyx zsh/site-functions/_tinyx fish/vendor_completions.d/tinyx.fish'
check "make uninstall leaves nothing" sh -c 'make -s uninstall PREFIX=/opt/tinyx DESTDIR="$PWD/dest" && ! find dest -type f | grep .'
finish
