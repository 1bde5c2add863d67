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
refuse "memory below nothing" "--memory -5: expected MB from 1 to 1048576" nginx --memory=-5
refuse "a disk" "--format squashfs: images are compared as initramfs; expected cpio or cpio.gz" nginx --format squashfs
# One whose own format is a disk is compared all the same; what stops it here is the folder for the results.
"$TINYX" compare node --no-boot -o /dev/null/results >out.txt 2>err
check "a recipe with format=squashfs: the format stops nothing" sh -c '! grep -q -- --format err && grep -q /dev/null/results err'
check "... and what it is compared as is said" grep -qF "node has the format squashfs; it is compared as an initramfs" err
refuse "an unknown format" "expected cpio, cpio.gz or squashfs" nginx --format ext4
refuse "a wrong host" "--host" nginx --host telnet://x
refuse "a wrong host, which is not used" "--host" nginx --host telnet://x --no-boot

# Platforms.
refuse "an unknown platform" "did you mean 'xen-pv' or 'xen-pvh'" nginx --platform xen-phv
refuse "a host of another kind" "QEMU's guests run on this machine" nginx --platform qemu-microvm --host ssh://root@x --no-boot
mkdir theirs
echo '# application: nginx' >theirs/manifest.txt
echo '{"platform": "xen-pv"}' >theirs/report.json
refuse "an image of another platform" "--image theirs: an image for xen-pv; expected one for qemu-microvm" \
	nginx --platform qemu-microvm --image theirs
# One that no distribution runs on: said, with those on which one does.
cp -R "$SRCDIR/kconfig-heuristics" .
sed '/^distribution-modules=/d' kconfig-heuristics/platforms/qemu-microvm.conf >kconfig-heuristics/platforms/bare.conf
mkdir data
for name in recipes rootfs compare scripts; do ln -s "$SRCDIR/$name" data/$name; done
ln -s "$PWD/kconfig-heuristics" data/kconfig-heuristics
TINYX_DATADIR=$PWD/data
export TINYX_DATADIR
refuse "a platform without a Debian" "--platform bare: Debian's kernels do not run there" nginx --platform bare --no-boot
check "... and which have one" grep -q 'one of: qemu-microvm, xen-pv, xen-pvh' err
refuse "... one of the two is too many" "expected --no-debian and --no-cloud" nginx --platform bare --no-boot --no-debian
"$TINYX" compare nginx --platform bare --no-boot --no-debian --no-cloud -o /dev/null/results >out.txt 2>err
check "... without both it goes on" grep -q /dev/null/results err
finish
