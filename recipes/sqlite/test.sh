#!/bin/sh
# Runs on the Xen host: the job's results on the console.
set -eu
left=40
until grep -q 'job: status' "$TINYX_CONSOLE"; do
	left=$((left - 1))
	[ $left -gt 0 ] || { echo "FAILED: the job did not end within 40 s"; exit 1; }
	sleep 1
done
for line in 'sum of squares: 338350' 'rows: 50' 'job: status 0'; do
	tr -d '\r' <"$TINYX_CONSOLE" | grep -qx "$line" || { echo "FAILED: the console has no line '$line'"; exit 1; }
	echo "$line"
done
