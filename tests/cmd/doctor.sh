# tinyx doctor: each thing that a machine may lack is taken away in turn, and must be found, with what mends it.
# No network is needed: whether the archive answers is not asked here but for one that is not there.
. "$SRCDIR/tests/tap.sh"
TINYX_CACHE=$PWD/cache
TINYX_MIRROR=http://127.0.0.1:9/debian
export TINYX_CACHE TINYX_MIRROR
verdict() { sed -n "s/^\([a-z]*\)  *$1  .*/\1/p" out; }
says() { # SUBJECT VERDICT WORDS
	check "$1: $2" test "$(verdict "$1")" = "$2"
	check "... $3" grep -q "^$2  *$1  .*$3" out
}

"$TINYX" doctor >out 2>err
status=$?
says data good "$SRCDIR"
says cache good "$TINYX_CACHE, yours alone"
check "memory, of which nobody knows how much there is" grep -qE '^(good|poor|bad) *memory  *[0-9.]+ GB available' out
says network bad '127.0.0.1'
check "a network that does not answer: its cure" grep -q '^  *mend: .*TINYX_MIRROR=ADDRESS' out
check "... and status 1" test $status -eq 1
check "every platform is there" sh -c 'test "$(grep -c "  platform  " out)" -eq "$(ls "$SRCDIR"/kconfig-heuristics/platforms/*.conf | wc -l)"'
check "what is not good has a cure, or nothing helps" awk '
	/^(bad|poor)  *(data|packages|cache|disk|memory|network|platform)/ { want = 1; next }
	want && !/^  *mend: / { exit 1 } { want = 0 } END { exit want }' out

mkdir empty
TINYX_DATADIR=$PWD/empty "$TINYX" doctor data >out 2>err
check "data that is not there: status 1" test $? -eq 1
says data bad "TINYX_DATADIR is $PWD/empty: tinyx. data are not there"

mkdir open && chmod 777 open
TINYX_CACHE=$PWD/open "$TINYX" doctor cache >out 2>err
check "a cache that others may write to: status 1" test $? -eq 1
says cache bad "may be written to by others"
TINYX_CACHE=/proc/nowhere "$TINYX" doctor cache >out 2>err
says cache bad "/proc/nowhere"

# A stand-in for dpkg-query knows no package.
mkdir bin
printf '#!/bin/sh\nexit 0\n' >bin/dpkg-query
chmod +x bin/dpkg-query
PATH=$PWD/bin:$PATH "$TINYX" doctor packages >out 2>err
check "packages that are missing: status 1" test $? -eq 1
says packages bad "missing packages: gcc "
check "... its cure is the command that installs them" grep -q "^  *mend: .*scripts/setup" out

if unshare --map-root-user --mount true 2>/dev/null; then
	mkdir small
	unshare --map-root-user --mount sh -c 'mount -t tmpfs -o size=1m tmpfs small && TINYX_CACHE=$PWD/small "$TINYX" doctor disk' >out 2>err
	says disk bad "1.0. MB free"
	check "a full disk: its cure" grep -q '^  *mend: export TINYX_CACHE=' out
else
	skip "a full disk" "no user namespaces here"
fi

"$TINYX" doctor --json >out 2>err
check "--json has the same" python3 -c '
import json
found = json.load(open("out"))["findings"]
assert {"data", "packages", "sandbox", "cache", "disk", "memory", "network", "KVM", "platform"} == {f["subject"] for f in found}
assert all(f["verdict"] in ("good", "poor", "bad") and f["found"] for f in found)
assert all(f["cure"] for f in found if f["subject"] == "network" and f["verdict"] == "bad")'
"$TINYX" doctor memroy >out 2>err
check "a subject that it does not know: status 2" test $? -eq 2
check "... and one that is like it" grep -q "'memroy' is not looked at; did you mean 'memory'?; there are: data " err
finish
