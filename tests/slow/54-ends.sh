# Daemons that do not stay: one that ends at once, one that goes to the background unasked. The verdict says so,
# and the console shows why.
. "$SRCDIR/tests/tap.sh"
TINYX_CACHE=${TINYX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tinyx}
export TINYX_CACHE
if [ ! -f /usr/src/linux-source-6.1.tar.xz ]; then
	skip "daemons that do not stay" "linux-source-6.1 is not installed"
	finish
fi
# recipe NAME COMMAND: of BusyBox alone, with nginx's kernel, which other tests make.
recipe() {
	mkdir -p "$1"
	printf '%s\n' '[recipe]' "description=$1" '[run]' "command=$2" '[image]' 'applets=tcpsvd date' 'memory=16' \
		'[test]' 'ready=13' 'weak=yes' >"$1/recipe.conf"
	cp "$SRCDIR/recipes/nginx/kernel-xen-pv.lock" "$1"
}
recipe ends "/bin/busybox sh -c 'echo ends: no key in /etc/ends; exit 1'"
recipe leaves "/bin/busybox sh -c '/usr/bin/tcpsvd 0 13 /bin/date &'"
"$TINYX" test ./ends -o out-ends >words 2>err
check "a daemon that ends at once: status 1" test $? -eq 1
check "it is said how often it ended" grep -q 'the application ended [0-9]* times before it answered on port 13: the console shows why' words
check "the console shows why" grep -q 'ends: no key in /etc/ends' words
check "the domain was not waited for to the end" sh -c '! grep -q "no answer on port" words'
"$TINYX" test ./leaves -o out-leaves >words 2>err
check "a daemon that goes to the background answers: status 0" test $? -eq 0
check "that it is started again and again is said" grep -q 'times: it ends again and again, or goes to the background (forks=yes in the recipe)' words
check "that its test is weak is said" grep -q 'is weak' words
finish
