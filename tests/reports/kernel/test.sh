#!/bin/sh
# Runs beside the guest: what each program said on the console.
set -eu
said() { tr -d '\r' <"$TINYX_CONSOLE" | sed -n 's/^report: //p'; }
left=40
until said | grep -q '^acl: '; do
	left=$((left - 1))
	[ $left -gt 0 ] || {
		echo "FAILED: not all was tried within 40 s"
		exit 1
	}
	sleep 1
done
said
[ "$(said | grep -c ': ok$')" = 8 ] || {
	echo "FAILED: expected 8 times ok"
	exit 1
}
