# tinyx build, test and run on bad input: a message with names, a status, nothing half-written.
. "$SRCDIR/tests/tap.sh"
TINYX_CACHE=$PWD/cache
export TINYX_CACHE

# refuse TEXT STATUS WORDS COMMAND...: the status, the words on standard error, nothing on standard output, no out/
refuse() {
	text=$1 status=$2 words=$3
	shift 3
	"$@" >out.txt 2>err
	check "$text: status $status" test $? -eq "$status"
	check "$text: says \"$words\"" grep -qF -- "$words" err
	check "$text: one error line, nothing else" sh -c 'test "$(grep -c . err)" -le 2 && ! test -s out.txt && ! test -e out'
}

for c in build test run; do
	refuse "$c without a recipe" 2 "expected one recipe" "$TINYX" "$c"
	refuse "$c with an unknown recipe" 2 "did you mean 'nginx'" "$TINYX" "$c" ngimx
	refuse "$c with an unknown format" 2 "expected cpio, cpio.gz or squashfs" "$TINYX" "$c" nginx --format ext4
	refuse "$c with an unknown feature" 2 "--with: 'ipv5' is not a feature; did you mean 'ipv6'" "$TINYX" "$c" nginx --with smp,ipv5
	refuse "$c with and without a feature" 2 "--with and --without both name 'smp'" "$TINYX" "$c" nginx --with ipv6 --with smp --without smp
	refuse "$c with an unknown platform" 2 "expected one of: qemu-microvm, xen-pv" "$TINYX" "$c" nginx --platform arm
done
for c in test run; do
	refuse "$c with no folder for --at-boot" 2 "--at-boot ./none: no folder" "$TINYX" "$c" nginx --at-boot ./none
	refuse "$c with --at-boot and a disk" 2 "a squashfs takes no further files" "$TINYX" "$c" nginx --at-boot . -f squashfs
done
refuse "a folder that is no recipe" 2 "no recipe" "$TINYX" build ./nothing

mkdir -p web/files
# recipe LINE...: writes web/recipe.conf
recipe() { printf '%s\n' '[recipe]' 'description=x' "$@" >web/recipe.conf; }
recipe '[run]' 'command=/bin/x' 'comand=/bin/y'
refuse "an unknown key" 2 "web/recipe.conf:5: unknown key 'comand' in [run]; expected one of: command" "$TINYX" build ./web
recipe '[run]' 'command=/bin/x' '[kernel]' 'with=hardning'
refuse "an unknown feature in a recipe" 2 "web/recipe.conf:6: with: 'hardning' is not a feature; did you mean 'hardening'" "$TINYX" build ./web
recipe 'packages=nginx'
refuse "a missing key" 2 "web/recipe.conf: the key 'command' in [run] is missing" "$TINYX" build ./web
recipe '[run]' 'command=/bin/x' '[test]' 'script=gone.sh'
refuse "a missing test script" 2 "gone.sh does not exist" "$TINYX" build ./web
recipe '[run]' 'command=/bin/x'
refuse "a trace without a test" 2 "web/recipe.conf: nothing to trace: there is no test; expected [test] script=, ready= or ready-udp=" "$TINYX" build ./web --trace -q
refuse "a trace that may not write the lock" 2 "--trace writes the lock that --no-lock would leave alone" "$TINYX" build ./web --trace --no-lock
refuse "a host that build does not need" 2 "--host belongs to --drop-unopened" "$TINYX" build ./web --host local
refuse "a host that is none" 2 "expected embedded, local or ssh://" "$TINYX" build ./web --drop-unopened --host ftp://x
printf '%s\n' '# tinyx files lock 1' '# application: web' '- usr/bin/x  # never opened' >web/files.lock
refuse "a wrong lock for files" 2 'web/files.lock:3: expected "+ PATH  # reason" (or -, or =) or "+ PATH  opened-by PROGRAM" (or looked-for-by), each path once' "$TINYX" build ./web -q
rm web/files.lock
rmdir web/files
refuse "neither packages nor files" 2 "neither packages= nor files= nor a folder files/" "$TINYX" build ./web
mkdir -p 'Web Server'
cp web/recipe.conf 'Web Server'
refuse "a name that cannot be one" 2 "cannot be a recipe's name" "$TINYX" build './Web Server'
# What has nothing to test is known before anything is built.
mkdir -p nothing
printf '%s\n' '[recipe]' 'description=x' '[run]' 'command=/bin/sleep 9' '[image]' 'applets=true' >nothing/recipe.conf
(TINYX_CACHE=$PWD/empty "$TINYX" test ./nothing -o out-nothing >out 2>err)
check "a recipe with nothing to test: status 2" test $? -eq 2
check "... is said" grep -q 'nothing/recipe.conf: nothing to test; expected \[test\] script= or ready=' err
check "... before anything is made" sh -c '! test -e out-nothing && ! test -e empty/kernel'
finish
