# tinyx build --trace: a program that opens a library by a name that it puts together, and files of a package;
# on a kernel that is built in a moment (tests/fake-kernel), since nothing is booted. Then nginx: what nobody
# opened is dropped, and the rest passes its test as a domain (one boot).
. "$SRCDIR/tests/tap.sh"
. "$SRCDIR/tests/fake-kernel/world.sh"
TINYX_CACHE=${TINYX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tinyx}
export TINYX_CACHE
fake_world "tinyx build --trace on a fake kernel"

mkdir -p app/files/srv
cat >opener.c <<'X'
/* A line a request: "l NAME" loads libNAME.so.2, "r FILE" answers with its first line that is not empty. */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
int main(void) {
  char line[300], name[320];
  setvbuf(stdout, NULL, _IOLBF, 0);
  while (fgets(line, sizeof line, stdin) != NULL && line[0] != 'q') {
    line[strcspn(line, "\r\n")] = '\0';
    if (line[0] == 'l') {
      snprintf(name, sizeof name, "lib%s.so.%d", line + 2, 2);
      puts(dlopen(name, RTLD_NOW) != NULL ? "loaded" : dlerror());
    } else {
      FILE *file = fopen(line + 2, "r");
      strcpy(line, "\n");
      while (file != NULL && line[0] == '\n' && fgets(line, sizeof line, file) != NULL) {}
      fputs(line, stdout);
    }
  }
  return 0;
}
X
check "the program is compiled" gcc -O1 -o app/files/srv/opener opener.c
# recipe COMMAND...: its recipe
recipe() {
	cat >app/recipe.conf <<X
[recipe]
description=opens a library by a name that it puts together, and files
packages=nginx-common
[run]
command=$*
[image]
applets=tcpsvd
[test]
ready=7000
timeout=30
X
}
recipe /usr/bin/tcpsvd 0 7000 /srv/opener
cat >app/test.sh <<'X'
printf '%s\n' 'l cap' 'r /usr/share/doc/nginx-common/copyright' 'r /etc/nginx/koi-utf' q |
	timeout 10 nc "$TINYX_GUEST_IP" "$TINYX_GUEST_PORT" >/tmp/got
cat /tmp/got
grep -qx loaded /tmp/got && grep -q '^Format:' /tmp/got && grep -q '^# This map' /tmp/got
X
build() { "$TINYX" build ./app --platform fake -k ./tree -o out "$@" >words 2>err; }

build
status=$?
if [ $status -ne 0 ] && grep -qiE 'network|resolve' err; then
	skip "a trace" "no network here"
	finish
fi
check "an image without a trace" test $status -eq 0
check "... lacks the library" sh -c '! grep -q libcap.so out/manifest.txt'
check "... and suspects the program" grep -q '^dlopen	/srv/opener	.*lib%s.so.%d' out/suspects.txt
check "... and says how many suspects there are" grep -q 'suspects: calls of dlopen that cannot be followed: [1-9]' err
build --trace
status=$?
if [ $status -ne 0 ] && grep -q 'does not allow that' err; then
	skip "a trace" "$(grep -o 'this machine does not allow.*' err)"
	finish
fi
check "an image with a trace" test $status -eq 0
cp app/recipe.conf app/kept
# shellcheck disable=SC2016 # for the shell in the image
recipe /bin/sh -c '"while read -r a b; do case $a in CapBnd:) echo $a $b ;; esac; done </proc/self/status; exit 3"'
"$TINYX" build ./app --platform fake -k ./tree -o bounded --trace >bounded.words 2>bounded.err
check "what is traced cannot load modules (16), use ports (17) or set the clock (25)" python3 -c '
import re
bounds = re.findall("CapBnd: ([0-9a-f]{16})", open("bounded.err").read())
assert bounds and not any(int(b, 16) & (1 << 16 | 1 << 17 | 1 << 25) for b in bounds), bounds'
mv app/kept app/recipe.conf
check "the library is in, and says why" grep -q '/usr/lib/[^	]*/libcap\.so\.2\.[0-9.]*	libcap2	.*opened at run time by /srv/opener$' out/manifest.txt
check "so is its link" grep -q '/libcap\.so\.2 -> ' out/manifest.txt
check "so is a file that rootfs/prune leaves out" grep -q '/usr/share/doc/nginx-common/copyright	.*opened at run time by /srv/opener$' out/manifest.txt
check "the loader's index is not" sh -c '! grep -q /etc/ld.so.cache out/manifest.txt'
check "opened.txt has the program that did" grep -q '^open	/etc/nginx/koi-utf	/srv/opener$' out/opened.txt
check "unopened.txt has what nobody opened" grep -q '	/etc/nginx/fastcgi_params	nginx-common	' out/unopened.txt
check "... and not what was opened" sh -c '! grep -q koi-utf out/unopened.txt'
check "... nor BusyBox, the glue, users" sh -c '! grep -E "busybox|/etc/tinyx|/etc/passwd|/srv/opener" out/unopened.txt'
check "the terminal names the droppable" grep -qE 'droppable +[1-9][0-9]* files that nobody opened, .*[kM]B' words
check "the lock has it" grep -q '^+ /usr/share/doc/nginx-common/copyright  opened-by /srv/opener$' app/files.lock
check "report.json counts it" python3 -c '
import json
r = json.load(open("out/report.json"))["trace"]
assert r["added"] == 3 and r["added_bytes"] > 1000 and r["opened"] >= 4, r
assert r["unopened"] == len(open("out/unopened.txt").readlines()) and r["dropped"] == 0, r'
cp out/manifest.txt traced.txt
check "again: the trace is from the cache" sh -c '"$TINYX" build ./app --platform fake -k ./tree -o out --trace >words 2>err && grep -q "from the cache" err'
check "... and the image has not changed" grep -q 'nothing has changed' err
"$TINYX" explain ./app /etc/nginx/koi-utf --platform fake -k ./tree -o out >words 2>err
check "explain: who opened it" grep -q 'in the traced test: open, by /srv/opener' words
check "a plain build uses the lock" build --force
check_same "... to the same image" out/manifest.txt traced.txt
check "--no-lock does not" build --no-lock
check "... the library is out" sh -c '! grep -q libcap.so out/manifest.txt'

# A person's line in the lock.
echo '- /etc/nginx/fastcgi_params  # not for this' >>app/files.lock
check "a dropped file" build
check "... is out" sh -c '! grep -q /etc/nginx/fastcgi_params out/manifest.txt'
check "... and counted" grep -q '"dropped" : 1,' out/report.json
"$TINYX" explain ./app /etc/nginx/fastcgi_params --platform fake -k ./tree -o out >words 2>err
check "explain: it was dropped, and why" sh -c 'grep -q "out: dropped" words && grep -q "files.lock: not for this" words'

# Failures: said with the last words of who failed; nothing is written.
cp -R app kept
cp out/report.json kept-report.json
echo 'echo this test fails; exit 3' >app/test.sh
build --trace
check "a test that fails: status 1" test $? -eq 1
check "... and why" sh -c 'grep -q "the test failed (exit status 3)" err && grep -q "| this test fails" err'
check_same "... the lock stays" app/files.lock kept/files.lock
check_same "... the image too" out/report.json kept-report.json
recipe /bin/busybox sh -c "'echo I cannot start; exit 7'"
build --trace
check "an application that does not start: status 1" test $? -eq 1
check "... and its last words" sh -c 'grep -q "the application ended (exit status 7) before it answered on port 7000" err && grep -q "| I cannot start" err'
mkdir bin
ln -s /usr/bin/* /usr/sbin/* bin 2>.tap-out
rm -f bin/strace
PATH=$PWD/bin build --trace
check "without strace: status 2" test $? -eq 2
check "... the package is named" grep -q 'strace' err
# What the test needs although nobody opened it, is found by domains: here by a stand-in for xl, in which a
# domain powers itself off if its files have what it wants, and crashes otherwise.
mkdir job stand
cat >job/recipe.conf <<'X'
[recipe]
description=a job that ends well
packages=nginx-common
[run]
command=/bin/busybox sh -c 'exit 0'
on-exit=poweroff
[image]
vifs=0
[test]
timeout=30
X
cat >stand/xl <<'X'
#!/bin/sh
case $1 in
create)
	echo >>"$XL_FOLDER/boots"
	xz -dc "$(sed -n 's/^ramdisk *= *"\(.*\)"/\1/p' "$3")" | cpio -t --quiet 2>/dev/null >"$XL_FOLDER/files"
	if grep -qx "$XL_WANTED" "$XL_FOLDER/files"; then echo 0; else echo 3; fi >"$XL_FOLDER/end"
	;;
list) echo "$3 1 32 1 --p--- 1.0 uuid $(cat "$XL_FOLDER/end")" ;;
console) echo 'tinyx: meminfo' && exec sleep 60 ;;
esac
X
chmod 755 stand/xl
XL_FOLDER=$PWD
XL_WANTED=etc/nginx/win-utf
export XL_FOLDER XL_WANTED
drop() { PATH=$PWD/stand:$PATH "$TINYX" build ./job --platform fake -k ./tree -o job-out --drop-unopened --host local >words 2>err; }
check "what nobody opened is dropped" drop
boots=$(wc -l <boots)
check "what the domain needs is found" grep -q '^= /etc/nginx/win-utf  # never opened, but the test fails without it' job/files.lock
check "... and stays in the image" grep -q /etc/nginx/win-utf job-out/manifest.txt
check "... which the rest is not" sh -c '! grep -E "/etc/nginx/(koi-utf|koi-win|mime.types)" job-out/manifest.txt'
check "... nor in the lock without a mark" grep -q '^- /etc/nginx/koi-utf  # never opened; the test passes without it' job/files.lock
check "few domains were booted: $boots" test "$boots" -le 16
check "report.json counts the dropped, and what is needed" python3 -c '
import json
r = json.load(open("job-out/report.json"))["trace"]
assert r["dropped"] >= 5 and r["dropped_bytes"] > 1000 and r["needed_unopened"] == 1, r'
: >boots
check "again: what is known is not tried" drop
check "... one domain" test "$(wc -l <boots)" -eq 1
cp job/files.lock job.lock
XL_WANTED=no/such/file drop
check "a domain that never passes: status 1" test $? -eq 1
check "... is said" grep -q 'the test does not pass even with nothing dropped: the guest crashed' err
check_same "... the lock stays" job/files.lock job.lock
check "nothing is left of the containers" sh -c '! find "$TINYX_CACHE/trace-area/work" -mindepth 1 | grep .'
rm -rf "$TINYX_CACHE"
TINYX_CACHE=$shared
TINYX_DATADIR=$SRCDIR

if [ ! -f /usr/src/linux-source-6.1.tar.xz ]; then
	skip "what nobody opened is dropped, under Xen" "linux-source-6.1 is not installed"
	finish
fi
cp -R "$SRCDIR/recipes/nginx" nginx
check "nginx without what nobody opened passes as a domain" sh -c '"$TINYX" build ./nginx --drop-unopened -o dropped >words 2>err || { cat err; false; }'
check "... after one boot" grep -q 'guests booted: 1$' words
check "... the lock says what went" grep -q '^- /etc/nginx/fastcgi_params  # never opened; the test passes without it' nginx/files.lock
check "... and the image lacks it" sh -c '! grep -q /etc/nginx/fastcgi_params dropped/manifest.txt && grep -q /etc/nginx/mime.types dropped/manifest.txt'
grep -E 'droppable|dropped' words | sed 's/^/# /'
finish
