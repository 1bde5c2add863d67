# tinyx deps: what it prints for good and for bad input. Oracles: tests/unit/test-deps-oracle.c.
. "$SRCDIR/tests/tap.sh"
export TINYX_DATADIR="$SRCDIR"

bad() { # TEXT STATUS PATTERN ARGUMENT...: status, a word on standard error, nothing on output
	text=$1 status=$2 pattern=$3
	shift 3
	"$TINYX" deps "$@" >out 2>err
	got=$?
	check "$text: status $status" test $got -eq "$status" -a ! -s out
	check "$text: is said" grep -q -- "$pattern" err
}

"$TINYX" deps /bin/sh >out 2>err
check "/bin/sh: status 0" test $? -eq 0
check "... the C library, with the file that needs it" grep -Eq '/libc\.so\.6 +[0-9]+  .*: NEEDED libc\.so\.6$' out
check "... a total" grep -Eq '^total: [0-9]+ files, ' out
"$TINYX" deps --tree /bin/sh >tree 2>err
check "--tree: as many entries" test "$(wc -l <out)" -eq "$(wc -l <tree)"
"$TINYX" deps --json /bin/sh >json 2>err
check "--json is JSON with the same files" python3 -c '
import json, sys
d = json.load(open("json"))
lines = open("out").read().splitlines()[:-1]
assert len(d["files"]) == len(lines), (len(d["files"]), len(lines))
assert [f["path"] for f in d["files"]] == [l.split()[0] for l in lines]
assert d["bytes"] == sum(f["size"] for f in d["files"]) and d["missing"] == []'

# A root of our own, in which nothing can be executed.
mkdir -p root/usr/bin root/usr/local/bin
ln -s usr/bin root/bin
printf '#!/bin/tool -x\n' >root/script
printf '#!/usr/bin/env other\n' >root/usr/bin/tool
printf 'data\n' >root/usr/bin/env
printf 'data\n' >root/usr/local/bin/other
chmod 755 root/script root/usr/bin/* root/usr/local/bin/other
ln -s /script root/link
ln -s ../../../../../../etc/passwd root/out-of-it
ln -s loop root/loop
"$TINYX" deps --root root /link >out 2>err
check "--root: status 0" test $? -eq 0
awk '$1 != "total:" {print $1}' out >paths
printf '%s\n' /bin /link /script /usr/bin/env /usr/bin/tool /usr/local/bin/other >expected
check_same "--root: symlinks and interpreters, recursively" expected paths
check "--root: nothing outside of it" sh -c '! grep -q "$PWD" out'

bad "a link out of the root" 2 'no such file: a link leads to /etc/passwd' --root root /out-of-it
bad "a loop of links" 2 'too many symlinks' --root root /loop
bad "no such root" 2 'nowhere: No such file' --root nowhere /x
bad "a root that is a file" 2 'not a folder' --root root/script /x
bad "no such file" 2 '/no/such/file: no such file' /no/such/file
bad "a folder" 2 '/usr: is a folder' /usr
bad "no argument" 2 'no file or package'
bad "files and packages mixed" 2 'cannot be mixed' /bin/sh nginx
bad "--tree with --json" 2 'exclude each other' --tree --json /bin/sh
bad "a package's name that is none" 2 "\"Nginx_\" is no package's name" Nginx_
bad "--root with a package" 2 'go with files' --root root nginx

head -c 1000 /bin/sh >cut.elf
bad "a truncated program" 2 "cut.elf: truncated: .* of 1000" ./cut.elf
printf '\177ELF\7\1\1' >bad
head -c 100 /dev/zero >>bad
bad "a malformed program" 2 'bad: malformed: ELF class 7' ./bad
"$TINYX" deps "$SRCDIR/tests/fuzz/corpus/elf/dyn-s390x-big-endian" >out 2>err
check "a foreign program is told apart" grep -q 'for s390, 64-bit, not for this machine' err
check "... and what it lacks" grep -q 'NEEDED libm.so.6: not found' err
if printf 'int main(void){return 0;}' | gcc -static -x c - -o static 2>/dev/null; then
	"$TINYX" deps ./static >out 2>err
	check "a static program: status 0" test $? -eq 0
	check "... and it is called so" grep -q 'static: static (.*): needs no loader and no library' err
else
	skip "a static program" "gcc -static does not work here"
fi
printf 'when needed x\n' >rules
bad "bad rules" 2 'rules:1: no reason in' --rules rules /bin/sh
printf 'when needed libc.so.6 => library libnowhere.so.1 # a test\n' >rules
"$TINYX" deps --rules rules /bin/sh >out 2>err
check "something missing: status 1" test $? -eq 1
check "... and it is said" grep -q 'a test (libnowhere.so.1): not found' err
# What the loader maps though no DT_NEEDED names it: ld.so.preload's libraries, and what DT_FILTER and DT_AUXILIARY name.
mkdir -p pre/etc pre/opt pre/lib64 pre/bin pre/lib/x86_64-linux-gnu
build_pre() {
	cp -L /lib64/ld-linux-x86-64.so.2 pre/lib64 && cp -L /lib/x86_64-linux-gnu/libc.so.6 pre/lib/x86_64-linux-gnu &&
		echo 'int pre;' | gcc -shared -x c - -o pre/opt/libpre.so &&
		echo 'int f(void) { return 7; }' | gcc -shared -fPIC -x c - -Wl,-soname,libback.so.1 -o pre/opt/libback.so.1 &&
		echo 'int f(void) { return 0; }' | gcc -shared -fPIC -x c - -Wl,-soname,libfront.so.1 -Wl,-rpath,/opt \
			-Wl,-f,libback.so.1 -Wl,-f,libabsent.so.1 -o pre/opt/libfront.so.1 &&
		echo 'int f(void); int main(void) { return f(); }' |
		gcc -x c - -x none pre/opt/libfront.so.1 -Wl,-rpath,/opt -Wl,-rpath-link,pre/opt -o pre/bin/prog &&
		echo '/opt/libpre.so # ours' >pre/etc/ld.so.preload
}
if [ "$(uname -m)" = x86_64 ] && build_pre 2>/dev/null; then
	"$TINYX" deps --root pre /bin/prog >out 2>err
	check "ld.so.preload and an absent auxiliary library: status 0" test $? -eq 0
	check "... the preloaded library, and why" grep -q '^/opt/libpre.so .*: /etc/ld.so.preload names it$' out
	check "... the file that names it" grep -q '^/etc/ld.so.preload ' out
	check "... the library that provides symbols in another's place" grep -q '^/opt/libback.so.1 .*/opt/libfront.so.1: AUXILIARY' out
else
	skip "preloaded and auxiliary libraries" "gcc cannot make them here, or this is no amd64"
fi
# A module that nsswitch.conf names, with a library that only it needs, and one that is needed anyway.
lib=nss/lib/x86_64-linux-gnu
mkdir -p $lib nss/lib64 nss/etc nss/bin
if [ -e /lib64/ld-linux-x86-64.so.2 ] && cp -L /lib64/ld-linux-x86-64.so.2 nss/lib64 && cp -L /lib/x86_64-linux-gnu/libc.so.6 $lib &&
	echo 'int only(void) { return 1; }' | gcc -shared -x c - -Wl,-soname,libonly.so.1 -o $lib/libonly.so.1 &&
	echo 'int both(void) { return 1; }' | gcc -shared -x c - -Wl,-soname,libboth.so.1 -o $lib/libboth.so.1 &&
	echo 'int only(void); int both(void); int f(void) { return only() + both(); }' | gcc -shared -x c - -x none $lib/libonly.so.1 $lib/libboth.so.1 -o $lib/libnss_dear.so.2 &&
	printf '#include <pwd.h>\nint both(void); int main(void) { return getpwuid(both()) == 0; }\n' | gcc -x c - -x none $lib/libboth.so.1 -o nss/bin/prog; then
	echo 'passwd: files dear [NOTFOUND=return] absent' >nss/etc/nsswitch.conf
	"$TINYX" deps --root nss /bin/prog >out 2>err
	check "a name service module: its cost, and the line that leaves it out" \
		grep -q "nsswitch.conf brings libnss_dear.so.2: .* of .* exclude=/${lib#*/}/libnss_dear.so.2 /${lib#*/}/libonly.so.1\$" err
	echo 'passwd: files' >nss/etc/nsswitch.conf
	"$TINYX" deps --root nss /bin/prog >out 2>err
	check "no such module: nothing is said" sh -c '! grep -q nsswitch.conf err'
else
	skip "a name service module" "gcc cannot make libraries here, or this is no amd64"
fi
mkdir state
TINYX_CACHE=$PWD/state/file/x
export TINYX_CACHE
: >state/file
bad "a cache that cannot be made" 2 'state/file' nginx
finish
