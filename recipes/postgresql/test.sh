#!/bin/sh
# Runs on the Xen host. SQL by psql: a table is made, filled, asked, changed in a transaction that is taken
# back; a wrong password, a wrong table and a key that is there already must be refused.
set -eu
psql=/usr/lib/postgresql/15/bin/psql
export PGHOST="$TINYX_GUEST_IP" PGPORT="$TINYX_GUEST_PORT" PGUSER=app PGDATABASE=postgres PGCONNECT_TIMEOUT=20
die() {
	echo "FAILED: $*"
	exit 1
}
sql() { PGPASSWORD=apples timeout 60 $psql -w -X -q -A -t -v ON_ERROR_STOP=1 -c "$1"; }
for _ in 1 2 3 4 5 6 7 8 9 10; do
	sql 'select 1' >/dev/null 2>/tmp/up && break
	grep -q 'starting up' /tmp/up || break
	sleep 1
done
sql 'create table fruit(id integer primary key, name text, price numeric)' || die "no table could be made"
sql "insert into fruit select n, 'fruit ' || n, n * 1.25 from generate_series(1, 1000) n" || die "no rows could be inserted"
got=$(sql 'select count(*), sum(price), max(name) from fruit where id % 2 = 0') || die "no answer"
[ "$got" = "500|313125.00|fruit 998" ] || die "expected 500|313125.00|fruit 998, got $got"
echo "a table of a thousand rows: $got"
sql 'begin; delete from fruit; rollback' || die "a transaction"
[ "$(sql 'select count(*) from fruit')" = 1000 ] || die "the transaction was not taken back"
echo "a transaction was taken back"
sql "insert into fruit values (7, 'again', 1)" 2>/tmp/again && die "the same key twice was taken"
grep -q 'duplicate key value' /tmp/again || die "another error than of a duplicate key: $(cat /tmp/again)"
sql 'select * from vegetables' 2>/tmp/none && die "a table that is not there was read"
grep -q 'relation "vegetables" does not exist' /tmp/none || die "another error: $(cat /tmp/none)"
PGPASSWORD=pears timeout 60 $psql -w -X -c 'select 1' >/tmp/wrong 2>&1 && die "a wrong password was taken"
grep -q 'password authentication failed' /tmp/wrong || die "another error: $(cat /tmp/wrong)"
echo "a duplicate key, a table that is not there and a wrong password were refused"
