# --json of every command that prints a table: valid, and with the same rows as the table.
. "$SRCDIR/tests/tap.sh"
export LC_ALL=C

# Each command is in one of these lists: a new one has to be put there.
tables="build test ps minimize explain compare platforms recipes deps features doctor host"
others="run logs exec stop restart export init version outdated"
"$TINYX" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' >commands
while read -r name; do
	case " $tables " in
	*" $name "*) check "$name has --json" sh -c '"$TINYX" "$1" --help | grep -qe "--json"' - "$name" ;;
	*) check "$name prints no table, or is in the list above" sh -c 'case " $1 " in *" $2 "*) ;; *) "$TINYX" "$2" --help | grep -qe "--json" ;; esac' - "$others" "$name" ;;
	esac
done <commands

# json NAME WORDS...: they print JSON on standard output, into NAME.json
json() {
	name=$1
	shift
	"$TINYX" "$@" >"$name.json" 2>"$name.err"
	check "tinyx $*: JSON" python3 -m json.tool "$name.json" /dev/null
}
json recipes recipes --json
json recipes-pvh recipes --json --platform xen-pvh
json platforms platforms --json
json features features --json
json one-feature features epoll --json
json options explain nginx --json
json matrix explain --matrix --json
json file deps /bin/sh --json
json doctor doctor data disk --json
json ps ps --json
TINYX_CACHE=$PWD/cache json host host status --json

cat >same.py <<'END'
import json, os, subprocess
tinyx = os.environ["TINYX"]
def table(*words):
    return subprocess.run([tinyx, *words], capture_output=True, text=True, check=True).stdout
def load(name):
    return json.load(open(name + ".json"))
rows = [line.split()[0] for line in table("recipes").split("\n\n")[0].split("\n")[1:] if line and line[0] != " "]
assert [recipe["name"] for recipe in load("recipes")["recipes"]] == rows
nginx = [recipe for recipe in load("recipes")["recipes"] if recipe["name"] == "nginx"][0]
tested = json.load(open(os.environ["SRCDIR"] + "/recipes/nginx/tested-xen-pv.json"))
assert nginx["minimised"] and nginx["last_test"]["kernel_bytes"] == tested["kernel_bytes"]
assert nginx["last_test"]["least_memory_mb"] == tested["least_memory_mb"]
names = [line.split()[0] for line in table("platforms").split("\n") if line and line[0] != " "]
assert [platform["name"] for platform in load("platforms")["platforms"]] == names
assert [platform["name"] for platform in load("platforms")["platforms"] if platform["is_default"]] == ["xen-pv"]
assert all(platform["here"] == (platform["why_not"] is None) for platform in load("platforms")["platforms"])
names = [line.split()[0] for line in table("features").split("\n") if line and line[0] != " "]
assert [feature["name"] for feature in load("features")["features"]] == names
epoll, = load("one-feature")["features"]
assert epoll["options"][0]["option"] == "EPOLL" and epoll["evidence"][0]["kind"] == "import"
hardening, = [feature for feature in load("features")["features"] if feature["name"] == "hardening"]
assert hardening["cost_bytes"] == 49152 and hardening["stands"]
assert [host["kind"] for host in load("host")["hosts"]][0].startswith("embedded")
END
check "they say what the tables do" python3 same.py

# A host by stand-ins: its domains.
mkdir bin
cat >bin/ssh <<'X'
#!/bin/sh
for word; do last=$word; done
eval "$last"
X
cat >bin/xl <<'X'
#!/bin/sh
case $1 in
info) printf 'xen_version : 4.17.9\ntotal_memory : 900\nfree_memory : 800\n' ;;
list) printf 'Name ID Mem VCPUs State Times\nDomain-0 0 512 1 r 1.0\nweb 3 32 1 b 1.0\ndb"x 4 96 1 b 1.0\n' ;;
esac
X
chmod +x bin/ssh bin/xl
PATH=$PWD/bin:$PATH "$TINYX" host status --host ssh://x --json >there.json 2>err
cat >there.py <<'END'
import json
host, = json.load(open("there.json"))["hosts"]
assert host["xen"] == "4.17.9" and host["memory_mb"] == 900 and host["free_mb"] == 800, host
assert host["domains"] == [{"name": "web", "memory_mb": 32}, {"name": 'db"x', "memory_mb": 96}], host
END
check "a host's domains and memory" python3 there.py

# Where it does not belong.
"$TINYX" host start --json >out 2>err
check "host start --json: refused" sh -c 'test $1 -eq 2 && grep -q "belongs to status" err' - $?
"$TINYX" recipes --json --markdown >out 2>err
check "recipes: two forms are refused" test $? -eq 2 -a ! -s out
"$TINYX" recipes --json -p nowhere >out 2>err
check "an error: status 2, and no half of a JSON" test $? -eq 2 -a ! -s out
finish
