# tinyx init: what it says before it installs anything.
. "$SRCDIR/tests/tap.sh"
TINYX_CACHE=$PWD/none
export TINYX_CACHE
"$TINYX" init nginx -o dir/Bad_Name >out 2>err
check "a name that no recipe can have: status 2" test $? -eq 2
check "... is said" grep -q "dir/Bad_Name: a recipe cannot be called 'Bad_Name'; expected a folder (-o) named of a-z 0-9" err
mkdir there
: >there/recipe.conf
"$TINYX" init nginx -o there >out 2>err
check "a recipe that is there: status 2" test $? -eq 2
check "... is said" grep -q "there/recipe.conf is there already; expected another folder (-o), or --force" err
"$TINYX" init nginx -o new --platform xen-pw >out 2>err
check "an unknown platform: status 2" test $? -eq 2
check "... is said" grep -q "platform 'xen-pw' is not known; did you mean 'xen-pv'" err
check "nothing was installed or written for that" test ! -e none -a ! -e dir -a ! -e new -a ! -s there/recipe.conf
finish
