# tap.sh - TAP for tests in shell; a test sources it and ends with `finish`.
# shellcheck shell=sh
tap_count=0 tap_failed=0 tap_last=$(date +%s)

# What took long is said, before the result that it led to: run-tests shows it.
tap_seconds() {
	tap_now=$(date +%s)
	[ $((tap_now - tap_last)) -lt 20 ] || echo "# took $((tap_now - tap_last)) s: $1"
	tap_last=$tap_now
}

# pass TEXT / fail TEXT / skip TEXT WHY
pass() {
	tap_seconds "$1"
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1"
}
fail() {
	tap_seconds "$1"
	tap_count=$((tap_count + 1)) tap_failed=$((tap_failed + 1))
	echo "not ok $tap_count - $1"
}
skip() {
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1 # SKIP $2"
}

# check TEXT COMMAND...: the command's status decides; what it prints is shown on failure.
check() {
	tap_text=$1
	shift
	if "$@" >.tap-out 2>&1; then
		pass "$tap_text"
	else
		fail "$tap_text"
		echo "# status $? of: $*"
		sed 's/^/#   /' .tap-out
		[ ! -s err ] || {
			echo "# standard error was:"
			sed 's/^/#   /' err
		}
	fi
}

# check_same TEXT FILE FILE
check_same() {
	if diff -u "$2" "$3" >.tap-out 2>&1; then pass "$1"; else
		fail "$1"
		sed 's/^/#   /' .tap-out
	fi
}

# qemus_below FOLDER: process ids of the QEMUs that work below it: those of one test, whoever else runs some. One
# that has become another user may not be looked at in some containers; there are no others in those.
qemus_below() {
	for link in /proc/[0-9]*/cwd; do
		case $(readlink "$link" 2>/dev/null || { [ "$(id -u)" != 0 ] || echo "$1/"; }) in
		"$1"/*)
			pid=${link%/cwd}
			! grep -q qemu-system "$pid/cmdline" 2>/dev/null || echo "${pid#/proc/}"
			;;
		esac
	done
}

# gone PID: it has ended (reaped or not); one that was killed a moment ago gets its time.
gone() {
	for _ in $(seq 50); do
		{ kill -0 "$1" 2>/dev/null && ! grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null; } || return 0
		sleep 0.1
	done
	return 1
}

finish() {
	echo "1..$tap_count"
	exit $((tap_failed > 0))
}
