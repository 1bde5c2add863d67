# BusyBox from Debian's source, and the glue run by it: as pid 1 in namespaces, without a kernel of our own.
. "$SRCDIR/tests/tap.sh"
real=${BUILD:-build}/tests/real/glue
case $real in /*) ;; *) real=$SRCDIR/$real ;; esac
cache=${TINYX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tinyx}

# recipe NAME COMMAND [RUN-KEY...] [-- IMAGE-KEY...]
recipe() {
	name=$1 command=$2
	shift 2
	mkdir -p "$name/files"
	: >"$name/files/.keep"
	{
		printf '[recipe]\ndescription=test\n\n[run]\ncommand=%s\n' "$command"
		for key; do
			if [ "$key" = -- ]; then printf '\n[image]\n'; else echo "$key"; fi
		done
	} >"$name/recipe.conf"
}

# image NAME [FORMAT]: the folder NAME.root
image() {
	if ! FORMAT=${2:-} TINYX_TEST_GLUE=./$1 OUT=$PWD/$1.tar "$real" >"$1.out" 2>"$1.err"; then
		return 1
	fi
	rm -rf "$1.root"
	mkdir "$1.root"
	tar --warning=no-unknown-keyword -C "$1.root" -xpf "$1.tar"
}

# shellcheck disable=SC2016  # the guest's shell is meant
recipe app 'sh -c '"'"'echo "app: $(id -u):$(id -G) $HOME $A $PWD"; trap "echo app: TERM; exit" TERM; while :; do sleep 1; done'"'" \
	user=guest "environment=A='b c'" directory=/var/lib/state -- applets=id
sed -i 's,^command=sh ,command=/bin/sh ,' app/recipe.conf
check "BusyBox and the glue are built" image app
[ -d app.root ] || { sed 's/^/# /' app.err && finish; }
busybox=app.root/bin/busybox
check "BusyBox is static" sh -c "file $busybox | grep -q 'statically linked'"
check "... and stripped" sh -c "file $busybox | grep -q ', stripped'"
sed -n 's/^# applet=//p' app.out | sort -u >wanted
"$busybox" --list | sort >got
check_same "its applets are just those that were asked for" wanted got
find app.root -type l -lname '*busybox' | sed 's,.*/,,' | sort -u >links
check_same "... each with a link" wanted links
check "at most 250 kB" test "$(stat -c %s $busybox)" -le 250000
echo "# $(stat -c %s $busybox) bytes"
check "no path of this machine in it" sh -c "! strings -a $busybox | grep -q -e '$cache' -e '$HOME/' -e '$PWD'"

# The same bytes in another folder, at another time.
mkdir second
ln -s "$cache/apt" second/apt
ln -s "$cache/busybox-source" second/busybox-source
(umask 077 && TZ=Pacific/Kiritimati TINYX_CACHE=$PWD/second TINYX_TEST_GLUE=./app OUT=$PWD/other.tar "$real" >other.out 2>&1)
check "two builds give the same bytes" cmp app.tar other.tar
start=$(date +%s)
check "a second build comes from the cache" image app
check "... and not from its source: in under 20 s" test $(($(date +%s) - start)) -lt 20

recipe wrong /bin/sh -- applets=mout
if image wrong; then fail "an unknown applet is refused"; else
	check "an unknown applet is refused, with a near name" grep -q "BusyBox has no applet 'mout' (near: mount)" wrong.err
fi
check "nothing half-made stays" test -z "$(find "$cache/tmp" -mindepth 1 -maxdepth 1 -name "$$-*" 2>/dev/null)"

if ! unshare --mount --pid --net --uts --fork true 2>/dev/null || [ "$(id -u)" -ne 0 ]; then
	skip "the glue run by BusyBox init" "needs root for namespaces and device nodes"
	finish
fi

# boot NAME SECONDS SIGNAL INSIDE ENV...: init as pid 1; INSIDE is run in it after SECONDS; then SIGNAL
# (none: it ends by itself). Console in NAME.console, INSIDE's output in NAME.inside.
boot() {
	name=$1 seconds=$2 signal=$3 inside=$4
	shift 4
	# shellcheck disable=SC2016
	timeout -s KILL 60 unshare --mount --pid --net --uts --fork --kill-child sh -c '
		mount --bind "$0" "$0" && cd "$0" || exit
		[ -z "$RO" ] || mount -o remount,ro,bind . || exit
		[ -z "$ADDRESS" ] || { ip link add eth0 type bridge && ip addr add "$ADDRESS" dev eth0; } || exit
		exec env -i "$@" "$(command -v chroot)" . /init' "$PWD/$name.root" "$@" \
		>"$name.console" 2>&1 </dev/null &
	outer=$!
	sleep "$seconds"
	init=$(pgrep -P "$(pgrep -P $outer)") # timeout, unshare, init
	nsenter -t "$init" -a -r -w /bin/sh -c "$inside" >"$name.inside" 2>&1
	[ -z "${ADDRESS-}" ] || nsenter -t "$init" -n ip -o addr show eth0 >"$name.address"
	[ "$signal" = none ] || kill -s "$signal" "$init"
	wait $outer
	sed 's/^/# /' "$name.console"
}

boot app 3 USR2 'hostname; while read -r line; do echo "$line"; done </run/resolv.conf' \
	ip=127.0.0.1:::255.0.0.0:web9:lo:off:192.0.2.53
check "one line says what starts" test "$(grep -c '^tinyx: app starting$' app.console)" -eq 1
check "user, groups, home, environment, folder are the application's" \
	grep -qx 'app: 7:8 9 /home/guest b c /var/lib/state' app.console
printf 'web9\nnameserver 192.0.2.53\n' >wanted
check_same "host name and name server from ip=" wanted app.inside
check "SIGTERM reaches the application at power off" grep -qx 'app: TERM' app.console
check "memory in use is said before" grep -qE '^tinyx: meminfo MemTotal=[0-9]+ MemFree=[0-9]+( MemAvailable=[0-9]+ Slab=[0-9]*)?$' app.console
check "init powers off" grep -q 'Requesting system poweroff' app.console

if unshare --net ip link add eth0 type bridge 2>/dev/null; then
	ADDRESS=192.0.2.7/24 boot app 3 USR2 ':'
	check "an address that the kernel has set (CONFIG_IP_PNP) stays" grep -q 'inet 192.0.2.7/24' app.address
else
	skip "an address that the kernel has set stays" "no bridges here"
fi

recipe once "/bin/sh -c 'echo once: here; sleep 1; exit 3'" on-exit=poweroff
image once
boot once 1 none ':'
check "on-exit=poweroff: started once, then power off" test "$(grep -c '^once: here$' once.console)" -eq 1
check "... which is said" grep -qx 'tinyx: once ended with status 3' once.console
check "... and done" grep -q 'Requesting system poweroff' once.console

recipe again "/bin/sh -c 'echo again: here'"
image again
boot again 4 USR2 ':'
check "on-exit=respawn: started again" test "$(grep -c '^again: here$' again.console)" -ge 2

# init looks for the dead once a second.
recipe orphans "/bin/sh -c '(sleep 1 &); (sleep 1 &); exec sleep 60'"
image orphans
# shellcheck disable=SC2016
boot orphans 5 USR2 'mount -t proc proc /proc; for p in /proc/[0-9]*; do
	read -r _ name state _ <"$p/stat" || continue; echo "$state $name"; done'
check "the application is among the processes" grep -qx 'S (sleep)' orphans.inside
check "orphans are reaped" sh -c '! grep "^Z" orphans.inside'

recipe disk "/bin/sh -c 'echo x >/run/x && echo x >/tmp/x && echo x >/var/lib/state/x && echo disk: wrote; echo y >/etc/y || echo disk: read-only; sleep 60'"
image disk squashfs
RO=1 boot disk 3 USR2 ':'
check "a read-only root: what is to be written to is writable" grep -qx 'disk: wrote' disk.console
check "... and nothing else" grep -qx 'disk: read-only' disk.console
check "... a copy: the original has nothing new" test ! -e disk.root/run/x

# Messages of syslog(3): the socket is there before the application, in memory and where / is only read. (The console is
# a file here, since the machine's own is not ours.)
recipe log "/bin/sh -c 'logger -t first said at once; sleep 60'" user=guest -- applets=logger
for format in cpio squashfs; do
	image log $format
	sed -i 's,/dev/console,/run/console,' log.root/etc/tinyx/log
	[ $format = cpio ] || RO=1
	# shellcheck disable=SC2016 # the guest's shell is meant
	RO=${RO-} boot log 3 USR2 'logger -p daemon.err -t later said then; sleep 1; while read -r line; do echo "$line"; done </run/console'
	check "$format: an application's first message is on the console" grep -q 'first: said at once$' log.inside
	check "$format: ... and later ones" grep -q 'later: said then$' log.inside
done
finish
