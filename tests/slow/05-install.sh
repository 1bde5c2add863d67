# Packages really installed in an overlay: what comes out, against dpkg's own lists; the cache; a run that
# is asked to end. (20-rootfs.sh has the whole plan, other users and the faults that a person meets.)
. "$SRCDIR/tests/tap.sh"
real=${TINYX%/*}/tests/real/install
: "${TINYX_CACHE:=${XDG_CACHE_HOME:-$HOME/.cache}/tinyx}"
shared=$TINYX_CACHE
TINYX_DATADIR=$SRCDIR
export TINYX_DATADIR

# install CACHE PACKAGES [NAME=VALUE...]: figures in out, messages in err.
install() {
	cache=$1 packages=$2
	shift 2
	env TINYX_CACHE="$cache" TINYX_TEST_INSTALL="$packages" "$@" "$real" >out 2>err
}
value() { sed -n "s/^# $1=//p" out; }
# refuse TEXT STATUS WORDS: what the last install ended with (10 + the kind of error) and said
refuse() {
	check "$1: kind of error" test "$status" -eq "$2"
	check "$1: says \"$3\"" grep -qiF -- "$3" err
}
# leftovers CACHE: what is no finished entry, no lock and no log
# shellcheck disable=SC2317  # called by check
leftovers() {
	find "$1/tmp" "$1/overlay" -mindepth 1 2>/dev/null | head -5 | grep . >&2 && return 1
	return 0
}

install "$shared" nginx-common LIST=list
status=$?
if [ $status -ne 0 ] && grep -qiE 'network|resolve' err; then
	skip "installations" "no network here"
	finish
fi
check "nginx-common is installed" test $status -eq 0
root=$(value root)
check "dpkg says so" grep -A2 '^Package: nginx-common$' "$root/var/lib/dpkg/status"
check "its maintainer script ran" grep -qE '^l	.*/etc/nginx/sites-enabled/default -> /etc/nginx/sites-available/default' list
check "the real owner of a folder of root:adm" grep -qE '^d	0755	0:4	0	/var/log/nginx	' list
check "no file is another user's" sh -c '! find "$1" ! -uid "$(id -u)" | grep .' sh "$root"
check "every file and folder can be read" sh -c '! find "$1" ! -type l ! -perm -400 | grep .' sh "$root"
check "setuid survives in the list" grep -qE '^f	4755	0:0	' list
check "what is no longer wanted is not there" sh -c '! grep -E "	/(usr/sbin/policy-rc.d|var/cache/apt|var/lib/apt)" "$1"' sh list
check "nothing is left of the work" leftovers "$shared"
# dpkg's own list of the package is the oracle for what is new.
sed -n 's,^/\.$,,; s,^/lib,/usr/lib,; /./p' "$root/var/lib/dpkg/info/nginx-common.list" | sort >want
cut -f5 list | sed 's/ -> .*//' | sort >have
check "all that dpkg lists of it is there" sh -c '! comm -23 want have | grep .'

start=$(date +%s)
check "the second time" install "$shared" nginx-common
check "... from the cache: at most 8 s" test $(($(date +%s) - start)) -le 8

# stable LIST: without what tells the time of the installation; that is never in an image
stable() { grep -vE '	/(var/log|var/lib/dpkg|var/cache|etc/(shadow|passwd|group|gshadow)-?	)' "$1"; }

# A damaged list is noticed by its hash, and made again.
printf x >>"${root%/root}/list"
check "a damaged entry is made again" install "$shared" nginx-common LIST=list2
check "... and that is said" grep -q damaged err
stable list >first
stable list2 >second
check_same "... to the same as before, contents too" first second

# Unknown package, no network.
install "$shared" no-such-package-at-all
status=$?
refuse "an unknown package" 13 no-such-package-at-all
check "nothing is left of it" leftovers "$shared"
if unshare -n true 2>/dev/null; then
	check "what is in the cache needs no network" unshare -n env TINYX_CACHE="$shared" TINYX_TEST_INSTALL=nginx-common "$real"
else
	skip "what is in the cache needs no network" "no network namespaces here"
fi

# A run that is asked to end while apt installs (20-rootfs.sh has one that is killed). Nobody else installs
# tree: what an earlier run of this test left in the cache would be taken from there at once.
grep -lE '	/usr/bin/tree(	|$)' "$shared"/installed/*/list 2>/dev/null | while read -r list; do rm -rf "${list%/list}"; done
env TINYX_CACHE="$shared" TINYX_TEST_INSTALL="nginx-common tree" "$real" >out 2>err &
pid=$!
count=0
while kill -0 $pid 2>/dev/null && [ ! -d "$shared/overlay/area/upper/var/lib/dpkg" ] && [ $count -lt 600 ]; do
	sleep 0.1
	count=$((count + 1))
done
kill $pid 2>/dev/null
wait $pid
check "SIGTERM in the middle: interrupted" test $? -eq 15
sleep 1
check "none of its processes is left" sh -c '! pgrep -f "overlay-install $1/" ' sh "$shared/overlay"
check "the next run works" install "$shared" "nginx-common tree"
check "... and leaves nothing" leftovers "$shared"

# A cache of its own, with the shared base and index: what lies there under a package's name is not installed
# unless it has the sum that the signed index names, be its size as it may.
version=$(sed -n '/^Package: nginx-common$/,/^$/s/^Version: //p' "$root/var/lib/dpkg/status")
deb=$shared/debs/nginx-common_${version}_all.deb
own=$PWD/own-cache
rm -rf "$own"
mkdir -p "$own/debs"
for folder in apt base; do ln -s "$shared/$folder" "$own/$folder"; done
head -c "$(wc -c <"$deb")" /dev/zero >"$own/debs/${deb##*/}"
check "with a trojan of the same size in the cache" install "$own" nginx-common LIST=list3
check "... which is said" grep -q "${deb##*/} is not what the signed index says" err
check_same "... and replaced" "$deb" "$own/debs/${deb##*/}"
stable list3 >third
check_same "... the installation is the same" first third
check "... and has no package files in it" sh -c '! find "$1/installed" -name "*.deb" | grep .' sh "$own"
# Below the top of the finished installation, too.
root3=$(value root)
printf '#!/bin/sh\n' | dd of="$root3/usr/sbin/groupadd" conv=notrunc 2>/dev/null
check "a changed file in an installation" install "$own" nginx-common
check "... is noticed" grep -q 'damaged (root/usr/sbin/groupadd has other contents' err
rm -rf "$own"

# Debian is signed by Debian: other keys, though apt has them, sign nothing of it.
foreign=/usr/share/keyrings/debian-archive-removed-keys.gpg
mirror=$(sed -n 's/^URIs: //p' "$shared"/apt/*/etc/apt/tinyx.sources | head -1)
if [ -e $foreign ]; then
	env TINYX_CACHE="$PWD/foreign" TINYX_MIRROR="$mirror" TINYX_KEYRING=$foreign TINYX_TEST_INSTALL= "$real" >out 2>err
	status=$?
	refuse "an index signed by other keys" 11 "not signed by the keys that may sign it"
	check "... is not kept" sh -c '! ls foreign/apt/*/var/lib/apt/lists/*Packages* 2>/dev/null' sh
	rm -rf foreign
else
	skip "an index signed by other keys" "no $foreign here"
fi

finish
