# Drafts of real packages, tried in containers: what only a run shows. No kernel, no Xen.
. "$SRCDIR/tests/tap.sh"
TINYX_CACHE=${TINYX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tinyx}
export TINYX_CACHE
if ! unshare --mount --pid --net --uts --ipc --fork true 2>/dev/null; then
	skip "drafts of real packages" "no namespaces here: a draft is tried in a container"
	finish
fi

# A try-out is mostly waiting: all at once.
packages='prosody tftpd-hpa'
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

# A UDP server, of which the number of the port is known, but not whose.
check "tftpd-hpa is drafted as UDP" grep -qx 'ready-udp=69' tftpd-hpa/recipe.conf
check "... and needs no files.lock" test ! -e tftpd-hpa/files.lock

# The likeliest unit of samba does nothing before a domain is provisioned; another of its units serves.
if [ -d samba ]; then
	check "samba is drafted by the unit that opens a port" grep -qx 'command=/usr/sbin/smbd --foreground --no-process-group' samba/recipe.conf
	check "... which is said" grep -q "^# note: samba-ad-dc.service was passed over: " samba/recipe.conf
else
	skip "samba is drafted by the unit that opens a port" "minutes for its hundred packages: make check-recipes runs it"
fi
check "a second draft over the first leaves no old files.lock" sh -c '"$TINYX" init -q tftpd-hpa -o prosody --force >words 2>err && test ! -e prosody/files.lock'
finish
