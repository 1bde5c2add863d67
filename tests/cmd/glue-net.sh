# The glue's network script with stand-ins for ifconfig, route, udhcpc: ip= in all its forms.
. "$SRCDIR/tests/tap.sh"

mkdir bin etc run
# Asked by a mask that is none whether there is an address, and only then ($ADDRESSED) does ifconfig find it invalid.
cat >bin/ifconfig <<'END'
#!/bin/sh
case $* in
*' netmask 255.0.255.0')
	if [ "$1" = "$ADDRESSED" ]; then echo 'ifconfig: SIOCSIFNETMASK: Invalid argument'; else
		echo 'ifconfig: SIOCSIFNETMASK: Address not available'
	fi >&2
	exit 1
	;;
esac
echo "ifconfig $*" >>"$CALLS"
END
for name in route hostname; do
	printf '#!/bin/sh\necho "%s $*" >>"$CALLS"\n' "$name" >"bin/$name"
done
# A route to delete is not there; a device "none0" is not either.
# shellcheck disable=SC2016  # it is the stand-in's own text
printf 'case "$1" in del) exit 1 ;; esac\n' >>bin/route
printf 'case "$1" in none0) exit 1 ;; esac\n' >>bin/ifconfig
# shellcheck disable=SC2016
printf '#!/bin/sh\necho "udhcpc in ${PWD##*/}: $*" >>"$CALLS"\n' >bin/udhcpc
printf '#!/bin/sh\nexit 0\n' >bin/sleep
chmod +x bin/*
mkdir -p etc/dhcp
sed "s,/etc/tinyx,$PWD/etc,g; s,/etc/hosts,$PWD/hosts,g; s,/run/,$PWD/run/,g; s,/proc/cmdline,$PWD/cmdline,g" "$SRCDIR/rootfs/glue/net" >net
: >cmdline
printf '127.0.0.1\tlocalhost\n127.0.1.1\tdemo\n' >hosts

shells=dash
command -v busybox >/dev/null 2>&1 && shells="$shells busybox"

# network TEXT IP: runs the script with ip=IP in each shell; the calls come to the file "calls"
network() {
	for shell in $shells; do
		rm -f calls
		[ "$shell" = busybox ] && shell="busybox sh"
		# shellcheck disable=SC2086,SC2016
		CALLS=$PWD/calls PATH=$PWD/bin:$PATH ip=$1 timeout 20 $shell -c 'name=demo; . ./net; wait' >out 2>&1
		# udhcpc is started in the background of a background shell: nobody waits for it.
		for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
			grep -v '^ifconfig lo 127.0.0.1 up$' calls >got
			cmp -s wanted got && break
			sleep 0.1
		done
		check_same "ip=$1 ($shell)" wanted got
	done
}

cat >wanted <<'END'
hostname web1
ifconfig eth1 10.0.0.2 netmask 255.255.255.0 up
route add default gw 10.0.0.1 dev eth1
END
network 10.0.0.2:10.0.0.9:10.0.0.1:255.255.255.0:web1:eth1:off:1.1.1.1:9.9.9.9
printf 'nameserver 1.1.1.1\nnameserver 9.9.9.9\n' >wanted
check_same "dns0 and dns1 are in resolv.conf" wanted run/resolv.conf

printf '127.0.0.1\tlocalhost\n127.0.1.1\tdemo\n127.0.1.1\tweb1\n' >wanted
check_same "the name of ip= has an address, once" wanted hosts
printf 'hostname db\nifconfig eth0 10.0.0.2 netmask 255.255.255.0 up\n' >wanted
network 10.0.0.2:::24:db.example.org:eth0:off
check "... and one with a domain, too" grep -qx "127.0.1.1	db.example.org db" hosts
printf '127.0.0.1\tlocalhost\n127.0.1.1\tdemo\n' >hosts

static() { # IP NETMASK
	printf 'hostname demo\nifconfig eth0 %s netmask %s up\n' "${1%%:*}" "$2" >wanted
	network "$1"
}
static 10.0.0.2 255.0.0.0
static 10.0.0.2:::24 255.255.255.0
static 10.0.0.2:::20 255.255.240.0
static 10.0.0.2:::32 255.255.255.255
static 10.0.0.2:::0 0.0.0.0
static 172.16.0.2::::: 255.255.0.0
static 192.168.7.2::::::off 255.255.255.0
static 10.0.0.2:::255.255.254.0 255.255.254.0

cat >wanted <<'END'
hostname demo
ifconfig eth0 up
udhcpc in dhcp: -f -i eth0 -s /bin/sh -O mtu -O staticroutes -O search -t 5 -T 2 -A 10
END
for ip in dhcp on any '' ::::::dhcp; do network "$ip"; done

echo 'hostname demo' >wanted
export ADDRESSED=eth0 # by the kernel
network ''
unset ADDRESSED
for ip in off none ::::::off; do network "$ip"; done

cat >wanted <<'END'
hostname web2
ifconfig eth0 up
udhcpc in dhcp: -f -i eth0 -s /bin/sh -O mtu -O staticroutes -O search -t 5 -T 2 -A 10
END
network ::::web2::dhcp

# Further interfaces: ip1= and so on; without one DHCP, as for eth0.
cat >wanted <<'END'
hostname demo
ifconfig eth0 10.0.0.2 netmask 255.255.255.252 up
route add default gw 10.0.0.1 dev eth0
ifconfig eth1 10.1.0.2 netmask 255.255.255.252 up
END
ip1=10.1.0.2:::255.255.255.252::eth1:off vifs=2
export ip1 vifs
network 10.0.0.2::10.0.0.1:30::eth0:off
ip1=off
head -n 3 wanted >shorter && mv shorter wanted
network 10.0.0.2::10.0.0.1:30::eth0:off
unset ip1
cat >wanted <<'END'
hostname demo
ifconfig eth1 up
udhcpc in dhcp: -f -i eth1 -s /bin/sh -O mtu -O staticroutes -O search -t 5 -T 2 -A 10
END
network off
unset vifs

# From the command line where the kernel took ip= for itself.
echo 'console=hvc0 ip=10.9.8.7:::255.255.255.0::eth0:off panic=-1' >cmdline
printf 'hostname demo\nifconfig eth0 10.9.8.7 netmask 255.255.255.0 up\n' >wanted
network ''
: >cmdline

# A device that never comes: ten tries in the background, then one line.
rm -f calls
start=$(date +%s)
# shellcheck disable=SC2016
CALLS=$PWD/calls PATH=$PWD/bin:$PATH ip=10.0.0.2::::::: timeout 20 dash -c 'name=demo; ip=10.0.0.2:::24::none0; . ./net; wait' >out 2>&1
check "a missing device is said" grep -qx 'tinyx: no network: none0 could not be set up' out
check "... after ten more tries" test "$(grep -c none0 calls)" -eq 11
check "... and nothing hangs" test $(($(date +%s) - start)) -lt 10

# What udhcpc runs: "/bin/sh EVENT" in the folder dhcp.
rm -f calls
sed "s,/run/,$PWD/run/,g; s,/dev/console,out,g" "$SRCDIR/rootfs/glue/dhcp-bound" >bound
cp bound renew
lease() { # EVENT NAME=VALUE...: what the glue does with it
	event=$1
	shift
	rm -f calls
	env CALLS="$PWD/calls" PATH="$PWD/bin:$PATH" interface=eth0 "$@" dash "$event"
}
lease bound ip=10.1.0.5 subnet=255.255.0.0 router='10.1.0.1 10.1.0.2' dns='10.1.0.3' domain=example.org
printf '%s\n' 'ifconfig eth0 10.1.0.5 netmask 255.255.0.0 up' 'route del default dev eth0' \
	'route add default gw 10.1.0.1 dev eth0' >wanted
check_same "a lease sets address and the first router" wanted calls
printf 'search example.org\nnameserver 10.1.0.3\n' >wanted
check_same "... and resolv.conf" wanted run/resolv.conf
lease renew ip=10.1.0.5 subnet=255.255.0.0 router='10.1.0.1 10.1.0.2' dns='10.1.0.3' domain=example.org
check "the same lease once more changes nothing" test ! -e calls
lease renew ip=10.1.0.6 subnet=255.255.0.0
printf '%s\n' 'ifconfig eth0 0.0.0.0' 'ifconfig eth0 10.1.0.6 netmask 255.255.0.0 up' 'route del default dev eth0' >wanted
check_same "another one takes its place" wanted calls
printf 'search example.org\nnameserver 10.1.0.3\n' >wanted
check_same "... name servers stay where it has none" wanted run/resolv.conf
lease bound ip=10.1.0.5 domain=b.example search='a.example b.example' mtu=1450
check "the list of domains comes before the domain" grep -qx 'search a.example b.example' run/resolv.conf
check "the lease's MTU is set" grep -qx 'ifconfig eth0 mtu 1450' calls
lease bound ip=10.1.0.5 mtu=68
check "one that breaks IPv4 is not" sh -c '! grep mtu calls'

# In a network namespace, by the tools of this machine where BusyBox is not here: what the kernel makes of it.
real_lease() { # NAME=VALUE...: routes to the file "routes"
	# shellcheck disable=SC2016
	env "$@" interface=eth0 unshare -rn sh -c 'ip link add eth0 type veth peer name peer0 && ip link set eth0 up &&
		ip link set peer0 up && sh ./bound >/dev/null && ip route >routes && ip link show eth0 >link'
}
tools=$(command -v route) && tools=$(command -v ifconfig)
if [ -z "$tools" ] || ! unshare -rn sh -c 'ip link add eth0 type veth peer name peer0' 2>/dev/null; then
	skip "leases in a network namespace" "no namespaces, ip, ifconfig or route here"
else
	real_lease ip=10.9.8.7 subnet=255.255.255.255 router=10.9.8.1 mtu=1400
	check "a /32 lease has a default route" grep -q '^default via 10.9.8.1 dev eth0' routes
	check "... and its MTU" grep -q 'mtu 1400 ' link
	real_lease ip=10.9.8.7 subnet=255.255.255.0 router=10.9.8.1 \
		staticroutes='0.0.0.0/0 10.9.8.2 192.168.0.0/16 10.9.8.3 172.16.0.1/32 10.9.8.4 10.77.0.0/16 0.0.0.0'
	sed 's/ *$//' routes | sort >got
	cat >wanted <<'END'
10.77.0.0/16 dev eth0 scope link
10.9.8.0/24 dev eth0 proto kernel scope link src 10.9.8.7
172.16.0.1 via 10.9.8.4 dev eth0
192.168.0.0/16 via 10.9.8.3 dev eth0
default via 10.9.8.2 dev eth0
END
	check_same "classless routes take the router's place" wanted got
	real_lease ip=10.9.8.7 subnet=255.255.255.255 staticroutes='10.9.0.1/32 0.0.0.0 0.0.0.0/0 10.9.0.1'
	check "... with a gateway on the link, too" grep -q '^default via 10.9.0.1 dev eth0' routes
fi
finish
