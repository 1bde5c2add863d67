# Time of `tinyx deps` over every program of /usr/bin and /usr/sbin against that of ldd over the same
# list: prints "tinyx SECONDS", "ldd SECONDS", "ratio N". Each is run once to warm up, then measured.
set -eu
TINYX=${TINYX:-$PWD/build/tinyx}
SRCDIR=${SRCDIR:-$PWD}
export TINYX_DATADIR="$SRCDIR"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# ELF files by their first four bytes; a path with a blank would need another list format, and has none.
find /usr/bin /usr/sbin -maxdepth 1 \( -type f -o -type l \) ! -name '* *' | sort | while read -r file; do
	[ -f "$file" ] && [ "$(head -c 4 "$file" | od -An -tx1)" = ' 7f 45 4c 46' ] && echo "$file"
done >"$work/list"

now() { date +%s%N; }
tinyx_all() { xargs -a "$work/list" "$TINYX" deps --loader >"$work/out" 2>"$work/err"; }
ldd_all() { xargs -a "$work/list" ldd >"$work/ldd" 2>&1 || true; } # 1 for a static program
[ "$(xargs -a "$work/list" echo | wc -l)" -eq 1 ] || {
	echo 'bench: the list does not fit one call' >&2
	exit 1
}

tinyx_all || [ $? -eq 123 ]
ldd_all
begin=$(now)
tinyx_all || [ $? -eq 123 ] # 1: some NEEDED library is missing on this machine
middle=$(now)
ldd_all
end=$(now)
awk -v a="$begin" -v b="$middle" -v c="$end" -v n="$(wc -l <"$work/list")" 'BEGIN {
	printf "programs %d\ntinyx %.3f\nldd %.3f\nratio %.0f\n", n, (b - a) / 1e9, (c - b) / 1e9, (c - b) / (b - a) }'
