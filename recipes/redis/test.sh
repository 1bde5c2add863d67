#!/bin/sh
# Runs on the Xen host. Talks RESP, Redis's protocol, by nc: SET, GET, INCR, a key that is not there, an
# error, and a value of 20,000 bytes.
set -eu
die() {
	echo "FAILED: $*"
	exit 1
}
ask() { # command... -> the answer, without carriage returns
	{
		printf '%s\r\n' "$*"
		printf 'QUIT\r\n'
	} | timeout 10 nc "$TINYX_GUEST_IP" "$TINYX_GUEST_PORT" | tr -d '\r'
}
expect() { # wanted (lines joined by a blank) command...
	wanted=$1
	shift
	got=$(ask "$@" | tr '\n' ' ')
	[ "$got" = "$wanted +OK " ] || die "$*: expected '$wanted', got '$got'"
	echo "$*: $wanted"
}
expect '+PONG' PING
expect '+OK' SET fruit apple
expect '$5 apple' GET fruit
expect '$-1' GET vegetable
expect ':1' INCR counter
expect ':2' INCR counter
expect ':0' EXISTS vegetable
ask INCR fruit | grep -q '^-ERR value is not an integer' || die "INCR of a word was not refused"
value=$(head -c 20000 /dev/zero | tr '\0' x)
expect '+OK' SET long "$value" | cut -c 1-20
expect ':20000' STRLEN long
