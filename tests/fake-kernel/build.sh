# Makes a "kernel" of the .config here: 1000 bytes a symbol, 500 more for each step of SHIFT.
on() { grep -qx "CONFIG_$1=y" .config; }
[ -z "$FAKE_LOG" ] || md5sum <.config >>"$FAKE_LOG"
[ -z "$FAKE_SLOW" ] || sleep "$FAKE_SLOW"
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
cat >note.S <<'S'
.globl _start
.text
_start: ret
.macro note type:req, value:vararg
.balign 4
.long 4, 1f - 0f, \type
.asciz "Xen"
0: \value
1: .balign 4
.endm
.section .note.Xen, "a", @note
note 1, .quad _start
note 3, .quad 0xffffffff80000000
note 5, .asciz "xen-3.0"
note 6, .asciz "linux"
S
# A kernel that no Xen would take: built, and not bootable.
[ -z "$FAKE_NOTELESS" ] || on NEED_B || sed -i '/^note 1,/d' note.S
mkdir -p arch/x86/boot
gcc -c -o note.o note.S && ld -o vmlinux -Ttext=0xffffffff80200000 note.o && nm vmlinux >System.map || exit 1
# The map of a kernel is no part of it.
size=$(($(grep -v VMLINUX_MAP .config | grep -c '=y$') * 1000 + $(sed -n 's/^CONFIG_SHIFT=//p' .config) * 500))
on PACK_TIGHT && size=$((size - 2000))
head -c $size /dev/zero >arch/x86/boot/bzImage
