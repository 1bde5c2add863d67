# What a build says of a recipe: lines that come to nothing, memory that will not do; and what run refuses before
# anything is booted. With a kernel that is built in a moment (tests/fake-kernel).
. "$SRCDIR/tests/tap.sh"
TINYX_CACHE=${TINYX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tinyx}
export TINYX_CACHE
. "$SRCDIR/tests/fake-kernel/world.sh"
fake_world "images with a fake kernel"
build() { "$TINYX" build ./app --platform fake -k ./tree -o out "$@" >words 2>err; }
# recipe LINE...: ./app with these lines for [run] and what follows it
recipe() {
	mkdir -p app/files/usr/bin
	printf '#!/bin/sh\nsleep 1\n' >app/files/usr/bin/app
	chmod 755 app/files/usr/bin/app
	printf '%s\n' '[recipe]' 'description=an application for a test' '[run]' "$@" >app/recipe.conf
}

# Folders of writable= that no package has; patterns of exclude= that match nothing.
recipe 'command=/usr/bin/app' '[image]' 'writable=/data/deep /tmp' 'exclude=/usr/share/none/* /etc/passwd*'
build
check "an image" test -s out/bzImage
check "a folder of writable= is made" grep -qE '^d	0755	0:0	0	/data/deep	' out/manifest.txt
check "... with its reason" grep -q '/data/deep.*writable= of the recipe names it' out/manifest.txt
check "a pattern of exclude= that matches nothing is said" grep -q "note: .*app/recipe.conf:7: exclude: '/usr/share/none/\*' matches nothing that the packages installed, or files= has in a folder" err
check "... one that does is not" sh -c '! grep -q "exclude: ./etc/passwd" err'
recipe 'command=/usr/bin/app' 'user=nobody' '[image]' 'writable=/data'
build
check "... it is the user's who runs there" grep -qE '^d	0755	65534:65534	0	/data	' out/manifest.txt

# What only a shell would understand, each in an application of its own; then what only looks like it.
# shellcheck disable=SC2016,SC2088 # for the recipe
{
	recipe 'command=/usr/bin/app $HOME > /tmp/x' 'environment=PATH=/usr/bin DATA=$HOME/data' \
		'[run a]' 'command=/usr/bin/app a && /usr/bin/app b' '[run b]' 'command=/usr/bin/app a; true' \
		'[run c]' 'command=/usr/bin/app a 2>&1 | cat' '[run d]' 'command=/usr/bin/app "$(date)"' \
		'[run e]' 'command=/usr/bin/app ~/x' '[run f]' 'command=/usr/bin/app --to=${NAME}'
	build
	for said in "4: command: no shell reads it: '\$HOME' and '>' are" "5: environment: no shell reads it: '\$HOME' is" \
		"7: command: no shell reads it: '&&' is" "9: command: no shell reads it: ';' is" \
		"11: command: no shell reads it: '2>&' and '|' are" "13: command: no shell reads it: '\$(date)' is" \
		"15: command: no shell reads it: '~/' is" "17: command: no shell reads it: '\${NAME}' is"; do
		check "a note: $said" grep -qF "note: $PWD/app/recipe.conf:$said plain text to the program" err
	done
	recipe 'command=/usr/bin/app -g "daemon off; x > y"' '[run a]' "command=/usr/bin/app 'a|b' '\$HOME' \\\\\$x" \
		'[run b]' 'command=/usr/bin/app http://x/?a=1&b=2' '[run c]' "command=/bin/sh -c 'exec /usr/bin/app >/tmp/x'" \
		'[run d]' 'command=/bin/sh -c "exec /usr/bin/app $HOME"' '[run e]' 'command=/usr/bin/app price=5$'
	build
	check "no note for what is quoted, or a shell's" sh -c 'test -s out/bzImage && ! grep "no shell reads it" err'
}

# A static program: what it needs is no package's, and nothing of it is suspect.
if printf 'int main(void) { return 0; }\n' >static.c && gcc -static -o static static.c 2>err; then
	recipe 'command=/usr/bin/app'
	cp static app/files/usr/bin/app
	build
	check "a static program: files of no package" grep -qE '^  initramfs .* [0-9]+ files, of no package$' words
	check "... and no suspects" sh -c '! grep . out/suspects.txt && ! grep "suspects:" err'
	rm -r app
fi

# Memory: two figures, and a warning where the recipe's is below the second.
recipe 'command=/usr/bin/app' '[image]' 'memory=8'
dd if=/dev/urandom of=app/files/usr/bin/data bs=1M count=1 2>/dev/null
build
check "both figures are told" grep -qE '^  memory +-?[0-9]+ MB to create a guest, about 1[0-3] MB to unpack and start \(estimated; .*\); configured: 8 MB$' words
check "... and in report.json" grep -qE '"start_memory_mb" : 1[0-3],' out/report.json
check "... and too little is a warning, with the recipe's line" grep -qE 'warning: .*app/recipe.conf:6: memory: 8 MB; a guest of this image takes about 1[0-3] MB to unpack its files and start' err
build --format squashfs
check "files on a disk need not fit" grep -qE '^  memory +-?[0-9]+ MB to create a guest, about [5-7] MB to read its files and start ' words
check "... no warning" sh -c '! grep -q "memory: 8" err'
figures='"date": "2026-01-02", "passed": true, "kernel_bytes": 1, "symbols_y": 1, "packages": 1, "least_memory_mb": 31, "memory_mb": 128'
build
bytes=$(stat -c %s out/initramfs.cpio.xz)
echo "{$figures, \"least_memory_tested\": true, \"rootfs_bytes\": $bytes}" >app/tested-fake.json
build
check "what was measured of the same files takes the estimate's place" grep -qE ', 31 MB to unpack and start \(measured\); configured: 8 MB$' words
echo "{$figures, \"least_memory_tested\": true, \"rootfs_bytes\": 5}" >app/tested-fake.json
build
check "... of other files not" grep -q 'about 1[0-3] MB to unpack and start (estimated' words
rm -r app

# What run refuses before it boots anything.
recipe 'command=/usr/bin/app' '[image]' 'port=80'
# refuse STATUS WORDS OPTION...: run's
refuse() {
	status=$1 said=$2
	shift 2
	timeout -k 1 60 "$TINYX" run ./app --platform fake -k ./tree -o out "$@" >words 2>err </dev/null
	check "run $*: status $status" test $? -eq "$status"
	check "... says: $said" grep -qF -- "$said" err
}
for memory in 0 -1 99999999; do
	refuse 2 "--memory $memory: expected MB from 1 to 1048576" --memory=$memory
done
# The fake kernel lies where no kernel does.
build
sed -i 's/"least_memory_mb" : [-0-9]*/"least_memory_mb" : 9/' out/report.json
refuse 2 "--memory 3: too little; a guest of this image takes 9 MB to be created, and about " --memory 3
check "... without words of others" sh -c '! grep -iE "xl|finished" err'
for c in test minimize compare; do
	"$TINYX" $c ./app --memory 0 >words 2>err
	check "$c --memory 0" grep -qF -- "--memory 0: expected MB from 1 to 1048576" err
done
rm -rf out
python3 -c '
import socket, time
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", 0))
s.listen(5)
print(s.getsockname()[1], flush=True)
time.sleep(100)' >taken &
holder=$!
for _ in $(seq 50); do
	[ ! -s taken ] || break
	sleep 0.1
done
port=$(cat taken)
refuse 2 "port $port of this machine cannot be forwarded: Address already in use; expected another one (--port LOCAL[:GUEST]; 0: any that is free)" -P "$port"
check "... before anything was built" test ! -e out
kill "$holder"
recipe 'command=/usr/bin/app'
refuse 2 "app/recipe.conf names no port of the guest; expected --port LOCAL:GUEST" -P 0
recipe 'command=/usr/bin/app' '[image]' 'vifs=0'
refuse 2 "app/recipe.conf has no network (vifs=0); expected no --port" -P 0:80
check "... before anything was built" test ! -e out

# A kernel that takes long, in a log: a line each half minute, with the objects of a total and the time that is left.
recipe 'command=/usr/bin/app' '[kernel]' 'options=FREE_2=y'
rm -rf "$TINYX_CACHE"/build/objects-*
FAKE_STEPS=35 "$TINYX" build ./app --platform fake -k ./tree -o out >words 2>err
check "a line each half minute" grep -qE '^  kernel +3[0-9] s  [0-9]+ of 41 objects, about [0-9]+ s left$' err
check "... and no more" test "$(grep -c ' of 41 objects' err)" -eq 1

# An interrupted kernel says that nothing is lost.
recipe 'command=/usr/bin/app' '[kernel]' 'options=FREE_1=y'
: >builds
FAKE_SLOW=60 "$TINYX" build ./app --platform fake -k ./tree -o out >words 2>err &
pid=$!
for _ in $(seq 300); do
	[ ! -s builds ] || break
	sleep 0.1
done
kill -TERM $pid
wait $pid
check "a kernel's build that is interrupted: status 130" test $? -eq 130
check "... says that running it again goes on" grep -q 'kernel: interrupted; what was compiled is kept: the same command goes on from there' err
build
check "... and it does" test -s out/bzImage
finish
