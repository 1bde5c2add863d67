# Drafts of real packages, tried in containers: what only a run shows. No kernel, no Xen.
. "$SRCDIR/tests/tap.sh"
TINYX_CACHE=${TINYX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tinyx}
export TINYX_CACHE
if ! unshare --mount --pid --net --uts --ipc --fork true 2>/dev/null; then
	skip "drafts of real packages" "no namespaces here: a draft is tried in a container"
	finish
fi

# A try-out is mostly waiting: all at once.
packages='prosody tftpd-hpa openssh-server unbound'
[ "${TINYX_ALL_RECIPES-}" != yes ] || packages="$packages samba"
for package in $packages; do
	"$TINYX" init "$package" -o "$package" >"$package.words" 2>"$package.err" &
	jobs="${jobs-} $package:$!"
done
for job in $jobs; do
	wait "${job#*:}"
	status=$?
	check "${job%:*} is drafted" sh -c 'test $1 -eq 0 || { cat "$2"; false; }' sh $status "${job%:*}.err"
done

# A Lua program: its modules are named by no header, and its configuration does not open without them.
check "prosody: its port was open when it was tried" sh -c '! grep "was tried, and nothing listened" prosody/recipe.conf'
check "... with the modules that it opened" grep -q '^+ /usr/lib/.*filesystem.so.*  opened-by /' prosody/files.lock
check "... and a note that says so" grep -q '^# note: files.lock has [0-9]* files that it opened when it was tried' prosody/recipe.conf
check "... and no file of the documentation" sh -c '! grep /usr/share/doc prosody/files.lock'

# What sets extended attributes has a list of folders that are written to.
check "unbound: its port was open when it was tried" sh -c '! grep "was tried, and nothing listened" unbound/recipe.conf'

# A UDP server, of which the number of the port is known, but not whose.
check "tftpd-hpa is drafted as UDP" grep -qx 'ready-udp=69' tftpd-hpa/recipe.conf
check "... and needs no files.lock" test ! -e tftpd-hpa/files.lock

# A server of ssh: who it is must be in no image, and differ from domain to domain.
check "openssh-server: its port was open when it was tried, with keys made then" sh -c '! grep "was tried, and nothing listened" openssh-server/recipe.conf'
mkdir -p plan one two
TINYX_TEST_RECIPE=$PWD/openssh-server OUT=$PWD/plan "${TINYX%/*}/tests/real/rootfs" >out.tap 2>err
check "... its image is planned" test -s plan/manifest.txt
check "... without a host key" sh -c '! cut -f5 plan/manifest.txt | grep -E "^/etc/ssh/ssh_host|/random-seed"'
check "... nor any other private key" sh -c '! tar -xOf plan/rootfs.tar --warning=no-unknown-keyword | grep -aE -A1 "^-----BEGIN.*PRIVATE KEY-----" | grep -aE "^[A-Za-z0-9+/]{40}"'
check "... but with what makes them, and says why" grep -q '	/usr/bin/ssh-keygen	.*makes /etc/ssh/ssh_host_ed25519_key at the first boot$' plan/manifest.txt
for domain in one two; do
	tar -xpf plan/rootfs.tar -C $domain --numeric-owner --warning=no-unknown-keyword --exclude='*dev/*'
	: >$domain/dev/null
	check "the first boot of domain $domain" unshare --mount --propagation private sh -c \
		'mount --bind /dev/null $1/dev/null && chroot $1 /bin/busybox sh /etc/tinyx/first' sh $domain
	check "... makes three keys, which are root's alone" sh -c \
		'test "$(find $1/etc/ssh -name "ssh_host_*_key" -size +0 -perm 600 -user 0 | wc -l)" -eq 3' sh $domain
done
for kind in ed25519 ecdsa rsa; do
	check "... and the domains differ in the $kind key" sh -c '! cmp -s one/etc/ssh/ssh_host_$1_key.pub two/etc/ssh/ssh_host_$1_key.pub' sh $kind
done
cp one/etc/ssh/ssh_host_rsa_key given
check "a key that was given (--at-boot) is left alone" sh -c \
	'chroot one /bin/busybox sh /etc/tinyx/first >out 2>&1; cmp given one/etc/ssh/ssh_host_rsa_key'
mkdir -p openssh-server/files/etc && cp given openssh-server/files/etc/backup.key
TINYX_TEST_RECIPE=$PWD/openssh-server OUT=$PWD/plan "${TINYX%/*}/tests/real/rootfs" >out.tap 2>err
check "a key in files/ fails the build, with the line that would allow it" sh -c \
	'cat out.tap err | grep -q "/etc/backup.key has an OpenSSH private key in line 1" && cat out.tap err | grep -q "allow-secret=/etc/backup.key"'

# The likeliest unit of samba does nothing before a domain is provisioned; another of its units serves.
if [ -d samba ]; then
	check "samba is drafted by the unit that opens a port" grep -qx 'command=/usr/sbin/smbd --foreground --no-process-group' samba/recipe.conf
	check "... which is said" grep -q "^# note: samba-ad-dc.service was passed over: " samba/recipe.conf
else
	skip "samba is drafted by the unit that opens a port" "minutes for its hundred packages: make check-recipes runs it"
fi
check "a second draft over the first leaves no old files.lock" sh -c '"$TINYX" init -q tftpd-hpa -o prosody --force >words 2>err && test ! -e prosody/files.lock'
finish
