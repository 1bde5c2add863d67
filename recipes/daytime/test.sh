#!/bin/sh
# Runs on the Xen host: what the guest says must be a date, in the form of date(1), and within a minute of the host's
# time; each connection gets a new one, and the time goes on.
set -eu
die() {
	echo "FAILED: $*"
	exit 1
}
ask() { timeout 5 nc "$TINYX_GUEST_IP" "$TINYX_GUEST_PORT" </dev/null | tr -d '\r'; }
seconds() { date -D '%a %b %d %T UTC %Y' -d "$1" +%s; }
line=$(ask)
echo "the guest says: $line"
echo "$line" | grep -qE '^[A-Z][a-z]{2} [A-Z][a-z]{2} [ 0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-6][0-9] UTC 20[0-9]{2}$' ||
	die "that is not the form of a date"
guest=$(seconds "$line") || die "that is no date"
host=$(date +%s)
difference=$((guest - host))
[ ${difference#-} -le 60 ] || die "$difference s from the host's time"
sleep 2
for _ in 1 2 3 4 5 6 7 8 9 10; do
	later=$(seconds "$(ask)") || die "no date to a later question"
	[ "$later" -gt "$guest" ] || die "the time stands still"
done
echo "ten more answers, $((later - guest)) s later"
