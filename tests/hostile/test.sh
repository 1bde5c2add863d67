#!/bin/sh
# The test of a hostile guest: it is what the guest may reach, and tells what else it tried (tests/hostile/hostile.c).
set -u
nc -l -p 7070 >/tmp/control &
for _ in $(seq 200); do
	! grep -q 'hostile: done' "$TINYX_CONSOLE" || break
	sleep 0.5
done
grep '^hostile: ' "$TINYX_CONSOLE"
grep -q hostile /tmp/control && echo 'control: heard'
printf 'output \033]0;title\007\033[2;5r \033]52;c;ZXZpbA==\007\n'
exit 3
