#!/bin/sh
# Builtins that POSIX has, and usual options of usual tools.
set -e
while getopts p:v option; do
	case $option in
	p) port=$OPTARG ;;
	v) verbose=yes ;;
	*) exit 1 ;;
	esac
done
[ "$port" = 80 ] && [ "$verbose" = yes ]
command -v stat >/dev/null
mkdir -p /tmp/a/b
: >/tmp/a/b/file
sleep 0.2
find /tmp/a -type f | grep -q file
[ "$(stat -c %a /tmp/a/b/file)" = 644 ]
[ "$(head -c 3 /etc/passwd)" = roo ]
date -I | grep -q '^2'
printf 'a\nb\n' | grep -A 1 a | grep -q b
