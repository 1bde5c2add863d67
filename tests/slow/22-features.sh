# Features and locks against real kernel trees: configured only, every symbol verified.
. "$SRCDIR/tests/tap.sh"
real=${TINYX%/*}/tests/real/kernel
: "${TINYX_CACHE:=${XDG_CACHE_HOME:-$HOME/.cache}/tinyx}"
export TINYX_CACHE CONFIGURE_ONLY=1
facts='format:cpio mount:proc mount:dev mount:run'

# configure VERSION FEATURE... (LOCK and REQUESTS from the environment): figures in out, words in err
configure() {
	version=$1 words=$facts
	shift
	for f; do words="$words feature:$f"; done
	TINYX_TEST_KERNEL=$version FACTS=$words "$real" >out 2>err
}
value() { sed -n "s/^# $1=//p" out; }
# lock LINUX LINE...
lock() {
	printf '# tinyx kernel lock 1\n# application: web\n# platform: xen-pv\n# linux: %s\n# rules: proc\n' "$1" >lock
	shift
	printf '%s\n' "$@" >>lock
}

named='ipv6 netfilter block smp modules nfs debug seccomp namespaces cgroups kvm hardening mitigations'
for v in 6.1 6.12; do
	if [ ! -f /usr/src/linux-source-$v.tar.xz ]; then
		skip "features on Linux $v" "linux-source-$v is not installed"
		continue
	fi
	for f in $named; do check "Linux $v with $f" configure $v "$f"; done
	# shellcheck disable=SC2086  # words
	check "Linux $v with all of them" configure $v $named squashfs
	check "Linux $v without" configure $v
	few=$(value hardening)
	check "Linux $v with hardening" configure $v hardening
	many=$(value hardening)
	check "... has at least 32 of its options on, and 10 more than without ($few)" \
		test "${many% of *}" -ge 32 -a "${many% of *}" -ge $((${few% of *} + 10))

	# A lock made for this version is followed to the letter, one made for another where it holds.
	this=$(value version)
	lock "$this" 'CONFIG_FUTEX=y  # needed' 'CONFIG_BUG=n  # passes so'
	LOCK=lock check "Linux $v with its lock" configure $v
	check "... holds" test "$(value misfits)" = 0
	lock "$this" 'CONFIG_FUTEXES=y  # needed'
	LOCK=lock configure $v
	check "Linux $v with a lock that no longer fits" test $? -eq 11
	check "... which names its line" grep -qF 'lock:6: FUTEXES=y: this kernel has no such symbol; did you mean' err
	lock 5.10.1 'CONFIG_FUTEXES=y  # needed' 'CONFIG_FUTEX=y  # needed' 'CONFIG_USB=y  # needed'
	for time in first second; do
		LOCK=lock check "Linux $v with the lock of another one, the $time time" configure $v
		check "... counts what does not fit" test "$(value misfits)" = 2
		check "... names what is unknown" grep -qF "lock:6: CONFIG_FUTEXES=y: Linux $this: this kernel has no such symbol" err
		check "... names what is blocked" grep -qF "lock:8: CONFIG_USB=y: Linux $this gives n: blocked: it depends on" err
	done
done
finish
