# The real thing: build nginx, look at every file of the result, build again, damage, interrupt, two at once.
. "$SRCDIR/tests/tap.sh"
out=$PWD/out/nginx/xen-pv

"$TINYX" build nginx >summary 2>err
check "tinyx build nginx" test $? -eq 0
[ -s summary ] || { finish; }
sed 's/^/# /' summary
for f in vmlinux bzImage kernel.config chosen.config initramfs.cpio.xz nginx.xl.cfg nginx.chaos.json manifest.txt report.json suspects.txt absent.txt contents.txt; do
	check "$f is there" test -s "$out/$f"
done
check "nothing else is" test "$(find "$out" -mindepth 1 | wc -l)" -eq 12
check "bzImage is a kernel image" sh -c "file '$out/bzImage' | grep -q 'Linux kernel x86 boot executable bzImage'"
check "bzImage is at most 1.7 MB" test "$(stat -c %s "$out/bzImage")" -le 1700000
check "kernel plus initramfs are at most 6.0 MB" \
	test $(($(stat -c %s "$out/bzImage") + $(stat -c %s "$out/initramfs.cpio.xz"))) -le 6000000
readelf -n "$out/vmlinux" >notes 2>&1
check "vmlinux has Xen's notes" grep -q '^  Xen ' notes
check "vmlinux is stripped" sh -c "! readelf -S '$out/vmlinux' | grep -q symtab"
check "modules are off" grep -q '^# CONFIG_MODULES is not set' "$out/kernel.config"
sum=$(($(stat -c %s "$out/bzImage") + $(stat -c %s "$out/initramfs.cpio.xz")))
check "report.json is JSON and has the sum" python3 -c "
import json
assert json.load(open('$out/report.json'))['bytes']['sum'] == $sum"
check "the manifest has the least memory" grep -qE '^# least-memory-mb: [0-9]+$' "$out/manifest.txt"

# The initramfs is what the manifest says, as cpio(1) and bsdtar(1) see it.
xz -dc "$out/initramfs.cpio.xz" >rootfs.cpio
grep -vc '^#' "$out/manifest.txt" >a
cpio -it --quiet <rootfs.cpio 2>/dev/null | grep -vcx '\.' >b
check_same "as many entries in the archive as in the manifest" a b
bsdtar -tf rootfs.cpio | sed 's,^\./,,; s,/$,,' | grep -vx '\.' | sort >a
cpio -it --quiet <rootfs.cpio | sed 's,^\./,,; s,^/,,' | grep -vx '\.' | sort >b
check_same "cpio and bsdtar list the same" a b
check "nginx's empty folders are in it" sh -c 'grep -qx var/lib/nginx a && grep -qx var/log/nginx a'
check "no documentation, no apt, no dpkg" sh -c '! grep -E "^(usr/share/(doc|man)/|var/lib/(dpkg|apt)|usr/bin/(apt|dpkg))" a'

# What protects it: by default, in the words of the report, of explain with the image, and of explain without one.
check "hardening is on" sh -c "grep -qx CONFIG_STACKPROTECTOR_STRONG=y '$out/kernel.config' && grep -qx CONFIG_PANIC_ON_OOPS=y '$out/kernel.config'"
check "... because it has a port" grep -q '^CONFIG_PANIC_ON_OOPS=y .*\[fact net:port\]' "$out/chosen.config"
check "both makers' processors are in, whatever the lock was found on" \
	sh -c "grep -qx CONFIG_CPU_SUP_INTEL=y '$out/kernel.config' && grep -qx CONFIG_CPU_SUP_AMD=y '$out/kernel.config'"
python3 - "$out/report.json" >counted <<'X'
import json, sys
one = json.load(open(sys.argv[1]))['hardening']['checklist']
assert one['known'] == len(one['items']) and one['on'] == sum(item['on'] for item in one['items'])
print(f"  {one['on']} of {one['known']} of: {one['name']}")
X
"$TINYX" explain nginx security >with-image 2>err
"$TINYX" explain nginx security -o no-image >without-image 2>err
"$TINYX" explain nginx security -o no-image --without hardening >without-hardening 2>err
check "explain counts as the report does" grep -qxF "$(cat counted)" with-image
sed 1d with-image >a
sed 1d without-image >b
check_same "... and the same without an image" a b
check "more than without hardening" test "$(sed -n 's/^  \([0-9]*\) of .*/\1/p' with-image | head -1)" -gt \
	"$(sed -n 's/^  \([0-9]*\) of .*/\1/p' without-hardening | head -1)"
check "nginx' master keeps what it needs, and why" grep -q 'setuid setgid: it becomes its own user (import setuid in /usr/sbin/nginx)' with-image
check "the image starts it so" sh -c "bsdtar -xOf rootfs.cpio etc/tinyx/start | grep -q '^exec /etc/tinyx/confine [0-9a-f]* - ./usr/sbin/nginx'"

stat -c '%n %Y %i' "$out"/* >before
"$TINYX" build nginx >summary2 2>err
stat -c '%n %Y %i' "$out"/* >after
check_same "unchanged input is not built again" before after
check "... and that is said" grep -q 'nothing has changed' err
check_same "... with the same summary" summary summary2

# Another folder, another time zone, another umask; the root file system and the kernel made from
# nothing but the sources and downloads.
image_sums() { (cd "$1" && sha256sum vmlinux bzImage kernel.config initramfs.cpio.xz); }
image_sums "$out" >before
cp "$out/report.json" report.json
(umask 077 && TZ=Pacific/Kiritimati LC_ALL=C "$TINYX" build nginx --force -o other) >out.txt 2>err
check "built again elsewhere" test $? -eq 0
image_sums other >after
check_same "the same bytes in another folder, under another umask" before after
check "... under which the files are the caller's alone" test "$(stat -c %a other other/bzImage | tr '\n' ' ')" = "700 600 "

# A file of the result damaged, one gone.
printf x >>"$out/initramfs.cpio.xz"
rm "$out/bzImage"
"$TINYX" build nginx >out.txt 2>err
check "a damaged result is built again" test $? -eq 0
image_sums "$out" >after
check_same "... to the same bytes" before after

# Two at once, into the same folder.
"$TINYX" build nginx --force >one.txt 2>one.err &
one=$!
"$TINYX" build nginx --force >two.txt 2>two.err
two=$?
wait $one
check "two builds at once both succeed" test $? -eq 0 -a $two -eq 0
image_sums "$out" >after
check_same "... with the same bytes" before after

# A disk that is full, and one that cannot be written to.
if unshare -Urm true 2>/dev/null; then
	check "a full disk: status 1, said, nothing half-written" unshare -Urm sh -c '
		mkdir full && mount -t tmpfs -o size=1m tmpfs full || exit 9
		"$TINYX" build nginx -o full/out >out.txt 2>full.err
		test $? -eq 1 && grep -q "No space left" full.err && ! find full/out -type f | grep .'
	check "a read-only disk: status 1 or 2, said" unshare -Urm sh -c '
		mkdir ro && mount -t tmpfs -o ro tmpfs ro || exit 9
		"$TINYX" build nginx -o ro/out >out.txt 2>ro.err
		s=$?; test $s -eq 1 -o $s -eq 2 && grep -q "Read-only" ro.err'
else
	skip "a full disk" "no user namespaces here"
	skip "a read-only disk" "no user namespaces here"
fi
finish
