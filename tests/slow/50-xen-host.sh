# The real embedded Xen host: start, status, two at once, ssh:// to its own SSH server, a host that
# is killed or stopped and so replaced, a snapshot that is damaged, nothing left behind.
. "$SRCDIR/tests/tap.sh"
TINYX_CACHE=${TINYX_CACHE:-$PWD/cache}
export TINYX_CACHE
pid_of() { "$TINYX" host status | sed -n 's/.*pid \([0-9]*\).*/\1/p'; }
# Those of our cache: others may use this machine, too.
qemus() {
	count=0
	for p in $(pgrep qemu-system); do
		# One that has become another user may not be looked at in some containers; there are no others in those.
		case $(readlink "/proc/$p/cwd" || echo "$TINYX_CACHE/run/") in "$TINYX_CACHE"/run/*) count=$((count + 1)) ;; esac
	done
	echo $count
}

"$TINYX" host stop 2>err
before=$(qemus)
check "a private host answers" sh -c '"$TINYX" host shell -- xl list 2>err | grep -q "^Domain-0"'
check "and is gone afterwards" test "$(qemus)" = "$before"
"$TINYX" host shell -- xl info >one 2>err &
a=$!
"$TINYX" host shell -- xl info >two 2>>err &
b=$!
check "two at once: the first" wait $a
check "two at once: the second" wait $b
check "both are Xen" grep -q '^xen_version *: 4\.' one two

check "host start" "$TINYX" host start
check "host start again" sh -c '"$TINYX" host start 2>&1 | grep -q "already running"'
check "status tells Xen's version" sh -c '"$TINYX" host status | grep -q "^Xen: *4\."'
pid=$(pid_of)
check "a command joins it" sh -c '"$TINYX" host shell -- "test -d /proc/xen" 2>err'
eval "$("$TINYX" host status | sed -n 's/^ssh: *\(.*\)/options="\1"/p; s/^address: *\(.*\)/address=\1/p')"
# shellcheck disable=SC2154  # set by the line above
check "ssh:// reaches the same" env TINYX_SSH="ssh $options" "$TINYX" host status --host "$address"
if "$TINYX" host status | grep -q 'QEMU, kvm'; then
	skip "HVM and PVH guests" "KVM: whether virtual machines can be nested is this machine's own affair"
else
	check "it can have HVM and PVH guests" sh -c '"$TINYX" host shell -- xl info | grep -q "^virt_caps.* hvm hap"'
	# Debian's kernel as a PVH guest, as far as it comes without a root: Xen must not end it at an instruction.
	cat >pvh.sh <<'X'
mkdir /tmp/pvh && cd /tmp/pvh && cat >vmlinuz || exit 1
printf '%s\n' 'name="pvh"' 'type="pvh"' 'kernel="/tmp/pvh/vmlinuz"' 'memory=256' 'on_crash="destroy"' 'on_reboot="destroy"' \
	'cmdline="console=hvc0 panic=1"' >cfg
xl create -q cfg || exit 1
for _ in $(seq 300); do xl domid pvh >/dev/null 2>&1 || break; sleep 1; done
cat /var/log/xen/guest-pvh.log
X
	image=$(expr "$options" : '.*-i \(.*\)/id ')
	"$TINYX" host shell -- "$(cat pvh.sh)" <"$image/vmlinuz" >pvh.log 2>err
	check "a PVH guest runs its kernel" grep -q 'Kernel panic - not syncing: VFS: Unable to mount root fs' pvh.log
fi
check "ssh:// without its key is refused, without a question" sh -c "! '$TINYX' host status --host $address"

kill -STOP "$pid"
check "a hung host is said and replaced" sh -c '"$TINYX" host start 2>&1 | grep -q "does not answer: replaced"'
check "the hung one is gone" gone "$pid"
pid=$(pid_of)
kill -KILL "$pid"
gone "$pid" # its memory is given back first
check "a dead host is said, and the command goes on" sh -c '"$TINYX" host shell -- xl list 2>err | grep -q Domain-0 && grep -q "is dead: replaced" err'
check "host stop when there is none" sh -c '"$TINYX" host stop 2>&1 | grep -q "no Xen host was running"'

# A kill -9 of tinyx takes its private QEMU with it.
"$TINYX" host shell -- 'echo up; sleep 100' >up 2>err &
job=$!
for _ in $(seq 100); do
	grep -q up up && break
	sleep 0.2
done
kill -KILL $job
for _ in $(seq 50); do
	[ "$(qemus)" != "$before" ] || break
	sleep 0.2
done
check "kill -9 leaves no QEMU" test "$(qemus)" = "$before"

# A snapshot that QEMU cannot read: said, thrown away, made again.
for f in "$TINYX_CACHE"/xen-snapshot/*/snapshot; do
	truncate -s 1000000 "$f"
done
check "a damaged snapshot is made again" sh -c '"$TINYX" host shell -- xl list 2>err | grep -q Domain-0'
check "and works" sh -c '"$TINYX" host shell -- xl list 2>err | grep -q Domain-0'
finish
