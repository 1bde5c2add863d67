# The compiler's stand-in of kernel builds: when an object is copied, when it is compiled, and that a copied one
# is what the compiler makes. A kernel's build folder in small: sources elsewhere, symbols in autoconf.h.
. "$SRCDIR/tests/tap.sh"
mkdir tree one two
ln -s "$TINYX" tinyx-cc
here=$PWD
export TINYX_OBJECTS="$PWD/cache" TINYX_COMPILER=gcc-1

cat >tree/used.h <<'X'
#ifdef CONFIG_USED
#define ANSWER CONFIG_USED_VALUE
#else
#define ANSWER 0
#endif
X
cat >tree/plain.c <<'X'
#include <used.h>
#include <generated/made.h>
int plain(void) { return ANSWER + MADE; }
X
echo 'const char *when(void) { return __DATE__ __TIME__; }' >tree/date.c
echo 'const char *where(void) { return __FILE__; }' >tree/file.c
echo 'int warns(void) { int unused; return 0; }' >tree/warns.c
echo 'int broken(void) { return' >tree/broken.c
echo '.globl words; words: .incbin "words"' >tree/words.S
echo words >one/words
echo '.globl zero; zero: .long 0' >tree/zero.S

# An hour old: times of files that changed a moment ago tell nothing.
settle() { touch -d '1 hour ago' "$@"; }
# config FOLDER LINE...: its autoconf.h
config() {
	folder=$1
	shift
	mkdir -p "$folder/include/generated"
	printf '%s\n' "$@" >"$folder/include/generated/autoconf.h"
	[ -e "$folder/include/generated/made.h" ] || echo '#define MADE 4' >"$folder/include/generated/made.h"
	settle "$folder/include/generated"/* tree/*
}

# cc FOLDER SOURCE [OPTION...]: compiles as kbuild does; $how: "+" copied, "-" compiled, "" not even looked up
cc() {
	folder=$1 source=$2
	shift 2
	rm -f "$here/log" "$folder/x.o" "$folder/.x.o.d"
	(cd "$folder" && TINYX_OBJECTS_LOG=$here/log "$here/tinyx-cc" gcc -Wp,-MMD,.x.o.d -I"$here/tree" -Iinclude \
		-include include/generated/autoconf.h "$@" -c -o x.o "$here/tree/$source") 2>err
	status=$?
	how=$(cat "$here/log" 2>/dev/null)
}
# expect TEXT HOW: what the last cc did; its object is gcc's own
expect() {
	check "$1" test "$how" = "$2"
	(cd "$folder" && gcc -I"$here/tree" -Iinclude -include include/generated/autoconf.h -c -o "$here/clean.o" "$here/tree/$source") 2>err
	check "... and the object is the compiler's" cmp clean.o "$folder/x.o"
}

config one '#define CONFIG_USED 1' '#define CONFIG_USED_VALUE 3' '#define CONFIG_OTHER 1'
cc one plain.c
expect "the first time it is compiled" -
cp one/.x.o.d list
cc one plain.c
expect "the second time it is copied" +
check_same "with the compiler's list of what was read" list one/.x.o.d
config two '#define CONFIG_USED 1' '#define CONFIG_USED_VALUE 3'
cc two plain.c
expect "in another folder, without a symbol that it does not read: copied" +
config two '#define CONFIG_USED 1' '#define CONFIG_USED_VALUE 5'
cc two plain.c
expect "another value of a symbol in its header: compiled" -
config two '#define CONFIG_OTHER 1'
cc two plain.c
expect "... switched off: compiled" -
config two '#define CONFIG_USED_MODULE 1'
cc two plain.c
expect "... as a module: compiled" -
config two '#define CONFIG_USED 1' '#define CONFIG_USED_VALUE 3'
cc two plain.c
expect "back to the first: copied" +
cc two plain.c -DEXTRA
expect "another command: compiled" -
TINYX_COMPILER=gcc-2 cc two plain.c
expect "another compiler: compiled" -
echo '#define MADE 6' >two/include/generated/made.h
settle two/include/generated/*
cc two plain.c
expect "a header that the build made has other text: compiled" -
cc one plain.c
expect "... in the other folder it has not: copied" +
sed -i 's/MADE/MADE * 2/' tree/plain.c
settle tree/*
cc one plain.c
expect "an edited source: compiled" -
cc one plain.c
expect "... and then copied" +
echo '#define MADE 7' >one/include/generated/made.h
cc one plain.c
expect "a header that changed a moment ago, of the same size: compiled" -
cc one zero.S
expect "assembler: compiled" -
cc one zero.S
expect "assembler: copied" +

for object in "$TINYX_OBJECTS"/objects/*/*.o; do printf x >>"$object"; done
cc one zero.S
expect "a damaged object is compiled" -
cc one zero.S
expect "... and mended" +
for variant in "$TINYX_OBJECTS"/*/*/*.variant; do head -c 100 "$variant" >short && cp short "$variant"; done
cc one zero.S
expect "a torn note is not believed" -

# What is never copied
twice() {
	cc one "$@"
	cc one "$@"
}
twice date.c
check "__DATE__: compiled each time" test "$how" = -
twice warns.c -Wall
check "a warning: compiled each time" test "$how" = -
check "... and shown each time" grep -q unused err
twice words.S
check ".incbin: compiled each time" test "$how" = -
twice file.c
check "a path of the tree: copied" test "$how" = +
twice plain.c -g
check "debug information names the folder: not even looked up" test "$how" = ""
twice plain.c -save-temps
check "other outputs: not even looked up" test "$how" = ""
cc one broken.c
check "a broken source: the compiler's status" test $status -eq 1
check "... and its words" grep -q 'broken.c:1' err
check "... and no object" test ! -e one/x.o
check "a question to the compiler: the compiler's answer" test "$(./tinyx-cc gcc -dumpversion)" = "$(gcc -dumpversion)"
mv "$TINYX_OBJECTS" away && echo x >"$TINYX_OBJECTS"
cc one plain.c
expect "a cache that cannot be written to: compiled" -
rm "$TINYX_OBJECTS"
./tinyx-cc 2>err
check "without a command: status 2" test $? -eq 2
check "... and how it is used" grep -q 'usage: tinyx-cc' err
unset TINYX_OBJECTS
cc one plain.c
check "without a cache: the compiler" test -s one/x.o -a "$how" = ""
finish
