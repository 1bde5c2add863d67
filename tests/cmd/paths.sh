# scripts/check-paths: device nodes, paths and socket families that programs name and that no rule knows.
. "$SRCDIR/tests/tap.sh"
families=$SRCDIR/${BUILD:-build}/tests/real/families
check "its reader is built" test -x "$families"
mkdir -p tree/scripts tree/rootfs tree/kconfig-heuristics/features "tree/${BUILD:-build}/tests/real" root/usr/bin root/usr/share/doc/x
cp "$SRCDIR/scripts/check-paths" tree/scripts/
ln -s "$families" "tree/${BUILD:-build}/tests/real/families"
cat >tree/kconfig-heuristics/features/tun.config <<'X'
# feature: tun
# when: string "/dev/net/tun"
# when: call socket:1=17
X
echo 'mount proc when "/proc/"  # files' >tree/rootfs/mounts.rules
cat >tree/kconfig-heuristics/paths.known <<'X'
# a remark
there /dev/null  # a node
left /proc/N/secret* /dev/odd  # nobody has it
X
cat >root/usr/bin/script <<'X'
#!/bin/sh
# what is long enough to be a script that is read
exec >/dev/null </dev/net/tun
cat "/proc/$pid/secret" /dev/odd
X
# run: status in `status`, the last line in `last`
run() {
	sh tree/scripts/check-paths root >out 2>err
	status=$?
	last=$(tail -1 out)
}
run
check "all of it is known" test "$status $last" = "0 4 names: 1 with a rule, 1 there anyway, 2 left out with a reason, 0 unknown"
cp root/usr/bin/script root/usr/share/doc/x/example
sed -i 's,/dev/odd,/dev/other,' root/usr/share/doc/x/example
run
check "documentation is not read" test "$status" = 0
echo 'cat /proc/unheard /sys/unheard "${d}/dev/relative"' >>root/usr/bin/script
run
check "what nobody knows is an error" test "$status" = 1
check "it is named with the file" grep -qx "/proc/unheard: 1 file, as .*root/usr/bin/script" out
check "so is what is below /sys" grep -q "^/sys/unheard: " out
check "a rule for all of /proc says nothing of one path" test "$(wc -l <out)" = 3
cat >program.c <<'X'
#include <sys/socket.h>
int main(int argc, char **argv) {
  return socket(AF_PACKET, SOCK_RAW, 0) + socket(AF_ROSE, SOCK_DGRAM, 0) + argv[argc - 1][0];
}
X
rm root/usr/bin/script
if cc -O1 -o root/usr/bin/program program.c 2>err; then
	run
	check "a socket family without a rule" test "$status:$(head -1 out | cut -d: -f1-2)" = "1:socket:1=11"
	check "one with a rule is none" sh -c '! grep -q socket:1=17 out'
else
	skip "socket families" "no compiler"
fi
echo 'left /dev/x' >>tree/kconfig-heuristics/paths.known
run
check "a line without a reason is an error, with its place" sh -c 'test "$1" = 2 && grep -q "paths.known:4: no reason; expected there|left GLOB" err' sh "$status"

# The project's own list: each line is of the form above, and none is of what a rule knows by itself.
: >empty
mkdir none
check "the list of the project" sh -c '"$SRCDIR/scripts/check-paths" none >words && grep -q "^0 names" words'
finish
