# tinyx minimize for real: nginx with eight candidates, of which some are needed, under Xen. The result is
# built anew in another folder without any cache, and must have the same bytes as the one that was found.
# None of the candidates that go is named by a header that all include: two whole kernels are built, no more.
. "$SRCDIR/tests/tap.sh"
TINYX_CACHE=${TINYX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tinyx}
export TINYX_CACHE
if [ ! -f /usr/src/linux-source-6.1.tar.xz ]; then
	skip "tinyx minimize under Xen" "linux-source-6.1 is not installed"
	finish
fi
# A name of its own: what an earlier run of this test found would answer every question.
rm -rf "$TINYX_CACHE/minimize/eight-xen-pv"
cp -R "$SRCDIR/recipes/nginx" eight
rm -f eight/kernel-*
"$TINYX" host stop 2>err
cat >candidates <<'X'
EPOLL           # nginx waits on it
FUTEX           # its threads
UNIX            # master and worker talk by socketpair()
MULTIUSER       # the worker is www-data
LOG_BUF_SHIFT=12
ADVISE_SYSCALLS # nobody calls it
RD_XZ           # the initramfs is packed by it
KERNEL_XZ=y
X
"$TINYX" minimize ./eight --candidates candidates -o out-eight >words 2>err
check "it ends" test $? -eq 0
check "the kernel built anew is the one that was found" grep -q 'the same bytes as in the search' err
"$TINYX" minimize ./eight --candidates candidates -o out-eight >words 2>err
check "again: every answer is there" grep -q 'questions \([0-9]*\), of which \1 were answered before' words
lock=eight/kernel-xen-pv.lock
for symbol in EPOLL FUTEX UNIX MULTIUSER RD_XZ KERNEL_XZ; do
	check "$symbol is in" grep -q "^CONFIG_$symbol=y" $lock
done
check "ADVISE_SYSCALLS is out" sh -c "! grep -q ^CONFIG_ADVISE_SYSCALLS=y $lock"
check "the log is small" grep -q ^CONFIG_LOG_BUF_SHIFT=12 $lock
check "a real trial failed" grep -q '"kind":"trial".*"verdict":"fail"' eight/kernel-xen-pv.journal
check "with its console" grep -q '"verdict":"fail".*"console":\[' eight/kernel-xen-pv.journal
check "it is smaller" sh -c 'test "$(sed -n "s/^# bzimage: //p" eight/kernel-xen-pv.lock)" -lt 1200000'
"$TINYX" build ./eight -o out-eight >words 2>err
check "tinyx build uses the lock: the image is there already" grep -q "nothing has changed" err
check "the table is in report.json" python3 -c 'import json
report = json.load(open("out-eight/report.json"))
assert report["lock"]["search"]["after"]["kernel_bytes"] == report["kernel"]["packed_bytes"]'
check "and nothing else is in it" sh -c 'grep -qx "# CONFIG_ADVISE_SYSCALLS is not set" out-eight/kernel.config && grep -qx CONFIG_EPOLL=y out-eight/kernel.config'
check "it passes" "$TINYX" test ./eight -o out-eight
"$TINYX" explain ./eight RD_XZ -o out-eight >words 2>err
check "explain: the trial that failed, and its console" sh -c "grep -q 'trial [0-9]* failed without it' words && grep -q '| .*Kernel panic' words"
"$TINYX" explain ./eight EPOLL -o out-eight >words 2>err
check "explain: a boot of a patched kernel was enough" grep -q 'trial [0-9]* failed, a boot of a patched kernel' words
finish
