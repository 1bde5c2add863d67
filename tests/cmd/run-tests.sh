# The runner itself, on a small tree: what counts as a failure, two lanes that help each other, and what is left after an interrupt.
. "$SRCDIR/tests/tap.sh"
mkdir -p tree/scripts tree/tests/slow tree/tests/cmd tree/build/tests tmp
cp "$SRCDIR/scripts/run-tests" tree/scripts/
printf 'echo "ok 1 - a"\necho "ok 2 - b # SKIP no c here"\necho 1..2\n' >tree/tests/cmd/good.sh
printf 'echo "ok 1 - a"\necho 1..1\n' >tree/tests/slow/10-other.sh
printf 'echo "ok 1 - x"\necho "ok 2 - y"\necho 1..2\n' >tree/tests/slow/50-xen.sh
run() { env -u VERBOSE TMPDIR="$PWD/tmp" tree/scripts/run-tests "$@" >out 2>err; }

printf 'echo "ok 1 - alone"\necho 1..1\n' >tree/tests/slow/00-alone.sh
run all
check "all pass: status 0" test $? -eq 0
check "both lanes, and what runs before them, are counted" sh -c 'tail -n 1 out | grep -qx "5 passed, 0 failed, 1 skipped"'
check "a skipped test says why" grep -q 'no c here' out

# The lane of the others is done at once: it takes the last of those that need Xen, which waits for the first
# and so would never end behind it.
printf 'for _ in $(seq 100); do [ -e "$SRCDIR/helped" ] && echo "ok 1 - helped" && break; sleep 0.1; done; echo 1..1\n' >tree/tests/slow/50-xen.sh
printf 'touch "$SRCDIR/helped"; echo "ok 1 - x"; echo 1..1\n' >tree/tests/slow/59-xen.sh
run all
check "a lane that is done helps the other, and no test runs twice" sh -c 'tail -n 1 out | grep -qx "5 passed, 0 failed, 1 skipped"'
rm tree/tests/slow/59-xen.sh
printf 'echo "ok 1 - x"\necho "ok 2 - y"\necho 1..2\n' >tree/tests/slow/50-xen.sh

# bad TEXT WORDS COMMANDS: a slow test of these commands is a failure, said in these words
bad() {
	printf '%s\n' "$3" >tree/tests/slow/51-bad.sh
	run all
	check "$1: status 1" test $? -eq 1
	check "$1: said" grep -q "slow-51-bad: $2" out
	check "$1: counted" sh -c 'tail -n 1 out | grep -q ", 1 failed"'
}
bad "a test that fails" '1 failed' 'echo "not ok 1 - z"; echo 1..1; exit 1'
check "... and named once more at the end" sh -c 'tail -n 4 out | grep -qx "    not ok 1 - z"'
bad "a test without a plan" 'no plan' 'echo "ok 1 - z"'
bad "fewer results than planned" 'planned 3 results, printed 1' 'echo "ok 1 - z"; echo 1..3'
bad "an exit status" 'exit status 7' 'echo "ok 1 - z"; echo 1..1; exit 7'
rm tree/tests/slow/51-bad.sh

printf 'echo $$ >"$SRCDIR/pid"\nexec sleep 300\n' >tree/tests/slow/50-xen.sh
setsid env TMPDIR="$PWD/tmp" tree/scripts/run-tests all >out 2>&1 &
job=$!
for _ in $(seq 100); do
	[ -s tree/pid ] && break
	sleep 0.1
done
kill -TERM $job
wait $job
check "ended by a signal: not 0" test $? -ne 0
check "... the test is ended, too" gone "$(cat tree/pid)"
check "... and its folder is removed" test -z "$(ls tmp)"
finish
