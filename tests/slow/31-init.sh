# tinyx init on packages as Debian has them: what is read from their units and configuration.
. "$SRCDIR/tests/tap.sh"
# shellcheck disable=SC2317 # called by check
has() { grep -qx -- "$1" "$2"; }
# with FEATURE RECIPE: asked for, among others
# shellcheck disable=SC2317 # called by check
with() { grep -qE "^with=(.* )?$1( |\$)" "$2"; }
# A try-out is mostly waiting: these go on beside the first.
"$TINYX" init nginx --command "/usr/sbin/nginx -g 'daemon off;'" --port 8080 -o given >given.words 2>given.err &
jobs=$!
"$TINYX" init vsftpd >vsftpd.words 2>vsftpd.err &
jobs="$jobs $!"
"$TINYX" init nginx --command "/usr/sbin/nginx -t -c /etc/none" --port 80 -o dead >dead.words 2>dead.err &
jobs="$jobs $!"
"$TINYX" init nginx --port 80 -o bounded --command \
	"/bin/sh -c 'read -r a b </dev/fuse-of-ours; while read -r a b; do case \$a in CapBnd:) echo error: \$a \$b ;; esac; done </proc/self/status; exit 1'" >bounded.words 2>bounded.err &
jobs="$jobs $!"
"$TINYX" init nginx >words 2>err
check "a recipe for nginx" test -f nginx/recipe.conf
check "the unit's command" has "command=/usr/sbin/nginx -g 'daemon on; master_process on;'" nginx/recipe.conf
check "what comes before it" has "before=/usr/sbin/nginx -t -q -g 'daemon on; master_process on;'" nginx/recipe.conf
check "it forks, and notes its process" sh -c 'grep -qx forks=yes nginx/recipe.conf && grep -qx pid-file=/run/nginx.pid nginx/recipe.conf'
check "the port of its configuration" has ready=80 nginx/recipe.conf
check "IPv6, which its configuration has" with ipv6 nginx/recipe.conf
check "the test is marked as weak" has weak=yes nginx/recipe.conf
check "what is written is shown" cmp words nginx/recipe.conf
"$TINYX" init nginx >words 2>err
check "not over a recipe that is there: status 2" test $? -eq 2
check "and that is said" grep -q 'nginx/recipe.conf is there already; expected another folder' err
"$TINYX" init no-such-package-anywhere >words 2>err
check "an unknown package: status 2" test $? -eq 2
check "nothing is written" test ! -e no-such-package-anywhere
check "it is named" grep -q no-such-package-anywhere err
"$TINYX" init base-files -o none >words 2>err
check "a package without a program: status 2" test $? -eq 2
check "and that is said" grep -q 'base-files has no program' err
"$TINYX" init nginx redis-server -o both >words 2>err
check "two packages, one image" sh -c "grep -qx '\[run\]' both/recipe.conf && grep -qx '\[run redis-server\]' both/recipe.conf"
check "redis as its user" has user=redis both/recipe.conf
check "redis is opened up, which is said" sh -c 'grep -q "listens on the loopback only; files/etc/redis/redis.conf" both/recipe.conf && grep -q "^bind 0.0.0.0" both/files/etc/redis/redis.conf'
"$TINYX" init nginx redis-server --port 80 --port 80 -o clash >words 2>err
check "two on one port: status 2" test $? -eq 2
check "both are named" grep -q "both listen on port 80" err
for job in $jobs; do
	check "what went on beside ends well" wait "$job"
done
check "a command and a port that are given" sh -c "grep -qx \"command=/usr/sbin/nginx -g 'daemon off;'\" given/recipe.conf && grep -qx ready=8080 given/recipe.conf && ! grep -q forks given/recipe.conf"
check "a daemon with an IPv6 socket only: seen when it was tried" with ipv6 vsftpd/recipe.conf
"$TINYX" init nginx --port 8081 --force -o other >words 2>err
check "a given port stays, and what was seen is said" sh -c "grep -qx ready=8081 other/recipe.conf && grep -q 'listened on port 80, not on 8081, which was given' other/recipe.conf"
check "a command that ends: its last words are in the draft" sh -c "grep -q 'was tried, and nothing listened; its last words:.*/etc/none' dead/recipe.conf"
check "a daemon that is tried out cannot load modules (16), use ports (17) or set the clock (25)" python3 -c '
import re
bounds = re.findall("CapBnd: ([0-9a-f]{16})", open("bounded/recipe.conf").read())
assert bounds and not any(int(b, 16) & (1 << 16 | 1 << 17 | 1 << 25) for b in bounds), bounds'
check "what it asked for in vain, and what would bring it" grep -q '^# note: when it was tried, .*"/dev/fuse-of-ours".* failed (ENOENT); \[image\] mounts=dev would bring it: ' bounded/recipe.conf
"$TINYX" init cron --no-trial -o portless >words 2>err
check "a daemon without a port: status 1" test $? -eq 1
check "... its recipe is there" test -s portless/recipe.conf
check "... and it is said that it cannot be tested" grep -q 'portless/recipe.conf, but there is nothing to test: no port is known; write portless/test.sh, or draft it again with --port' err
begin=$(date +%s)
"$TINYX" init cron --no-trial --command /opt/none --port 99 -o refused >words 2>err
check "a draft that cannot be built: status 2, before any kernel" test $? -eq 2
check "... says why" grep -q 'the draft cannot be built: cron/recipe.conf:[0-9]*: command: /opt/none is not in the image' err
check "... and is not written" test ! -e refused
ended=0 took=$(($(date +%s) - begin))
for part in 2 5 8 9; do
	timeout --preserve-status -s INT "$(awk "BEGIN { print 0.2 + $took * $part / 10 }")" "$TINYX" init cron --no-trial --command /opt/none --port 99 -o refused >words 2>>interrupted
	[ $? -ne 130 ] || ended=$((ended + 1))
done
check "one that is interrupted: status 130" test $ended -gt 0
check "... says that, and not that the draft cannot be built" sh -c 'grep -q interrupted interrupted && test $(grep -c "cannot be built" interrupted) -le $((4 - $1))' sh $ended
"$TINYX" init nginx --no-trial -o untried >words 2>err
check "without a try-out" has ready=80 untried/recipe.conf
finish
