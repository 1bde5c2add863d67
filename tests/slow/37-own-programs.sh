# Programs of people's own: `tinyx init ./PATH` in the order of docs/tutorial.md, then what else it knows. They are
# tried in containers; the tutorial's page as a domain, too, where there is Xen.
. "$SRCDIR/tests/tap.sh"
TINYX_CACHE=${TINYX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tinyx}
export TINYX_CACHE
PATH=${TINYX%/*}:$PATH
export PATH
if ! unshare --mount --pid --net --uts --ipc --fork true 2>/dev/null; then
	skip "own programs" "no namespaces here: a draft is tried in a container"
	finish
fi
# shellcheck disable=SC2317 # called by check
has() { grep -qx -- "$1" "$2"; }

# A try-out is mostly waiting: these go on beside the tutorial.
mkdir -p node/node_modules/greet node/src environment two
echo '{"scripts":{"start":"node src/server.js"},"dependencies":{"greet":"1"}}' >node/package.json
echo '{"name":"greet","main":"lib.js"}' >node/node_modules/greet/package.json
echo 'exports.words = () => "from a module"' >node/node_modules/greet/lib.js
echo 'const greet = require("greet"); require("http").createServer((q, r) => r.end(greet.words())).listen(3001)' >node/src/server.js
/usr/bin/python3 -m venv --without-pip environment/venv
site=$(echo environment/venv/lib/python3*/site-packages)
mkdir -p "$site/greet" "$site/pip"
echo 'words = b"from an environment"' >"$site/greet/__init__.py"
echo 'raise SystemExit("no installer is wanted")' >"$site/pip/__init__.py"
cat >environment/main.py <<'Y'
import greet
import http.server
open("state", "w").write("nobody may not")
http.server.HTTPServer(("", 8004), http.server.BaseHTTPRequestHandler).serve_forever()
Y
cat >job.c <<'Y'
#include <stdio.h>
int main(void) { return puts("done") < 0; }
Y
gcc -o job job.c
"$TINYX" init ./node >node.words 2>node.err &
jobs=$!
"$TINYX" init ./environment -o venv >venv.words 2>venv.err &
jobs="$jobs $!"
"$TINYX" init ./job >job.words 2>job.err &
jobs="$jobs $!"

# The tutorial: each of its indented lines is a command. The test keeps to nginx' kernel, which is there already.
sed -n 's/^    //p' "$SRCDIR/docs/tutorial.md" >commands
check "the tutorial has its commands" test "$(grep -c '^tinyx ' commands)" -ge 4
number=0
while read -r command; do
	number=$((number + 1))
	case $command in
	'tinyx test '* | 'tinyx explain '*)
		if [ ! -f /usr/src/linux-source-6.1.tar.xz ]; then
			skip "$command" "linux-source-6.1 is not installed"
			continue
		fi
		cp "$SRCDIR/recipes/nginx/kernel-xen-pv.lock" hello/
		;;
	esac
	printf '%s\n' "$command" >line
	check "tutorial: $command" sh -c 'sh -e ./line >"words$1" 2>err </dev/null || { cat "words$1" err; false; }' sh $number
done <commands
check "... a recipe in the folder" has 'files=index.html:/srv/hello/index.html' hello/recipe.conf
check "... with BusyBox' server, as nobody" sh -c 'grep -qx "command=/bin/busybox httpd -f -p 8080 -h /srv/hello" hello/recipe.conf && grep -qx user=nobody hello/recipe.conf'
check "... its kernel by evidence alone" sh -c '! grep ^with= hello/recipe.conf'

# shellcheck disable=SC2086 # numbers
set -- $jobs
wait "$1"
check "Node.js: status 0" sh -c 'test $1 -eq 0 || { cat node.err; false; }' sh $?
check "... by scripts.start" has 'command=/usr/bin/node /srv/node/src/server.js' node/recipe.conf
check "... with its modules" has 'files=node_modules:/srv/node/node_modules package.json:/srv/node/package.json src:/srv/node/src' node/recipe.conf
check "... its port was seen" has ready=3001 node/recipe.conf
wait "$2"
check "a virtual environment: status 0" sh -c 'test $1 -eq 0 || { cat venv.err; false; }' sh $?
check "... its port was seen" has ready=8004 venv/recipe.conf
check "... by its interpreter" has 'command=/srv/environment/venv/bin/python3 -u /srv/environment/main.py' venv/recipe.conf
check "... without pip" grep -q '^exclude=.*/site-packages/pip ' venv/recipe.conf
check "... and a copy of it" test -f venv/main.py -a -L venv/venv/bin/python3
check "... as root, since nobody may not write there" sh -c '! grep "^user=" venv/recipe.conf && grep -q "^# note: it runs as root" venv/recipe.conf'
wait "$3"
check "a program that ends: status 0" sh -c 'test $1 -eq 0 || { cat job.err; false; }' sh $?
check "... is a job" has on-exit=poweroff job-vm/recipe.conf
check "... as nobody, with its libraries' package" sh -c 'grep -qx user=nobody job-vm/recipe.conf && grep -qx packages=libc6 job-vm/recipe.conf'
mkdir plan
TINYX_TEST_RECIPE=$PWD/venv OUT=$PWD/plan "${TINYX%/*}/tests/real/rootfs" >out.tap 2>err
check "the environment's image is planned" test -s plan/manifest.txt
check "... with its package, and without pip" sh -c 'cut -f5 plan/manifest.txt >paths; grep -q "site-packages/greet/__init__.py" paths && ! grep site-packages/pip paths'

# What is not whole is said before anything is installed, and nothing is written.
refused() { # WORDS PATH
	"$TINYX" init "$2" >words 2>err
	check "refused: $1" sh -c 'test $1 -eq 2 && grep -qF -- "$2" err && test ! -e "$3/recipe.conf" || { cat err; false; }' sh $? "$1" "$2"
}
mkdir none old
refused "nothing in it says how it is run" ./none
refused "expected a file or a folder with a program" ./absent
echo 'no_such_thing_of_debian==1' >two/requirements.txt
touch two/app.py
refused "two/requirements.txt:1: 'no_such_thing_of_debian==1' is no package of Debian's" ./two
mkdir -p old/venv/bin old/venv/lib/python3.2/site-packages
touch old/app.py old/venv/pyvenv.cfg
ln -s /opt/python/bin/python3.2 old/venv/bin/python3
refused "leads to /opt/python/bin/python3.2, which no package brings" ./old
ln -sf /usr/bin/python3 old/venv/bin/python3
refused "is of another version: the image has no /usr/lib/python3.2" ./old
mkdir -p mine/files
echo x >mine/index.html
"$TINYX" init --force --no-trial ./mine >words 2>err
check "a folder files/ of somebody else's stays" sh -c 'test $1 -eq 2 && grep -q "files is there already, and no recipe.conf beside it" err && test -d mine/files' sh $?
finish
