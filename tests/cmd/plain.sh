# The one printer: hostile names, recipes, hosts and children reach the terminal as characters that one can see;
# and nobody else writes there. (A hostile test and console: tests/cmd/microvm.sh, tests/unit/test-plain.c.)
. "$SRCDIR/tests/tap.sh"
TINYX_CACHE=$PWD/cache
export TINYX_CACHE
mkdir -p bin cache
PATH=$PWD/bin:$PATH

# The clipboard (OSC 52), a title, a scroll region, a colour, a C1 alone and in UTF-8, a bidi override, U+2028, a
# carriage return that overwrites, DEL and SOH.
hostile=$(printf '\033]52;c;ZXZpbA==\007\033]0;title\007\033[2;5r\033[31m\233\302\2333J\342\200\256gnp\342\200\250\rtinyx: forged\177\001')
# tame FILE...: nothing in it that a terminal obeys, and nothing that hides.
tame() {
	! LC_ALL=C grep -aqP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xa8-\xae\x8b-\x8f]|(?<![\xc2-\xf4\x80-\xbf])[\x80-\xbf]' "$@"
}
# shown STATUS WHAT COMMAND...: its status, its words tamed, and the escape itself seen in them.
shown() {
	wanted=$1 what=$2
	shift 2
	"$@" >out 2>err
	status=$?
	check "$what: status $wanted" test $status -eq "$wanted"
	check "$what: nothing commands the terminal" tame out err
	check "$what: it is seen" grep -qF '\x1b]52' out err
}

# The rule above tells one from the other.
printf '%s\n' "$hostile" >wild
if tame wild; then fail "a hostile text is known"; else pass "a hostile text is known"; fi
printf 'caf\303\251 \342\200\246 \346\227\245\tx\n' >mild
check "another is none" tame mild

shown 2 "a command's name" "$TINYX" "$hostile"
shown 2 "an option" "$TINYX" build "--$hostile" nginx
shown 2 "a word of --host" "$TINYX" host status --host "$(printf '\033]52;c;x\007\rtinyx: forged')"
shown 2 "a recipe's folder" "$TINYX" build "./$hostile/x"
mkdir recipe
printf '[recipe]\ndescription=x\n[run]\ncommand=/bin/x\n\033]52;c;x\007=y\n' >recipe/recipe.conf
shown 2 "a recipe's key" "$TINYX" build ./recipe
printf '[recipe]\ndescription=x\n[run]\ncommand=/bin/x\non-exit=\033]52;c;x\007\342\200\256\n' >recipe/recipe.conf
shown 2 "a recipe's value" "$TINYX" build ./recipe

# A program's name by tinyx deps: a row, whatever is in the name.
name=$(printf 'x\033]52;c;x\007\nforged row')
cp /bin/true "$name"
shown 0 "a file's name" "$TINYX" deps "$PWD/$name"
if grep -q '^forged row' out; then fail "a file's name makes no line"; else pass "a file's name makes no line"; fi
"$TINYX" deps --json "$PWD/$name" >out 2>err
check "a file's name as JSON" python3 -c 'import json, sys; sys.exit(not any("\033]52" in f["path"] for f in json.load(open("out"))["files"]))'
check "a file's name as JSON: nothing commands the terminal" tame out err

# Another machine's words, and its ssh's.
printf '%s\n' "$hostile" >words
standin() { cat >bin/ssh && chmod +x bin/ssh; }
printf '#!/bin/sh\ncat words >&2\nexit 255\n' | standin
shown 2 "what ssh says" "$TINYX" host status --host ssh://x
printf '#!/bin/sh\ncat words\nexit 1\n' | standin
shown 2 "what a host says" "$TINYX" host status --host ssh://x
printf '#!/bin/sh\ncase "$*" in *mktemp*) echo /tmp/x ;; *) cat words ;; esac\n' | standin
shown 0 "a host's status" "$TINYX" host status --host ssh://x
printf '#!/bin/sh\nprintf "a\\ntinyx: error: forged\\n"\nexit 1\n' | standin
"$TINYX" host status --host ssh://x >out 2>err
check "a message's lines after its first are indented" grep -qx '  tinyx: error: forged' err

# Nobody but plain.c and msg.c writes to standard output or standard error. Left out: a handler of a signal (shrunk.c), which
# makes what it prints harmless by itself; the agent, tinyx-confine and the
# compiler's stand-in, programs of their own, which have none that is a terminal.
(
	cd "$SRCDIR/tinyx" || exit 1
	grep -nE '(^|[^a-z_])(v?printf|puts|putchar|perror|psignal|g_print|g_printerr|g_message|g_warning|g_critical|v?dprintf) *\(|(^|[^"a-z])(stdout|stderr)|STD(OUT|ERR)_FILENO|open[0-9a-z_]*\("/dev/(tty|std|fd)' \
		main.c ./*/*.c | grep -vE '^(\./)?(agent/|confine/|kernel/compile\.c|base/(plain|msg|shrunk)\.c)'
) >found
sed 's/^[^:]*:[0-9]*: *//' found | grep -vE '^(/?\*|//)' >lines
printf '%s\n' 'fwrite(bytes, 1, size, stdout);' 'fflush(stdout);' 'if (fflush(stdout) == 0 && !ferror(stdout))' >allowed
grep -vxFf allowed lines >others
check "nobody else writes to the terminal" sh -c 'test ! -s others || { cat others; false; }'
check "raw is a guest's console in tinyx run, and nothing else" \
	sh -c 'test "$(grep -c fwrite found)" = 1 && grep -q "guest/run.c:.*fwrite" found'
finish
