# The command line: help, versions, usage errors, and the manual that agrees with them.
. "$SRCDIR/tests/tap.sh"

"$TINYX" --help >help 2>err
check "--help goes to standard output, status 0" test $? -eq 0 -a -s help -a ! -s err
"$TINYX" >out 2>err
check "no command: usage on standard error, status 2" test $? -eq 2 -a ! -s out -a -s err
"$TINYX" biuld >out 2>err
check "unknown command: status 2" test $? -eq 2
check "... and it is named, with one that is like it" grep -q "'biuld' is not a command; did you mean 'build'?" err
"$TINYX" frobnicate >out 2>err
check "a word that is like none: all commands" sh -c 'grep -q "is not a command; there are: build, test, .*, version$" err'
"$TINYX" host stauts >out 2>err
check "a word of host" grep -q "'stauts'; did you mean 'status'.*?; expected start" err
"$TINYX" test --memroy=32 nginx >out 2>err
check "an option" sh -c 'grep -q "Unknown option --memroy=32; did you mean .--memory.?" err'
"$TINYX" build --whitout=acpi nginx >out 2>err
check "another option" grep -q "did you mean '--without'?" err
"$TINYX" features netfliter >out 2>err
check "a feature" grep -q "'netfliter' is not a feature; did you mean 'netfilter'?" err
"$TINYX" build --platform xne-pv nginx >out 2>err
check "a platform" grep -q "'xne-pv' is not known; did you mean 'xen-pv'" err
check "--version names the program" sh -c '"$TINYX" --version | grep -qx "tinyx [0-9.]*"'

mkdir -p open/cache && chmod 777 open/cache
TINYX_CACHE=$PWD/open/cache "$TINYX" recipes >out 2>err
check "a cache that others can write to is not used: status 2" test $? -eq 2 -a ! -s out
check "... and that is said" grep -q "open/cache may be written to by others (mode 0777)" err
ln -s "$PWD" open/link
TINYX_CACHE=$PWD/open/link "$TINYX" recipes >out 2>err
check "nor is a link to one" sh -c 'test $1 -eq 2 && grep -q "open/link is a symbolic link" err' sh $?
check "help needs none" env TINYX_CACHE="$PWD/open/cache" "$TINYX" recipes --help

commands=$(sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' help)
check "there are commands" test -n "$commands"
for c in $commands; do
	"$TINYX" "$c" --help >"$c.help" 2>err
	check "$c --help: status 0, nothing on standard error" test $? -eq 0 -a ! -s err
	"$TINYX" "$c" --no-such-option >out 2>err
	check "$c: an unknown option is a usage error" test $? -eq 2 -a ! -s out
	# Long options of the help, and those of the command's section in the manual.
	sed -n 's/^  \(-., \)\{0,1\}--\([a-z-]*\).*/\2/p' "$c.help" | grep -vxE 'help|verbose|quiet' | sort >a
	awk -v c="$c" '/^\.SS /{on = ($2 == c)} /^\.S[HS] / && $2 != c {on = 0} on' "$SRCDIR/docs/tinyx.1" |
		sed 's/\\-/-/g' | grep '^\.BR\{0,1\} ' | grep -o -- '--[a-z-]*' | sed 's/^--//' | sort -u >b
	check_same "$c: the manual has the options of --help" a b
	# The usage line's own words.
	check "$c: the manual has its synopsis" grep -q "^\.B tinyx $c\$" "$SRCDIR/docs/tinyx.1"
done

check "tinyx.1 is well-formed" sh -c 'man --warnings -l "$SRCDIR/docs/tinyx.1" 2>&1 >/dev/null | { ! grep .; }'
check "tinyx-recipe.5 is well-formed" sh -c 'man --warnings -l "$SRCDIR/docs/tinyx-recipe.5" 2>&1 >/dev/null | { ! grep .; }'
# Every key that tinyx reads is in the manual, and the other way round.
sed -n 's/^    {"[a-z]*", "\([a-z-]*\)", [A-Z].*/\1/p' "$SRCDIR/tinyx/recipe/keys.c" | sort -u >a
sed -n '/^\.SH \[recipe\]/,/^\.SH EXAMPLE/p' "$SRCDIR/docs/tinyx-recipe.5" | sed 's/\\-/-/g' |
	grep -A1 '^\.TP' | sed -n 's/^\.B \([a-z-]*\)$/\1/p' | sort -u >b
check_same "tinyx-recipe.5 has the keys that are read" a b

if [ -c /dev/full ]; then
	"$TINYX" --help >/dev/full 2>err
	check "a full disk on standard output is a failure" test $? -eq 1
	check "... and is said" grep -q 'standard output: No space left' err
fi
# Without its data.
for words in platforms "build nginx"; do
	# shellcheck disable=SC2086  # words
	TINYX_DATADIR=/nowhere "$TINYX" $words >out 2>err
	check "$words without tinyx' data: status 2" test $? -eq 2
	check "... and which variable named the place" grep -q '^tinyx: error: TINYX_DATADIR is /nowhere: tinyx. data are not there' err
done
finish
