# The page of `tinyx compare` in a browser: in both colour schemes, and printed; no console errors. And
# a comparison of two tiny images that are really booted.
. "$SRCDIR/tests/tap.sh"

mkdir page
TINYX_TEST_KEPT=$SRCDIR/tests/cases/compare/measured.json OUT=$PWD/page "$SRCDIR/$BUILD/tests/real/page" >made 2>&1
check "the page is made from what was kept" test $? -eq 0 -a -s page/compare.html -a -s page/compare.json -a -s page/compare.md
check "... and says what was not measured" grep -q 'the scan broke off' page/compare.html

browser=
for name in chromium chromium-browser google-chrome; do
	command -v $name >/dev/null && browser=$name && break
done

# shot PAGE NAME OPTION...: a file NAME made of PAGE; what the page's console says goes to NAME.log
cat >shot <<'END'
page=$1 name=$2
shift 2
timeout 90 "$BROWSER" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run \
	--user-data-dir="$PWD/profile" --enable-logging=stderr --hide-scrollbars --window-size=1180,2600 \
	"$@" "file://$PWD/$page" >"$name.log" 2>&1 && test -s "$name"
END
if [ -z "$browser" ]; then
	for text in "light" "dark" "printed" "console" "on a phone, by keyboard and heard"; do
		skip "the page in a browser: $text" "no chromium here"
	done
else
	BROWSER=$browser
	export BROWSER
	check "a picture in light" sh shot page/compare.html light.png --screenshot="$PWD/light.png"
	check "a picture in dark" sh shot page/compare.html dark.png --blink-settings=preferredColorScheme=0 \
		--screenshot="$PWD/dark.png"
	check "... which is another one" sh -c '! cmp -s light.png dark.png'
	check "it prints" sh shot page/compare.html page.pdf --no-pdf-header-footer --print-to-pdf="$PWD/page.pdf"
	check "nothing on the page's console" sh -c '! grep -h CONSOLE light.png.log dark.png.log page.pdf.log'
	echo '<script>console.error("seen")</script>' >bad.html
	sh shot bad.html bad.png --screenshot="$PWD/bad.png"
	check "... where an error would be seen" grep -q 'CONSOLE.*seen' bad.png.log

	# On a phone (420 px), in both colour schemes: what a browser makes of the page is asked in a frame.
	cp "$SRCDIR/docs/options.html" page/options.html
	for name in compare options; do
		for scheme in light dark; do
			check "$name.html on a phone, $scheme: no fault" sh -c 'timeout 200 python3 "$SRCDIR/tests/page-rules.py" "$BROWSER" "$1" "$2" >&2' - \
				"$PWD/page/$name.html" $scheme
		done
	done
	sed 's/--soft: #5b636e/--soft: #b0b4b8/; s/ scope="col"//; s/ aria-label="All figures[^"]*"//; s/<caption>.*<\/caption>//; s/<h1>/<h1 style="width:900px">/' \
		page/compare.html >page/worse.html
	python3 "$SRCDIR/tests/page-rules.py" "$BROWSER" "$PWD/page/worse.html" light >faults 2>&1
	check "a page with faults: they are found" sh -c 'test "$1" -eq 1 && grep -q "contrast" faults && grep -q "scope" faults && grep -q "caption" faults && grep -q "wider than the screen" faults && grep -q "no name" faults' - $?
fi

# measured FOLDER FIGURE: how many of the systems in its compare.json have a number for it
cat >measured.py <<'END'
import json, sys
sides = json.load(open(sys.argv[1] + "/compare.json"))["sides"]
values = [side["figures"].get(sys.argv[2], {}) for side in sides]
print(sum("value" in value for value in values))
END

# Two images of one recipe, which differ in how they are packed.
if [ ! -f /usr/src/linux-source-6.1.tar.xz ]; then
	skip "two tiny images, booted" "linux-source-6.1 is not installed"
	finish
fi
if [ "${TINYX_ALL_RECIPES-}" != yes ]; then
	skip "two tiny images, booted, counted, compared" "many boots, two of them counting instructions: make check-recipes runs it"
	finish
fi
"$TINYX" build daytime -o small >said 2>err && "$TINYX" build daytime -o large --format cpio.gz >said 2>err
check "two tiny images" test -s small/bzImage -a -s large/initramfs.cpio.gz
"$TINYX" compare daytime --no-debian --no-cloud --image large -o result >table 2>err
check "they are compared" test $? -eq 0
for figure in kernel_file kernel_image symbols image_packed files create_seconds answer_seconds \
	memory_used least_memory create_instructions instructions ports; do
	check "both have $figure" sh -c 'test "$(python3 measured.py result "$1")" = 2' - "$figure"
done
check "the slab of our kernel, which has no /proc, is that of the same with it" \
	grep -qx 'tinyx, slab: of the same kernel with /proc' table
cp result/compare.json first.json
begun=$(date +%s)
"$TINYX" compare daytime --no-debian --no-cloud --image large -o result >table 2>err
check "a second run has nothing to boot" test $? -eq 0 -a $(($(date +%s) - begun)) -lt 60
check_same "... and the same results" first.json result/compare.json
check "nothing is shown as measured that was not" sh -c '! grep -wiE "nan|inf" result/compare.json table'

# Debian in a microvm: its own image, and its cloud kernel with our files.
here=$("$TINYX" platforms | awk '$1 == "qemu-microvm" {on = 1} on && $1 == "here" {sub(/^ *here */, ""); print; exit}')
case $here in
yes*)
	"$TINYX" compare static --platform qemu-microvm -o microvm >table 2>err
	check "compared on qemu-microvm" test $? -eq 0
	for figure in kernel_file files create_seconds answer_seconds memory_used least_memory instructions ports; do
		check "all three have $figure" sh -c 'test "$(python3 measured.py microvm "$1")" = 3' - "$figure"
	done
	check "Debian shut down when it was asked" sh -c '! grep "^Debian, .*did not say its memory" table'
	check "it is said on what" grep -q '"platform" : "qemu-microvm"' microvm/compare.json
	;;
*) skip "compared on qemu-microvm" "$here" ;;
esac
finish
