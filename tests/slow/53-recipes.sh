# Shipped recipes as domains, by their own tests: the floor (noop), a server (redis), BusyBox alone (daytime, on
# nginx's kernel: what its own differs in is make check-recipes' matter); nginx is 51's.
. "$SRCDIR/tests/tap.sh"
TINYX_CACHE=${TINYX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tinyx}
export TINYX_CACHE
if [ ! -f /usr/src/linux-source-6.1.tar.xz ]; then
	skip "recipes under Xen" "linux-source-6.1 is not installed"
	finish
fi
# passes RECIPE NAME
passes() {
	check "$2" sh -c '"$TINYX" test "$1" -o "$2" >words 2>err && grep -q "^$2: passed" words || { cat words; false; }' sh "$@"
}
passes noop noop
passes redis redis
mkdir -p like
cp -R "$SRCDIR/recipes/daytime" like/
rm -f like/daytime/kernel-*
sed -i '/^\[kernel\]/,/^$/d' like/daytime/recipe.conf # its wishes are not those of nginx
cp "$SRCDIR/recipes/nginx/kernel-xen-pv.lock" like/daytime/
passes ./like/daytime daytime
noop=$(($(stat -c %s noop/bzImage) + $(stat -c %s noop/initramfs.cpio.xz)))
echo "# noop: kernel and initramfs $noop bytes"
check "noop is small" test "$noop" -lt 2000000

"$TINYX" test noop -o noop --least --json >words 2>err
check "noop runs in 14 MB" python3 -c "
import json
assert 4 < json.load(open('words'))['least_memory_mb'] <= 14"

# Two applications in one image: the store, and a web server of BusyBox's; on the store's kernel.
mkdir -p two/files/srv
cp "$SRCDIR/recipes/redis/kernel-xen-pv.lock" two/
echo "the second application" >two/files/srv/index.html
cat >two/recipe.conf <<'X'
[recipe]
description=two applications
packages=redis-server
[run]
command=/usr/bin/redis-server --bind 0.0.0.0 --protected-mode no --save '' --dir /tmp
user=redis
[run web]
command=/usr/sbin/httpd -p 8080 -h /srv
before=echo "before the second"
forks=yes
[image]
memory=64
include=/usr/bin/redis-server
applets=httpd
[test]
ready=6379
X
cat >two/test.sh <<'X'
printf 'PING\r\nQUIT\r\n' | timeout 10 nc "$TINYX_GUEST_IP" 6379 | grep -q PONG || exit 1
for _ in 1 2 3 4 5 6 7 8 9 10; do
	timeout 5 wget -q -O - "http://$TINYX_GUEST_IP:8080/" | grep -qx 'the second application' && break
	sleep 1
done
grep -q 'before the second' "$TINYX_CONSOLE" || exit 2
grep -q 'tinyx: web starting' "$TINYX_CONSOLE" || exit 3
sleep 3
[ "$(grep -c 'tinyx: web starting' "$TINYX_CONSOLE")" = 1 ] # it forks, and yet it is not started again
X
check "two applications in one image, one of which forks" sh -c '"$TINYX" test ./two -o two-out >words 2>err || { cat words; false; }'
finish
