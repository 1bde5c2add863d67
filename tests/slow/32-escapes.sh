# Hostile code in tinyx' hands: a maintainer script, a daemon on trial, a traced daemon, its test.sh. Each tries the
# ways out of tests/escapes/escapes.c, as root and as an ordinary user; the host must be as it was. Then tinyx is
# killed in the middle of each: nothing of them may live on.
. "$SRCDIR/tests/tap.sh"
. "$SRCDIR/tests/fake-kernel/world.sh"
build=$(dirname "$(readlink -f "$TINYX")")
: "${TINYX_CACHE:=${XDG_CACHE_HOME:-$HOME/.cache}/tinyx}"
shared=$TINYX_CACHE
export TINYX_CACHE
TINYX_DATADIR=$SRCDIR
export TINYX_DATADIR
umask 022
chmod 755 . # the ordinary user's folder is in here

cc=musl-gcc
check "the ways out are compiled" $cc -idirafter /usr/include -idirafter "/usr/include/$(gcc -print-multiarch)" -std=c11 \
	-D_GNU_SOURCE -Os -static -o escapes "$SRCDIR/tests/escapes/escapes.c"
[ -x escapes ] || finish
least=60 # ways that must have been tried

# The host: a listener, a socket, shared memory, a process, a file that anybody may write, but nobody reaches.
./escapes host >host-words &
host=$!
trap 'kill $host $lingering 2>/dev/null || :' EXIT
lingering=
until [ -s host-words ] || ! kill -0 $host 2>/dev/null; do sleep 0.1; done
read -r port pid shm <host-words
echo untouched >canary
chmod 666 canary
canary=$PWD/canary
sysctls() {
	cat /proc/sys/kernel/core_pattern /proc/sys/kernel/modprobe /proc/sys/kernel/panic /proc/sys/vm/overcommit_memory
	hostname
	cat /proc/sys/kernel/randomize_va_space /proc/sys/kernel/sysrq
}
sysctls >before
host_untouched() { # WHAT
	sysctls >after
	check_same "$1: the host's settings are as they were" before after
	check "$1: its file, too" grep -qx untouched canary
	check "$1: its process lives" kill -0 "$pid"
}
# held WHAT FILE: all ways were tried, and none led out
held() {
	grep -aoE '(held|ESCAPED|absent|tried) .*' "$2" >verdicts
	check "$1: at least $least ways were tried" test "$(grep -c ^held verdicts)" -ge $least
	check "$1: to the last one" grep -q '^tried ' verdicts
	check "$1: none led out" sh -c '! grep -E "^(ESCAPED|absent)" verdicts'
}

# The ways are ways: an unconfined ordinary user gets somewhere. (Root is not asked: it would end the machine.)
as_nobody=
if [ "$(id -u)" = 0 ]; then as_nobody='setpriv --reuid=65534 --regid=65534 --clear-groups'; fi
$as_nobody ./escapes "$canary" "$port" "$pid" "$shm" >free
check "without a sandbox they are ways out" test "$(grep -c ^ESCAPED free)" -ge 8

# ---- a maintainer script ----
# package FOLDER COMMAND: FOLDER/debs has the package "hostile", whose postinst runs COMMAND
package() {
	mkdir -p "$1/debs" "$1/tree/DEBIAN" "$1/tree/usr/lib/hostile"
	cp escapes "$1/tree/usr/lib/hostile/"
	printf 'Package: hostile\nVersion: 1\nArchitecture: all\nMaintainer: nobody <nobody@example.org>\nDescription: tries to get out\n' \
		>"$1/tree/DEBIAN/control"
	printf '#!/bin/sh\n%s\n' "$2" >"$1/tree/DEBIAN/postinst"
	chmod 755 "$1/tree/DEBIAN/postinst"
	dpkg-deb --root-owner-group -b "$1/tree" "$1/debs/hostile_1_all.deb" >/dev/null
	rm -rf "$1/tree"
}
# The base comes from the shared cache, where any installation has left it.
TINYX_TEST_INSTALL='' "$build/tests/real/install" >out 2>err
base=$(find "$shared/base" -name base.tar 2>/dev/null | head -n 1)
[ -n "$base" ] || {
	skip "hostile code" "no base system could be made: $(head -c 200 err)"
	finish
}
words="'$canary' $port $pid $shm"
# What else a maintainer script may do goes on to work.
granted='set -e
groupadd -r hostile
cd /usr/lib/hostile
echo x >file
chown hostile: file 2>/dev/null || chgrp hostile file
mkfifo pipe
chmod 4755 file
[ "$(stat -c %a file)" = 4755 ]
mkdir jail
mknod -m 640 jail/null c 1 3
(cd jail && mknod urandom c 1 9)
for refused in "b 8 0" "b 1 3" "b 7 0" "c 1 1" "c 1 11" "c 10 200" "c 0 0" "c 4 64"; do
	mknod jail/refused $refused 2>/dev/null || :
	[ ! -e jail/refused ]
done
su nobody -s /bin/sh -c "mknod /tmp/null c 1 3" 2>/dev/null || :
[ ! -e /tmp/null ]
[ "$(hostname) $(hostname --fqdn) $(cat /etc/hostname)" = "localhost localhost.localdomain localhost" ]
echo granted >>result
ln -sfn "$(readlink -f /)" root-link'

# as NAME COMMAND...: as root, or the ordinary user, who has copies of all that is needed
user=$(cut -d: -f1 /etc/subuid 2>/dev/null | while read -r name; do ! id "$name" >/dev/null 2>&1 || echo "$name"; done | head -n 1)
made=
if [ "$(id -u)" = 0 ] && [ -z "$user" ]; then
	user=tinyx-check
	useradd -M -N -s /bin/sh $user >out 2>&1 && made=$user
	trap 'kill $host $lingering 2>/dev/null || :; [ -z "$made" ] || userdel "$made" >/dev/null 2>&1' EXIT
fi
run_as() { # WHO COMMAND...
	who=$1
	shift
	if [ "$who" = root ] || [ "$(id -u)" != 0 ]; then
		"$@"
	else
		setpriv --reuid="$(id -u "$user")" --regid="$(id -g "$user")" --init-groups env HOME="$PWD/user" "$@"
	fi
}
whos=user
if [ "$(id -u)" = 0 ]; then
	whos='root user'
	mkdir user
	cp "$base" user/base.tar
	cp -R "$SRCDIR/scripts" "$SRCDIR/rootfs" "$SRCDIR/kconfig-heuristics" "$build/tests/real/escape" "$build/tinyx" "$build/tinyx-confine" \
		"$build/tinyx-agent" user/
	chmod -R a+rX user
	chown "$user" user
fi
# place WHO: a folder for WHO; driver, base, data of WHO
place() {
	case $1 in
	root) place=$PWD/root-place driver=$build/tests/real/escape base_of=$base data=$SRCDIR ;;
	*)
		place=$PWD/user/place driver=$build/tests/real/escape base_of=$base data=$SRCDIR
		[ "$(id -u)" != 0 ] || driver=$PWD/user/escape base_of=$PWD/user/base.tar data=$PWD/user
		;;
	esac
	mkdir -p "$place"
}
own() { [ "$1" = root ] || [ "$(id -u)" != 0 ] || chown -R "$user" "$place"; }

for who in $whos; do
	place "$who"
	package "$place/p" "/usr/lib/hostile/escapes $words >/usr/lib/hostile/result 2>&1
$granted"
	own "$who"
	run_as "$who" env TINYX_DATADIR="$data" TINYX_CACHE="$place/cache" TINYX_TEST_ESCAPE=package FOLDER="$place/p" BASE="$base_of" "$driver" >out 2>err
	check "a hostile package is installed, by $who" test $? -eq 0
	tar -xOf "$place/p/out/root.tar" ./usr/lib/hostile/result >result 2>/dev/null
	held "its maintainer script, by $who" result
	check "... may do what it needs" grep -qx granted result
	tar -xf "$place/p/out/root.tar" -C "$place" ./usr/lib/hostile/jail
	check "... its host has a name that is not the machine's, and no part of what is installed" sh -c \
		'! tar -tf "$1" | grep -E "^\./etc/(hosts|hostname)$"' sh "$place/p/out/root.tar"
	check "... mknod of null has left its name, with its mode" test "$(stat -c %a: "$place"/usr/lib/hostile/jail/null)$(cat "$place"/usr/lib/hostile/jail/null)" = \
		'640:tinyx: character device 1 3'
	check "... that of urandom, too, and nothing else" test "$(ls "$place/usr/lib/hostile/jail")" = "null
urandom"
	host_untouched "its maintainer script, by $who"
done

# ---- a daemon on trial ----
# trial FOLDER WORDS: FOLDER/root.tar, whose init is the escapes
trial() {
	mkdir -p "$1/root/sbin" "$1/root/etc/tinyx" "$1/root/tmp" "$1/root/proc" "$1/root/dev"
	cp escapes "$1/root/sbin/init"
	echo "$2" >"$1/root/escapes.args"
	printf "mounts=''\nwritable=''\n" >"$1/root/etc/tinyx/config"
	tar -cf "$1/root.tar" --owner=0 --group=0 -C "$1/root" .
	rm -rf "$1/root"
}
for who in $whos; do
	place "$who"
	trial "$place/t" "$canary $port $pid $shm"
	own "$who"
	run_as "$who" env TINYX_DATADIR="$data" TINYX_CACHE="$place/cache" TINYX_TEST_ESCAPE=trial FOLDER="$place/t" "$driver" >result 2>err
	held "a daemon on trial, by $who" result
	host_untouched "a daemon on trial, by $who"
done

# ---- a traced daemon, and its test.sh ----
# application FOLDER START TEST: a recipe
application() {
	mkdir -p "$1/files/srv"
	cp escapes "$1/files/srv/escapes"
	printf '[recipe]\ndescription=d\n[run]\ncommand=%s\non-exit=poweroff\n[test]\ntimeout=120\n' "$2" >"$1/recipe.conf"
	printf '%s\n' "$3" >"$1/test.sh"
}
fake_world "hostile applications under strace"
{
	echo "cat >/tmp/x.b64 <<'X'"
	base64 escapes
	echo X
	echo 'base64 -d /tmp/x.b64 >/tmp/escapes && chmod 755 /tmp/escapes'
	echo "/tmp/escapes $words"
	echo 'for _ in $(seq 50); do ! grep -q "^tried" /console || break; sleep 1; done' # until the daemon is done, too
	echo 'exit 1'                                                                     # so that its output is shown
} >test-script
application app "/srv/escapes $canary $port $pid $shm" "$(cat test-script)"
"$TINYX" build ./app --platform fake -k ./tree -o traced --trace >words 2>err
check "the trace of a hostile application fails by its test" grep -q 'the test failed' err
area=$TINYX_CACHE/trace-area/out
held "a traced daemon" "$area/console"
held "its test.sh" "$area/test.out"
host_untouched "a traced application"

# ---- a terminal ----
if command -v script >/dev/null; then
	place root
	package terminal "/usr/lib/hostile/escapes $words >/usr/lib/hostile/result 2>&1"
	cat >typing <<X
env TINYX_TEST_ESCAPE=package FOLDER='$PWD/terminal' BASE='$base' TINYX_CACHE='$PWD/terminal/cache' '$build/tests/real/escape'
stty -icanon -echo min 0 time 10
head -c 1 >'$PWD/typed'
X
	script -qec "sh $PWD/typing" /dev/null </dev/null >out 2>&1
	check "nothing is typed into the user's terminal" sh -c 'test -e typed && ! grep -q X typed'
else
	skip "the user's terminal" "no script(1)"
fi

# ---- SIGKILL in the middle ----
# gone WORD: nobody has it among its arguments, some seconds later
# shellcheck disable=SC2317 # called by check
gone() {
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		! pgrep -f "linger $1 seen" >/dev/null && return
		sleep 0.25
	done
	pgrep -af "linger $1" >&2
	return 1
}
# killed WHAT WORD COMMAND...: runs it, and kills it once something lingers
killed() {
	what=$1 word=$2
	shift 2
	"$@" >out 2>err &
	lingering=$!
	left=600
	until pgrep -f "linger $word seen" >/dev/null || ! kill -0 $lingering 2>/dev/null || [ $left = 0 ]; do
		sleep 0.1
		left=$((left - 1))
	done
	check "$what lingers" pgrep -f "linger $word seen"
	kill -KILL $lingering
	wait $lingering 2>/dev/null
	lingering=
	check "$what is gone with the tinyx that was killed" gone "$word"
}
place root
package killed-package "/usr/lib/hostile/escapes linger p$$"
killed "a maintainer script" "p$$" env TINYX_TEST_ESCAPE=package FOLDER="$PWD/killed-package" BASE="$base" TINYX_CACHE="$PWD/k" "$build/tests/real/escape"
trial killed-trial "linger t$$"
killed "a daemon on trial" "t$$" env TINYX_TEST_ESCAPE=trial FOLDER="$PWD/killed-trial" TINYX_CACHE="$PWD/k" "$build/tests/real/escape"
application lingers "/srv/escapes linger d$$" 'sleep 50'
killed "a traced daemon" "d$$" "$TINYX" build ./lingers --platform fake -k ./tree -o lingered --trace
finish
