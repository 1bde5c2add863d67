#!/bin/sh
# Runs on the Xen host: numbers that the guest has to work out, one that is too large, a page that is not
# there, and fifty requests in a row.
set -eu
base=http://$TINYX_GUEST_IP:$TINYX_GUEST_PORT
die() {
	echo "FAILED: $*"
	exit 1
}
for pair in 1:0 2:1 100:25 7919:1000 1000000:78498; do
	got=$(timeout 15 wget -q -O - "$base/primes/${pair%:*}") || die "no answer for ${pair%:*}"
	[ "$got" = "${pair#*:}" ] || die "primes up to ${pair%:*}: expected ${pair#*:}, got $got"
	echo "primes up to ${pair%:*}: $got"
done
timeout 15 wget -O - "$base/primes/1000001" 2>&1 | grep -q 400 || die "a number beyond its sieve was not refused"
timeout 15 wget -O - "$base/primes/x" 2>&1 | grep -q 404 || die "no 404 for what is no number"
urls='' wanted=''
for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; do
	urls="$urls $base/primes/100 $base/primes/$n"
	wanted=x$wanted
done
# shellcheck disable=SC2086 # words
[ "$(timeout 40 wget -q -O - $urls | grep -c '^25$')" = ${#wanted} ] || die "fifty requests in a row"
echo "fifty more answers"
