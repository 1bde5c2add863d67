# QEMU's microvm with a kernel that is in the cache already (make check puts it there: tests/slow/55-platforms.sh): a
# real guest, a real request, within the minute of check-fast.
. "$SRCDIR/tests/tap.sh"
TINYX_CACHE=${TINYX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tinyx}
export TINYX_CACHE
mkdir tmp
export TMPDIR="$PWD/tmp"
"$TINYX" platforms >words 2>err
check "platforms: status 0" test $? -eq 0
check "all three are listed" sh -c 'for name in qemu-microvm xen-pv xen-pvh; do grep -q "^$name" words || exit 1; done'
check "one is the default" grep -qx 'xen-pv (default)' words
here=$(awk '$1 == "qemu-microvm" {on = 1; next} /^[^ ]/ {on = 0} on && $1 == "here" {sub(/^ *here */, ""); print}' words)
case $here in
yes*) ;;
*)
	check "it says why not" test "${here#no: }" != "$here"
	skip "a microvm" "$here"
	finish
	;;
esac
"$TINYX" build static --platform qemu-microvm --cached-kernel -o out >words 2>err
status=$?
if [ $status -eq 2 ] && grep -q 'the kernel is not in the cache' err; then
	skip "a microvm" "no kernel of recipes/static for it in the cache; make check builds it"
	finish
elif [ $status -ne 0 ] && grep -qE 'linux-source|mmdebstrap|apt' err; then
	skip "a microvm" "$(tail -n 1 err)"
	finish
fi
check "an image" test $status -eq 0 -a -s out/vmlinux
check "with a script that starts it" sh -n out/qemu.sh
"$TINYX" test static --platform qemu-microvm --cached-kernel -o out >words 2>err
check "it boots, answers and passes" grep -q '^static: passed' words
check "it was asked to end, and did" sh -c '! grep -q "did not power off" words'
sed -n 's/^  first answer/# first answer/p' words
"$TINYX" test static --platform qemu-microvm --cached-kernel -o out --host ssh://root@nowhere >words 2>err
check "--host of another machine: status 2" test $? -eq 2
check "... and why" grep -q "QEMU's guests run on this machine" err
check "no guest is left, and no folder" test -z "$(qemus_below "$TMPDIR")$(ls "$TMPDIR")"
finish
