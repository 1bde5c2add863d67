#!/bin/sh
# Runs on the Xen host: the guest's time must be a date, and within two minutes of the host's.
set -eu
line=$(timeout 5 nc "$TINYX_GUEST_IP" "$TINYX_GUEST_PORT" </dev/null | tr -d '\r')
echo "the guest says: $line"
guest=$(date -D '%a %b %d %T UTC %Y' -d "$line" +%s) || { echo "FAILED: that is no date"; exit 1; }
host=$(date +%s)
difference=$((guest - host))
[ ${difference#-} -le 120 ] || { echo "FAILED: $difference s from the host's time"; exit 1; }
for _ in 1 2 3 4 5 6 7 8 9 10; do
	timeout 5 nc "$TINYX_GUEST_IP" "$TINYX_GUEST_PORT" </dev/null | grep -q ' UTC 20' ||
		{ echo "FAILED: no answer to a later question"; exit 1; }
done
echo "ten more answers"
