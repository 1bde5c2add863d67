# tinyx minimize, the whole command, on a kernel that is built in a moment (tests/fake-kernel): the right
# answer, few builds, flaky and hanging boots, a build that fails, kill -9, a budget, bad input.
. "$SRCDIR/tests/tap.sh"
TINYX_CACHE=${TINYX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tinyx}
export TINYX_CACHE
. "$SRCDIR/tests/fake-kernel/world.sh"
fake_world "tinyx minimize on a fake kernel"
mkdir -p app/files/usr/bin
printf '#!/bin/sh\nsleep 1\n' >app/files/usr/bin/app
chmod 755 app/files/usr/bin/app
cat >app/recipe.conf <<'X'
[recipe]
description=an application for a test
[run]
command=/usr/bin/app
[kernel]
options=NEED_A=y NEED_B=y FREE_1=y FREE_2=y FREE_3=y FREE_4=y LEFT=y RIGHT=y
[test]
timeout=4
X
# The recipe asks for them so that they are in the start; what it asks for is never switched off.
cp -R app wish
sed -i '/^options/d; /^\[kernel\]/d' app/recipe.conf
"$TINYX" build ./wish --platform fake -k ./tree -o wish-out >words 2>err
check "an image with the fake kernel" test -s wish-out/kernel.config
minimize() { "$TINYX" minimize ./app --platform fake -k ./tree --from wish-out/kernel.config --boot-command "sh '$SRCDIR/tests/fake-kernel/boot.sh'" "$@" >words 2>err; }
lock=app/kernel-fake.lock
again() { # nothing is known of the tree, and so nothing is in a cache
	rm -rf "$TINYX_CACHE/minimize/app-fake" app/kernel-fake.*
	echo "# again" >>tree/build.sh
	: >builds
}
builds() { wc -l <builds; }
lines() { grep '^CONFIG' $lock | sed 's/ .*//' | sort >lock-lines; }

again
check "it ends" minimize
lines
cat >wanted <<'X'
CONFIG_BASE=n
CONFIG_NEED_A=y
CONFIG_NEED_B=y
CONFIG_PACK_TIGHT=y
CONFIG_SHIFT=4
X
sort -o wanted wanted
check_same "with what is needed, and nothing else" wanted lock-lines
check "a reason on every line" sh -c "! grep '^CONFIG' $lock | grep -v '  # .'"
check "the trial is named" grep -q '^CONFIG_NEED_B=y .*the test fails without it: trial [0-9]' $lock
check "the table has both sizes" grep -q '^  bzImage, bytes  *[0-9][0-9]*  *[0-9]' words
cp lock-lines first-lines

: >builds
minimize
check "a second run builds nothing" test "$(builds)" -eq 0
lines
check_same "... and has the same answer" first-lines lock-lines

# tinyx build uses the lock; explain reads it.
check "tinyx build with the lock" "$TINYX" build ./app --platform fake -k ./tree -o small
check "the configuration is that of the lock" sh -c "grep -qx CONFIG_NEED_B=y small/kernel.config && grep -qx '# CONFIG_FREE_2 is not set' small/kernel.config"
"$TINYX" build ./app --platform fake -k ./tree -o small --json >built.json 2>err
check "tinyx build --json: report.json" cmp -s built.json small/report.json
"$TINYX" explain ./app --platform fake -o small --json >options.json 2>err
check "explain: all options, from the image" sh -c 'python3 -m json.tool options.json | grep -q "\"option\": \"NEED_B\""'
minimize --json
check "tinyx minimize --json: the figures" cmp -s words app/kernel-fake.json
"$TINYX" explain ./app NEED_B --platform fake -k ./tree -o small >words 2>err
check "explain: it is in" grep -q '^NEED_B: in' words
check "explain: which trial failed without it" grep -q 'trial [0-9]* failed without it' words
check "explain: the console's last lines" grep -q '| Kernel panic - not syncing: no NEED_B' words
"$TINYX" explain ./app FREE_2 --platform fake -k ./tree -o small >words 2>err
check "explain: what went, and in which trial" sh -c "grep -q '^FREE_2: out' words && grep -q 'went in trial' words"
"$TINYX" explain ./app HELPER --platform fake -k ./tree -o small >words 2>err
check "explain: who selects it" grep -q 'PULLER' words
"$TINYX" explain ./app SHIFT --platform fake -k ./tree -o small >words 2>err
check "explain: a number that the search found" grep -q 'went to 4 in trial [0-9]*, which passed' words
"$TINYX" explain ./app need_b --platform fake -k ./tree -o small >words 2>err
check "explain: no symbol of this kernel" grep -q "need_b: this kernel has no such symbol; did you mean 'NEED_B' or 'NEED_A'" err
"$TINYX" explain ./app /usr/bin/app --platform fake -k ./tree -o small >words 2>err
check "explain a file" grep -q 'from: recipe' words
"$TINYX" explain ./app /no/such --platform fake -k ./tree -o small >words 2>err
check "explain a file that is not in" grep -q '^/no/such: out' words

# One by one: two that do not link without one another stay.
again
minimize --one-by-one
lines
check "one by one they stay" test "$(grep -c '^CONFIG_LEFT=y\|^CONFIG_RIGHT=y' $lock)" -eq 2
check "and needs the same" grep -q NEED_B lock-lines

# What goes wrong on the way does so with four candidates, too, in a third of the time.
again
printf '%s\n' NEED_A NEED_B FREE_1 FREE_2 >few
minimize --candidates few
lines && cp lock-lines few-lines
check "four candidates: two of them are needed" sh -c 'grep -q NEED_A=y few-lines && grep -q NEED_B=y few-lines && ! grep -q "FREE_[12]=y" few-lines && grep -q FREE_3=y few-lines'

again
mkdir -p flaky
FAKE_FLAKY=$PWD/flaky
export FAKE_FLAKY
# The result itself must pass three times in a row: its first boot was seen in the search.
minimize --candidates few
lines
check_same "flaky boots: tried once more, the same answer" few-lines lock-lines
FAKE_FLAKY=
again
FAKE_HANG=100
export FAKE_HANG
check "hanging boots end" minimize --candidates few
lines
check_same "... with the same answer" few-lines lock-lines
unset FAKE_HANG

# What the search's own machine cannot show: needed on another processor only, and what fails there in any case.
again
FAKE_VARY=processor-intel:FREE_3
export FAKE_VARY
check "the result is tried elsewhere" minimize
lines
check "what fails there is put back" grep -qx CONFIG_FREE_3=y lock-lines
sed '/FREE_3/d' lock-lines >rest-lines
check_same "... and nothing else" first-lines rest-lines
check "... which says why" grep -q '^CONFIG_FREE_3=y .*put back: the test fails on an Intel processor without it' $lock
check "it was found with few kernels" test "$(builds)" -le 28 # 22: 13 of the search, 5 to find it, results
: >builds
check "a second run knows it" minimize
check "... and builds nothing" test "$(builds)" -eq 0
again
FAKE_VARY=clock-2040:MOON
minimize
lines
check_same "what fails there without the search, too, is not its doing" first-lines lock-lines
check "... and is said" grep -q 'in 2040 the test fails, but with the configuration before the search, too' err
unset FAKE_VARY

# A configuration whose kernel the platform would refuse: a verdict without a boot, not the end of the search.
again
FAKE_NOWHERE=1
export FAKE_NOWHERE
check "kernels that the platform refuses do not end it" minimize --candidates few
lines
check_same "... and it ends with the same answer" few-lines lock-lines
check "they are verdicts" grep -q '"verdict":"fail".*"why":"not bootable: .*entry point is in none of its segments' app/kernel-fake.journal
check "... which name the kernel without this machine's folders" grep -q 'not bootable: CACHE/' app/kernel-fake.journal
unset FAKE_NOWHERE

# kill -9 in the middle, twice; then to the end.
again
for _ in 1 2; do
	FAKE_SLOW=0.7 "$TINYX" minimize ./app --platform fake -k ./tree --from wish-out/kernel.config \
		--boot-command "sh '$SRCDIR/tests/fake-kernel/boot.sh'" >words 2>err &
	job=$!
	sleep 4
	kill -KILL $job
	wait $job 2>/dev/null
done
check "kill -9, and on from there" minimize
lines
check "... and the kernel built anew is that of the run that was killed" grep -q "the same bytes as in the search" err
check_same "... with the same answer" first-lines lock-lines
check "no question was asked twice" test "$(sort builds | uniq -d | wc -l)" -le 3 # killed in their build, and the final one

again
minimize --budget 1s
check "a budget that runs out: still a lock, which says so" grep -q '^# note: the budget ran out' $lock
check "... and the kernel in it is a good one" grep -q 'bzimage: [1-9]' $lock

check "... and what was not tried is named" grep -q '^# note: the budget ran out: .* FREE_1 ' $lock
sed -i 's/^# bzimage: .*/# bzimage: 1/' $lock
cp $lock smaller
minimize --budget 1s
check "... and a lock with a smaller kernel stays" cmp smaller $lock
check "... which is said" grep -q 'kernel-fake.lock stays as it was' err

# What the recipe asks for does not go along with another symbol, whatever the test says.
printf 'FREE_3\n' >list
sed '/^\[test\]/i [kernel]\noptions=FREE_4=y' app/recipe.conf >wished.conf
cp -R app wished
cp wished.conf wished/recipe.conf
rm wished/kernel-fake.*
"$TINYX" minimize ./wished --platform fake -k ./tree --from wish-out/kernel.config --candidates list \
	--boot-command "sh '$SRCDIR/tests/fake-kernel/boot.sh'" >words 2>err
check "what the recipe asks for stays, and what it depends on" \
	grep -q '^CONFIG_FREE_3=y .*without it: not built: FREE_4=y would go, which is asked for (recipe.conf:[0-9]*)' wished/kernel-fake.lock
printf 'FREE_3\nFREE_4\n' >list
"$TINYX" minimize ./wished --platform fake -k ./tree --from wish-out/kernel.config --candidates list --one-by-one \
	--boot-command "sh '$SRCDIR/tests/fake-kernel/boot.sh'" >words 2>err
check "... one by one, too" grep -q '^CONFIG_FREE_3=y .*FREE_4 needs it' wished/kernel-fake.lock
check "a candidate that the recipe asks for is told" grep -q 'candidate FREE_4=n is not tried: the recipe asks for it' err

# A full disk where the lock goes: said, nothing half-written; with room, the same command ends.
if unshare --map-root-user --mount true 2>/dev/null; then
	again
	mkdir -p full
	cat >full.sh <<'X'
on_full() {
	"$TINYX" minimize ./full/app --platform fake -k ./tree --from wish-out/kernel.config --candidates few -o full-out \
		--boot-command "sh '$SRCDIR/tests/fake-kernel/boot.sh'" >words 2>"$1"
	echo $? >"$2"
}
mount -t tmpfs -o size=64k tmpfs full && cp -R app full/ || exit 1
cat /dev/zero >full/fill 2>/dev/null
on_full err status
find full -name '*.lock*' >left
rm full/fill
wc -l <builds >first-builds
on_full err2 status2
cp full/app/kernel-fake.lock full-lock
X
	unshare --map-root-user --mount sh full.sh
	check "a full disk: status 1" grep -qx 1 status
	check "the file and the reason are said" grep -q 'full/app/kernel-fake.*No space left on device' err
	check "no half of a lock is there" test ! -s left
	check "with room again it ends" grep -qx 0 status2
	check "and asks nothing again" test "$(($(wc -l <builds) - $(cat first-builds)))" -le 1
	grep '^CONFIG' full-lock | sed 's/ .*//' | sort >lock-lines
	check_same "... with the same answer" few-lines lock-lines
else
	skip "a full disk" "no user namespaces here"
fi

# Bad input: a word, a status, nothing written.
again
refused() { # WORDS OPTION...: status 2, WORDS, no lock
	words=$1
	shift
	minimize "$@"
	status=$?
	cat words err >both
	check "refused: $words" sh -c "test $status -eq 2 -a ! -e $lock && grep -qF -- '$words' both || { echo status $status; cat both; false; }"
}
refused "this test cannot fail" --boot-command true
refused "the start does not pass its test" --boot-command 'echo no; exit 1'
# An application that is BusyBox itself: without it nothing would start; what starts the application goes.
cp -R app box
sed -i 's,^command=.*,command=/bin/busybox sleep 100,' box/recipe.conf
check "BusyBox as the application: the test must fail without its start" env FAKE_APP=etc/tinyx/start \
	"$TINYX" minimize ./box --platform fake -k ./tree --from wish-out/kernel.config --boot-command "sh '$SRCDIR/tests/fake-kernel/boot.sh'"
cp -R app seen # another name, of which nothing is known
cp box/recipe.conf seen/
FAKE_APP=init "$TINYX" minimize ./seen --platform fake -k ./tree --from wish-out/kernel.config \
	--boot-command "sh '$SRCDIR/tests/fake-kernel/boot.sh'" >words 2>err
check "... and init is still there: a test that sees only that cannot fail" grep -q 'this test cannot fail' err
# What that configuration has on without a prompt has one once the platform asks for EXPERT: PROC_FS is so.
cp -R app bare
sed '/EXPERT/d; /CORE/d' wish-out/kernel.config >bare.config && echo CONFIG_CORE=y >>bare.config && echo CORE >list
check "what has no prompt in the start's own configuration is on in the start" \
	"$TINYX" minimize ./bare --platform fake -k ./tree --from bare.config --candidates list \
	--boot-command "sh '$SRCDIR/tests/fake-kernel/boot.sh'"
check "... and a candidate" grep -q '"CORE' bare/kernel-fake.journal
printf 'FREE_1\nHELPER\nNOSUCH\n' >list
refused "list:2: HELPER cannot be switched" --candidates list
refused "list:3: NOSUCH is not on" --candidates list
refused "No such file" --candidates nolist
refused "--budget soon: expected a time" --budget soon
refused "--jobs -1" --jobs -1
refused "--jobs 0" --jobs 0
printf 'SHIFT=99\n' >list
refused "list:1: SHIFT cannot be switched to 99: expected a number from 4 to 20" --candidates list
printf 'FREE_2\nNEED_A\n' >list
# A compiler that the machine ended is no evidence.
FAKE_KILLED=FREE_2
export FAKE_KILLED
minimize --candidates list
status=$?
check "a compiler that was killed ends it" test $status -eq 1 -a ! -e $lock
check "... and is no trial" sh -c "! grep -q '\"kind\":\"trial\"' '$TINYX_CACHE'/minimize/app-fake/*.journal"
unset FAKE_KILLED
# Nor is a start that fails for another reason one for ever.
echo "test ! -e busy && exec sh '$SRCDIR/tests/fake-kernel/boot.sh'" >busy.sh
touch busy
refused "the start does not pass its test" --boot-command "sh '$PWD/busy.sh'" --candidates list
rm busy
check "the user's own list, and a start that passes now" minimize --candidates list --boot-command "sh '$PWD/busy.sh'"
lines
check "only those are tried" sh -c "grep -q FREE_1=y lock-lines && ! grep -q FREE_2=y lock-lines"
# A journal that somebody damaged is said.
for f in "$TINYX_CACHE"/minimize/app-fake/*.journal; do sed -i '2s/.*/nonsense/' "$f"; done
minimize --candidates list
check "a damaged journal is said" grep -q '\.journal:2: expected' err
rm -rf "$TINYX_CACHE"
# What can be chosen in the result only: LATER while FREE_1 is there, EVEN_LATER while LATER is not.
cat >>tree/Kconfig <<'X'
config LATER
	bool "Smaller"
	depends on !FREE_1
config EVEN_LATER
	bool "Smaller still"
	depends on LATER
config DEPTH
	int "A number"
	range 4 20
	default 12
	depends on FREE_2
X
printf 'on LATER && size=$((size - 3000))\non EVEN_LATER && size=$((size - 3000))\nhead -c $size /dev/zero >arch/x86/boot/bzImage\n' >>tree/build.sh
printf '2000  CONFIG_%s=y  # later\n' LATER EVEN_LATER >>data/kconfig-heuristics/values.config
"$TINYX" build ./wish --platform fake -k ./tree -o wish-out >words 2>err # the new symbols are in its configuration
again
check "what only the result lets one choose" minimize
check "... is found, round after round" sh -c "grep -q '^CONFIG_LATER=y  # the test passes so: trial [0-9]' $lock && grep -q '^CONFIG_EVEN_LATER=y  # the test passes so: trial [0-9]' $lock"
check "... and said" grep -q '1 more that can be switched, now that others are gone: LATER' err
lines && cp lock-lines later-lines
: >builds
check "a second run with rounds" minimize
check "... builds nothing" test "$(builds)" -eq 0
lines
check_same "... and has the same answer" later-lines lock-lines
"$TINYX" build ./app --platform fake -k ./tree -o small >words 2>err
"$TINYX" explain ./app EVEN_LATER --platform fake -k ./tree -o small >words 2>err
check "a number whose symbol vanishes brings nothing back" python3 -c '
import glob, json, os
[path] = glob.glob(os.environ["TINYX_CACHE"] + "/minimize/app-fake/*.journal")
passed = [e for e in map(json.loads, open(path)) if e.get("kind") == "trial" and e["verdict"] == "pass"]
assert "FREE_2=n" in passed[-1]["change"] and "DEPTH=4" in passed[-1]["change"], passed[-1]'
check "explain: a later round's symbol" grep -q 'forecast: about 2000 bytes' words
check "... and its trial" grep -q 'went to y in trial [0-9]*, which passed' words
finish
