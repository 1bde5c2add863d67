#!/bin/sh
# Runs on the Xen host. There is nobody to talk to, so the console has to show that the one program was
# started, that it was started once, and that it still runs some seconds later.
set -eu
starts() { tr -d '\r' <"$TINYX_CONSOLE" | grep -c '^tinyx: noop starting' || true; }
left=20
while [ "$(starts)" = 0 ]; do
	left=$((left - 1))
	[ $left -gt 0 ] || { echo "FAILED: it was not started within 20 s"; exit 1; }
	sleep 1
done
sleep 4
[ "$(starts)" = 1 ] || { echo "FAILED: it was started $(starts) times: it does not idle"; exit 1; }
if grep -qE 'not found|Kernel panic' "$TINYX_CONSOLE"; then
	echo "FAILED: the console has an error"
	exit 1
fi
echo "started once, and idle"
