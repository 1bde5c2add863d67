#!/bin/sh
# Compiles the programs and makes the links, in a copy of this folder.
set -eu
mkdir -p files/opt/app/bin files/opt/app/lib files/opt/more/lib files/usr/local/lib files/usr/bin files/srv
library() { # PATH CODE FLAGS...: named by the loader as its file is
	out=$1 code=$2
	shift 2
	printf '%s\n' "$code" | cc -shared -fPIC -Wl,-soname,"${out##*/}" -o "files/$out" -x c - "$@"
}
program() { # PATH CODE FLAGS...
	out=$1 code=$2
	shift 2
	printf '%s\n' "$code" | cc -O1 -o "files/$out" -x c - -x none "$@"
}
# by $ORIGIN; by the loader's index; by LD_LIBRARY_PATH; by LD_PRELOAD alone; in another library's place
library opt/app/lib/libo.so.1 'int f(void) { return 42; }'
program opt/app/bin/origin 'int f(void); int main(void) { return f() != 42; }' files/opt/app/lib/libo.so.1 \
	-Wl,-rpath,'$ORIGIN/../lib'
library usr/local/lib/liblocal.so.1 'int f(void) { return 42; }'
program usr/bin/local 'int f(void); int main(void) { return f() != 42; }' files/usr/local/lib/liblocal.so.1
library opt/more/lib/libmore.so.1 'int f(void) { return 42; }'
program usr/bin/more 'int f(void); int main(void) { return f() != 42; }' files/opt/more/lib/libmore.so.1
library opt/more/lib/libpre.so 'int word(void) { return 42; }'
program usr/bin/preloaded '__attribute__((weak)) int word(void);
int main(void) { return !word || word() != 42; }'
library opt/app/lib/libback.so.1 'int f(void) { return 7; }'
library opt/app/lib/libfront.so.1 'int f(void) { return 0; }' -Wl,-f,libback.so.1 -Wl,-rpath,'$ORIGIN'
program opt/app/bin/filtered 'int f(void); int main(void) { return f() != 7; }' files/opt/app/lib/libfront.so.1 \
	-Wl,-rpath,'$ORIGIN/../lib' -Wl,-rpath-link,files/opt/app/lib
# what libc asks of /proc; open files
program usr/bin/stack '#define _GNU_SOURCE
#include <pthread.h>
int main(void) { pthread_attr_t a; return pthread_getattr_np(pthread_self(), &a) != 0; }'
program usr/bin/nofile '#include <sys/resource.h>
int main(void) { struct rlimit l = {10032, 10032}; return setrlimit(RLIMIT_NOFILE, &l) != 0; }'
# a message of syslog(3), which is on the console
program usr/bin/complain '#include <syslog.h>
int main(void) { openlog("complain", LOG_PID, LOG_DAEMON); syslog(LOG_ERR, "no %s", "gold"); return 0; }'
# one file with two names; a virtual environment, whose interpreter is behind an absolute link
head -c 300000 /dev/urandom >files/srv/one
ln files/srv/one files/srv/two
venv=files/opt/venv
mkdir -p $venv/bin $venv/lib/python3.11/site-packages
printf 'home = /usr/bin\nversion = 3.11\n' >$venv/pyvenv.cfg
ln -s /usr/bin/python3.11 $venv/bin/python3
echo 'word = "from the environment"' >$venv/lib/python3.11/site-packages/ours.py
printf '#!/opt/venv/bin/python3\nimport ours, sys\nsys.exit(ours.word != "from the environment")\n' >$venv/bin/hello
chmod 755 $venv/bin/hello
echo odd >'odd name'
