#!/bin/sh
# Runs on the Xen host. memcached's text protocol by nc: without the password, and with a wrong one, nothing is
# served; with it set, get, a key that is not there, delete.
set -eu
die() {
	echo "FAILED: $*"
	exit 1
}
say() { # lines -> the answers
	printf '%s\r\n' "$@" quit | timeout 10 nc "$TINYX_GUEST_IP" "$TINYX_GUEST_PORT" | tr -d '\r'
}
ask() { # lines -> the answer to one who has the password, lines joined by a blank
	say 'set any 0 0 12' 'tinyx apples' "$@" | sed 1d | tr '\n' ' '
}
expect() { # wanted lines...
	wanted=$1
	shift
	got=$(ask "$@")
	[ "$got" = "$wanted" ] || die "$1: expected '$wanted', got '$got'"
	echo "$1: $wanted"
}
say 'get fruit' | grep -q '^CLIENT_ERROR unauthenticated' || die "it serves without the password"
say 'set any 0 0 11' 'tinyx pears' 'get fruit' | head -n 1 | grep -q '^CLIENT_ERROR' || die "it takes a wrong password"
echo "no password, a wrong password: refused"
expect 'END ' 'get fruit'
expect 'STORED ' 'set fruit 7 0 5' apple
expect 'VALUE fruit 7 5 apple END ' 'get fruit'
expect 'DELETED ' 'delete fruit'
expect 'END ' 'get fruit'
expect 'STORED ' 'set n 0 0 1' 9
expect '10 ' 'incr n 1'
expect 'ERROR ' 'nonsense'
