# The page of `tinyx compare` in a browser: in both colour schemes, and printed; no console errors.
. "$SRCDIR/tests/tap.sh"

mkdir page
TINYX_TEST_KEPT=$SRCDIR/tests/cases/compare/measured.json OUT=$PWD/page "$SRCDIR/$BUILD/tests/real/page" >made 2>&1
check "the page is made from what was kept" test $? -eq 0 -a -s page/compare.html -a -s page/compare.json -a -s page/compare.md
check "... and says what was not measured" grep -q 'the scan broke off' page/compare.html

browser=
for name in chromium chromium-browser google-chrome; do
	command -v $name >/dev/null && browser=$name && break
done

# shot NAME OPTION...: a picture of the page; what the page's console says goes to NAME.log
shot() {
	name=$1
	shift
	timeout 90 "$browser" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run \
		--user-data-dir="$PWD/profile" --enable-logging=stderr --hide-scrollbars --window-size=1180,2600 \
		"$@" "file://$PWD/page/compare.html" >"$name.log" 2>&1 && test -s "$name"
}

# Two pictures differ as files where the page does not look the same.
if [ -z "$browser" ]; then
	for text in "light" "dark" "printed" "console"; do
		skip "the page in a browser: $text" "no chromium here"
	done
else
	check "a picture in light" shot light.png --screenshot="$PWD/light.png"
	check "a picture in dark, which is another one" sh -c '
		timeout 90 "$1" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run \
			--user-data-dir="$PWD/profile" --enable-logging=stderr --hide-scrollbars --window-size=1180,2600 \
			--blink-settings=preferredColorScheme=0 --screenshot="$PWD/dark.png" \
			"file://$PWD/page/compare.html" >dark.png.log 2>&1 && test -s dark.png && ! cmp -s light.png dark.png' - "$browser"
	check "it prints" shot page.pdf --no-pdf-header-footer --print-to-pdf="$PWD/page.pdf"
	check "nothing on the page's console" sh -c '! grep -h "CONSOLE" ./*.log'
fi
finish
