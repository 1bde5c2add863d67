#!/bin/sh
# Runs on the Xen host, as the one caller of this machine: functions and their results, two with an error, one that
# wants a file. After them the machine has to be gone; that it powered itself off is seen to by [test] ends=yes.
set -eu
die() {
	echo "FAILED: $*"
	exit 1
}
cat >/tmp/functions <<'X'
return 6 * 7
.
local a, b = 0, 1
for i = 1, 10 do a, b = b, a + b end
return a
.
return ("repapxen"):reverse()
.
return nothing.x
.
return 1 +
.
return io.open("/etc/passwd")
.
X
# Whoever asked whether the port is open may have been before us.
left=10
until command time -f 'answers %e s after the call' timeout 30 nc "$TINYX_GUEST_IP" "$TINYX_GUEST_PORT" \
	</tmp/functions >/tmp/answers && [ -s /tmp/answers ]; do
	left=$((left - 1))
	[ $left -gt 0 ] || die "no answer"
	sleep 1
done
cat /tmp/answers
[ "$(wc -l </tmp/answers)" = 6 ] || die "expected six answers"
expect() { # LINE WANTED
	got=$(sed -n "$1p" /tmp/answers)
	# shellcheck disable=SC2254 # a pattern
	case $got in
	$2) ;;
	*) die "answer $1: expected '$2', got '$got'" ;;
	esac
}
expect 1 'result: 42'
expect 2 'result: 55'
expect 3 'result: nexpaper'
expect 4 'error: *attempt to*'
expect 5 'error: *near*eof*'
expect 6 'error: *global*io*'

left=10
while timeout 3 nc -w 2 "$TINYX_GUEST_IP" "$TINYX_GUEST_PORT" </dev/null >/dev/null 2>&1; do
	left=$((left - 1))
	[ $left -gt 0 ] || die "the machine still takes calls"
	sleep 1
done
echo "it takes no more calls"
