#!/bin/sh
# Runs on the Xen host: requests through the proxy to either server, its header, and one that it refuses.
set -eu
base=http://$TINYX_GUEST_IP:$TINYX_GUEST_PORT
die() {
	echo "FAILED: $*"
	exit 1
}
page() { timeout 10 wget -q -O - "$base$1"; }
# The servers behind it may come a moment later.
for _ in 1 2 3 4 5 6 7 8 9 10; do
	page / >/dev/null 2>&1 && page /two/ >/dev/null 2>&1 && break
	sleep 1
done
[ "$(page /)" = "This is the first server." ] || die "/ is not the first server's page"
[ "$(page /two/)" = "This is the second server." ] || die "/two/ is not the second server's page"
timeout 10 wget -S -O - "$base/" 2>&1 | grep -qi 'x-proxy: tinyx' || die "the answer did not go through the proxy"
timeout 10 wget -O - "$base/forbidden" 2>&1 | grep -q 403 || die "/forbidden is not refused by the proxy"
echo "two servers behind one proxy, and a request refused"
