# The use cases of the LightVM paper as domains: each passes its own test, and fails it where it does not do its work.
. "$SRCDIR/tests/tap.sh"
TINYX_CACHE=${TINYX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tinyx}
export TINYX_CACHE
if [ ! -f /usr/src/linux-source-6.1.tar.xz ]; then
	skip "use cases under Xen" "linux-source-6.1 is not installed"
	finish
fi
recipes=$SRCDIR/recipes

# passes TEXT NAME OPTION... / fails TEXT WORDS NAME OPTION...: the status, and what the test said.
passes() {
	text=$1
	shift
	check "$text" sh -c '"$TINYX" test "$@" >words 2>err && grep -q ": passed" words || { cat words; false; }' sh "$@"
}
fails() {
	text=$1 words=$2
	shift 2
	check "$text" sh -c 'words=$1; shift; "$TINYX" test "$@" >words 2>err; test $? = 1 && grep -q "$words" words || { cat words; false; }' \
		sh "$words" "$@"
}
# like NAME COPY: a copy of a recipe, to be spoilt.
like() {
	cp -R "$recipes/$1" "$2"
	rm -f "$2"/kernel-* "$2"/tested-*
	cp "$recipes/$1"/kernel-*.lock "$2" 2>/dev/null || :
}

# noop: the floor.
passes "noop in 14 MB" noop -o noop-out -m 14
size=$(($(stat -c %s noop-out/bzImage) + $(stat -c %s noop-out/initramfs.cpio.xz)))
echo "# noop: kernel and initramfs $size bytes"
check "noop: kernel and initramfs in 1.6 MB" test "$size" -le 1600000
check "noop: its domain has no network" sh -c '! grep -q vif noop-out/noop.xl.cfg'
like noop restless
sed -i 's,^command=.*,command=/bin/busybox sleep 1,' restless/recipe.conf
sed -i 's/noop starting/restless starting/' restless/test.sh
fails "a noop that does not idle" 'it does not idle' ./restless -o noop-out
# A kernel of its own each: too much for every run of `make check`.
if [ "${TINYX_ALL_RECIPES-}" != yes ]; then
	for name in firewall tls-terminator compute; do
		skip "$name, and how it fails" "minutes for its kernel: make check-recipes runs it"
	done
	finish
fi

# firewall: the rules of the recipe; none (all passes); all is dropped.
passes "firewall" firewall -o firewall-out
check "firewall: two interfaces for every launcher" sh -c \
	'grep -qx "vif = \[ \"\", \"\" \]" firewall-out/firewall.xl.cfg && test "$(grep -c bridge firewall-out/firewall.chaos.json)" = 2'
mkdir -p open/etc shut/etc # given at boot, in the place of the image's own
echo 'flush ruleset' >open/etc/nftables.conf
fails "a firewall without rules" 'from outside to another port inside: it came through' firewall -o firewall-out --at-boot open
printf 'flush ruleset\ntable ip f {\n\tchain f {\n\t\ttype filter hook forward priority filter; policy drop;\n\t}\n}\n' \
	>shut/etc/nftables.conf
fails "a firewall that lets nothing through" 'those inside cannot reach the outside' firewall -o firewall-out --at-boot shut

# tls-terminator: its own key; at boot one by the same authority, and one by another.
passes "tls-terminator" tls-terminator -o tls-out
mkdir -p same/etc/tls other/etc/tls
cp -R "$recipes/tls-terminator/test-ca" .
test-ca/make server same/etc/tls/server.pem
test-ca/make ca
test-ca/make server other/etc/tls/server.pem
cp tls-out/report.json before
passes "... with a key given at boot" tls-terminator -o tls-out --at-boot same
check_same "... for which no image was made" before tls-out/report.json
fails "... with a key that another authority signed" 'no page by TLS 1.3' tls-terminator -o tls-out --at-boot other

# compute: gone after the call, or else.
passes "compute" compute -o compute-out
check "compute: its end is seen" grep -q '^  powered off ' words
like compute lingering
echo 'while :; do nc -l -p 7000 -e /usr/bin/lua5.4 /srv/call.lua; done' >lingering/files/srv/serve
fails "a machine that stays after the call" 'the machine still takes calls' ./lingering -o compute-out
finish
