# Router advertisements, in a network namespace: address and route are the kernel's work, name servers and domains that
# of rootfs/glue/rdnss.c.
. "$SRCDIR/tests/tap.sh"

if ! command -v musl-gcc >/dev/null 2>&1; then
	skip "rdnss" "musl-gcc is not installed"
	finish
fi
check "it compiles" musl-gcc -static -Os -Wall -Wextra -Werror "-DFILE_NAME=\"$PWD/resolv.conf\"" -o rdnss "$SRCDIR/rootfs/glue/rdnss.c"
cat >router.py <<'X'
# router.py OPTION...: an advertisement with these options of ICMPv6, in hex, by peer0
import socket, struct, sys, time
body = bytes.fromhex("86000000" "40000708" "00000000" "00000000") + bytes.fromhex("".join(sys.argv[1:]))
out = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
out.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
for _ in range(50): # until its address is no longer tentative
    try:
        out.sendto(body, ("ff02::1", 0, 0, socket.if_nametoindex("peer0")))
        break
    except OSError:
        time.sleep(0.1)
else:
    sys.exit("no advertisement could be sent")
X
if ! unshare -rn sh -c 'ip link add eth0 type veth peer name peer0 && [ -d /proc/sys/net/ipv6/conf/eth0 ]' 2>/dev/null; then
	skip "advertisements in a network namespace" "no namespaces, ip or IPv6 here"
	finish
fi
cat >inside.sh <<'X'
# inside.sh LINE OPTION...: what one machine makes of it, until LINE is in resolv.conf or some seconds have gone.
line=$1
shift
for name in eth0 peer0; do echo 0 >/proc/sys/net/ipv6/conf/$name/accept_dad; done
echo 0 >/proc/sys/net/ipv6/conf/peer0/accept_ra # it hears itself, too
./rdnss || exit 1
ip link set lo up && ip link set eth0 up && ip link set peer0 up
python3 router.py "$@"
left=${tries-50}
until grep -qxF "$line" resolv.conf || [ "$left" = 0 ]; do
	left=$((left - 1))
	sleep 0.1
done
python3 router.py "$@" # once more: nothing comes twice
sleep 0.3
ip -6 address show dev eth0 >address
ip -6 route >route
X
advertised() { # LINE OPTION...
	printf 'nameserver 10.1.0.3\n' >resolv.conf
	unshare -rnp --fork --kill-child sh -c 'ip link add eth0 type veth peer name peer0 && . ./inside.sh' sh "$@"
}
# 2001:db8:1::/64, on the link, for addresses; RDNSS of RFC 8106, 5.1: 2001:db8:1::53 and fe80::1; DNSSL: a.example, b.example
prefix=030440c0000151800000384000000000'20010db8000100000000000000000000'
servers=1905000000000e10'20010db8000100000000000000000053''fe800000000000000000000000000001'
domains=1f04000000000e10'0161076578616d706c6500''0162076578616d706c6500''0000'
advertised 'search a.example b.example' $prefix $servers $domains
check "the kernel takes an address" grep -q 'inet6 2001:db8:1:0:.*/64 scope global' address
check "... and the router" grep -q '^default via fe80::.* dev eth0' route
printf '%s\n' 'nameserver 10.1.0.3' 'nameserver 2001:db8:1:0:0:0:0:53' 'nameserver fe80:0:0:0:0:0:0:1%eth0' 'search a.example b.example' >expected
check_same "name servers and domains come behind what is there, once" expected resolv.conf
if command -v getent >/dev/null; then
	check "libc reads such addresses" sh -c 'getent ahostsv6 2001:db8:1:0:0:0:0:53 >/dev/null'
fi

printf 'nameserver 10.1.0.3\n' >expected
gone=190300000000000020010db8000100000000000000000053
odd=1f03000000000e10'04610a6220076578616d706c650000''00' # "a\nb x.example"
cut=1f02000000000e10'3f61616161616161'                   # a label longer than the option
lost=1903000000000e1020010db800010000                    # an option longer than the advertisement
for case in "taken back:$gone" "a name that would end the line:$odd" "a label that is cut off:$cut" "an option that is cut off:$lost"; do
	tries=5 advertised nothing $prefix "${case#*:}"
	check_same "${case%%:*}: nothing is added" expected resolv.conf
done
finish
