#!/bin/sh
# Runs on the Xen host: the page and its type, one that is not there, one that is forbidden, and a hundred
# requests in a row.
set -eu
base=http://$TINYX_GUEST_IP:${TINYX_GUEST_PORT:-80}
die() {
	echo "FAILED: $*"
	exit 1
}
timeout 15 wget -q -O /tmp/page "$base/" || die "the page cannot be fetched"
# As in files/srv/www/index.html.
grep -q '<p>This page comes from Apache in a Xen domain that was made by tinyx.</p>' /tmp/page || die "it is another page"
timeout 15 wget -S -O - "$base/" >/tmp/head 2>&1 || die "the page cannot be fetched again"
grep -qi 'server: apache' /tmp/head || die "the server is not Apache"
grep -qi 'content-type: text/html' /tmp/head || die "the page is no HTML"
timeout 15 wget -O - "$base/no-such-page" 2>&1 | grep -q 404 || die "no 404 for a page that is not there"
timeout 15 wget -O - "$base/secret.html" 2>&1 | grep -q 403 || die "a page that is forbidden was served"
echo "the page, 404 and 403"
count=0 urls=
while [ $count -lt 100 ]; do
	urls="$urls $base/"
	count=$((count + 1))
done
# shellcheck disable=SC2086 # words
[ "$(timeout 60 wget -q -O - $urls | grep -c 'comes from Apache')" = 100 ] || die "a hundred requests in a row"
echo "a hundred requests in a row"
