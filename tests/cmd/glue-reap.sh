# What rootfs/glue/reap.c stays for: the daemons of commands that end, however these have left them.
. "$SRCDIR/tests/tap.sh"

if ! command -v musl-gcc >/dev/null 2>&1; then
	skip "reap" "musl-gcc is not installed"
	finish
fi
musl-gcc -static -Os -Wall -Wextra -Werror -o reap "$SRCDIR/rootfs/glue/reap.c" || exit 1

# reap SECONDS COMMAND: its exit status; `took` has for how long it stayed
reaped() {
	before=$(date +%s%N)
	timeout "$1" ./reap /bin/sh -c "$2"
	status=$?
	took=$((($(date +%s%N) - before) / 100000000)) # tenths of a second
	return $status
}
check "a command that leaves nothing" reaped 5 'exit 0'
check "... is no reason to stay" test "$took" -lt 5
reaped 5 'exit 7'
check "its exit status" test $? -eq 7

# A wrapper in the way of apachectl: another session, another environment, a parent that ends.
daemon='env -i setsid sh -c "sh -c \"sleep 2; echo daemon >>ends\" & exit 0" &'
check "a daemon in its own session and environment" reaped 10 "$daemon exit 0"
check "... is what it stays for" test "$took" -ge 18
check "... until its end" grep -qx daemon ends

# The wrapper's own process ends while several children serve.
check "several children" reaped 10 'sleep 1 & sleep 3 & exit 0'
check "... are all waited for" test "$took" -ge 28

# Asked to end: the daemon is, and its word comes before ours.
rm -f ends
(
	exec ./reap /bin/sh -c "setsid sh -c 'trap \"sleep 1; echo saved >>ends; exit\" TERM; while :; do sleep 0.1; done' & exit 0"
) &
pid=$!
sleep 1
kill -TERM $pid
wait $pid
check "a signal goes on to the daemon, which has its time" grep -qx saved ends

# The daemon's helpers do not keep it: as with systemd, its main process is what counts.
before=$(date +%s)
timeout 20 ./reap /bin/sh -c 'setsid sh -c "sleep 1; sleep 30 & exec sleep 6" & exit 0'
check "the daemon's end" test $(($(date +%s) - before)) -lt 15
finish
