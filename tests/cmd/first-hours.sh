# What a newcomer types wrong, or first: an empty value, options before the command, a folder without its slash, a
# misspelt word, a place that cannot be written to. Nothing is built.
. "$SRCDIR/tests/tap.sh"

# says STATUS WORDS COMMAND...: its status, and its words on either output.
says() {
	wanted=$1 words=$2
	shift 2
	timeout -k 1 60 "$@" >words.out 2>err </dev/null
	status=$?
	cat words.out err >both
	check "$words" sh -c 'test $1 -eq $2 && grep -qF -- "$3" both || { echo status $1; cat both; false; }' sh $status "$wanted" "$words"
}

mkdir -p app/files empty
printf '%s\n' '[recipe]' 'description=x' '[run]' 'command=/bin/x' >app/recipe.conf

# Values that a script's unset variable leaves empty.
cd empty || exit 1
for option in output platform with kernel-source; do
	"$TINYX" build ../app "--$option" '' >../words.out 2>../err
	check "--$option '': status 2" test $? -eq 2
	check "... is said" grep -q "build: --$option '': it is empty; expected --$option=" ../err
	check "... and nothing was written" sh -c '! ls | grep .'
done
cd ..
says 2 "build: an argument is empty ('')" "$TINYX" build ''
says 2 "features: an argument is empty ('')" "$TINYX" features ''
says 2 "init: --output '': it is empty" "$TINYX" init nginx -o ''
says 2 "'' is not a command; there are: build, test" "$TINYX" ''

# Options of every command stand before it, too.
says 0 "tinyx build [OPTION...]" "$TINYX" -q build --help
says 0 "tinyx build [OPTION...]" "$TINYX" -h build
says 0 "tinyx features [OPTION...]" "$TINYX" --verbose -q features --help
"$TINYX" -q features acl >a && "$TINYX" features acl -q >b
check_same "-q before the command is -q behind it" a b
says 2 "'--platform' is no option that comes before a command (its own options follow its name)" "$TINYX" --platform xen-pv build nginx
says 2 "did you mean '--version'?" "$TINYX" --vesion
says 0 "tinyx 0" "$TINYX" -v --version
says 2 "Usage:" "$TINYX" -q

# help COMMAND is the command's own.
"$TINYX" build --help >a && "$TINYX" help build >b
check_same "help build is build --help" a b
says 2 "'biuld' is not a command; did you mean 'build'?" "$TINYX" help biuld
says 2 "'x' is too much after 'build'" "$TINYX" help build x
says 2 "version: expected no argument, got 'x'" "$TINYX" version x

# Words that are like others, and those that are like none.
says 2 "'bulid' is not a command; did you mean 'build'?" "$TINYX" bulid
says 2 "'ngixn' is not a recipe; did you mean 'nginx'?" "$TINYX" build ngixn
says 2 "features: 'foo' is not a feature; there are: acl, " "$TINYX" features foo
says 2 "did you mean 'squashfs'? expected cpio" "$TINYX" build nginx --format sqashfs
says 2 "features: 'hardning' is not a feature; did you mean 'hardening'?" "$TINYX" features hardning

# A static program has no plugins, whatever its C library has in it.
echo 'int main(void) { return 0; }' >static.c
if gcc -static -o static static.c 2>err && grep -q /gconv static; then
	"$TINYX" deps "$PWD/static" >words.out 2>err
	check "a static program has no suspects" sh -c 'test $1 -eq 0 && ! grep -iE "suspect|libraries" words.out err' sh $?
else
	skip "a static program has no suspects" "gcc makes no static program with glibc here"
fi

# The folder in which one is, and one whose slash was forgotten.
says 2 "'app' is not a recipe that comes with tinyx; did you mean the folder './app'?" "$TINYX" build app
says 2 "expected the folder in which recipe.conf is" "$TINYX" build app/recipe.conf
cd app || exit 1
"$TINYX" explain . SMP >../words.out 2>../err
check "a command for the recipe in the current folder" grep -qF "app/out/app/xen-pv/kernel.config: not there; expected an image (run: tinyx build .)" ../err
cd ..

# Commands in messages work when they are copied.
says 2 "(run: tinyx build ./app)" "$TINYX" explain ./app SMP
mkdir -p 'a b' && cp -R app 'a b'
says 2 "(run: tinyx build './a b/app' --platform qemu-microvm --output 'o p')" "$TINYX" explain './a b/app' SMP -p qemu-microvm -o 'o p'
says 2 "(run: tinyx build nginx --output none)" "$TINYX" explain nginx SMP -o none

# Without its data.
for command in recipes "deps /bin/ls" "host start" platforms; do
	for folder in /nowhere "$SRCDIR/docs" /etc/passwd; do
		# shellcheck disable=SC2086 # words
		says 2 "TINYX_DATADIR is $folder: tinyx' data are not there" env TINYX_DATADIR="$folder" "$TINYX" $command
	done
done
mkdir -p alone && cp "$TINYX" alone
says 2 "expected it where it was built or installed (make install), or TINYX_DATADIR set" env -u TINYX_DATADIR alone/tinyx recipes
says 0 "Usage:" alone/tinyx --help

# Places that cannot be written to: the variable, or the option, that names them.
says 2 "the cache /proc/x cannot be written to (/proc/x: No such file or directory); it is there because of TINYX_CACHE" env TINYX_CACHE=/proc/x "$TINYX" build ./app
says 2 "it is there because of XDG_CACHE_HOME; expected TINYX_CACHE=DIR" env -u TINYX_CACHE XDG_CACHE_HOME=/proc/x "$TINYX" build ./app
says 2 "it is there because of HOME; expected TINYX_CACHE=DIR" env -u TINYX_CACHE -u XDG_CACHE_HOME HOME=/proc/x "$TINYX" build ./app
says 2 "the cache /proc/sys " env TINYX_CACHE=/proc/sys "$TINYX" build ./app
says 2 "--output /proc/x: /proc/x: No such file or directory; expected a folder that can be made" "$TINYX" build ./app -o /proc/x
says 2 "--output /proc/x: /proc/x: No such file or directory; expected a folder that can be made" "$TINYX" compare ./app -o /proc/x --no-boot
says 2 "--output app/recipe.conf: " "$TINYX" build ./app -o app/recipe.conf
says 2 "/proc/x: No such file or directory; expected a folder (-o) that can be written" "$TINYX" init nginx -o /proc/x
ln -s /proc/none "a b/out"
cd 'a b' || exit 1
"$TINYX" build ./app >../words.out 2>../err
check "out/ cannot be made: status 2" test $? -eq 2
check "... and --output is named" grep -q "expected a current folder in which out/ can be made, or --output DIR" ../err
cd ..

# A file that the caller may not read, named by the recipe's line.
printf '%s\n' '[recipe]' 'description=x' 'files=closed:/srv/' '[run]' 'command=/bin/x' >app/recipe.conf
echo secret >app/closed && chmod 000 app/closed
other=
[ "$(id -u)" != 0 ] || other="setpriv --reuid=65534 --regid=65534 --clear-groups"
mkdir -p others && chmod 777 . others && chmod 755 app
# shellcheck disable=SC2086 # words
if $other test -r app/recipe.conf 2>/dev/null; then
	says 2 "app/recipe.conf:3: files: $PWD/app/closed: Permission denied" env TINYX_CACHE="$PWD/others/cache" $other "$TINYX" build ./app -o others/out
	mkdir -p app/files && mv app/closed app/files && sed -i '/^files=/d' app/recipe.conf
	says 2 "app/recipe.conf: files: $PWD/app/files/closed: Permission denied" env TINYX_CACHE="$PWD/others/cache" $other "$TINYX" build ./app -o others/out
else
	skip "a file that the caller may not read" "another user cannot read the tests' folder"
fi
finish
