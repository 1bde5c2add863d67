# What the files of an image name and the image lacks (absent.txt, report.json, the summary), with a kernel that is
# built in a moment: each kind once, with the line that brings it, and gone once that line is there.
. "$SRCDIR/tests/tap.sh"
TINYX_CACHE=${TINYX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tinyx}
export TINYX_CACHE
. "$SRCDIR/tests/fake-kernel/world.sh"
fake_world "what an image lacks"
cat >data/kconfig-heuristics/features/puller.config <<'X'
# feature: free
# what: something that may be left out
# when: import setlocale
CONFIG_FREE_1=y  # it
X
cat >data/kconfig-heuristics/features/syslog.config <<'X'
# feature: syslog
# what: messages on the console
# when: fact applet:syslogd
# stands: no test sees them
CONFIG_FREE_2=y  # for a test
X
mkdir -p app/files/usr/bin
cat >program.c <<'X'
#include <locale.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <syslog.h>
static const char *const named[] = {"/dev/net/tun", "/usr/share/doc/libc6/copyright", "/proc/cpuinfo", "/usr/sbin/sendmail", "/usr/bin/ischroot"};
int main(int argc, char **argv) {
  char path[32];
  syslog(LOG_INFO, "%d", argc);
  int stream = socket(AF_INET6, SOCK_STREAM, 0);
  snprintf(path, sizeof path, "/dev/loop%d", argc);
  return setlocale(LC_ALL, "") == NULL || mount(named[argc], path, argv[0], stream, NULL) == 0;
}
X
check "a program that names much" "${CC:-gcc}" -O1 -fPIC -o app/files/usr/bin/program program.c
cat >app/files/usr/bin/script <<'X'
#!/bin/sh
# /usr/bin/comment says nothing
exec "$1/dev/middle" /dev/watchdog "/usr/lib/os-release"
X
chmod 755 app/files/usr/bin/script
recipe() {
	printf '%s\n' '[recipe]' 'description=an application for a test' '[run]' 'command=/usr/bin/program' "$@" \
		'[kernel]' "without=${without-free syslog}" >app/recipe.conf
}
# shellcheck disable=SC2317 # called by check
build() { "$TINYX" build ./app --platform fake -k ./tree -o out >summary 2>err; }
# shellcheck disable=SC2317 # called by check
lists() { grep -q "^$1	$2	.*$3" out/absent.txt; }

recipe user=nobody '[image]' mounts=tmp
check "an image" build
sed 's/^/# /' out/absent.txt
check "a device that the program names" lists node /dev/net/tun '/usr/bin/program	\[image\] mounts=dev'
check "... and one whose name it makes" lists node '/dev/loop\*' '/usr/bin/program	\[image\] mounts=dev	disks made of files'
check "... and one in a script" lists node /dev/watchdog '/usr/bin/script'
check "... and messages that nobody takes" lists node /dev/log 'import .*syslog.* in /usr/bin/program	\[kernel\] with=syslog'
check "what is only the end of a longer word is none" sh -c '! grep -q middle out/absent.txt'
check "a comment says nothing" sh -c '! grep -q comment out/absent.txt'
check "what nobody misses is left out" sh -c '! grep -q /usr/share/doc out/absent.txt'
check "a file of the kernel" lists path /proc/cpuinfo '\[image\] mounts=proc'
check "a family of sockets" lists family IPv6 '\[kernel\] with=ipv6'
check "a feature that the recipe takes out" lists feature free '\[kernel\] with=free	.*left out by without='
check "a right" lists capability sys_admin '\[run\] capabilities=sys_admin'
check "a program that no package brings" lists helper /usr/sbin/sendmail '-	no package of the recipe has it'
check "a program that the installation has" lists helper /usr/bin/ischroot '\[image\] include=/usr/bin/ischroot'
check "a file that it has" lists file /usr/lib/os-release '\[image\] include=/usr/lib/os-release'
check "a locale" lists locale C.UTF-8 'include=/usr/lib/locale/C.utf8'
check "report.json has the same" python3 -c '
import json
lines = [line.rstrip("\n").split("\t") for line in open("out/absent.txt")]
listed = json.load(open("out/report.json"))["absent"]
assert [[one["kind"], one["name"], one["by"], one.get("cure", "-"), one.get("why", "-")] for one in listed] == lines'
sed 's/^/# /' summary
check "the summary names them" grep -q 'not in it  devices: /dev/log, /dev/loop\*, /dev/net/tun' summary
check "... kind by kind" sh -c 'grep -q " rights of root: sys_admin" summary && grep -q " programs: /usr/bin/ischroot" summary'
check "... and says where the rest is" grep -q 'what brings it: absent.txt' summary

without='' recipe '[image]' 'mounts=proc dev' 'include=/usr/bin/ischroot /usr/lib/os-release /usr/lib/locale/C.utf8'
check "an image with those lines" build
sed 's/^/# /' out/absent.txt
check "... has what they bring" sh -c '! grep -E "^(node|path|feature|locale)	|	sys_admin	|ischroot|os-release" out/absent.txt'
check "... and takes messages" grep -q '/etc/tinyx/log	' out/manifest.txt
check "... and still lacks the rest" sh -c 'grep -q "^helper	/usr/sbin/sendmail" out/absent.txt && grep -q "^family	IPv6" out/absent.txt'
finish
