# What an application keeps of root's rights when rootfs/glue/confine.c has become it: the kernel's own word.
. "$SRCDIR/tests/tap.sh"

if ! command -v musl-gcc >/dev/null 2>&1; then
	skip "confine" "musl-gcc is not installed"
	finish
fi
musl-gcc -static -Os -Wall -Wextra -Werror -o confine "$SRCDIR/rootfs/glue/confine.c" || exit 1
as_root=
if [ "$(id -u)" != 0 ]; then
	as_root='unshare --user --map-root-user --map-auto'
	if ! $as_root true 2>/dev/null; then
		skip "confine" "neither root nor user namespaces with subordinate ids"
		finish
	fi
fi
# shellcheck disable=SC2086,SC2317  # words; called by check
confined() { # WORD...; status has what the kernel says of the program then
	$as_root ./confine "$@" /bin/cat /proc/self/status >status 2>err
}
# shellcheck disable=SC2317
says() { grep -qE "^$1:[[:space:]]*$2[[:space:]]*$" status; }
check "nothing is kept" confined 0 -
check "... the bounding set is empty" says CapBnd 0+
check "... and what it has now" says CapEff 0+
check "... and there are no new privileges" says NoNewPrivs 1
check "... but it is root still" says Uid '0[[:space:]].*'
check "root keeps two rights" confined c0 -
check "... no more" says CapEff '0+c0'
check "a user" confined 0 12:34,56
check "... has its number" says Uid '12[[:space:]]12[[:space:]]12[[:space:]]12'
check "... its group" says Gid '34[[:space:]]34[[:space:]]34[[:space:]]34'
check "... and no others than the two" says Groups '34 56'
check "... and no right" says CapBnd 0+
check "a user that keeps one right" confined 400 12:34
check "... has it" says CapEff '0+400'
check "... also after the next exec" says CapAmb '0+400'
# In a sandbox of tinyx root cannot drop anything for good; the rest is done all the same.
as_before=$as_root
as_root="$as_root setpriv --bounding-set=-setpcap,-sys_admin"
check "where nothing can be dropped: a user" confined 400 12:34
check "... is that" says Uid '12[[:space:]]12[[:space:]]12[[:space:]]12'
check "... with its one right" says CapEff '0+400'
check "... and no new ones" says NoNewPrivs 1
check "... root" confined 0 -
check "... has no new ones either" says NoNewPrivs 1
as_root=$as_before

# shellcheck disable=SC2086,SC2317
fails() { # STATUS WORD...
	expected=$1
	shift
	$as_root ./confine "$@" >out 2>err
	test $? -eq "$expected"
}
check "a program that is not there: 127" fails 127 0 - "$PWD/none"
check "... and it is said" grep -q 'none: not there' err
check "too few words: 126" fails 126 0 -
check "no account: 126" fails 126 0 12 /bin/true
printf 'echo "as $0 $1"\n' >script
chmod 755 script
check "a script without #! is the shell's" fails 0 0 - "$PWD/script" word
check "... with its arguments" grep -qx "as $PWD/script word" out
finish
