# What shells complete: every command and option that the program has, values where tinyx knows them.
. "$SRCDIR/tests/tap.sh"
if ! command -v bash >/dev/null; then
	skip "completion" "there is no bash here"
	finish
fi
mkdir bin
ln -s "$TINYX" bin/tinyx
PATH=$PWD/bin:$PATH
export PATH
for shell in bash zsh fish; do
	check "it is written for $shell" sh -c '"$SRCDIR/scripts/completion" $1 >$1.txt' sh $shell
done
"$SRCDIR/scripts/completion" csh >out 2>err
check "another shell is refused" test $? -eq 2

# offered WORD...: what bash offers for the last of them, a line each
offered() {
	bash -c '
		. ./bash.txt
		COMP_WORDS=(tinyx "$@") COMP_CWORD=$#
		_tinyx
		printf "%s\n" "${COMPREPLY[@]}"' bash "$@" 2>err
}
"$TINYX" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' | sort >commands
offered '' | sort >got
check_same "no word yet: all commands" commands got
check "the beginning of a command" test "$(offered mini)" = minimize
while read -r command; do
	"$TINYX" "$command" --help | sed -n 's/^  \(-., \)\{0,1\}\(--[a-z0-9-]*\).*/\2/p' | sort >options
	offered "$command" -- | sed 's/=$//' | sort >got
	check_same "all options of $command" options got
	check "... in fish, too" sh -c 'while read -r option; do
		grep -q "from $1. .*-l ${option#--} " fish.txt || [ "$option" = --help ] || { echo "$option"; exit 1; }; done <options' sh "$command"
done <commands
check "an option with a value ends with its sign" test "$(offered build --form)" = --format=
"$TINYX" platforms | sed -n 's/^\([a-z][^ ]*\).*/\1/p' | sort >names
offered build --platform = '' | sort >got
check_same "platforms behind --platform=" names got
offered test -p '' | sort >got
check_same "... and behind -p" names got
check "a feature" sh -c 'test "$1" = netfilter' sh "$(offered build --with = netf | head -n 1)"
find "$SRCDIR/recipes" -mindepth 1 -maxdepth 1 -type d -printf "%f\n" | sort >recipes
offered build '' | sort >got
check_same "recipes, where a command takes one" recipes got
check "the words of host" test "$(offered host sta | sort | tr '\n' ' ')" = 'start status '
mkdir folder
: >folder/file
check "files behind an option that takes one" test "$(offered build -o fol)" = folder
check "a folder as a recipe" test "$(offered build ./fol)" = ./folder
check "behind a value of its own kind, nothing is guessed" test -z "$(offered build --port '')"
if command -v zsh >/dev/null; then check "zsh reads it" zsh -n zsh.txt; else skip "zsh reads it" "there is no zsh here"; fi
if command -v fish >/dev/null; then check "fish reads it" fish -n fish.txt; else skip "fish reads it" "there is no fish here"; fi
finish
