#!/bin/sh
# A load for `tinyx compare`, in dom0; TINYX_GUEST_IP and TINYX_GUEST_PORT say where. Prints
# "requests a second: N".
# package: apache2-utils
# program: ab
ab -q -n 3000 -c 8 "http://$TINYX_GUEST_IP:${TINYX_GUEST_PORT:-80}/" >/tmp/ab.out 2>&1 || {
	cat /tmp/ab.out
	exit 1
}
grep -q '^Failed requests: *0$' /tmp/ab.out || exit 1
sed -n 's/^Requests per second: *\([0-9.]*\).*/requests a second: \1/p' /tmp/ab.out
