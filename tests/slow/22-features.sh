# The features that can be asked for by name, each configured on a real kernel tree, every symbol verified: on top of
# a lock, which was found without them and has switched off what some of them depend on.
. "$SRCDIR/tests/tap.sh"
real=${TINYX%/*}/tests/real/kernel
: "${TINYX_CACHE:=${XDG_CACHE_HOME:-$HOME/.cache}/tinyx}"
export TINYX_CACHE CONFIGURE_ONLY=1 TINYX_TEST_KERNEL=6.1 FACTS='format:cpio mount:proc mount:dev mount:tmpfs'
lock=$SRCDIR/recipes/nginx/kernel-xen-pv.lock
if [ ! -f /usr/src/linux-source-6.1.tar.xz ]; then
	skip "features" "linux-source-6.1 is not installed"
	finish
fi
# shellcheck disable=SC2317  # called by check
configure() { # FEATURE...
	WITH=$* "$real" >out 2>err
}
# shellcheck disable=SC2317
locked() { LOCK=$lock configure "$@"; }
named='ipv6 netfilter block smp modules nfs debug seccomp namespaces cgroups kvm hardening mitigations'
for f in $named; do check "Linux 6.1 with $f and nginx' lock" locked "$f"; done
# shellcheck disable=SC2086  # words
check "with all of them" configure $named squashfs
# What comes on evidence, too: an option that Kconfig drops without a word would be one that the image lacks.
every=$(cd "$SRCDIR/kconfig-heuristics/features" && for f in *.config; do echo "${f%.config}"; done)
# shellcheck disable=SC2086
check "with every feature there is" configure $every
# shellcheck disable=SC2086
check "with all of them and the lock" locked $named squashfs
check "without any" configure
# shellcheck disable=SC2317
request() { # SYMBOL=VALUE
	LOCK=$lock REQUESTS=$1 configure
}
check "another member of a choice than the lock's" request KERNEL_GZIP=y
check "the lock's line that gives way is named" grep "note: .*nginx/kernel-xen-pv.lock:[0-9]*: KERNEL_XZ=y gives way to KERNEL_GZIP=y (request)" out err
check "what depends on such a one" request SLAB_FREELIST_RANDOM=y
check "its reason, too" grep 'SLOB=y gives way to SLAB_FREELIST_RANDOM=y' out err
cp "$lock" broken.lock
echo 'CONFIG_XFS_FS=y  # without BLOCK' >>broken.lock
# shellcheck disable=SC2317
refused() { ! LOCK=broken.lock configure && grep -q 'broken.lock:[0-9]*: XFS_FS: asked y, got n' err; }
check "a line of the lock that nobody displaces is an error" refused
finish
