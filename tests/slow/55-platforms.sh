# The platforms beside xen-pv: nginx built, booted and tested on each; the microvm also with its root on a disk, in the
# foreground with a forwarded port, as a job that ends, and with bad luck. Leaves the kernel for tests/cmd/microvm.sh.
. "$SRCDIR/tests/tap.sh"
. "$SRCDIR/tests/hostile/hostile.sh"
TINYX_CACHE=${TINYX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tinyx}
export TINYX_CACHE
if [ ! -f /usr/src/linux-source-6.1.tar.xz ]; then
	skip "platforms" "linux-source-6.1 is not installed"
	finish
fi
# here PLATFORM: what `tinyx platforms` says of it on this machine
here() {
	"$TINYX" platforms | awk -v name="$1" '$1 == name {on = 1; next} /^[^ ]/ {on = 0} on && $1 == "here" {sub(/^ *here */, ""); print}'
}
# passes RECIPE PLATFORM FOLDER [OPTION...]
passes() {
	recipe=$1 platform=$2 folder=$3
	shift 3
	"$TINYX" test "$recipe" --platform "$platform" -o "$folder" "$@" >"$folder.words" 2>"$folder.err"
	status=$?
	check "$recipe on $platform${1:+ $*}" sh -c 'test "$1" = 0 && grep -q ": passed" "$2.words" || { cat "$2.words" "$2.err"; false; }' sh $status "$folder"
	sed -n 's/^  first answer/# first answer/p' "$folder.words"
}

case $(here qemu-microvm) in
yes*)
	# So that a guest of this test is told from others.
	mkdir tmp
	export TMPDIR="$PWD/tmp"
	passes nginx qemu-microvm microvm
	"$TINYX" test nginx --platform qemu-microvm -o microvm --diagnose --json >failed.json 2>err
	check "test --diagnose: it passes under strace, too" sh -c 'test "$1" = 0 || { cat err failed.json; false; }' sh $?
	check "... a call that the kernel does not have, and its cure" python3 -c '
import json
calls = json.load(open("failed.json"))["failed_calls"]
assert any(c["call"].startswith("rseq(") and c["error"] == "ENOSYS" and c["cure"] == "[kernel] with=rseq" for c in calls), calls'
	check "it boots an ELF file" sh -c 'file microvm/vmlinux | grep -q ELF'
	check "the report names its platform and its kernel" sh -c "grep -q '\"platform\" : \"qemu-microvm\"' microvm/report.json && grep -q '\"file\" : \"vmlinux\"' microvm/report.json"
	check "no word of Xen's devices is in it" sh -c '! grep -qE "hvc0|xvda" microvm/manifest.txt && grep -q "/dev/ttyS0" microvm/manifest.txt'
	"$TINYX" explain nginx VIRTIO_NET --platform qemu-microvm -o microvm >words 2>err
	check "explain knows the platform's options" grep -q '^VIRTIO_NET: in' words

	# In the foreground: a port of this machine leads into its namespace; Ctrl-C ends it.
	"$TINYX" run nginx --platform qemu-microvm -o microvm >console 2>run.err &
	job=$!
	for _ in $(seq 120); do
		port=$(sed -n 's/.*127\.0\.0\.1:\([0-9]*\) is forwarded.*/\1/p' run.err)
		[ -n "$port" ] && curl -sf -o page "http://127.0.0.1:$port/" && break
		sleep 0.5
	done
	check "run: a page through the forwarded port" test -s page
	kill -INT $job
	wait $job
	check "run: Ctrl-C shuts it down" grep -q 'tinyx: meminfo' console
	check "run: nothing is left" test -z "$(qemus_below "$TMPDIR")$(ls "$TMPDIR")"

	# kill -9: the agent ends the guest.
	"$TINYX" run nginx --platform qemu-microvm -o microvm >console 2>run.err &
	job=$!
	for _ in $(seq 60); do
		qemus_below "$TMPDIR" >pid
		[ ! -s pid ] || break
		sleep 0.5
	done
	check "a guest runs" test -s pid
	kill -9 $job
	wait $job 2>/dev/null
	check "kill -9 of tinyx: its guest is gone" gone "$(head -n 1 pid)"

	"$TINYX" test nginx --platform qemu-microvm -o microvm --memory 2 >words 2>err
	check "less memory than a guest is created with: status 2, with the least" sh -c 'test "$1" = 2 && grep -q "too little; a guest of this image takes [0-9]* MB" err' sh $?
	"$TINYX" test nginx --platform qemu-microvm -o microvm --memory 12 >words 2>err
	check "too little memory: a failed test, with a reason" sh -c 'test "$1" = 1 && grep -qE "FAILED" words' sh $?

	passes static qemu-microvm static

	# What a colleague with QEMU alone gets: unpacked anywhere, started by its script.
	"$TINYX" export static --platform qemu-microvm --cached-kernel -o given.tar.gz >words 2>err
	check "export: an archive" sh -c 'test "$1" = 0 && mkdir "at home" && tar xzf given.tar.gz -C "at home" || { cat err; false; }' sh $?
	check "... with the sums of its files" sh -c 'cd "at home/static" && sha256sum -c README.txt 2>/dev/null | grep -c ": OK$" | grep -qx 3'
	local=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	accel=tcg forward=hostfwd=tcp:127.0.0.1:$local-:8000 "at home/static/run-qemu.sh" >exported 2>&1 </dev/null &
	job=$!
	rm -f page
	for _ in $(seq 120); do
		curl -sf -o page "http://127.0.0.1:$local/primes/100" && break
		sleep 0.5
	done
	check "... it runs by its script, and answers" sh -c 'test "$(cat page)" = 25 || { tail exported; false; }'
	kill $job
	wait $job 2>/dev/null

	# In the background, several at once; one of them takes commands.
	one=one-$$ two=two-$$
	trap '"$TINYX" stop --force --forget "$one" "$two" 2>/dev/null' EXIT
	"$TINYX" run -d static --platform qemu-microvm --cached-kernel -o static-exec --with exec -n "$one" -P 0:8000 >name 2>err
	check "run -d: comes back with the name" sh -c 'test "$1" = 0 && test "$(cat name)" = "$2" || { cat err; false; }' sh $? "$one"
	"$TINYX" run -d static --platform qemu-microvm --cached-kernel -o static -n "$two" >name 2>err
	check "... a second one" sh -c 'test "$1" = 0 || { cat err; false; }' sh $?
	"$TINYX" run -d static --platform qemu-microvm --cached-kernel -o static -n "$two" >name 2>err
	check "... whose name is taken then" sh -c 'test "$1" = 2 && grep -q "runs already" err' sh $?
	check "ps: both run" sh -c 'test "$("$TINYX" ps | grep -cE "^(one|two)-$1 +runs ")" = 2' sh $$
	# of NAME FIELD: what ps --json has
	of() { "$TINYX" ps --json | python3 -c 'import json, sys; print([d[sys.argv[2]] for d in json.load(sys.stdin)["domains"] if d["name"] == sys.argv[1]][0])' "$1" "$2"; }
	port=$(of "$one" port)
	for host in 127.0.0.1 '[::1]'; do
		case $host in *:*) grep -qs ' lo$' /proc/net/if_inet6 || continue ;; esac
		for _ in $(seq 60); do
			curl -sf -o page "http://$host:$port/primes/100" && break
			sleep 0.5
		done
		check "a page from $host" test -s page
		rm -f page
	done
	"$TINYX" exec "$one" 'ls /etc/tinyx; exit 7' >got 2>err
	check "exec: what it prints, and its status" sh -c 'test "$1" = 7 && grep -qx console got' sh $?
	"$TINYX" exec "$two" ls >got 2>err
	check "exec: another image says which line brings it" sh -c 'test "$1" = 2 && grep -q "without the feature .exec.; expected the line with=exec in \[kernel\] of .*recipe.conf" err' sh $?
	check "logs: its console" sh -c '"$TINYX" logs "$1" | grep -q "^tinyx: .* starting"' sh "$two"
	"$TINYX" restart "$one" >got 2>err
	check "restart: it runs again, by the same port" sh -c 'test "$1" = 0 && test "$2" = "$3" || { cat err; false; }' sh $? "$port" "$(of "$one" port)"
	qemus_below "$TMPDIR" >pids
	check "two guests run" test "$(wc -l <pids)" = 2
	kill -9 "$(of "$two" keeper_pid)"
	sleep 1
	check "kill -9 of a keeper: ps says so" test "$(of "$two" state)" = lost
	"$TINYX" stop "$two" >got 2>err
	check "... stop makes sure of its guest" sh -c 'test "$1" = 0 && test "$("$TINYX" ps | grep -c "^$2  *ended")" = 1' sh $? "$two"
	"$TINYX" stop "$one" >got 2>err
	check "stop: orderly" sh -c 'test "$1" = 0 && grep -q "$2: powered off" err' sh $? "$one"
	check "... its logs stay" sh -c '"$TINYX" logs "$1" | grep -q "^tinyx: meminfo"' sh "$one"
	"$TINYX" stop --forget "$one" "$two" 2>err
	check "nothing is left" sh -c 'test -z "$("$TINYX" ps | grep -- "-$1 ")$(ls "$TMPDIR")"' sh $$

	# A hostile guest: this machine listens at all of its addresses, and hears nothing.
	python3 -c 'import socket, select
t = socket.socket(); t.bind(("", 0)); t.listen(9)
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.bind(("", 7777))
print("port", t.getsockname()[1], flush=True)
while True:
    for s in select.select([t, u], [], [])[0]:
        print("heard", s.accept()[1] if s is t else s.recvfrom(99), flush=True)' >heard 2>&1 &
	listener=$!
	for _ in $(seq 50); do
		port=$(sed -n 's/^port //p' heard)
		[ -z "$port" ] || break
		sleep 0.2
	done
	ip addr >addresses.before
	own=$(ip -o -4 addr show scope global | sed 's/.* inet \([0-9.]*\)[/ ].*/\1/' | head -n 3)
	check "this machine listens" test -n "$port"
	targets=
	for address in $own; do targets="$targets $address:$port"; done
	# shellcheck disable=SC2086 # words
	hostile_recipe $targets
	"$TINYX" test ./hostile --platform qemu-microvm --cached-kernel -o hostile.out >hostile.words 2>hostile.err
	hostile_check hostile.words hostile.err
	check "this machine heard nothing" sh -c '! grep -q "^heard" heard || { cat heard; false; }'
	ip addr >addresses.after
	check_same "its interfaces are as before" addresses.before addresses.after
	kill "$listener"

	# The configuration of its own kernel, as somebody else's: the kernel that it makes is in the cache.
	"$TINYX" compare static --platform qemu-microvm --format cpio --cached-kernel --no-debian --no-cloud \
		--kernel static/kernel.config -o compared >table 2>err
	check "compare: both pass there" sh -c 'test "$1" = 0 && grep -q "^  least memory .* MiB .* MiB" table' sh $?
	check "compare: instructions are counted" grep -q '^  first answer, instructions .* G .* G' table
	check "compare: one kernel, one size" grep -qE '^  kernel file +([0-9.]+ MB) +\1 +1\.00' table
	if [ "$(id -u)" = 0 ] && [ -n "$(command -v setpriv)" ]; then
		check "without root: passed, or a reason" sh -c '
			cp -R static theirs && mkdir -p home && chown -R nobody theirs home && chmod 755 . &&
			setpriv --reuid=65534 --regid=65534 --clear-groups env HOME="$PWD/home" TINYX_CACHE="$PWD/home/cache" "$TINYX" platforms >who 2>&1
			grep -A4 "^qemu-microvm" who | grep -qE "here +(yes|no: .*(tun|namespace))"'
	fi
	;;
*) skip "qemu-microvm" "$(here qemu-microvm)" ;;
esac

case $(here xen-pvh) in
yes*)
	"$TINYX" host stop 2>err
	passes nginx xen-pvh pvh
	check "its launch file says so" grep -qx 'type = "pvh"' pvh/nginx.xl.cfg
	if [ -d microvm ]; then
		echo mine >microvm/mine
		"$TINYX" build -q nginx --platform xen-pvh -o microvm --cached-kernel >words 2>&1
		check "a folder of another platform: its launch file goes, the user's file stays" \
			sh -c 'test -f microvm/nginx.xl.cfg && test ! -e microvm/qemu.sh && test -f microvm/mine'
	fi
	;;
*) skip "xen-pvh" "$(here xen-pvh)" ;;
esac
finish
