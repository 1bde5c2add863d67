# The kernel, really built: outputs, the cache, refusals with their cause (the same bytes elsewhere: 52-minimize-xen.sh).
. "$SRCDIR/tests/tap.sh"
real=${TINYX%/*}/tests/real/kernel
: "${TINYX_CACHE:=${XDG_CACHE_HOME:-$HOME/.cache}/tinyx}"
# What the image of nginx asks for: with its lock, the kernel is the one that 10-build.sh made.
FACTS='format:cpio compressor:xz applet:udhcpc' LOCK=$SRCDIR/recipes/nginx/kernel-xen-pv.lock
export TINYX_CACHE FACTS

if [ ! -f /usr/src/linux-source-6.1.tar.xz ]; then
	skip "kernel builds" "linux-source-6.1 is not installed"
	finish
fi

# kernel OUT [NAME=VALUE...]: the kernel for FACTS; its figures in OUT.
kernel() {
	out=$1
	shift
	env TINYX_TEST_KERNEL=6.1 "$@" "$real" >"$out" 2>err
}
value() { sed -n "s/^# $2=//p" "$1"; }

# refuse TEXT STATUS WORDS NAME=VALUE...: exit status 10 + the kind of error (1 input, 2 tool)
refuse() {
	text=$1 status=$2 words=$3
	shift 3
	kernel out CONFIGURE_ONLY=1 "$@"
	check "$text: kind of error" test $? -eq "$status"
	check "$text: says \"$words\"" grep -qF -- "$words" err
}

check "a kernel is built" kernel first LOCK="$LOCK"
folder=$(value first folder)
for f in vmlinux bzImage kernel.config chosen.config System.map; do
	check "$f is there" test -s "$folder/$f"
done
check "the bzImage has at most 1.7 MB" test "$(value first bzimage)" -le 1700000
check "the count of symbols is that of kernel.config" \
	test "$(value first symbols)" -eq "$(grep -c '=y$' "$folder/kernel.config")"
check "vmlinux is stripped" sh -c '! readelf -S "$1" | grep -q "\.symtab"' sh "$folder/vmlinux"
check "vmlinux has Xen's notes" sh -c 'readelf -n "$1" | grep -qc Xen' sh "$folder/vmlinux"
check "no path of this machine is in it" sh -c '! grep -qaF -e "$2" "$1"' sh "$folder/vmlinux" "$TINYX_CACHE"
check "each chosen symbol says why, and by whom" \
	sh -c '! grep -v "^#" "$1" | grep -qvE "^CONFIG_[A-Za-z0-9_]+=[^ ]+  # .+ \(.+:[0-9]+\)$"' sh "$folder/chosen.config"

# The oracle: the kernel's own olddefconfig has nothing to change.
for tree in "$TINYX_CACHE"/src/linux-6.1*; do break; done
mkdir again && cp "$folder/kernel.config" again/.config
check "olddefconfig takes the .config" make -s -C "$tree" O="$PWD/again" ARCH=x86_64 olddefconfig
check_same "and leaves it as it is" "$folder/kernel.config" again/.config

check "the second build" kernel second LOCK="$LOCK"
check "the second build: from the cache" test "$(value second cached)" = 1
check "the second build: the same entry" test "$folder" = "$(value second folder)"

# What Kconfig refuses
refuse "a symbol that is selected" 11 "request: SWIOTLB: asked n, got y: selected by - X86_64 [=y]" REQUESTS=SWIOTLB=n
refuse "a symbol that is blocked" 11 "request: XEN_PVH: asked y, got n: blocked: it depends on" REQUESTS=XEN_PVH=y
refuse "the blocking symbol is named" 11 "ACPI [=n]" REQUESTS=XEN_PVH=y
refuse "a symbol without a prompt" 11 "it has no prompt" REQUESTS=XEN_PVHVM=n
refuse "an unknown symbol" 11 "did you mean EPOLL" REQUESTS=EPOL=y
refuse "a value out of its range" 11 "request: LOG_BUF_SHIFT: asked 99, got 25: its range is 12 to 25" REQUESTS=LOG_BUF_SHIFT=99
refuse "a compression that no loader unpacks" 11 "no loader of xen-pv unpacks bzip2; expected one of: gzip, xz" REQUESTS="KERNEL_BZIP2=y KERNEL_GZIP=n" CONFIGURE_ONLY=yes
# Another member of a choice than the platform's: the recipe's word counts, and what needs the platform's goes.
# member WANTED GONE: WANTED is on and GONE, the platform's, is not.
member() {
	check "$1=y" kernel out CONFIGURE_ONLY=1 REQUESTS="$1=y"
	check "$1=y is in the configuration" grep -qx "CONFIG_$1=y" out
	check "... and $2 is not" sh -c '! grep -qx "CONFIG_$1=y" out' sh "$2"
	check "... which is said" grep -q "$2=y gives way to $1=y (request)" err
}
member HZ_1000 HZ_100
member KERNEL_XZ KERNEL_GZIP
member SLOB SLUB
check "... and what depends on it goes as well" grep -q "SLAB_MERGE_DEFAULT=y goes with SLUB" err
member DEBUG_INFO_DWARF5 DEBUG_INFO_NONE
refuse "two members of a choice" 11 "of the choice 'Timer frequency' one can be on, and request asks for HZ_250=y" \
	REQUESTS="HZ_1000=y HZ_250=y"
refuse "an unknown platform" 11 "expected one of: qemu-microvm, xen-pv" PLATFORM=kvm
refuse "a source that is not installed" 12 "apt-get install linux-source-5.99" TINYX_TEST_KERNEL=5.99
refuse "a folder that is no kernel" 11 "expected a folder with Makefile and Kconfig" TINYX_TEST_KERNEL=./again
check "and the next one works" kernel third CONFIGURE_ONLY=1

# A damaged entry is made again; an unfinished build folder is thrown away, not trusted.
printf x >>"$folder/bzImage"
check "a damaged kernel is replaced" kernel fourth LOCK="$LOCK"
check "it was said" grep -q "damaged" err
check "and is whole again" test "$(value fourth bzimage)" = "$(value first bzimage)"

finish
