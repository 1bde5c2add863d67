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
finish
