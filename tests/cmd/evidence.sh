# What programs of several kinds show of their system calls: linked to libc, static, static and position independent, by
# glibc and by musl, by syscall(2), by one function for all as Go's run time has it; with and without symbols.
. "$SRCDIR/tests/tap.sh"
evidence=${TINYX%/*}/tests/real/evidence
if ! command -v cc >/dev/null; then
	skip "evidence in programs" "no compiler"
	finish
fi
cat >all.c <<'X'
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
int main(int argc, char **argv) {
  struct flock one = {.l_type = F_WRLCK};
  struct timespec now;
  return epoll_create1(0) + eventfd(argc, 0) + setuid(argc) + fcntl(argc, F_SETLK, &one) +
         clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now) + socket(AF_UNIX, SOCK_STREAM, 0) + argv[0][0];
}
X
cat >none.c <<'X'
#include <fcntl.h>
#include <sys/socket.h>
#include <time.h>
int main(int argc, char **argv) {
  struct timespec now;
  return fcntl(argc, F_GETFD) + clock_gettime(CLOCK_MONOTONIC, &now) + socket(AF_INET, SOCK_STREAM, 0) + argv[0][0];
}
X
cat >number.c <<'X'
#include <sys/syscall.h>
#include <unistd.h>
int main(void) { return syscall(SYS_epoll_create1, 0) + syscall(SYS_io_uring_setup, 1, 0); }
X
cat >hidden.c <<'X'
void _start(void) {
  long result, number = *(volatile long *)_start;
  __asm__ volatile("syscall" : "=a"(result) : "a"(number) : "rcx", "r11", "memory");
  for (;;)
    ;
}
X
all='epoll eventfd file-locking multiuser posix-timers unix-sockets'
# shows PROGRAM FEATURE...: each is among its features
# shellcheck disable=SC2317  # called by check
shows() {
	program=$1
	shift
	"$evidence" "./$program" >features 2>err || return 1
	for feature; do
		grep -q "^$feature " features || {
			echo "not $feature; only:"
			cat features
			return 1
		}
	done
}
# lacks PROGRAM FEATURE...: none is
# shellcheck disable=SC2317  # called by check
lacks() {
	program=$1
	shift
	"$evidence" "./$program" >features 2>err || return 1
	for feature; do ! grep "^$feature " features || return 1; done
}
# kinds COMPILER NAME FLAGS: of both programs, with and without symbols
kinds() {
	compiler=$1 name=$2
	shift 2
	if ! "$compiler" -O2 "$@" -o all all.c 2>err || ! "$compiler" -O2 "$@" -o none none.c 2>err; then
		skip "$name" "$compiler $* cannot link"
		return
	fi
	# shellcheck disable=SC2086 # words
	check "$name: all six are seen" shows all $all
	strip all none
	# shellcheck disable=SC2086
	check "$name: stripped, too" shows all $all
	case $* in
	*static*) check "$name: it is static" grep -q '^note: .*/all is static' features ;;
	esac
	# What glibc's own start and printf bring into a static program is evidence, too.
	check "$name: other numbers show nothing" lacks none epoll eventfd unix-sockets hidden-calls
}
kinds cc "linked to libc"
kinds cc "linked to libc, by the GOT" -fno-plt
kinds cc "static" -static
kinds cc "static and position independent" -static-pie
if command -v musl-gcc >/dev/null; then
	kinds musl-gcc "static by musl" -static
	kinds musl-gcc "static by musl, small" -static -Os
else
	skip "static by musl" "no musl-gcc"
fi
cc -O2 -o number number.c
check "syscall(2) with a number" shows number epoll io-uring
cc -O2 -static -nostdlib -fno-stack-protector -o hidden hidden.c
check "no number anywhere: what servers use" shows hidden hidden-calls
check "... which is noted" grep -q '^note: ./hidden is static, and no numbers' features
cc -O1 -static -nostdlib -fno-stack-protector -o one "$SRCDIR/tests/reports/kernel/hidden.c"
check "one function for all" shows one epoll eventfd
check "... is not hidden" lacks one hidden-calls
finish
