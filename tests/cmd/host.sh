# tinyx host and the guest test with stand-ins for qemu, ssh and xl: dead, silent and half-started
# hosts, a wrong --host, an xl that fails, a test script that hangs. No Xen, no network.
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

# guest-test by itself, with an xl that knows one domain. job NAME=VALUE...: a job folder.
standin xl <<'X'
echo "$*" >>"$XL_LOG"
case $1 in
create) cp "$3" "$XL_STATE/final"; [ ! -e "$XL_STATE/refuse" ] || { echo 'xc: error: panic: segment kernel too large: Out of memory'; exit 1; } ;;
list) printf 'Name ID Mem VCPUs State Times UUID Reason-Code Label\nd 1 32 1 - 1.0 u %s -\n' "$(cat "$XL_STATE/reason" 2>/dev/null || echo -)" ;;
console) cat "$XL_STATE/console" 2>/dev/null; exec sleep 60 ;;
shutdown) echo 0 >"$XL_STATE/reason" ;;
esac
exit 0
X
standin chroot <<'X'
cd "$1" && exec sh "./${3#/}"
X
XL_LOG=$PWD/xl.log XL_STATE=$PWD/state
export XL_LOG XL_STATE
job() {
	rm -rf job state xl.log
	mkdir -p job/bundle/bin job/bundle/test state
	cp "$SRCDIR/scripts/guest-test" job/
	printf '#!/bin/sh\nexit 0\n' >job/bundle/bin/busybox # a probe that is answered
	chmod +x job/bundle/bin/busybox
	: >job/domain.cfg
	printf '%s\n' domain=d "candidates='10.64.1 10.64.2'" "macs='m0 m1'" boot_timeout=30 test_timeout=30 \
		shutdown_timeout=30 "$@" >job/job.conf
	printf 'hello\ntinyx: meminfo\n' >state/console # the last words: nothing more is waited for
}
# Its standard input is held open meanwhile, as tinyx does.
mkfifo held
exec 5<>held
run_job() { timeout 60 sh job/guest-test test <&5 >out 2>err; }
# prints WORDS TEXT: guest-test said a line that begins with these words.
prints() { check "$2" sh -c 'grep -q "^$1" out || { cat out; false; }' sh "$1"; }

job ready_port=80 script=ok.sh
echo 'echo fine' >job/bundle/test/ok.sh
run_job
prints 'passed=1' "a test that passes"
check "its output comes back" grep -q '^fine' out
check "the domain is destroyed and the folder removed" sh -c 'grep -q "^destroy d" xl.log && ! test -e job'
job ready_port=80 script=ok.sh leave=1
echo 'echo fine' >job/bundle/test/ok.sh
run_job
prints 'passed=1' "the last test on a host that ends with it"
check "the domain is left to the host's end" sh -c '! grep -q "^destroy" xl.log && ! test -e job'
job ready_port=80 script=bad.sh
echo 'echo wrong page; exit 3' >job/bundle/test/bad.sh
run_job
prints 'failed=the test failed (exit status 3)' "a test that fails"
job ready_port=80 script=ok.sh
echo 'sleep 1' >job/bundle/test/ok.sh
sh job/guest-test test </dev/null >out 2>err
check "tinyx died (end of standard input): nothing passes" sh -c '! grep -q "^passed=1" out'
check "and the domain is destroyed" grep -q '^destroy d' xl.log
job ready_port=80
: >state/refuse
run_job
check "a domain that cannot be created" sh -c 'grep -q "^failed=the domain cannot be created" out && grep -q "too large" out'
job ready_port=80 boot_timeout=3
printf '#!/bin/sh\nexit 1\n' >job/bundle/bin/busybox
run_job
prints 'failed=no answer on port 80 within 3 s' "a domain that never answers"
job ready_port=80
printf '#!/bin/sh\nexit 1\n' >job/bundle/bin/busybox
echo 3 >state/reason
echo 'Kernel panic - not syncing: Attempted to kill init!' >state/console
run_job
prints 'failed=the kernel panicked: not syncing: Attempted to kill init! before it answered' "a panic"
job ready_port=0 on_exit=poweroff ends=1
echo 0 >state/reason
run_job
prints 'passed=1' "an application that ends by itself"
check "when it ended is told" grep -q '^end_seconds=' out
job ready_port=0 on_exit=poweroff ends=1 script=ok.sh test_timeout=2
echo 'echo fine' >job/bundle/test/ok.sh
run_job
prints 'failed=the domain did not power off within 2 s' "a job whose test passes, and which does not end"
job ready_port=0 on_exit=poweroff ends=1
echo 1 >state/reason
run_job
prints 'failed=the domain rebooted itself' "a reboot is no clean end"

# Two vifs: two networks; none: none.
job vifs=2
echo 'a=@GUEST_0@ b=@GATEWAY_0@ c=@GUEST_1@ d=@GATEWAY_1@' >job/domain.cfg
run_job
check "each vif has a network" grep -qx 'a=10.64.1.2 b=10.64.1.1 c=10.64.2.2 d=10.64.2.1' state/final
prints 'failed=the Xen host makes no network namespaces' "a host without network namespaces"
job vifs=3
run_job
prints 'failed=not enough of the networks 10.64.1 10.64.2 are free' "a host without free networks"
job vifs=0 script=ok.sh
echo 'a domain' >job/domain.cfg
echo 'echo "vifs $TINYX_VIFS, guest <$TINYX_GUEST_IP>"' >job/bundle/test/ok.sh
run_job
prints 'passed=1' "a domain without a network"
check "... its test knows" grep -qx 'vifs 0, guest <>' out

# The vif script, by the number in the store.
for name in ip xenstore-write; do echo 'echo "${0##*/} $*" >>calls' | standin $name; done
cp "$SRCDIR/scripts/vif" .
printf "%s\n" GATEWAY_0=10.64.1.1 GUEST_0=10.64.1.2 MAC_0=m0 GATEWAY_1=10.64.2.1 GUEST_1=10.64.2.2 MAC_1=m1 >vif.conf
vif=vif7.1 XENBUS_PATH=backend/vif/7/1 sh ./vif online
printf "%s\n" 'ip link set dev vif7.1 up' 'ip addr add 10.64.2.1/30 dev vif7.1' \
	'ip neigh replace 10.64.2.2 lladdr m1 dev vif7.1' 'xenstore-write backend/vif/7/1/hotplug-status connected' >wanted
check_same "the second vif gets the second network" wanted calls
finish
