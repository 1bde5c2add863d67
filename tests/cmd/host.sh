# tinyx host with stand-ins for qemu, ssh and xl: dead, silent and half-started hosts, a wrong --host, an xl
# that fails. No Xen, no network. (The guest test: tests/unit/test-guest.c.)
. "$SRCDIR/tests/tap.sh"
TINYX_CACHE=$PWD/cache
PATH=$PWD/bin:$PATH
export TINYX_CACHE PATH
mkdir -p bin cache/run/left image

# standin NAME: the script on standard input becomes bin/NAME.
standin() { { echo '#!/bin/sh' && cat; } >"bin/$1" && chmod +x "bin/$1"; }
# says STATUS WORDS COMMAND...: its status, and its words on either output.
says() {
	wanted=$1 words=$2
	shift 2
	"$@" >out 2>err
	status=$?
	cat out err >both
	check "$words" sh -c "test $status -eq $wanted && grep -qF -- '$words' both || { echo status $status; cat both; false; }"
}
# record PID STARTED UP: what tinyx host start leaves.
record() {
	mkdir -p cache/run/left
	printf '[host]\npid=%s\nstarted=%s\nsince=1700000000\nport=4321\nup=%s\nimage=%s\nversion=4.17\naccelerator=tcg\n' \
		"$1" "$2" "$3" "$PWD/image" >cache/run/left/state
}
started() { sed 's/.*) //' "/proc/$1/stat" | cut -d' ' -f20; }

# Wrong --host, wrong words.
says 2 "expected embedded, local or ssh://user@machine[:port]" "$TINYX" host status --host xen://x
says 2 "no valid port" "$TINYX" host status --host ssh://root@x:99999
says 2 "no valid machine name" "$TINYX" host status --host ssh://-oProxyCommand=false
says 2 "expected start, stop, status or shell" "$TINYX" host frobnicate
says 2 "what to do is missing" "$TINYX" host
says 2 "only the embedded Xen host can be started" "$TINYX" host start --host ssh://root@x
[ -e /proc/xen/capabilities ] || says 2 "cannot be used: it has no xl" "$TINYX" host status --host local

# Another machine, by a stand-in for ssh: it refuses, it has no xl, it works, its disk is full.
standin ssh <<'X'
echo 'ssh: connect to host x port 22: Connection refused' >&2
exit 255
X
says 2 "x cannot be reached: ssh: connect to host x port 22: Connection refused" "$TINYX" host status --host ssh://x
standin ssh <<'X'
for word; do last=$word; done
eval "$last"
X
[ -e /proc/xen/capabilities ] || says 2 "cannot be used: it has no xl" "$TINYX" host status --host ssh://x
standin xl <<'X'
case $1 in
info) printf 'xen_version : 4.17.9\ntotal_memory : 900\nfree_memory : 800\n' ;;
list) printf 'Name ID Mem VCPUs State Times\nDomain-0 0 512 1 r 1.0\nweb 3 32 1 b 1.0\n' ;;
esac
X
says 0 "Xen:      4.17.9" "$TINYX" host status --host ssh://x
check "status names the domains" grep -q '^domains:  1 web (32 MB)' out
"$TINYX" host shell --host ssh://x -- exit 3 >out 2>err
check "a command's own status comes back" test $? -eq 3
standin mktemp <<'X'
exit 1
X
says 2 "no folder can be made" "$TINYX" host status --host ssh://x
rm bin/mktemp
standin xl <<'X'
exit 1
X
says 2 "xl does not work there" "$TINYX" host status --host ssh://x
standin ssh <<'X'
exec sleep 300
X

# The one that was left running: none, damaged, dead, another process with its pid, half-started.
rm -rf cache/run
says 0 "not running" "$TINYX" host status
says 0 "no Xen host was running" "$TINYX" host stop
mkdir -p cache/run/left
echo nonsense >cache/run/left/state
says 0 "expected what" "$TINYX" host status
says 0 "no Xen host was running" "$TINYX" host stop
check "a damaged record is removed" test ! -e cache/run/left
record 999999999 1 true
says 0 "is dead (pid 999999999)" "$TINYX" host status
says 0 "no Xen host was running" "$TINYX" host stop
sleep 300 &
other=$!
record $other 1 true
says 0 "is dead" "$TINYX" host status
says 0 "no Xen host was running" "$TINYX" host stop
check "the process that got its pid is not ended" kill -0 $other
record $other "$(started $other)" false
says 0 "was never up" "$TINYX" host status
says 0 "has been stopped" "$TINYX" host stop
check "a half-started one is ended" gone $other

# The cache may lie on a disk that another machine uses, too: that one's host is not ours to judge.
sleep 300 &
other=$!
record $other "$(started $other)" true
echo "owner=00000000.00000000.1.$other elsewhere" >>cache/run/left/state
says 0 "not running" "$TINYX" host status
says 2 "process $other on elsewhere" "$TINYX" host start
says 2 "process $other on elsewhere" "$TINYX" host stop
check "another machine's host is left alone" sh -c 'kill -0 "$1" && test -e cache/run/left/state' sh $other
kill $other
rm -r cache/run/left

# Hosts that commands have for themselves: which live, and what runs in them. The stand-in for a tinyx is a script.
standin ssh <<'X'
for word; do last=$word; done
case $last in *'xl '*) eval "$last" ;; esac # and nothing else: a host's clock is set by this way, too
X
standin xl <<'X'
case $1 in
info) printf 'xen_version : 4.17.9\ntotal_memory : 900\nfree_memory : 800\n' ;;
list) printf 'Name ID Mem VCPUs State Times\nDomain-0 0 512 1 r 1.0\nweb 3 32 1 b 1.0\n' ;;
esac
X
"$TINYX" host stop >out 2>err
says 0 "state:    not running" "$TINYX" host status
says 2 "no command has an embedded host of its own now" "$TINYX" host shell --attach
line=$(cat cache/locks/xen-host-left)
owner=${line%% *}
cat >tinyx.py <<'X'
import socket, sys, time
s = socket.socket()
s.bind(("127.0.0.1", 0))
s.listen(9)
print(s.getsockname()[1], flush=True)
time.sleep(300)
X
# live UP: a process in the place of a tinyx and its QEMU, whose port it has; $pid
live() {
	: >port
	python3 tinyx.py >port &
	pid=$!
	for _ in $(seq 100); do
		[ ! -s port ] || break
		sleep 0.1
	done
	folder=cache/run/${owner%.*}.$pid-1
	mkdir -p "$folder"
	printf '[host]\npid=%s\nowner=%s.%s here\nstarted=%s\nsince=1700000000\nport=%s\nup=%s\nimage=%s\nversion=4.17\naccelerator=tcg\n' \
		$pid "${owner%.*}" $pid "$(started $pid)" "$(cat port)" "$1" "$PWD/image" >"$folder/state"
}
: >image/id
live true
first=$pid
says 0 "of its own for: python3 tinyx.py" "$TINYX" host status
check "... what runs in it" grep -q '^domains:  1 web (32 MB)' out
check "... and how to enter it" grep -qx "enter:    tinyx host shell --attach --pid $first" out
says 2 "no host is left running, but these have one of their own: $first (python3 tinyx.py); expected --attach" "$TINYX" host shell
says 0 "web 3 32" "$TINYX" host shell --attach -- xl list
live false
says 0 "is starting, pid $pid" "$TINYX" host status
says 2 "expected --pid with one of: " "$TINYX" host shell --attach
says 0 "web 3 32" "$TINYX" host shell --attach --pid "$first" -- xl list
says 2 "--pid belongs to --attach" "$TINYX" host shell --pid "$first"
says 2 "--attach and --pid belong to shell, not to " "$TINYX" host status --attach
kill "$first" "$pid"
gone "$first" && gone "$pid"
says 0 "state:    not running" "$TINYX" host status
check "... and one that ended is not told of" sh -c '! grep -q "of its own" out'

# The vif script, by the number in the store.
for name in ip xenstore-write; do echo 'echo "${0##*/} $*" >>calls' | standin $name; done
cp "$SRCDIR/scripts/vif" .
printf "%s\n" GATEWAY_0=10.64.1.1 GUEST_0=10.64.1.2 MAC_0=m0 GATEWAY_1=10.64.2.1 GUEST_1=10.64.2.2 MAC_1=m1 >vif.conf
vif=vif7.1 XENBUS_PATH=backend/vif/7/1 sh ./vif online
printf "%s\n" 'ip link set dev vif7.1 up' 'ip addr add 10.64.2.1/30 dev vif7.1' \
	'ip neigh replace 10.64.2.2 lladdr m1 dev vif7.1' 'xenstore-write backend/vif/7/1/hotplug-status connected' >wanted
check_same "the second vif gets the second network" wanted calls
finish
