#!/bin/sh
# Runs on the Xen host: functions and their results; one with an error, one that wants a file.
set -eu
die() {
	echo "FAILED: $*"
	exit 1
}
call() { printf '%s\n.\n' "$1" | timeout 15 nc "$TINYX_GUEST_IP" "$TINYX_GUEST_PORT"; }
expect() { # wanted code
	got=$(call "$2")
	# shellcheck disable=SC2254 # a pattern
	case $got in
	$1) echo "$2 -> $got" ;;
	*) die "$2: expected '$1', got '$got'" ;;
	esac
}
expect 'result: 42' 'return 6 * 7'
expect 'result: 55' 'local a, b = 0, 1 for i = 1, 10 do a, b = b, a + b end return a'
expect 'result: nexpaper' 'return ("repapxen"):reverse()'
expect 'error: *attempt to*' 'return nothing.x'
expect 'error: *global*io*' 'return io.open("/etc/passwd")'
