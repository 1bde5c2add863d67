# The glue's script that starts an application, with a start file as glue-text.c writes it.
. "$SRCDIR/tests/tap.sh"

mkdir etc place
echo name=demo >etc/config
sed "s,/etc/tinyx,$PWD/etc,g; s,/run/,$PWD/,g" "$SRCDIR/rootfs/glue/run" >run
cat >start <<X
on_exit='respawn'
before() {
{ echo "before: \$A \$HOME \${PWD##*/}"; umask 027
} || failed 'echo'
{ false
} || failed 'false it'\\''s'
{ mkdir late
} || failed 'mkdir late'
{ false || :
} || failed 'false || :'
{ mkdir late/none/x 2>/dev/null
} || failed 'mkdir late/none/x'
:
}
environment() {
export HOME='/home/demo'
export A='1 2'
cd '$PWD/place' 2>/dev/null
}
start() {
cd '$PWD/place/late' || exit
exec sh -c 'echo "start: \$A \$HOME \${PWD##*/} \$(umask) \$LOGNAME \$PATH"; ulimit -Hn; kill -s PIPE \$\$; echo lives'
}
X
# What systemd gives a service; where we may not raise the limit, it stays what it is here.
files=$(sh -c 'ulimit -Hn 524288 2>/dev/null; ulimit -Hn')
cat >expected <<X
tinyx: demo starting
before: 1 2 /home/demo place
tinyx: demo: what comes before its start failed: false it's
tinyx: demo: what comes before its start failed: mkdir late/none/x
start: 1 2 /home/demo late 0027 root /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
$files
lives
X
shells=dash
command -v busybox >/dev/null 2>&1 && shells="$shells busybox"
for shell in $shells; do
	rm -rf place/late
	[ "$shell" = busybox ] && shell="busybox sh"
	# shellcheck disable=SC2086 # two words
	(umask 022 && timeout 20 $shell ./run ./start >out 2>&1)
	check_same "$shell: environment, folder, each failure of what comes before" expected out
done

# IgnoreSIGPIPE=no of a unit; before= has that line.
sed -i 's/^{ false$/{ trap - PIPE/' start
timeout 20 dash ./run ./start >out 2>&1
check "a write to a closed pipe ends one whose unit says so" sh -c 'grep -q "^start: " out && ! grep -q "^lives" out'

# What a draft makes of units that end by themselves and that another one requires: once a boot, before that.
mkdir bin lib
for name in chown su busd-helper; do
	printf '#!/bin/sh\necho "%s $* $MODE" >>"$CALLS"\n' "$name" >bin/$name
done
printf '[ "$6" != "%s/bin/busd-helper --wanted" ] || exit $WANTED\n' "$PWD" >>bin/su
chmod +x bin/*
sed -n 's/^before=//p' "$SRCDIR/tests/cases/draft/busd/expected" | sed -n '1s/\\n\[/\n[/gp' | grep '^\[ -e /run/tinyx-done' |
	sed "s,\\\\\\\\'',\\\\'',g; s,/run/,$PWD/,g; s,/usr/sbin,$PWD/bin,g; s,/var/lib,$PWD/lib,g; s,/bin/sh,sh,g" >lines
check "it is two lines" sh -c '[ $(grep -c . lines) = 2 ]'
twice() { # WANTED: the status of the condition
	rm -f tinyx-done-* calls
	for _ in 1 2; do
		CALLS=$PWD/calls PATH=$PWD/bin:$PATH WANTED=$1 dash -e ./lines >>calls 2>&1 || echo "status $?" >>calls
	done
}
first="chown root: $PWD/lib/twice
busd-helper --first
busd-helper --second
su -m -s sh nobody -c $PWD/bin/busd-helper --wanted a b"
printf '%s\n' "$first" "su -m -s sh nobody -c $PWD/bin/busd-helper --before a b" \
	"su -m -s sh nobody -c $PWD/bin/busd-helper --once 'one word' a b" >expected
twice 0
sed -i 's/ *$//' calls
check_same "each once, in order, as its user, with its environment" expected calls
printf '%s\n' "$first" >expected
twice 1
sed -i 's/ *$//' calls
check_same "a condition that does not hold is no failure" expected calls
finish
