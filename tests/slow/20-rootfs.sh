# The root file system from real packages: what is in it, the same bytes elsewhere, and what goes wrong.
. "$SRCDIR/tests/tap.sh"
real=${TINYX%/*}/tests/real/rootfs
TINYX_CACHE=$PWD/cache
export TINYX_CACHE
chmod 755 .

# plan RECIPE OUT [NAME=VALUE...]: what the plan has, in the folder OUT; messages in `err`.
plan() {
	plan_recipe=$1 plan_out=$2
	shift 2
	mkdir -p "$plan_out"
	env TINYX_TEST_RECIPE="$plan_recipe" OUT="$PWD/$plan_out" "$@" "$real" >out.tap 2>err
}
# recipe NAME PACKAGES COMMAND [LINE...]: a recipe in the folder NAME.
recipe() {
	mkdir -p "$1"
	{
		printf '[recipe]\ndescription=d\npackages=%s\n[run]\ncommand=%s\n' "$2" "$3"
		[ $# -lt 4 ] || printf '[image]\n%s\n' "$4"
	} >"$1/recipe.conf"
}
says() { check "$1: says \"$2\"" grep -qF -- "$2" err; }
nothing_half() { check "$1: nothing half-written" test "$(find cache/installed -name list 2>/dev/null | wc -l)" -eq "$2"; }
# In a network namespace without a network.
if [ "$(id -u)" -eq 0 ]; then offline='unshare --net'; else offline='unshare --net --map-root-user'; fi

plan nginx first
check "nginx is planned, with an empty cache" test $? -eq 0
[ -s first/manifest.txt ] || finish
manifest=first/manifest.txt

# What is in it: path, mode, owner.
in_image() { check "in it: $1" sh -c "cut -f1-3,5 '$manifest' | grep -qE '^$1\$'"; }
tab=$(printf '\t')
in_image "f${tab}0755${tab}0:0${tab}/usr/sbin/nginx"
in_image "f${tab}0644${tab}0:0${tab}/etc/nginx/nginx.conf"
in_image "f${tab}0644${tab}0:0${tab}/usr/share/nginx/html/index.html"
in_image "d${tab}0755${tab}0:0${tab}/var/lib/nginx"
in_image "d${tab}0755${tab}0:4${tab}/var/log/nginx"
in_image "l${tab}0777${tab}0:0${tab}/lib -> usr/lib"
in_image "f${tab}0755${tab}0:0${tab}/usr/bin/busybox"
check "www-data is among the users" sh -c "tar -xOf first/rootfs.tar --wildcards '*etc/passwd' | grep -q ^www-data:"
check "not in it: documents, dpkg's and apt's state, services, perl, iproute2" \
	sh -c "! cut -f5 '$manifest' | grep -E '^/(usr/share/(doc|man|locale|lintian)|var/(lib|cache)/(apt|dpkg)|etc/(apt|init.d|systemd)|usr/lib/systemd|usr/bin/perl|usr/s?bin/(ss|tc|dpkg|apt))'"
check "every path has a reason" sh -c "! grep -v '^#' '$manifest' | cut -f14 | grep -qxF -"
check "12 MB at most" test "$(awk -F'\t' '$1 == "f" { n += $4 } END { print n }' "$manifest")" -le 12000000
check "nginx is there because the recipe names it" grep -qE "^nginx${tab}.*${tab}recipe\$" first/packages
check "libssl3 because nginx depends on it" grep -qE "^libssl3${tab}.*${tab}Depends of nginx\$" first/packages
check "no package of which nothing is needed" sh -c "! grep -E '^(iproute2|libtirpc3|libbpf1|perl-base|dpkg)${tab}' first/packages"
check "facts for the kernel" sh -c 'grep -qx format:cpio first/facts && grep -qx package:nginx first/facts'

# Two oracles list the archive.
cpio -it --quiet <first/rootfs.cpio | sed 's,^\./,,; s,^/,,' | grep -vx '\.' | sort >a
grep -v '^#' "$manifest" | cut -f5 | sed 's/ -> .*//; s,^/,,' | sort >b
check_same "cpio lists the manifest's paths" a b
bsdtar -tf first/rootfs.cpio | sed 's,^\./,,; s,/$,,' | grep -vx '\.' | sort >a
check_same "bsdtar lists them too" a b

# Its programs run in it: every library is there, and nginx likes its configuration.
cat >try <<'END'
mkdir root && tar -xpf first/rootfs.tar -C root --exclude='dev/*' --exclude='./dev/*' || exit 1
for node in null console; do : >"root/dev/$node"; mount --bind /dev/null "root/dev/$node"; done
chroot root /usr/sbin/nginx -t && chroot root /bin/busybox sh -c 'echo busybox runs'
END
if [ "$(id -u)" -eq 0 ]; then ids=''; else ids='--map-root-user --map-auto'; fi
# shellcheck disable=SC2086
check "nginx -t in the unpacked tree" unshare --mount --pid --fork --kill-child $ids sh try

# The same bytes: again, elsewhere with another umask, and made anew by an ordinary user.
plan nginx second
check "again, from the cache" test $? -eq 0
check "the same bytes" cmp first/rootfs.cpio second/rootfs.cpio
check_same "the same manifest" first/manifest.txt second/manifest.txt
mkdir elsewhere
(umask 077 && cp -R "$SRCDIR/recipes/nginx" elsewhere/nginx)
(umask 077 && plan "$PWD/elsewhere/nginx" third)
check "a copy of the recipe, another umask: the same bytes" cmp first/rootfs.cpio third/rootfs.cpio
plan nginx key KEY_ONLY=1
check_same "the key is that of the plan" first/key key/key
echo "# by a page" >>elsewhere/nginx/files/usr/share/nginx/html/index.html
plan "$PWD/elsewhere/nginx" key KEY_ONLY=1
check "another page, another key" sh -c '! cmp -s first/key key/key'

user=$(cut -d: -f1 /etc/subuid 2>/dev/null | head -n 1)
made=
if [ "$(id -u)" -eq 0 ] && ! id "${user:-/}" >/dev/null 2>&1; then
	# Root on a machine without ordinary users (CI): one for this test, which goes with it.
	user=tinyx-check
	useradd -M -N -s /bin/sh $user >out 2>&1 && made=$user
	trap 'userdel $user >/dev/null 2>&1' EXIT
fi
if [ "$(id -u)" -ne 0 ]; then
	skip "an ordinary user gets the same bytes" "this already is one"
elif [ -z "$user" ] || ! id "$user" >/dev/null 2>&1; then
	skip "an ordinary user gets the same bytes" "no user with subordinate ids in /etc/subuid"
else
	mkdir user && chown "$user" user
	cp "$real" user/real && cp "${TINYX%/*}/tinyx-confine" user/ && cp -R "$SRCDIR/recipes" "$SRCDIR/rootfs" "$SRCDIR/kconfig-heuristics" user/
	mkdir user/scripts && cp "$SRCDIR/scripts/overlay-install" user/scripts/ && chmod -R a+rX user
	su "$user" -s /bin/sh -c "cd '$PWD/user' && TINYX_DATADIR=$PWD/user TINYX_CACHE=$PWD/user/cache \
		TINYX_TEST_RECIPE=nginx OUT=$PWD/user ./real" >out.tap 2>err
	check "an ordinary user builds it, with an empty cache" test -s user/rootfs.cpio
	check "an ordinary user gets the same bytes" cmp first/rootfs.cpio user/rootfs.cpio
fi
if [ -n "$made" ]; then
	userdel "$made" >/dev/null 2>&1
	trap - EXIT
fi

# squashfs: the same files, listed by unsquashfs.
plan nginx squash FORMAT=squashfs
check "the squashfs form" test $? -eq 0
check "unsquashfs lists nginx" sh -c 'unsquashfs -ll squash/rootfs.squashfs | grep -q /usr/sbin/nginx'

# What goes wrong.
count=$(find cache/installed -name list | wc -l)
recipe unknown nginxx-light /usr/sbin/nginx
plan "$PWD/unknown" bad
check "an unknown package fails" test $? -ne 0
says "an unknown package" "unknown/recipe.conf:3: packages: apt"
says "an unknown package, by name" "nginxx-light"
nothing_half "an unknown package" "$count"

recipe nowhere nginx /usr/sbin/ngins
plan "$PWD/nowhere" bad
check "a command that is nowhere fails" test $? -ne 0
says "a command that is nowhere" "nowhere/recipe.conf:5: command: /usr/sbin/ngins is not in the image"

recipe nothing nginx /usr/sbin/nginx 'include=/usr/lib/no/*'
plan "$PWD/nothing" bad
check "an include that matches nothing fails" test $? -ne 0
says "an include that matches nothing" "nothing/recipe.conf:7: include: /usr/lib/no/* matches nothing"

recipe wrong nginx /usr/sbin/nginx 'applets=mout'
plan "$PWD/wrong" bad
check "an unknown applet fails" test $? -ne 0
says "an unknown applet" "wrong/recipe.conf:7: applets: BusyBox: BusyBox has no applet 'mout' (near: mount)"

# A program given as a file, without a package: what it needs comes from the base.
mkdir -p given
printf '#include <math.h>\n#include <stdlib.h>\nint main(int c, char **v) { return (int)sin(atof(v[c - 1])); }\n' >given/p.c
check "a program is compiled" cc -o given/program given/p.c -lm
printf '[recipe]\ndescription=d\nfiles=program:/opt/bin/ p.c:/opt/source.c\n[run]\ncommand=/opt/bin/program 1\n' >given/recipe.conf
plan "$PWD/given" bad
check "a program given by files= is planned" test $? -eq 0
manifest=bad/manifest.txt
in_image "f${tab}0755${tab}0:0${tab}/opt/bin/program"
in_image "f${tab}0644${tab}0:0${tab}/opt/source.c"
check "its library is there because of it" grep -qE '/libm.so.6.*NEEDED libm.so.6, for /opt/bin/program' bad/manifest.txt
sed -i 's/^command=.*/&\nbefore=true\\nnothere --x\\nmkdir \/x/' given/recipe.conf
plan "$PWD/given" bad
check "what before= runs and nobody brings is warned of, once" \
	test "$(grep -c 'given/recipe.conf:6: before: nothere is not in the image' err)" -eq 1 -a "$(grep -c 'before:' err)" -eq 1
sed -i '/^before=/d' given/recipe.conf
plan "$PWD/given" bad
cp bad/key first-key && echo "/* more */" >>given/p.c
plan "$PWD/given" bad KEY_ONLY=1
check "another content, another key" sh -c '! cmp -s first-key bad/key'
rm given/program
plan "$PWD/given" bad
check "a file that is not there fails" test $? -ne 0
says "a file that is not there" "files: there is no file and no folder $PWD/given/program"

recipe other libyajl2 /bin/sh
count=$(find cache/installed -name list | wc -l)
mkdir -p bad
# shellcheck disable=SC2086
env TINYX_TEST_RECIPE="$PWD/other" OUT="$PWD/bad" $offline "$real" >out.tap 2>err
check "no network fails" test $? -ne 0
says "no network" "installing libyajl2: the packages could not be downloaded (is there a network?)"
nothing_half "no network" "$count"

# Killed while apt works: by SIGKILL, so that nothing can be tidied up.
TINYX_TEST_RECIPE=$PWD/other OUT=$PWD/bad "$real" >out.tap 2>err &
pid=$!
for _ in $(seq 300); do
	[ -d cache/overlay/area/upper/usr ] && break # the overlay itself is in a namespace
	sleep 0.1
done
kill -KILL "$pid"
wait "$pid" 2>/dev/null
nothing_half "killed" "$count"
plan "$PWD/other" other-out
check "the next run works" test $? -eq 0
check "and leaves nothing behind" test -z "$(ls cache/overlay)"

# A file of the cache changed behind tinyx's back.
libcrypto=$(find cache/installed -name libcrypto.so.3 | head -n 1)
printf x | dd of="$libcrypto" bs=1 seek=1000 conv=notrunc 2>/dev/null
plan nginx repaired
check "a damaged file in the cache is repaired" test $? -eq 0
says "a damaged file in the cache" "is damaged"
check "the same bytes after that" cmp first/rootfs.cpio repaired/rootfs.cpio

# A full disk: a small tmpfs as cache.
if [ "$(id -u)" -eq 0 ]; then
	cat >full <<'END'
mkdir -p small && mount -t tmpfs -o size=150m,mode=700 tmpfs small && cp -a cache/apt cache/busybox small/ || exit 3
TINYX_CACHE=$PWD/small "$1" >out.tap 2>err && exit 4
grep -qiE 'no space left|write error|disk full|enough (free )?space' err || exit 5
mount -o remount,size=2g small && TINYX_CACHE=$PWD/small "$1" >out.tap 2>err
END
	mkdir -p full-out
	check "a full disk is said, and the next run with room works" \
		env TINYX_TEST_RECIPE=nginx OUT="$PWD/full-out" unshare --mount sh full "$real"
	check "the same bytes after that, too" cmp first/rootfs.cpio full-out/rootfs.cpio
else
	skip "a full disk" "needs root for a small tmpfs"
fi
finish
