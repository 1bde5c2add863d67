# Faults that people reported of other tools, in few images: each folder of tests/reports is a recipe whose test passes
# in a microvm. What has a make.sh is compiled first. TINYX_REPORTS="NAME..." takes only these.
. "$SRCDIR/tests/tap.sh"
TINYX_CACHE=${TINYX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tinyx}
export TINYX_CACHE
if [ ! -f /usr/src/linux-source-6.1.tar.xz ]; then
	skip "reports" "linux-source-6.1 is not installed"
	finish
fi
here=$("$TINYX" platforms | awk '$1 == "qemu-microvm" {on = 1; next} /^[^ ]/ {on = 0} on && $1 == "here"')
case $here in
*yes*) ;;
*)
	skip "reports" "no microvm here: $here"
	finish
	;;
esac
for folder in "$SRCDIR"/tests/reports/*/; do
	name=$(basename "$folder")
	case " ${TINYX_REPORTS-$name} " in
	*" $name "*) ;;
	*) continue ;;
	esac
	cp -R "$folder" "$name"
	if [ -e "$name/make.sh" ]; then
		check "$name: compiled" sh -c 'cd "$1" && sh make.sh' sh "$name"
	fi
	check "$name passes" sh -c '"$TINYX" test "./$1" --platform qemu-microvm -o "$1-out" >words 2>err && grep -q ": passed" words || { cat words; false; }' sh "$name"
	sed -n 's/^ *report:/# report:/p' words
	# What a folder also says of its image without a boot.
	if [ -e "$name/check.sh" ]; then
		check "$name: what is in the image" sh "$name/check.sh" "$name-out"
	fi
done
finish
