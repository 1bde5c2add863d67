# kill -9 at random points of build, trace, minimize and init, and of the start of a host; then the same again: the
# same end bytes, and nothing left. Then machines that lack something. `make crash` asks for 50 points and a host:
#   TINYX_CRASH_ROUNDS  how many points (default 4: one of each)
#   TINYX_CRASH_SEED    which ones (default: another each time, and said)
#   TINYX_CRASH_HOST    yes: the embedded host is among what is killed
. "$SRCDIR/tests/tap.sh"
TINYX_CACHE=${TINYX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tinyx}
export TINYX_CACHE
. "$SRCDIR/tests/fake-kernel/world.sh"
fake_world "crashes"
# Unfinished work is looked for: that of other tests, which may run beside this one, is elsewhere.
rm "$TINYX_CACHE/overlay" "$TINYX_CACHE/tmp"
rounds=${TINYX_CRASH_ROUNDS:-4}
seed=${TINYX_CRASH_SEED:-$(od -An -N3 -tu4 /dev/urandom | tr -d ' ')}
echo "# seed $seed, $rounds points (TINYX_CRASH_SEED=$seed TINYX_CRASH_ROUNDS=$rounds repeats them)"

mkdir -p app/files/usr/bin
printf '#!/bin/sh\nsleep 1\n' >app/files/usr/bin/app
chmod 755 app/files/usr/bin/app
printf '%s\n' '[recipe]' 'description=an application for a test' '[run]' 'command=/usr/bin/app' 'on-exit=poweroff' '[kernel]' \
	'options=NEED_A=y NEED_B=y FREE_1=y FREE_2=y FREE_3=y' '[test]' 'timeout=30' >app/recipe.conf
cp -R app search
sed -i '/^options/d; /^\[kernel\]/d; s/^timeout=.*/timeout=4/' search/recipe.conf

# ---- what is run, and what it ends with ----
# run WHAT: anew, with what it makes out of the cache's way
# shellcheck disable=SC2317 # called by name
run() {
	case $1 in
	build) "$TINYX" build ./app --platform fake -k ./tree -o out-build ;;
	trace) "$TINYX" build ./app --platform fake -k ./tree -o out-trace --trace ;;
	minimize) "$TINYX" minimize ./search --platform fake -k ./tree --from wish-out/kernel.config --boot-command "sh '$SRCDIR/tests/fake-kernel/boot.sh'" ;;
	init) "$TINYX" init micro-httpd -o out-init --force ;; # it may have been done when it was killed
	host) "$TINYX" host start && "$TINYX" host stop ;;
	esac
}
forget() { # WHAT: its results, finished and half-finished, so that it has all to do
	case $1 in
	build) rm -rf out-build "$TINYX_CACHE/kernel" "$TINYX_CACHE/packed" "$TINYX_CACHE/build" ;;
	trace) rm -rf out-trace "$TINYX_CACHE/trace" ;;
	minimize) rm -rf search/kernel-fake.* "$TINYX_CACHE/minimize" "$TINYX_CACHE/kernel" ;;
	init) rm -rf out-init ;;
	esac
}
sums() { # WHAT: of all that it left for its user, but for times and how often something was in the cache
	case $1 in
	build) folder=out-build ;;
	trace) folder=out-trace ;;
	minimize) folder=search ;;
	init) folder=out-init ;;
	host) return ;;
	esac
	(cd "$folder" && find . -type f ! -name report.json ! -name chosen.config ! -name '*.lock.json' ! -name '*.journal' ! -name kernel-fake.json | LC_ALL=C sort | while read -r file; do
		case $file in
		*.lock) sed '/^#/d' "$file" | sha256sum | sed "s|-\$|$file|" ;;
		*) sha256sum "$file" ;;
		esac
	done)
}
alive() { # WORD: processes with that word in their environment, other than ours
	for environ in /proc/[0-9]*/environ; do
		pid=${environ#/proc/} pid=${pid%/environ}
		! grep -qaz "^TINYX_CRASH=$1\$" "$environ" 2>/dev/null || echo "$pid $(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | cut -c 1-80)"
	done
}
# Unfinished work below the cache; an own folder of a process that is gone is the next run's to remove.
leftovers() {
	find "$TINYX_CACHE/overlay/area" "$TINYX_CACHE/trace-area/work" "$TINYX_CACHE"/run "$TINYX_CACHE"/*/.[a-z]* \
		-mindepth 0 -maxdepth 1 2>/dev/null | grep -vE '/(run|\.sums)$'
	find "$TINYX_CACHE/tmp" -mindepth 1 -maxdepth 1 2>/dev/null
	grep -F "$TINYX_CACHE" /proc/mounts
}
now_ms() { echo $(($(date +%s%N) / 1000000)); }

cp -R app wish
"$TINYX" build ./wish --platform fake -k ./tree -o wish-out >words 2>err
check "an image with the fake kernel" test -s wish-out/kernel.config
whats='build trace minimize'
if run init >words 2>err; then whats="$whats init"; else skip "init in the middle" "micro-httpd cannot be drafted here: $(tail -n 1 err)"; fi
[ "${TINYX_CRASH_HOST-}" != yes ] || whats="$whats host"
for what in $whats; do
	[ "$what" = host ] || forget "$what"
	start=$(now_ms)
	run "$what" >words 2>err
	check "$what ends" test $? -eq 0
	eval "time_$what=$(($(now_ms) - start))"
	sums "$what" >"want-$what"
done
leftovers >before

# point N COUNT: a number below COUNT, the Nth of the seed's
point() { awk -v seed="$seed" -v n="$1" -v most="$2" 'BEGIN { srand(seed); for (i = 0; i < n; i++) rand(); print int(rand() * most) }'; }
count=$(echo "$whats" | wc -w)
round=0
while [ $round -lt "$rounds" ]; do
	what=$(echo "$whats" | cut -d ' ' -f $((round % count + 1)))
	eval "most=\$time_$what"
	# shellcheck disable=SC2154 # by eval
	delay=$(point $round "$most")
	forget "$what"
	title="point $((round + 1)): $what, killed after $delay of $most ms"
	(
		TINYX_CRASH=$seed.$round
		export TINYX_CRASH
		case $what in # exec: what is killed is tinyx itself
		build) exec "$TINYX" build ./app --platform fake -k ./tree -o out-build ;;
		trace) exec "$TINYX" build ./app --platform fake -k ./tree -o out-trace --trace ;;
		minimize) exec "$TINYX" minimize ./search --platform fake -k ./tree --from wish-out/kernel.config --boot-command "sh '$SRCDIR/tests/fake-kernel/boot.sh'" ;;
		init) exec "$TINYX" init micro-httpd -o out-init --force ;;
		host) exec "$TINYX" host start ;;
		esac
	) >words 2>err &
	victim=$!
	sleep "$(awk -v ms="$delay" 'BEGIN { printf "%.3f", ms / 1000 }')"
	kill -KILL $victim 2>/dev/null
	wait $victim 2>/dev/null
	left=20
	while [ "$what" != host ] && [ -n "$(alive "$seed.$round")" ] && [ $left -gt 0 ]; do
		sleep 0.25
		left=$((left - 1))
	done
	[ "$what" = host ] || alive "$seed.$round" >living
	[ "$what" != host ] || : >living # a host that was left running may be: the next command finds it
	run "$what" >words 2>err
	status=$?
	sums "$what" >have
	leftovers | diff before - >more-left
	if [ $status -eq 0 ] && [ ! -s living ] && cmp -s "want-$what" have && [ ! -s more-left ]; then
		pass "$title"
	else
		fail "$title"
		echo "# the next run's status: $status"
		sed 's/^/#   lives: /' living
		diff "want-$what" have | sed 's/^/#   /' | head -20
		sed 's/^/#   left: /' more-left
		sed 's/^/#   said: /' err | tail -5
	fi
	round=$((round + 1))
done

# ---- machines that lack something ----
fresh() { forget build; }
build() { "$TINYX" build ./app --platform fake -k ./tree -o out-build >words 2>err; }
same() { # TITLE
	sums build >have
	check_same "$1: the same bytes" want-build have
}
fresh
# shellcheck disable=SC3045 # dash has it
(ulimit -n 64 && build)
check "64 descriptors" test $? -eq 0
same "64 descriptors"
fresh
LC_ALL=tr_TR.UTF-8 LANG=tr_TR.UTF-8 build
check "another locale" test $? -eq 0
same "another locale"

long=$PWD/$(printf '%0100d' 0)/$(printf '%0100d' 1)
mkdir -p "$long" && cp -R app "$long/"
fresh
"$TINYX" build "$long/app" --platform fake -k ./tree -o "$long/out" >words 2>err
check "a path of more than 200 characters" test $? -eq 0
(cd "$long/out" && find . -type f ! -name report.json ! -name chosen.config | LC_ALL=C sort | xargs sha256sum) >have
grep -v manifest want-build >want
grep -v manifest have >have2
check_same "a path of more than 200 characters: the same bytes" want have2

fresh
mkdir home && chmod 555 home
HOME=$PWD/home build
check "a read-only home" test $? -eq 0
same "a read-only home"

# Stamps a year ahead, as after a clock that jumped back; then a year behind.
for year in '+1 year' '-1 year'; do
	find "$TINYX_CACHE" out-build -xdev -type f -exec touch -h -d "$year" {} + 2>/dev/null
	build
	check "stamps of $year" test $? -eq 0
	same "stamps of $year"
done

# What another version of tinyx left under the same names. Until fa8e487 the sums had no more than the files that a version
# knew of, and there were no stamps; one to come may write anything.
forge() { # VERSION
	find "$TINYX_CACHE" -xdev -name entry.sum >entries
	while read -r sums; do
		case $1 in
		older) rm -f "${sums%sum}stamps" && sed -i '$d' "$sums" ;;
		newer) { echo 'tinyx-sums 99' && sed 's/^/sha512:/' "$sums"; } >new-sums && cp new-sums "$sums" ;;
		newest) sed -i 's/$/\tanother column/' "${sums%sum}stamps" "$sums" ;;
		esac
	done <entries
}
for version in older newer newest; do
	forge $version
	rm -rf out-build
	build
	check "entries of $version tinyx: status 0" test $? -eq 0
	same "entries of $version tinyx"
	check "... they are made anew" sh -c 'test "$(grep -c "it is made again" err)" -ge 2'
	find "$TINYX_CACHE" -xdev -name entry.sum -exec grep -l 'tinyx-sums\|another column' {} + >forged
	build
	check "... once" sh -c '! grep -q "it is made again" err'
done

# In a mount namespace of its own: a full disk below the output, and no /dev/shm.
if unshare --mount --map-root-user true 2>/dev/null; then
	fresh
	# shellcheck disable=SC2016 # for the inner shell
	unshare --mount --map-root-user sh -c 'mkdir -p full && mount -t tmpfs -o size=200k tmpfs full && "$1" build ./app --platform fake -k ./tree -o full/out
		status=$?
		find full -mindepth 1 >full-has
		exit $status' sh "$TINYX" >words 2>err
	check "a full disk: status 1" test $? -eq 1
	check "... is said" grep -qi 'space' err
	check "... nothing half-written" sh -c '! grep -q . full-has'
	fresh
	# shellcheck disable=SC2016
	unshare --mount --map-root-user sh -c 'mount -t tmpfs -o ro,size=4k tmpfs /dev/shm && exec "$1" build ./app --platform fake -k ./tree -o out-build' sh "$TINYX" >words 2>err
	check "no room in /dev/shm" test $? -eq 0
	same "no room in /dev/shm"
else
	skip "a full disk, no /dev/shm" "no mount namespaces here"
fi
finish
