# A table of squares; the sum of the first hundred is 338350.
/usr/bin/sqlite3 /tmp/job.db <<'END'
create table squares(n integer primary key, square integer);
with recursive count(n) as (select 1 union all select n + 1 from count where n < 100)
	insert into squares select n, n * n from count;
select 'sum of squares: ' || sum(square) from squares;
select 'rows: ' || count(*) from squares where square % 2 = 0;
END
echo "job: status $?"
