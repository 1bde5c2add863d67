# tinyx deps PACKAGE against apt itself: with empty lists the closure is what `apt-get -s` installs.
# Needs the network once (an index of Debian's packages, in a cache of its own).
. "$SRCDIR/tests/tap.sh"
export TINYX_DATADIR="$PWD/data"
mkdir -p data/rootfs
echo '# none' >data/rootfs/blacklist
cp data/rootfs/blacklist data/rootfs/whitelist
if ! timeout 300 "$TINYX" deps libc6 >out 2>err; then
	if grep -q 'is there a network' err; then
		skip "the closure equals apt's" "no network and no package index"
	else
		fail "tinyx deps libc6: $(cat err)"
	fi
	finish
fi
# An older tinyx may have left a root of another layout beside ours: ours was used just now.
sources=tinyx.sources
root=$(find "${TINYX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tinyx}/apt" -mindepth 1 -maxdepth 1 \
	-exec test -e '{}'/etc/apt/$sources \; -printf '%T@ %p\n' | sort -n | sed -n '$s/^[^ ]* //p')
check "the root of apt is found" test -d "$root"
for package in nginx redis-server apache2 openssh-server python3 postgresql; do
	"$TINYX" deps "$package" >out 2>err
	check "$package: status 0" test $? -eq 0
	awk '$1 != "total:" {print $1}' out >ours
	apt-get -c "$root/etc/apt/apt.conf" -o Dir="$root" -o Dir::State::status="$root/var/lib/dpkg/status" \
		-o Dir::Etc::sourcelist=$sources -o Dir::Etc::sourceparts=/dev/null \
		-s --no-install-recommends install "$package" 2>apt-err |
		sed -n 's/^Inst \([^ :]*\).*/\1/p' | sort >theirs
	LC_ALL=C sort -o ours ours
	LC_ALL=C sort -o theirs theirs
	check "$package: apt has an answer" sh -c 'test -s theirs || { cat apt-err; false; }'
	check_same "$package: the closure equals apt's" theirs ours
done
export TINYX_DATADIR="$SRCDIR"
"$TINYX" deps nginx >out 2>err
check "nginx: without what the blacklist names" sh -c '! grep -E "^(dpkg|perl-base|debconf|iproute2) " out'
"$TINYX" deps no-such-package-at-all >out 2>err
check "an unknown package: status 2" test $? -eq 2
check "... and it is named" grep -q 'Unable to locate package no-such-package-at-all' err
finish
