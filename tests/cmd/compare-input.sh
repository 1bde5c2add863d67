# tinyx compare on bad input: said at once, before anything is built or downloaded.
. "$SRCDIR/tests/tap.sh"
TINYX_CACHE=$PWD/cache
export TINYX_CACHE

# refuse TEXT WORDS COMMAND...: status 2, the words on standard error, nothing else
refuse() {
	text=$1 words=$2
	shift 2
	"$TINYX" compare "$@" >out.txt 2>err
	check "$text: status 2" test $? -eq 2 -a ! -s out.txt
	check "$text: says \"$words\"" grep -qF -- "$words" err
	check "$text: nothing was begun" test ! -e out -a ! -e cache/installed
}

refuse "no recipe" "expected one recipe, got 0"
refuse "an unknown recipe" "did you mean 'nginx'" ngimx
refuse "a configuration that is not there" "--kernel gone.config: expected a kernel configuration file" nginx --kernel gone.config
refuse "a folder that is no image" "--image .: expected a folder that tinyx build made" nginx --image .
refuse "memory below nothing" "--memory -5: expected a number of MB above 0" nginx --memory=-5
refuse "a disk" "--format squashfs: images are compared as initramfs; expected cpio or cpio.gz" nginx --format squashfs
# One whose own format is a disk is compared all the same; what stops it here is the folder for the results.
"$TINYX" compare node -o /dev/null/results >out.txt 2>err
check "a recipe with format=squashfs: the format stops nothing" sh -c '! grep -q -- --format err && grep -q /dev/null/results err'
check "... and what it is compared as is said" grep -qF "node has the format squashfs; it is compared as an initramfs" err
refuse "an unknown format" "expected cpio, cpio.gz or squashfs" nginx --format ext4
refuse "a wrong host" "--host" nginx --host telnet://x
finish
