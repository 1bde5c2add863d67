# Domains in the background, as far as that needs no boot: names, records, what is refused before anything starts.
. "$SRCDIR/tests/tap.sh"
TINYX_CACHE=$PWD/cache
export TINYX_CACHE
"$TINYX" ps >out 2>err
check "ps: none, nothing printed, status 0" test $? -eq 0 -a ! -s out -a ! -s err
check "ps --json: an empty list" sh -c '"$TINYX" ps --json | python3 -c "import json, sys; assert json.load(sys.stdin) == {\"domains\": []}"'
for command in logs stop restart 'exec x'; do
	# shellcheck disable=SC2086 # words
	"$TINYX" $command nosuch >out 2>err
	check "$command: an unknown name, status 2" sh -c 'test "$1" = 2 && grep -q "is no domain that was started by tinyx run -d" err' sh $?
done
"$TINYX" run nginx --name x >out 2>err
check "--name without --detach" sh -c 'test "$1" = 2 && grep -q "name belongs to --detach" err' sh $?
"$TINYX" run -d nginx --name ../x >out 2>err
check "a name that is a path" sh -c 'test "$1" = 2 && grep -q "name .../x.: expected" err' sh $?
"$TINYX" run -d nosuch >out 2>err
check "an unknown recipe" sh -c 'test "$1" = 2 && grep -q nosuch err' sh $?
check "... leaves no record" sh -c 'test -z "$("$TINYX" ps)"'

# A record as a keeper that was killed leaves it; its pid is another's by now.
sleep 300 &
other=$!
mkdir -p "$TINYX_CACHE/domains/web"
owner=$(sed -n 's/^owner=//p' "$TINYX_CACHE"/domains/*/state 2>/dev/null)
cat >"$TINYX_CACHE/domains/web/state" <<X
[domain]
pid=$other
started=1
owner=${owner:-x.y.1.$other here}
phase=runs
recipe=nginx
platform=qemu-microvm
launcher=qemu
identity=$other 1
port=8080
guest-port=80
X
: >"$TINYX_CACHE/domains/web/held"
printf 'booting\033[31m\r\nline two\r\nlast' >"$TINYX_CACHE/domains/web/console"
"$TINYX" ps >out 2>err
check "ps: it is lost" grep -q '^web  *lost .* 8080->80' out
check "... in JSON, too" sh -c '"$TINYX" ps --json | python3 -c "import json, sys; d = json.load(sys.stdin)[\"domains\"]; assert d[0][\"state\"] == \"lost\" and d[0][\"guest_port\"] == 80"'
"$TINYX" exec web ls >out 2>err
check "exec: refused" sh -c 'test "$1" = 2 && grep -q "does not run (it is .lost." err' sh $?
"$TINYX" logs web >out 2>err
printf 'booting\\x1b[31m\nline two\nlast\n' >expected
check_same "logs: its console, and nothing that commands a terminal" expected out
"$TINYX" logs -n 2 web >out
printf 'line two\nlast\n' >expected
check_same "logs -n" expected out
timeout 10 "$TINYX" logs -f -n 1 web >out
check "logs -f of one that does not run ends" sh -c 'test "$1" = 0 && test "$(cat out)" = last' sh $?
"$TINYX" stop --forget wbe >out 2>err
check "a name that is like it" grep -q "did you mean 'web'" err
"$TINYX" stop web >out 2>err
check "stop: status 0, its end is said" sh -c 'test "$1" = 0 && grep -q "web: its keeper was killed" err' sh $?
check "... a process that has its pid by now is left alone" kill -0 $other
check "ps: it has ended" sh -c '"$TINYX" ps | grep -q "^web  *ended .* ago .*its keeper was killed"'
# Started anew it fails, and is not forgotten for that.
"$TINYX" run -d nosuch -n web >out 2>err
check "one that cannot be built stays listed, with why" sh -c 'test "$1" = 2 && "$TINYX" ps | grep -q "^web  *ended .*nosuch"' sh $?
"$TINYX" stop --forget web 2>err
check "forgotten" sh -c 'test -z "$("$TINYX" ps)" && test ! -e "$TINYX_CACHE/domains/web"'
echo garbage >"$TINYX_CACHE/domains/garbage" 2>/dev/null
mkdir -p "$TINYX_CACHE/domains/bad" && echo garbage >"$TINYX_CACHE/domains/bad/state"
"$TINYX" ps >out 2>err
check "a record that cannot be read is warned of" sh -c 'test "$1" = 0 && grep -q "domains/bad/state: .*; expected what" err' sh $?
kill $other

# What a shell of the image does with commands from the console: the script itself, by any shell.
printf '%s\n' "tinyx: do 3 echo hi; echo; printf 'a  b'; exit 7" noise 'tinyx: do x y' "tinyx: do 5 'printf' '%s|' 'a b' c" >console
sed 's|</dev/console|<console|; s/^sleep.*/wait/' "$SRCDIR/rootfs/glue/exec" >script
sh script >all
grep ' 3[: ]' all >out
printf 'tinyx: did 3: %s\n' hi '' 'a  b' >expected
echo 'tinyx: did 3 ended with status 7' >>expected
check_same "exec: lines, one without an end, the status" expected out
check "exec: words stay words" grep -qx 'tinyx: did 5: a b|c|' all
check "exec: nothing else is run" sh -c 'test "$(grep -vc "did [35]" all)" = 0'
finish
