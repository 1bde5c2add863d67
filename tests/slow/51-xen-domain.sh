# The nginx image as a domain: the recipe's test in both forms, in 32 MB, and by ELF vmlinux; too little
# memory; through ssh://; forwarded to this machine; saved and restored by xl; with an address by DHCP.
. "$SRCDIR/tests/tap.sh"
TINYX_CACHE=${TINYX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tinyx}
export TINYX_CACHE
. "$SRCDIR/tests/own-cache.sh"
. "$SRCDIR/tests/hostile/hostile.sh"
# A host is started here, which is not for the tests that run beside this one: a cache without the folder `run`.
own_cache "$PWD/cache" apt base build busybox busybox-source ccache debs installed kconfig kernel kernel-build kvm locks \
	objects overlay src test-bundle tmp unpacked xen-dom0 xen-snapshot
# shellcheck disable=SC2317  # called by check
test_passes() { "$TINYX" test "$@" >out 2>err && grep -q 'passed' out; }
"$TINYX" host stop 2>err
check "nginx answers in 32 MB" test_passes nginx --memory 32 -o cpio
check "the verdict has times and the guest's memory" sh -c 'grep -q "first answer" out && grep -q "in use in guest" out'
begin=$(date +%s)
check "again, with everything there" test_passes nginx --memory 32 -o cpio
seconds=$(($(date +%s) - begin))
echo "# tinyx test nginx took $seconds s"
check "nginx from a squashfs disk" test_passes nginx --format squashfs -o squashfs
check "nginx by its ELF vmlinux" test_passes nginx --boot vmlinux -o cpio
"$TINYX" test nginx --memory 8 -o cpio >out 2>err
check "8 MB are too little: status 2" test $? -eq 2
check "and the least is named" grep -qE -- '--memory 8: too little; a guest of this image takes [0-9]+ MB to be created, and about [0-9]+ MB to start' err

# Created, but without the memory to unpack its files: the kernel panics.
"$TINYX" test nginx --memory 16 -o cpio >out 2>err
check "a domain that panics: status 1" test $? -eq 1
check "and the verdict says so, with a figure that will do" grep -qE 'the kernel panicked.*; 16 MB of memory are too little: give it more \(memory=[0-9]+ ' out

# A test that never ends, with a child that left its session.
cp -R "$SRCDIR/recipes/nginx" hang
sed -i 's/^timeout=.*/timeout=6/' hang/recipe.conf
printf '%s\n' 'setsid sleep 1000 &' 'while :; do sleep 1; done' >hang/test.sh
begin=$(date +%s)
"$TINYX" test ./hang -o hung >out 2>err
check "a test script that hangs: status 1" test $? -eq 1
check "and the verdict names the deadline" grep -qE 'within 6 s|after 6 s|6 s' out
check "and it did not take long" test $(($(date +%s) - begin)) -le 240

# A test that cannot pass, on an image that works.
printf '%s\n' 'echo this test fails; exit 3' >hang/test.sh
"$TINYX" test ./hang -o hung >out 2>err
check "a test that fails: status 1" test $? -eq 1
check "with its exit status, its output and the console" \
	sh -c 'grep -q "exit status 3" out && grep -q "this test fails" out && grep -q "nginx\|hang starting" out'

check "host start" "$TINYX" host start
eval "$("$TINYX" host status | sed -n 's/^ssh: *\(.*\)/options="\1"/p; s/^address: *\(.*\)/address=\1/p')"
# shellcheck disable=SC2154  # set by the line above
check "nginx through ssh://" env TINYX_SSH="ssh $options" "$TINYX" test nginx -o cpio --host "$address"

"$TINYX" run nginx -o cpio --memory 32 >console 2>err &
job=$!
url=
for _ in $(seq 120); do
	url=$(sed -n 's/.*(\(http[^)]*\)).*/\1/p' err)
	[ -n "$url" ] && wget -q -T 5 -t 1 -O page "$url" && break
	sleep 0.5
done
check "tinyx run: the page comes through the forwarded port" test -s page
# The host came back from a snapshot that is old enough to show it (else it is waited for): the guest's clock, by what
# nginx says, is this machine's.
snapshot=$(find -L "$TINYX_CACHE/xen-snapshot" -name snapshot -printf '%T@\n' | sort -n | sed -n '1s/\..*//p')
while [ $(($(date +%s) - snapshot)) -lt 60 ]; do sleep 1; done
# shellcheck disable=SC2317  # called by check
clock_is_right() {
	guest=$(wget -q -S -T 10 -t 3 -O /dev/null "$1" 2>&1 | sed -n 's/^ *Date: *//p') && [ -n "$guest" ] || return 1
	off=$(($(date -d "$guest" +%s) - $(date +%s)))
	echo "the guest says $guest, $off s beside this machine"
	[ "$off" -ge -5 ] && [ "$off" -le 5 ]
}
check "the guest's clock is this machine's" clock_is_right "$url"

# Beside it a hostile guest, which knows the addresses of dom0, of QEMU and of that other guest. dom0 listens at all of
# its own; its interfaces, routes and settings stay what they are, and no datagram comes, to whatever port.
state='ip addr | grep -v valid_lft; ip route; cd /proc/sys/net/ipv4 && cat ip_forward conf/*/rp_filter conf/*/forwarding; grep ^Udp: /proc/net/snmp'
"$TINYX" host shell -- "$state" >state.before 2>err
"$TINYX" host shell -- 'setsid nc -l -p 7777 >/tmp/heard 2>&1 </dev/null & sleep 1; netstat -ln | grep -c ":7777 "; ls /sys/class/net' >listeners 2>err
check "dom0 listens" grep -qx 1 listeners
check "the guest's device is not in dom0's network" sh -c '! grep -q "^vif" listeners || { cat listeners; false; }'
other=$("$TINYX" host shell -- 'cat /tmp/tinyx-*/tinyx-nginx-*/domain.cfg' 2>err | sed -n 's/.*ip=\([0-9.]*\):.*/\1/p')
check "the other guest has an address" test -n "$other"
hostile_recipe 10.0.2.15:22 10.0.2.15:7777 10.0.2.2:22 10.0.2.2:7777 "$other:80" "${other%.2}.1:22"
"$TINYX" test ./hostile -o hostile.out --cached-kernel >hostile.words 2>hostile.err
hostile_check hostile.words hostile.err
"$TINYX" host shell -- 'pidof nc >/dev/null && echo "still waiting"; cat /tmp/heard; killall nc' >heard 2>err
check "dom0 heard nothing" sh -c 'grep -q "^still waiting" heard && ! grep -q hostile heard || { cat heard; false; }'
"$TINYX" host shell -- "$state" >state.after 2>err
check_same "dom0's network is as before" state.before state.after
kill -INT $job
wait $job
check "Ctrl-C: no domain is left" sh -c '! "$TINYX" host shell -- xl list | grep -q tinyx-'

# In the background: its keeper killed, nothing of it stays on the host, which is one that others use.
TINYX_SSH="ssh $options"
export TINYX_SSH
"$TINYX" run -d nginx -o cpio --memory 32 -n kept --host "$address" >words 2>err
check "run -d: comes back once it runs" sh -c 'test "$1" = 0 && "$TINYX" ps | grep -q "^kept  *runs .*the Xen host ssh://" || { cat err; false; }' sh $?
"$TINYX" ps --json >ps.json
url=http://127.0.0.1:$(sed -n 's/.*"port" : \([0-9]*\).*/\1/p' ps.json)/
rm -f page
for _ in $(seq 120); do
	wget -q -T 5 -t 1 -O page "$url" && break
	sleep 0.5
done
check "... its page" test -s page
check "... its console" sh -c '"$TINYX" logs kept | grep -q "nginx starting"'
kill -9 "$(sed -n 's/.*"keeper_pid" : \([0-9]*\).*/\1/p' ps.json)"
"$TINYX" stop kept >words 2>err
check "... its keeper killed: what is left is ended" sh -c 'test "$1" = 0 && ! "$TINYX" host shell -- xl list | grep -q tinyx-nginx' sh $?
unset TINYX_SSH
"$TINYX" run -d nginx -o cpio --memory 32 -n kept >words 2>err
"$TINYX" host stop 2>err
check "host stop: not with a domain on it" sh -c 'test "$1" = 2 && grep -q "expected tinyx stop kept before" err' sh $?
"$TINYX" stop kept 2>err
check "... which powers off when it is asked" grep -q 'kept: powered off' err

# By xl alone, as somebody without tinyx has it: started by the script of what was exported, saved, restored, and the
# page again. The image is the one that is there.
rm -f out
mkdir -p out/nginx
ln -s ../../cpio out/nginx/xen-pv
"$TINYX" export nginx --memory 32 -o given >words 2>err
check "export: a folder" sh -c 'test "$1" = 0 && test -x given/run-xen.sh || { cat err; false; }' sh $?
cat >saved.sh <<'X'
cd /tmp/saved || exit 1
printf "GATEWAY_0='10.63.1.1'\nGUEST_0='10.63.1.2'\nMAC_0='00:16:3e:01:02:03'\n" >vif.conf
create() { ip=$1 name=saved given/run-xen.sh -d 'vif=["mac=00:16:3e:01:02:03,script=/tmp/saved/vif"]'; }
page() { for _ in $(seq 40); do timeout 3 wget -q -O "$1" http://10.63.1.2/ && return; sleep 0.5; done; return 1; }
create 10.63.1.2::10.63.1.1:255.255.255.252:saved:eth0:off && page before && xl save saved image && ! xl domid saved 2>/dev/null &&
	xl restore image && page after && cmp before after
status=$?
xl destroy saved
exit $status
X
# Without ip= on its command line a domain asks for its address: BusyBox's DHCP server in dom0 has one.
cat >dhcp.sh <<'X'
cd /tmp/saved || exit 1
sed -i 's/10\.63\.1\./10.63.2./g' vif.conf
name=saved given/run-xen.sh -d 'vif=["mac=00:16:3e:01:02:03,script=/tmp/saved/vif"]' || exit 1
link=vif$(xl domid saved).0
printf '%s\n' 'start 10.63.2.2' 'end 10.63.2.2' "interface $link" 'opt subnet 255.255.255.252' \
	'opt router 10.63.2.1' 'opt lease 600' 'lease_file /tmp/saved/leases' 'pidfile /tmp/saved/pid' >udhcpd.conf
: >leases
udhcpd -f udhcpd.conf >udhcpd.log 2>&1 &
for _ in $(seq 60); do timeout 3 wget -q -O leased http://10.63.2.2/ && break; sleep 0.5; done
kill $!
xl destroy saved
cat udhcpd.log
cmp before leased
X
tar -cf saved.tar saved.sh dhcp.sh given -C "$SRCDIR/scripts" vif
# shellcheck disable=SC2086,SC2154  # options of ssh
ssh $options -o BatchMode=yes -p "${address##*:}" root@127.0.0.1 'mkdir /tmp/saved && tar -xf - -C /tmp/saved' <saved.tar
check "xl save and xl restore: the same page" "$TINYX" host shell -- 'sh /tmp/saved/saved.sh'
check "an address by DHCP" "$TINYX" host shell -- 'sh /tmp/saved/dhcp.sh'
"$TINYX" host stop 2>err
finish
