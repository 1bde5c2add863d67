#!/bin/sh
# Runs on the Xen host; TINYX_GUEST_IP is the domain. Fetches the page and compares it, expects 404
# for a page that is not there, and fetches the page a hundred times in a row.
set -eu
base=http://$TINYX_GUEST_IP:${TINYX_GUEST_PORT:-80}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

die() {
	echo "FAILED: $*"
	exit 1
}

# As in files/usr/share/nginx/html/index.html (tests/cmd/recipe-nginx.sh compares the two).
cat >"$work/wanted" <<'END'
<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>nginx in a tinyx image</title></head>
<body>
<h1>It works.</h1>
<p>This page comes from nginx in a Xen domain whose kernel and root file system were made by tinyx.</p>
</body>
</html>
END

# No wget -T: Debian's busybox-static ends with a segmentation fault on it (alarm(2) in a static glibc
# program); timeout(1) does the same.
fetch() { timeout 10 wget -q -O - "$@"; }

echo "fetching $base/"
fetch "$base/" >"$work/page" || die "the page cannot be fetched"
cat "$work/page"
cmp "$work/page" "$work/wanted" || die "the page is not the recipe's"

if timeout 10 wget -O "$work/none" "$base/no-such-page" >"$work/log" 2>&1; then
	die "a page that does not exist was served"
fi
grep -q '404' "$work/log" || die "no 404 for a page that does not exist: $(cat "$work/log")"
echo "a missing page gives 404"

# One wget for all: starting a hundred of them takes longer than the requests.
count=0 urls=
while [ $count -lt 100 ]; do
	urls="$urls $base/"
	cat "$work/page"
	count=$((count + 1))
done >"$work/hundred"
# shellcheck disable=SC2086  # words
timeout 40 wget -q -O - $urls >"$work/again" || die "100 requests in a row: wget failed"
cmp "$work/again" "$work/hundred" || die "100 requests in a row did not give the same page each time"
echo "$count requests in a row gave the same page"
