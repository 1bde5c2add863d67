#!/bin/sh
# Runs on the Xen host. Talks RESP, Redis's protocol, by nc: without the password, and with a wrong one, nothing
# is served; with it SET, GET, INCR, a key that is not there, an error, and a value of 20,000 bytes.
set -eu
die() {
	echo "FAILED: $*"
	exit 1
}
say() { # line... -> the answers, without carriage returns
	printf '%s\r\n' "$@" QUIT | timeout 10 nc "$TINYX_GUEST_IP" "$TINYX_GUEST_PORT" | tr -d '\r'
}
ask() { # command... -> the answer to it, of one who has the password
	say 'AUTH apples' "$*" | sed 1d
}
expect() { # wanted (lines joined by a blank) command...
	wanted=$1
	shift
	got=$(ask "$@" | tr '\n' ' ')
	[ "$got" = "$wanted +OK " ] || die "$*: expected '$wanted', got '$got'"
	echo "$*: $wanted"
}
say 'GET fruit' | grep -q '^-NOAUTH' || die "it serves without the password"
say 'AUTH pears' 'GET fruit' | grep -q '^-WRONGPASS' || die "it serves with a wrong password"
echo "no password, a wrong password: refused"
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
