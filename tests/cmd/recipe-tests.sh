# Every shipped recipe's test must fail where nothing answers, and where something else does.
. "$SRCDIR/tests/tap.sh"
home=$PWD
mkdir bin
# They would wait for what will not come.
printf '#!/bin/sh\nexit 0\n' >bin/sleep
printf '#!/bin/sh\nshift\nexec %s 1 "$@"\n' "$(command -v timeout)" >bin/timeout
chmod +x bin/sleep bin/timeout

# The tests' nc is BusyBox's, which this machine may not have: the same for what they do with it.
cat >bin/nc <<'X'
#!/usr/bin/env python3
import shutil, socket, sys
try:
    peer = socket.create_connection(sys.argv[1:3])
    peer.sendall(sys.stdin.buffer.read())
    shutil.copyfileobj(peer.makefile("rb"), sys.stdout.buffer)
except OSError as error:
    sys.exit(f"nc: {error}")
X
if command -v nc >/dev/null || ! command -v python3 >/dev/null; then rm bin/nc; else chmod +x bin/nc; fi

# Of two networks this machine is both sides.
printf '%s\n' '#!/bin/sh' 'shift' 'exec "$@"' >bin/side
chmod +x bin/side

# trial RECIPE CASE PORT CONSOLE-TEXT: its exit status in RECIPE.CASE/status, what it said in RECIPE.CASE/out.
trial() {
	mkdir "$1.$2"
	cd "$1.$2" || exit 2
	echo "$4" >console
	env LC_ALL=C TMPDIR="$PWD" HOME="$PWD" PATH="$home/bin:$PATH" TINYX_GUEST_IP=127.0.0.1 TINYX_GUEST_PORT="$3" \
		TINYX_SIDE_IP_0=127.0.0.1 TINYX_SIDE_IP_1=127.0.0.1 TINYX_GUEST_IP_0=127.0.0.1 TINYX_GUEST_IP_1=127.0.0.1 \
		TINYX_CONSOLE="$PWD/console" sh "$SRCDIR/recipes/$1/test.sh" >out 2>&1 </dev/null
	echo $? >status
}
# verdict RECIPE CASE TEXT
verdict() {
	missing=$(sed -n 's/.*failed to run command .\(.*\).: No such file.*/\1/p' "$1.$2/out" | head -n 1)
	if [ "$(cat "$1.$2/status")" = 0 ]; then
		fail "$1 fails where $3"
		sed 's/^/#   /' "$1.$2/out"
	elif [ -n "$missing" ]; then
		skip "$1 fails where $3" "there is no $missing here"
	else
		pass "$1 fails where $3"
	fi
}

cat >answer.py <<'X'
import http.server
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"x\n")
    def log_message(self, *arguments):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
X
server='' port=''
if command -v python3 >/dev/null; then
	python3 answer.py >port 2>/dev/null &
	server=$!
	trap 'kill $server 2>/dev/null' EXIT
	for _ in $(seq 50); do
		[ -s port ] && break
		sleep 0.1
	done
	port=$(cat port)
fi
jobs=
for recipe in "$SRCDIR"/recipes/*/recipe.conf; do
	name=$(basename "$(dirname "$recipe")")
	(trial "$name" nothing 1 '') &
	jobs="$jobs $!"
	[ -z "$port" ] || (trial "$name" other "$port" 'tinyx: something else starting') &
	jobs="$jobs $!"
done
# shellcheck disable=SC2086 # a list; the server goes on
wait $jobs
for recipe in "$SRCDIR"/recipes/*/recipe.conf; do
	name=$(basename "$(dirname "$recipe")")
	verdict "$name" nothing "nothing answers"
	if [ -n "$port" ]; then
		verdict "$name" other "something else answers"
	else
		skip "$name fails where something else answers" "there is no python3"
	fi
done
finish
