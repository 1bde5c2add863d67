# The shipped journals of searches replay: the search of today asks what it asked, in the same order, on the real kernel
# tree's Kconfig, and comes to the same end with several questions out at once. One takes ten seconds: every second
# recipe, in the order of the alphabet, and all with TINYX_ALL_RECIPES=yes, as make check-recipes has it.
. "$SRCDIR/tests/tap.sh"
real=${TINYX%/*}/tests/real/journals
: "${TINYX_CACHE:=${XDG_CACHE_HOME:-$HOME/.cache}/tinyx}"
if [ ! -f /usr/src/linux-source-6.1.tar.xz ]; then
	skip "the journals" "linux-source-6.1 is not installed"
	finish
fi
turn=0
for journal in "$SRCDIR"/recipes/*/kernel-xen-pv.journal; do
	recipe=$(basename "$(dirname "$journal")")
	turn=$((1 - turn))
	[ $turn = 1 ] || [ -n "${TINYX_ALL_RECIPES-}" ] || continue
	# shellcheck disable=SC2016  # sh expands it
	check "the journal of $recipe" env TINYX_CACHE="$TINYX_CACHE" TINYX_DATADIR="$SRCDIR" TINYX_TEST_KERNEL=6.1 \
		sh -c 'cd "$1" && "$2" -p "/journals/$3" >&2' sh "$SRCDIR" "$real" "$recipe"
done
finish
