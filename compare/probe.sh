#!/bin/sh
# Runs in dom0 beside a domain that answers, as a recipe's test does (TINYX_GUEST_IP). Finds all open
# TCP ports; then what the recipe's load.sh says follows, appended by tinyx compare.
# Output: "tinyx-ports: 22 80" once all ports were tried.
scan() {
	timeout 300 nc.openbsd -nzv -w 2 "$TINYX_GUEST_IP" 1-65535 2>&1 |
		sed -n 's/.* \([0-9]*\) port \[tcp.*succeeded.*/\1/p' | sort -n | tr '\n' ' '
}
begun=$(cut -d. -f1 /proc/uptime 2>/dev/null || date +%s)
found=$(scan)
ended=$(cut -d. -f1 /proc/uptime 2>/dev/null || date +%s)
if [ $((ended - begun)) -lt 300 ]; then
	echo "tinyx-ports: $found"
else
	echo "tinyx-ports-not: not all 65535 were tried within 300 s"
fi
