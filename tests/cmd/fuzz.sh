#!/bin/sh
# scripts/fuzz with entries of this test's own, and that each real entry has a corpus and stands in docs/parsers.md.
. "$SRCDIR/tests/tap.sh"

# A copy, for the script works in the folder above its own.
mkdir -p top/scripts top/build-fuzz/tests/fuzz top/tests/fuzz/corpus/good top/tests/fuzz/corpus/bad
cp "$SRCDIR/scripts/fuzz" top/scripts/
: >top/tests/leaks.suppress

# entry NAME TEXT: what libFuzzer's main() would do
entry() {
	printf '#!/bin/sh\necho "$@" >args-%s\n%s\n' "$1" "$2" >"top/build-fuzz/tests/fuzz/fuzz-$1"
	chmod +x "top/build-fuzz/tests/fuzz/fuzz-$1"
}
entry good 'echo "stat::number_of_executed_units: 42"; echo "stat::average_exec_per_sec: 7"'
# shellcheck disable=SC2016  # for the entry
entry bad 'for a; do case $a in -artifact_prefix=*) echo x >"${a#*=}crash-1" ;; esac; done
echo "SUMMARY: AddressSanitizer: heap-buffer-overflow x.c:1"; exit 77'

unset BUILD
FUZZ_SECONDS=3 top/scripts/fuzz good >out 2>&1
check "an entry without a finding: status 0" test 0 -eq $?
check "its inputs are told" grep -qE '^good +42 inputs, +7 a second$' out
check "the last line sums up" grep -qx '1 entries, 0 with findings' out
check "it gets its seconds" grep -qe '-max_total_time=3 -seed=1 ' top/args-good
FUZZ_RUNS=1000 top/scripts/fuzz good >out 2>&1
check "or a number of inputs, without a limit of time" sh -c \
	'grep -qe "-runs=1000 " top/args-good && ! grep -q max_total_time top/args-good'
top/scripts/fuzz >out 2>&1
check "an entry with a finding: status 1" test 1 -eq $?
check "the finding is shown" grep -q '^    SUMMARY: AddressSanitizer: heap-buffer-overflow' out
check "all entries are run without names" grep -q '^good ' out
check "the last line names the folder" grep -qx "2 entries, 1 with findings: what ended them is in $PWD/top/build-fuzz/crashes" out
check "where the input is" test -s top/build-fuzz/crashes/bad/crash-1
check "the corpus stays as it is" sh -c '[ -z "$(ls top/tests/fuzz/corpus/bad)" ]'
top/scripts/fuzz none >out 2>&1
check "an unknown entry: status 2" test 2 -eq $?
check "it is named" grep -q 'there is no build-fuzz/tests/fuzz/fuzz-none; expected' out

missing=
for source in "$SRCDIR"/tests/fuzz/fuzz-*.c; do
	name=${source##*/fuzz-} name=${name%.c}
	[ -n "$(ls "$SRCDIR/tests/fuzz/corpus/$name" 2>/dev/null)" ] || missing="$missing $name (no corpus)"
	grep -qF "\`$name\`" "$SRCDIR/docs/parsers.md" || missing="$missing $name (not in docs/parsers.md)"
done
[ -z "$missing" ] || echo "#$missing"
check "every entry has a corpus and stands in docs/parsers.md" test -z "$missing"
finish
