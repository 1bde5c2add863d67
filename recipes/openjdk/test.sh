#!/bin/sh
# Runs on the Xen host: numbers that the guest has to work out, one beyond 2^53, and a page that is not there.
set -eu
base=http://$TINYX_GUEST_IP:$TINYX_GUEST_PORT
die() {
	echo "FAILED: $*"
	exit 1
}
for pair in 0:0 1:1 10:55 90:2880067194370816120 200:280571172992510140037611932413038677189525; do
	n=${pair%:*} wanted=${pair#*:}
	got=$(timeout 30 wget -q -O - "$base/fibonacci/$n") || die "no answer for $n"
	[ "$got" = "$wanted" ] || die "$n: expected $wanted, got $got"
	echo "fibonacci($n) = $got"
done
timeout 30 wget -O - "$base/fibonacci/x" 2>&1 | grep -q 404 || die "no 404 for what is no number"
timeout 30 wget -O - "$base/none" 2>&1 | grep -q 404 || die "no 404 for a page that is not there"
