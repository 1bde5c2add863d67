# `tinyx outdated`: images' reports beside the lists of packages that are in the cache. Nothing is built.
. "$SRCDIR/tests/tap.sh"
TINYX_CACHE=${TINYX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tinyx}
export TINYX_CACHE
"$TINYX" outdated >got 2>err
check "no image: status 2" sh -c 'test "$1" = 2 && grep -q "no image has been built in out/" err' sh $?
mkdir -p out/web/xen-pv
echo '{"name": "web"' >out/web/xen-pv/report.json
"$TINYX" outdated >got 2>err
check "a report that is none: status 2" sh -c 'test "$1" = 2 && grep -q "out/web/xen-pv/report.json" err' sh $?
"$TINYX" outdated wbe >got 2>err
check "a name that is like one" sh -c 'test "$1" = 2 && grep -q "did you mean .web" err' sh $?
if [ -z "$(find "$TINYX_CACHE/apt" -name '*_Packages*' 2>/dev/null | head -n 1)" ]; then
	skip "images beside the archive" "no lists of packages in $TINYX_CACHE/apt"
	finish
fi
report() { # VERSION-OF-LIBC6 KERNEL
	printf '{"name": "web", "platform": "xen-pv", "kernel": {"version": "%s"},\n "packages": [{"name": "libc6", "version": "%s"}, {"name": "glue", "version": ""}]}\n' "$2" "$1" >out/web/xen-pv/report.json
}
report 99:1 99.9.1
"$TINYX" outdated --no-changelogs >got 2>err
check "a kernel that the archive never had" sh -c 'test "$1" = 1 && grep -q "linux-source-99.9 .*no longer in the archive" got' sh $?
check "... and a package that is newer than the archive's" sh -c 'grep -q "1 of 2 packages" got'
report 2.36-1 6.1.1
"$TINYX" outdated web --no-changelogs --json >got.json 2>err
check "both are outdated: status 1" test $? -eq 1
check "... as JSON, without advisories" python3 -c '
import json
image = json.load(open("got.json"))["images"][0]
assert image["folder"] == "out/web/xen-pv" and image["packages"] == 2, image
assert [p["package"] for p in image["outdated"]] == ["libc6", "linux-source-6.1"], image
assert all(p["newer"] and p["advisories"] is None for p in image["outdated"]), image'
newer=$(python3 -c 'import json; print(json.load(open("got.json"))["images"][0]["outdated"][0]["newer"])')
check "... what dpkg says, too" dpkg --compare-versions "$newer" gt 2.36-1
report "$newer" ''
"$TINYX" outdated web >got 2>err
check "what the archive has is current: status 0" sh -c 'test "$1" = 0 && grep -q "out/web/xen-pv (web, xen-pv): current, 1 package" got' sh $?
if [ -n "$(find "$TINYX_CACHE/debs" -name 'libc6_*' 2>/dev/null | head -n 1)" ]; then
	report 2.36-9 ''
	"$TINYX" outdated web >got 2>err
	check "the changelog of the newer one names advisories" sh -c 'test "$1" = 1 && grep -qE "CVE-[0-9]{4}-[0-9]{4,}" got || { cat got err; false; }' sh $?
else
	skip "the changelog of the newer one names advisories" "libc6 is not in the cache"
fi
finish
