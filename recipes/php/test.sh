#!/bin/sh
# Runs on the Xen host: words that the guest has to turn round, and a page that is not there.
set -eu
base=http://$TINYX_GUEST_IP:$TINYX_GUEST_PORT
die() {
	echo "FAILED: $*"
	exit 1
}
for word in abc xen paravirtualised; do
	got=$(timeout 15 wget -q -O - "$base/reverse?text=$word") || die "no answer for $word"
	[ "$got" = "$(echo $word | rev)" ] || die "$word: $got"
	echo "$word: $got"
done
timeout 15 wget -O - "$base/none" 2>&1 | grep -q 404 || die "no 404 for a page that is not there"
