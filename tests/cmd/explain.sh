# tinyx explain without an image, or with one of another platform: said, with the command that makes the right one.
. "$SRCDIR/tests/tap.sh"

"$TINYX" explain nginx EPOLL -o none >out 2>err
check "no image: status 2" test $? -eq 2 -a ! -s out
check "... and what makes one" grep -q 'none/kernel.config: not there; expected an image (run: tinyx build nginx --output none)$' err
"$TINYX" explain nginx EPOLL --platform xen-pvh -o none >out 2>err
check "... on that platform" grep -q '(run: tinyx build nginx --platform xen-pvh --output none)$' err
"$TINYX" explain nginx /bin/sh --platform xen-pvh -o none >out 2>err
check "... also for a file" grep -q 'none/manifest.txt: not there; .* --platform xen-pvh --output none)$' err

mkdir theirs
echo '{"platform": "qemu-microvm"}' >theirs/report.json
printf '# application: nginx\n# platform: qemu-microvm\n' >theirs/manifest.txt
: >theirs/kernel.config
: >theirs/chosen.config
for what in EPOLL /bin/sh; do
	"$TINYX" explain nginx $what -o theirs >out 2>err
	check "$what of another platform's image: status 2" test $? -eq 2 -a ! -s out
	check "... is said" grep -q 'theirs: an image for qemu-microvm; expected one for xen-pv (--platform)' err
done
"$TINYX" explain nginx /none/such --platform qemu-microvm -o theirs >out 2>err
check "with its platform it is read" grep -q '^/none/such: out' out
# All options of an image, from what is shipped: nothing is built here, and no kernel source is read.
"$TINYX" explain nginx >out 2>err
check "all options without an image: status 0" test $? -eq 0 -a ! -s err
check "... of the lock, with the feature's reason and the trial" \
	grep -q '^EPOLL=y  *about 3544  7 failed  *event loops wait on it .import epoll_create' out
check "... of the platform" grep -q '^XEN_NETDEV_FRONTEND=y .*eth0 (platforms/xen-pv.config:[0-9]*)$' out
check "... what the search left out" grep -q '^EVENTFD=n  *about 871  13 passed  *completions' out
check "... what stands on the recipe's port" grep -q '^STACKPROTECTOR=y .*fact net:port' out
"$TINYX" explain noop >out 2>err
check "... and not where nobody reaches the application" sh -c '! grep STACKPROTECTOR out'
"$TINYX" explain nginx --json >out.json 2>err
cat >rows.py <<'END'
import json
table = json.load(open("out.json"))
rows = {row["option"]: row for row in table["options"]}
assert table["name"] == "nginx" and table["platform"] == "xen-pv" and table["source"] == "kernel-xen-pv.lock"
assert rows["EPOLL"]["value"] == "y" and rows["EPOLL"]["trial"] == 7 and rows["EPOLL"]["bytes"] == 3544
assert rows["EPOLL"]["bytes_measured"] is False and rows["XEN"]["of_platform"] and not rows["EPOLL"]["of_platform"]
assert all(row["reason"] for row in rows.values()) and len(rows) == len(table["options"])
END
check "the same as JSON" python3 rows.py
"$TINYX" explain nginx EPOLL --json -o none >out 2>err
check "JSON of one option: said that there is none" grep -q 'json belongs to the table' err

mkdir web
printf '[recipe]\ndescription=x\npackages=x\n[run]\ncommand=/bin/date\n' >web/recipe.conf
"$TINYX" explain ./web >out 2>err
check "neither lock nor image: status 2" test $? -eq 2 -a ! -s out
check "... and what makes one" grep -q 'run: tinyx build ./web, or: tinyx minimize ./web)$' err
mkdir made
printf '{"platform": "xen-pv"}' >made/report.json
echo 'CONFIG_FUTEX=y  # locks [import pthread_create in /usr/bin/x (old)] (features/futex.config:4)' >made/chosen.config
echo 'CONFIG_XEN=y  # may vanish: the platform (platforms/xen-pv.config:41)' >>made/chosen.config
"$TINYX" explain ./web -o made >out 2>err
check "an image's own" grep -q '^FUTEX=y .*locks .import pthread_create in /usr/bin/x (old). (features/futex.config:4)$' out
check "... that of the platform apart" sh -c 'sed -n "/^What every image/,\$p" out | grep -q "^XEN=y "'
"$TINYX" explain ./web --platform xen-pvh -o made >out 2>err
check "... of another platform: refused" grep -q 'made: an image for xen-pv; expected one for xen-pvh' err
sed 1d "$SRCDIR/recipes/nginx/kernel-xen-pv.lock" >web/kernel-xen-pv.lock
"$TINYX" explain ./web >out 2>err
check "a damaged lock is named, with the line" grep -q 'web/kernel-xen-pv.lock:1: expected' err
cp "$SRCDIR/recipes/nginx/kernel-xen-pv.lock" web
echo '{' >web/kernel-xen-pv.journal
"$TINYX" explain ./web >out 2>err
check "a damaged journal: the trials are left out, with a word" sh -c 'grep -q "trials are left out" err && grep -q "^EPOLL=y .* -  -  " out'
finish
