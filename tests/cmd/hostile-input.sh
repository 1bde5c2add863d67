# Files that others made as input: what would be waited for, never ends, is too long, is no text, runs
# a command in the kernel's build, or reads this machine's files, ends with a message, and soon.
. "$SRCDIR/tests/tap.sh"
TINYX_CACHE=$PWD/cache
export TINYX_CACHE

# refuse TEXT WORDS COMMAND...: status 2 within 20 s, and the words on standard error
refuse() {
	what=$1 words=$2
	shift 2
	timeout -k 1 20 "$@" >out.txt 2>err </dev/null
	check "$what: status 2" test $? -eq 2
	check "$what: says \"$words\"" grep -qF -- "$words" err
}

# recipe [LINE...]: a recipe in app/ that is well as far as it goes
recipe() {
	rm -rf app
	mkdir -p app/files
	printf '%s\n' '[recipe]' 'description=x' "$@" '[run]' 'command=/bin/x' >app/recipe.conf
}

mkfifo fifo
mkdir folder
: >huge
truncate -s 5G huge
printf 'a\nb\0c\n' >nul

# kinds TEXT PLACE COMMAND...: PLACE is each of them in turn
kinds() {
	text=$1 place=$2
	shift 2
	for kind in fifo /dev/zero folder huge; do
		rm -rf "$place"
		case $kind in
		/*) ln -s "$kind" "$place" ;;
		huge) ln huge "$place" ;;
		*) cp -a "$kind" "$place" ;;
		esac
		case $kind in
		fifo) words="a FIFO; expected a regular file" ;;
		/dev/zero) words="a character device; expected a regular file" ;;
		folder) words="a folder; expected a regular file" ;;
		huge) words="5.37 GB; expected at most" ;;
		esac
		refuse "$kind as $text" "$words" "$@"
	done
	rm -rf "$place"
}

recipe
kinds "recipe.conf" app/recipe.conf "$TINYX" build ./app
recipe
kinds "a kernel's lock" app/kernel-xen-pv.lock "$TINYX" build ./app
kinds "files.lock" app/files.lock "$TINYX" build ./app
kinds "the test" app/test.sh "$TINYX" test ./app --allow-host-files
kinds "--from" given "$TINYX" minimize ./app --boot-command true --from given
kinds "--candidates" given "$TINYX" minimize ./app --boot-command true --candidates given
kinds "--kernel" given "$TINYX" compare ./app --kernel given
cp nul app/recipe.conf
refuse "a NUL in recipe.conf" "app/recipe.conf:2: " "$TINYX" build ./app
recipe
for f in kernel-xen-pv.lock files.lock; do
	cp nul "app/$f"
	refuse "a NUL in $f" "app/$f:" "$TINYX" build ./app
	rm "app/$f"
done
refuse "a NUL in --kernel" "nul:2: " "$TINYX" compare ./app --kernel nul

# Values that kbuild would run, or by which it opens files.
# shellcheck disable=SC2016 # not for this shell
for value in 'INITRAMFS_SOURCE="$(touch<ran)"' 'CMDLINE="`touch`"' 'HZ=$(shell)' 'HZ=`id`'; do
	recipe && printf '[kernel]\noptions=%s\n' "$value" >>app/recipe.conf
	refuse "options=$value" "app/recipe.conf:6: options: '$value'; expected no \$, no \`" "$TINYX" build ./app
	recipe
	printf '# tinyx kernel lock 1\n# application: app\n# platform: xen-pv\n# linux: 6.1.1\nCONFIG_%s  # x\n' "$value" >app/kernel-xen-pv.lock
	refuse "$value in a lock" "app/kernel-xen-pv.lock:5: " "$TINYX" build ./app
	recipe
	printf 'CONFIG_SMP=y\nCONFIG_%s\n' "$value" >given
	refuse "$value in --kernel" "given:2: bad setting" "$TINYX" compare ./app --kernel given
done
for value in 'INITRAMFS_SOURCE="/etc"' 'SYSTEM_TRUSTED_KEYS="/etc/shadow"' 'EXTRA_FIRMWARE="x"' 'MODULE_SIG_KEY="k"' 'OTHER="x"' 'CMDLINE="a|b"'; do
	recipe && printf '[kernel]\noptions=%s\n' "$value" >>app/recipe.conf
	refuse "options=$value" "app/recipe.conf:6: $value: " "$TINYX" build ./app
	recipe
	printf '# tinyx kernel lock 1\n# application: app\n# platform: xen-pv\n# linux: 6.1.1\nCONFIG_%s  # x\n' "$value" >app/kernel-xen-pv.lock
	refuse "$value in a lock" "app/kernel-xen-pv.lock:5: $value: " "$TINYX" build ./app
done
check "nothing was run" sh -c '! test -e ran && ! test -e app/ran'

# Files of this machine.
outside="it is outside of the recipe's folder; expected a file in that, or --allow-host-files"
for c in build test run minimize compare explain; do
	recipe 'files=/etc/passwd:/srv/x'
	symbol=
	[ $c != explain ] || symbol=SMP
	refuse "$c: an absolute path in files=" "app/recipe.conf:3: files: /etc/passwd: $outside" "$TINYX" $c ./app $symbol
done
recipe 'files=/etc/passwd:/srv/x'
cp nul app/kernel-xen-pv.lock
refuse "an absolute path that is allowed" "app/kernel-xen-pv.lock:2: " "$TINYX" build ./app --allow-host-files
check "it is named" grep -qF "note: $PWD/app/recipe.conf:3: files: /etc/passwd: taken from this machine" err
recipe 'files=../nul'
refuse "files=../nul" "app/recipe.conf:3: files: $PWD/nul: $outside" "$TINYX" build ./app
recipe 'files=link:/srv/x'
ln -s /etc/passwd app/link
refuse "a link in files=" "app/recipe.conf:3: files: $PWD/app/link, which is /etc/passwd: $outside" "$TINYX" build ./app
recipe 'files=in/passwd:/srv/x'
ln -s /etc app/in
refuse "a link on the way in files=" "which is /etc/passwd: $outside" "$TINYX" build ./app
recipe
rmdir app/files
ln -s /etc app/files
refuse "files/ is a link" "app/recipe.conf: files: $PWD/app/files, which is /etc: $outside" "$TINYX" build ./app
recipe
ln -s /etc/passwd app/test.sh
refuse "test.sh is a link" "$PWD/app/test.sh, which is /etc/passwd: $outside" "$TINYX" test ./app
recipe
printf '[test]\nscript=/etc/passwd\n' >>app/recipe.conf
refuse "an absolute script=" "app/recipe.conf:6: script: /etc/passwd: $outside" "$TINYX" test ./app
recipe 'files=x:/.'
: >app/x
refuse "files= that takes the root's place" "app/recipe.conf:3: files: 'x:/.' would take the place of the root folder" "$TINYX" build ./app
finish
