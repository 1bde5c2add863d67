#!/bin/sh
# Runs on the Xen host, in the network of the first vif (outside); "side 1" is the network of the second (inside).
# The two have no other way to each other than through the domain. Allowed traffic must pass, and forbidden traffic
# must not; that a forbidden port would answer is seen from its own side first.
set -eu
outside=$TINYX_SIDE_IP_0 inside=$TINYX_SIDE_IP_1
listeners=
trap 'kill $listeners 2>/dev/null || :' EXIT
die() {
	echo "FAILED: $*"
	exit 1
}

# serve SIDE PORT: who connects there is told so.
serve() {
	side "$1" nc -ll -p "$2" -e /bin/sh -c "echo port $2 of side $1" >/dev/null 2>&1 &
	listeners="$listeners $!"
}
# ask SIDE ADDRESS PORT: what it is told; nothing where no connection stands after some seconds.
ask() { side "$1" timeout 4 nc -w 3 "$2" "$3" </dev/null 2>/dev/null || :; }
passes() { # SIDE ADDRESS PORT WHAT
	answer=$(ask "$1" "$2" "$3")
	[ -n "$answer" ] || die "$4: nothing came through; it is allowed"
	echo "$4: $answer"
}
blocked() { # the same
	answer=$(ask "$1" "$2" "$3")
	[ -z "$answer" ] || die "$4: it came through ($answer); it is forbidden"
	echo "$4: nothing"
}
echo_of() { side "$1" ping -c 1 -W 3 "$2" 2>/dev/null | grep -o 'ttl=[0-9]*' || :; } # SIDE ADDRESS

for port in 8080 9090 8443; do serve 1 $port; done
serve 0 7070

# Up once those inside reach the outside.
left=10
until [ -n "$(ask 1 "$outside" 7070)" ]; do
	left=$((left - 1))
	[ $left -gt 0 ] || die "those inside cannot reach the outside"
	sleep 1
done
for port in 8080 9090 8443; do
	[ -n "$(ask 1 "$inside" $port)" ] || die "nobody listens on port $port inside: this test would say nothing"
done

passes 1 "$outside" 7070 "from inside to any port outside"
passes 0 "$inside" 8080 "from outside to the service inside"
blocked 0 "$inside" 9090 "from outside to another port inside"
blocked 0 "$inside" 8443 "from outside to a port that is refused"
# ... by a reset, at once, not by silence.
begin=$(date +%s)
side 0 timeout 9 nc -w 8 "$inside" 8443 </dev/null >/dev/null 2>&1 && die "the port that is refused took a connection"
[ $(($(date +%s) - begin)) -lt 6 ] || die "the port that is to be refused is silent"

# One router on the way, and only one: what left with 64 arrives with 63.
[ "$(echo_of 0 "$inside")" = ttl=63 ] || die "a ping from outside to inside does not come back through one router"
[ "$(echo_of 1 "$outside")" = ttl=63 ] || die "a ping from inside to outside does not come back through one router"
echo "pings pass, through one router"
# The firewall itself: to those inside only.
[ "$(echo_of 1 "$TINYX_GUEST_IP_1")" = ttl=64 ] || die "the firewall does not answer to a ping from inside"
[ -z "$(echo_of 0 "$TINYX_GUEST_IP_0")" ] || die "the firewall answers to a ping from outside"
echo "the firewall answers to those inside, and is silent to the outside"
