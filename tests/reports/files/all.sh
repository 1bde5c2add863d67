#!/bin/sh
# Runs in the guest, as a user: a line for each, by its status.
try() { # NAME COMMAND...
	name=$1
	shift
	if "$@" >/dev/null; then echo "report: $name: ok"; else echo "report: $name: FAILED"; fi
}
modules_valid() {
	python3.11 -v -c 'import json' 2>/tmp/import
	! grep -q 'bytecode is stale' /tmp/import && grep -q 'encodings/__pycache__/__init__.*pyc matches' /tmp/import
}
one_file() { [ "$(stat -c %i /srv/one)" = "$(stat -c %i /srv/two)" ] && [ "$(stat -c %h /srv/two)" = 2 ]; }
try origin /opt/app/bin/origin
try index /usr/bin/local
try path /usr/bin/more
try preload /usr/bin/preloaded
try filter /opt/app/bin/filtered
try stack /usr/bin/stack
try bash-fd /usr/bin/bash.sh
try shell /usr/bin/shell.sh -v -p 80
try usr-local tool
try open-files /usr/bin/nofile
try modules modules_valid
try environment /opt/venv/bin/hello
try capability ping -c 1 127.0.0.1
try name getent hosts "$(hostname)"
try links one_file
try syslog complain
# shellcheck disable=SC3045 # ash has it
try no-core-files [ "$(ulimit -c)" = 0 ]
try odd-name grep -q odd '/srv/odd: name'
echo "report: end"
