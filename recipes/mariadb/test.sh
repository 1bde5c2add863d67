#!/bin/sh
# Runs on the Xen host. SQL by the mariadb client: an InnoDB table is made, filled, asked, changed in a
# transaction that is taken back; a wrong password, a wrong table and a key that is there already are refused.
set -eu
die() {
	echo "FAILED: $*"
	exit 1
}
# Words of SQL, by password: what comes back, columns joined by |
ask() {
	timeout 60 mariadb --no-defaults --protocol=tcp -h "$TINYX_GUEST_IP" -P "$TINYX_GUEST_PORT" --connect-timeout=20 \
		-u app "-p$1" -N -B -e "$2" shop >/tmp/rows || return
	tr '\t' '|' </tmp/rows
}
sql() { ask apples "$1"; }
refused() { # number of the error, the password, SQL
	ask "$2" "$3" >/tmp/out 2>/tmp/err && die "it was taken: $3"
	grep -q "ERROR $1 " /tmp/err || die "expected error $1, got: $(cat /tmp/out /tmp/err)"
	echo "refused: $(grep ERROR /tmp/err)"
}
sql 'create table fruit(id int primary key, name varchar(40), price decimal(10, 2)) engine=InnoDB' || die "no table"
sql "insert into fruit select seq, concat('fruit ', seq), seq * 1.25 from seq_1_to_1000" || die "no rows"
got=$(sql 'select count(*), sum(price), max(name) from fruit where id % 2 = 0')
[ "$got" = "500|313125.00|fruit 998" ] || die "expected 500|313125.00|fruit 998, got '$got'"
echo "a table of a thousand rows: $got"
sql 'start transaction; delete from fruit; rollback'
got=$(sql 'select count(*) from fruit')
[ "$got" = 1000 ] || die "the transaction was not taken back: '$got'"
echo "a transaction was taken back"
refused 1062 apples "insert into fruit values (7, 'again', 1)"
refused 1146 apples 'select * from vegetables'
refused 1045 pears 'select 1'
