# make check-recipes goes on where it was ended: its script in a small tree, with a stand-in for tinyx.
. "$SRCDIR/tests/tap.sh"
mkdir -p tree/scripts tree/kconfig-heuristics tree/rootfs tree/docs
cp "$SRCDIR/scripts/check-recipes" tree/scripts/
: >tree/scripts/vif
for name in a b c; do
	mkdir -p tree/recipes/$name
	echo "# $name" >tree/recipes/$name/recipe.conf
done
# It notes what it was asked; NAME.fails makes a test fail, NAME.kills ends the whole.
cat >tinyx <<X
#!/bin/sh
case \$1 in
platforms)
	printf 'xen-pv (default)\n  boots    bzImage\n  here     yes, by xl\nother\n  here     no: no such machine here\n'
	printf 'third\n  here     yes, by hand\n'
	;;
recipes)
	case "\$*" in *unknown*) echo "platform 'unknown' is not known" >&2 && exit 2 ;; esac
	echo "the page \$*"
	;;
test)
	echo "\$2 \$3 \$4 \$5 \$6" >>"$PWD/asked"
	echo '{}' >"recipes/\$2/tested-xen-pv.json"
	if [ -e "$PWD/\$2.kills" ]; then kill -TERM \$PPID; sleep 5; fi
	if [ -e "$PWD/\$2.fails" ]; then echo "why it failed"; exit 1; fi
	;;
esac
X
chmod +x tinyx
# run WORD...: status in `status`, recipes that were tested in `tested`.
run() {
	: >asked
	TINYX=$PWD/tinyx sh tree/scripts/check-recipes "$@" >out 2>err
	echo $? >status
	tested=$(sed 's/ .*//' asked | tr '\n' ' ')
}
touch b.kills
run
check "it is ended while it tests b" test "$tested" = "a b "
rm b.kills && touch b.fails
run
check "again: a passed before, the rest is tested" test "$tested" = "b c "
check "... with its least memory, recorded" grep -qx 'b --least --record --platform xen-pv' asked
check "... b fails" sh -c 'grep -q "^b: FAILED" out && grep -q "| why it failed" out'
check "... the sum, and the status" sh -c 'grep -qx "2 passed, 1 failed" out && [ "$(cat status)" = 1 ]'
check "the page is written" grep -qx 'the page recipes --markdown --platform xen-pv' tree/docs/recipes.md
rm b.fails
run
check "again: only what failed" test "$tested" = "b "
check "all passed" sh -c 'grep -qx "3 passed, 0 failed" out && [ "$(cat status)" = 0 ]'
run
check "nothing is left to do" test "$tested" = ""
echo "# changed" >>tree/recipes/c/recipe.conf
run
check "a recipe that changed is tested again" test "$tested" = "c "
echo "# a rule" >tree/kconfig-heuristics/x.config
run a b
check "a rule that changed: those that are named" test "$tested" = "a b "
echo "# another" >>tinyx
run
check "another tinyx: all" test "$tested" = "a b c "
run --again b
check "--again" test "$tested" = "b "

# Other platforms.
run --platform third a
check "another platform: tested there, too" grep -qx 'a --least --record --platform third' asked
check "... its own page" grep -q 'third' tree/docs/recipes-third.md
run --platform third a
check "... and remembered" test "$tested" = ""
export TINYX_PLATFORM=other
run
check "one that cannot run here: nothing is tested" test "$tested" = "" -a "$(cat status)" = 0
check "... each recipe with the reason" test "$(grep -c '^[abc]: SKIP on other: no such machine here$' out)" -eq 3
check "... and no page" test ! -e tree/docs/recipes-other.md
unset TINYX_PLATFORM
run --platform unknown
check "an unknown one: status 2, and said" sh -c 'test "$(cat status)" = 2 && grep -q "not known" err'
run --platform
check "a platform is expected" test "$(cat status)" = 2
finish
