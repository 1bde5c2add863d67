#!/bin/sh
# Runs on the Xen host. memcached's text protocol by nc: set, get, a key that is not there, delete.
set -eu
die() {
	echo "FAILED: $*"
	exit 1
}
ask() { # lines -> the answer, lines joined by a blank
	{
		printf '%s\r\n' "$@"
		printf 'quit\r\n'
	} | timeout 10 nc "$TINYX_GUEST_IP" "$TINYX_GUEST_PORT" | tr -d '\r' | tr '\n' ' '
}
expect() { # wanted lines...
	wanted=$1
	shift
	got=$(ask "$@")
	[ "$got" = "$wanted" ] || die "$1: expected '$wanted', got '$got'"
	echo "$1: $wanted"
}
expect 'END ' 'get fruit'
expect 'STORED ' 'set fruit 7 0 5' apple
expect 'VALUE fruit 7 5 apple END ' 'get fruit'
expect 'DELETED ' 'delete fruit'
expect 'END ' 'get fruit'
expect 'STORED ' 'set n 0 0 1' 9
expect '10 ' 'incr n 1'
expect 'ERROR ' 'nonsense'
