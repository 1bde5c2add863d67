#!/bin/sh
# Runs beside the guest: what each said on the console.
set -eu
said() { tr -d '\r' <"$TINYX_CONSOLE" | sed -n 's/^report: //p'; }
left=60
until said | grep -q '^end'; do
	left=$((left - 1))
	[ $left -gt 0 ] || {
		said
		echo "FAILED: not all was tried within 60 s"
		exit 1
	}
	sleep 1
done
said
[ "$(said | grep -c ': ok$')" = 18 ] || {
	echo "FAILED: expected 18 times ok"
	exit 1
}
grep -q 'complain\[[0-9]*\]: no gold' "$TINYX_CONSOLE" || {
	echo "FAILED: what complain said to syslog(3) is not on the console"
	exit 1
}
