# The glue's scripts at a shutdown: the application's signal, its time, its commands.
. "$SRCDIR/tests/tap.sh"

mkdir etc state proc
echo name=demo >etc/config
: >proc/meminfo
for script in run stop; do
	sed "s,/etc/tinyx,$PWD/etc,g; s,/run/,$PWD/state/,g; s,/proc,$PWD/proc,g" "$SRCDIR/rootfs/glue/$script" >$script
done
# (not QUIT: a shell's background has it ignored)
# SIGNAL SECONDS: an application that needs SECONDS to end at SIGNAL, and counts any other one as wrong
application() {
	cat >start <<X
on_exit='respawn'
$3
environment() { :; }
start() {
exec sh -c 'trap "echo asked; sleep $2; echo saved; exit" $1; echo up; while :; do sleep 1 & wait; done'
}
X
}
# Starts it as init does, as the first process of a session, and shuts down; the console to "out".
shut_down() {
	: >out
	setsid dash ./run "$PWD/start" >>out 2>&1 &
	for _ in $(seq 50); do
		! grep -q '^up$' out || break
		sleep 0.1
	done
	begin=$(date +%s)
	timeout 20 dash ./stop >>out 2>&1
	took=$(($(date +%s) - begin))
}

application TERM 2 ''
shut_down
check "it has the time that it needs" grep -qx saved out
check "... and no more is waited for" test $took -lt 6
check "the memory was said first" sh -c 'grep -n "" out | grep -q "^3:tinyx: meminfo "'
application USR1 0 "stop_signal='USR1'
stop() { echo \"stopped by \$MAINPID\"; }"
shut_down
check "the unit's signal" grep -qx saved out
check "its commands come before" sh -c 'grep -A1 "^stopped by [0-9]" out | grep -qx asked'
check "what ends at once is not slept through" test $took -lt 2
application TERM 9 'stop_seconds=1'
shut_down
check "after its seconds it is told" grep -qx 'tinyx: demo did not end in 1 s' out
check "... and left to init" test $took -lt 6
read -r pid _ <state/tinyx-pid-demo
kill -KILL -- "-$pid" 2>/dev/null
application TERM 0 "stop_seconds=1
stop() { sleep 15; }"
shut_down
check "its commands get no more time than it" test $took -lt 8
check "... and their being cut off is told" grep -q '^tinyx: demo: its stop= did not end in 1 s$' out
check "... and the signal follows" grep -qx saved out

# The first process alone is asked (stop-main=yes, as rootfs/glue-text.c writes it), and the others once it is gone.
cat >start <<'X'
on_exit='respawn'
stop_seconds=5
stop() {
kill -s TERM "$MAINPID"
n=0
while kill -0 "$MAINPID" 2>/dev/null; do
sleep $((n > 20))
n=$((n + 1))
done
:
}
environment() { :; }
start() {
exec sh -c 'sh -c "trap \"echo child asked; exit\" TERM; while :; do sleep 0.1; done" &
trap "echo main asked; sleep 1; echo saved; exit" TERM; echo up; while :; do sleep 0.1; done'
}
X
shut_down
printf '%s\n' 'main asked' saved 'child asked' >expected
grep -E '^(main|child) asked|^saved' out >got
check_same "the first process is asked alone, and the others after its end" expected got
check "... within its time" sh -c '! grep "did not end" out'

# One that has ended: its number may be another process' by the time of the shutdown.
cat >start <<X
on_exit='poweroff'
poweroff() { echo off; exit; }
environment() { :; }
start() { true; }
X
dash ./run "$PWD/start" >out 2>&1
sleep 60 &
other=$!
echo "$other $PWD/start" >state/tinyx-pid-demo
dash ./run "$PWD/start" >out 2>&1
check "init's next start of it says that it ended" grep -qx 'tinyx: demo ended with status 0' out
timeout 20 dash ./stop >>out 2>&1
check "nobody else is asked to end for it" kill -0 $other
kill $other
finish
