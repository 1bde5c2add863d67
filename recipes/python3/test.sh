#!/bin/sh
# Runs on the Xen host: sums that the guest has to work out, a bad question, and a page that is not there.
set -eu
base=http://$TINYX_GUEST_IP:$TINYX_GUEST_PORT
die() {
	echo "FAILED: $*"
	exit 1
}
for pair in 1,2 40,2 -7,7 123456789,987654321; do
	a=${pair%,*} b=${pair#*,}
	got=$(timeout 15 wget -q -O - "$base/sum?a=$a&b=$b") || die "no answer for $a + $b"
	[ "$got" = "{\"sum\": $((a + b))}" ] || die "$a + $b: $got"
	echo "$a + $b: $got"
done
timeout 15 wget -O - "$base/sum?a=x&b=2" 2>&1 | grep -q 400 || die "a bad question was not refused"
timeout 15 wget -O - "$base/none" 2>&1 | grep -q 404 || die "no 404 for a page that is not there"
