# tinyx recipes: what is shipped, with the figures of the last recorded test.
. "$SRCDIR/tests/tap.sh"
export LC_ALL=C
"$TINYX" recipes >out 2>err
check "it lists" test $? -eq 0
sed '1d; /^$/,$d; /^ /d; s/ .*//' out >listed
(cd "$SRCDIR/recipes" && for file in */recipe.conf; do echo "${file%/*}"; done) >there
check_same "... every recipe that is shipped, in order" listed there
check "... and of which platform" grep -q '^recipe .* minimised  last test on xen-pv$' out

mkdir -p data/recipes/web data/recipes/job data/recipes/new
ln -s "$SRCDIR/kconfig-heuristics" data/kconfig-heuristics
for name in web job new; do
	printf '[recipe]\ndescription=It is %s\npackages=x\n[run]\ncommand=/bin/date\n' $name >data/recipes/$name/recipe.conf
done
cat >data/recipes/web/tested-xen-pv.json <<'X'
{"date": "2026-01-02", "passed": true, "linux": "6.1.1", "kernel_bytes": 1080000, "rootfs_bytes": 4270000,
 "symbols_y": 397, "packages": 12, "least_memory_mb": 24, "lock": true, "memory_mb": 32, "answer_seconds": 6.0}
X
cat >data/recipes/job/tested-xen-pv.json <<'X'
{"date": "2026-03-04", "passed": false, "linux": "6.1.1", "kernel_bytes": 1000000, "rootfs_bytes": 2000000,
 "symbols_y": 300, "packages": 1, "least_memory_mb": 11, "lock": false, "memory_mb": 48}
X
: >data/recipes/web/kernel-xen-pv.lock
TINYX_DATADIR=$PWD/data "$TINYX" recipes >out 2>err
check "sizes, symbols, memory, date" grep -qE '^web +1\.08 MB +4\.27 MB +5\.35 MB +397 +32 MB +24 MB +yes +2026-01-02 passed$' out
check "a test that failed, least memory without a lock" grep -qE '^job .* 300 +48 MB +11 MB\* +-  2026-03-04 FAILED$' out
check "one that was never tested" grep -qE '^new +- +- +- +- +- +- +- +never$' out
check "what each is" test "$(grep -c '^    It is ' out)" -eq 3
check "the mark's line" test "$(grep -c '^\* not looked for: ' out)" -eq 1
mv data/recipes/job/tested-xen-pv.json job.json
TINYX_DATADIR=$PWD/data "$TINYX" recipes >out 2>err
check "... which is not there without a mark" sh -c '! grep -q "^[*]" out'
mv job.json data/recipes/job/tested-xen-pv.json

# Another platform: its own tests and locks.
TINYX_DATADIR=$PWD/data "$TINYX" recipes -p xen-pvh >out 2>err
check "another platform: nothing is known" sh -c 'test "$(grep -c " never$" out)" -eq 3 && ! grep -q yes out'
check "... and how to know it" grep -q '^None was tested on xen-pvh yet: tinyx test NAME --platform xen-pvh --record$' out
sed 's/24/25/' data/recipes/web/tested-xen-pv.json >data/recipes/web/tested-xen-pvh.json
TINYX_DATADIR=$PWD/data "$TINYX" recipes -p xen-pvh >out 2>err
check "... its own figures, and no lock" grep -qE '^web .* 25 MB +-  2026-01-02 passed$' out
TINYX_DATADIR=$PWD/data "$TINYX" recipes -p xen-pvh --markdown >out 2>err
check "... its own page" grep -q '^# The recipes on xen-pvh$' out

TINYX_DATADIR=$PWD/data "$TINYX" recipes --markdown >out 2>err
check "the page has the same" grep -qxF '| web | It is web | 1.08 MB | 4.27 MB | 5.35 MB | 397 | 32 MB | 24 MB | yes | 2026-01-02 passed |' out
check "... a line a recipe" test "$(grep -c '^| [a-z]* | It is' out)" -eq 3
echo '{' >data/recipes/web/tested-xen-pv.json
TINYX_DATADIR=$PWD/data "$TINYX" recipes >out 2>err
check "a damaged file of figures fails" test $? -ne 0
check "... and is named" grep -q 'recipes/web/tested-xen-pv.json' err
# What a test's guests get when they boot: a folder of the recipe's own.
mkdir -p secret
printf '[recipe]\ndescription=x\npackages=x\n[run]\ncommand=/bin/date\n[test]\nready=80\nat-boot=given\n' >secret/recipe.conf
"$TINYX" explain ./secret >out 2>err
check "at-boot= that is not there is named, with its line" grep -q 'secret/recipe.conf:8: at-boot: .*/secret/given is no folder; expected one with files' err
ln -s /etc secret/given
"$TINYX" explain ./secret >out 2>err
check "... and one that leads out of the recipe" grep -q 'at-boot: .*/secret/given, which is /etc: it is outside of the recipe' err
for name in redis memcached; do
	check "$name: the image has no password, and its test gives one" sh -c \
		'grep -q "^at-boot=" "$1/recipe.conf" && ! grep -rqs apples "$1/recipe.conf" "$1/files" && grep -rq apples "$1/secret"' - "$SRCDIR/recipes/$name"
done
check "postgresql: only hosts of its own network may try the password" sh -c \
	'grep "^host" "$1" | grep -vq samenet && exit 1; grep -q "^host .*samenet" "$1"' - "$SRCDIR/recipes/postgresql/files/etc/postgresql/tinyx.hba"
"$TINYX" recipes nginx >out 2>err
check "a word too many is said" grep -q "expected no argument, got 'nginx'" err
"$TINYX" recipes --markdown -p nowhere >out 2>err
check "an unknown platform: status 2, and no half of a page" test $? -eq 2 -a ! -s out
finish
