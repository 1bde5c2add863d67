# hostile.sh - a guest that tries to reach what is not its test's: sourced after tap.sh.
# shellcheck shell=sh

# hostile_recipe TARGET...: the folder ./hostile, nginx with hostile.c beside it (so with nginx' kernel)
hostile_recipe() {
	rm -rf hostile && cp -R "$SRCDIR/recipes/nginx" hostile || return 1
	{ musl-gcc -Os -static -o hostile/hostile "$SRCDIR/tests/hostile/hostile.c" 2>/dev/null ||
		gcc -Os -static -o hostile/hostile "$SRCDIR/tests/hostile/hostile.c"; } || return 1
	cp "$SRCDIR/tests/hostile/test.sh" hostile/test.sh
	sed -i "s|^packages=.*|&\nfiles=hostile:/usr/bin/hostile|; s|^command=.*|&\nbefore=/usr/bin/hostile $*|; s/^timeout=.*/timeout=180/" \
		hostile/recipe.conf
}

# hostile_check WORDS ERR: what `tinyx test ./hostile` said. It heard its test and nobody else, and its own words, on
# the console and by the test, commanded no terminal.
hostile_check() {
	check "the hostile guest reaches its test" sh -c 'grep -q "hostile: control connected" "$1" && grep -q "control: heard" "$1"' sh "$1"
	check "it tried everything" grep -q 'hostile: done' "$1"
	check "and reached nothing else" sh -c '! grep -qE "hostile: ([0-9]|own).*connected" "$1" || { cat "$1"; false; }' sh "$1"
	check "beyond its own network nobody even refuses" sh -c '! grep "hostile: [0-9].*refused" "$1"' sh "$1"
	check "its words command no terminal" sh -c '! LC_ALL=C grep -qaP "[\x00-\x08\x0b-\x1f\x7f]|\xe2\x80\xae|\x9b" "$1" "$2" && grep -qF "\\x1b]52;c;" "$1"' sh "$1" "$2"
}
