#!/bin/sh
# Runs on the Xen host. AMQP by amqp-tools: a queue is declared, messages are published and consumed in their
# order; an empty queue, a queue that is not there and a wrong password give none.
set -eu
die() {
	echo "FAILED: $*"
	exit 1
}
server="--server=$TINYX_GUEST_IP --port=$TINYX_GUEST_PORT"
amqp() { # program of amqp-tools, its words
	program=$1
	shift
	# shellcheck disable=SC2086 # two words
	timeout 40 "amqp-$program" $server --username=guest --password=guest "$@"
}
# The port is open some seconds before the broker answers.
for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
	amqp declare-queue -q fruit >/dev/null 2>&1 && break
	sleep 2
done
[ "$(amqp declare-queue -q fruit)" = fruit ] || die "no queue could be declared"
for name in apple pear plum; do
	amqp publish -r fruit -b "$name" || die "$name could not be published"
done
for name in apple pear plum; do
	got=$(amqp get -q fruit) || die "no message where $name was expected"
	[ "$got" = "$name" ] || die "expected $name, got $got"
	echo "published and consumed: $got"
done
amqp get -q fruit >/tmp/out 2>&1 && die "a message from an empty queue: $(cat /tmp/out)"
[ "$(amqp delete-queue -q fruit)" = 0 ] || die "the queue could not be deleted, or had messages"
amqp get -q fruit >/tmp/out 2>&1 && die "a message from a queue that was deleted"
grep -q NOT_FOUND /tmp/out || die "another error than NOT_FOUND: $(cat /tmp/out)"
# shellcheck disable=SC2086 # two words
timeout 40 amqp-get $server --username=guest --password=wrong -q fruit >/tmp/out 2>&1 && die "a wrong password was taken"
grep -qi 'ACCESS_REFUSED\|logging in' /tmp/out || die "another error than of the login: $(cat /tmp/out)"
echo "an empty queue, one that is gone and a wrong password were refused"
