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
finish
