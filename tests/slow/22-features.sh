# The features that can be asked for by name, each configured on a real kernel tree, every symbol verified.
. "$SRCDIR/tests/tap.sh"
real=${TINYX%/*}/tests/real/kernel
: "${TINYX_CACHE:=${XDG_CACHE_HOME:-$HOME/.cache}/tinyx}"
export TINYX_CACHE CONFIGURE_ONLY=1
if [ ! -f /usr/src/linux-source-6.1.tar.xz ]; then
	skip "features" "linux-source-6.1 is not installed"
	finish
fi
# shellcheck disable=SC2317  # called by check
configure() { # FEATURE...
	words='format:cpio mount:proc mount:dev mount:run'
	for f; do words="$words feature:$f"; done
	TINYX_TEST_KERNEL=6.1 FACTS=$words "$real" >out 2>err
}
named='ipv6 netfilter block smp modules nfs debug seccomp namespaces cgroups kvm hardening mitigations'
for f in $named; do check "Linux 6.1 with $f" configure "$f"; done
# shellcheck disable=SC2086  # words
check "with all of them" configure $named squashfs
check "without any" configure
finish
