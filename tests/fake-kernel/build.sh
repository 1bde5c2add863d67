# Makes a "kernel" of the configuration here: 1000 bytes a symbol, 500 more for each step of SHIFT.
on() { grep -qx "CONFIG_$1=y" include/config/auto.conf; }
[ -z "$FAKE_LOG" ] || md5sum <include/config/auto.conf >>"$FAKE_LOG"
[ -z "$FAKE_SLOW" ] || sleep "$FAKE_SLOW"
for step in $(seq "${FAKE_STEPS:-0}"); do
	echo "  CC      init/step$step.o"
	sleep 1
done
# A machine without memory ends a compiler.
if [ -n "$FAKE_KILLED" ] && ! on "$FAKE_KILLED"; then
	echo 'gcc: fatal error: Killed signal terminated program cc1' >&2
	exit 1
fi
if { on LEFT && ! on RIGHT; } || { on RIGHT && ! on LEFT; }; then
	echo "ld: left.o: undefined reference to \`right'" >&2
	exit 1
fi
echo '  CC      init/main.o'
echo '.globl _start; .text; _start: ret' >start.S
# A kernel that no loader could enter: built, and not bootable.
entry=_start
[ -z "$FAKE_NOWHERE" ] || on NEED_B || entry=0x10
mkdir -p arch/x86/boot
gcc -c -o start.o start.S && ld -o vmlinux -e $entry -Ttext=0xffffffff80200000 start.o && nm vmlinux >System.map || exit 1
# The map of a kernel is no part of it.
size=$(($(grep -v VMLINUX_MAP include/config/auto.conf | grep -c '=y$') * 1000 + $(sed -n 's/^CONFIG_SHIFT=//p' include/config/auto.conf) * 500))
on PACK_TIGHT && size=$((size - 2000))
head -c $size /dev/zero >arch/x86/boot/bzImage
