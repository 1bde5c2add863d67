# tinyx explain --matrix: which options which applications need, in all its forms; the pages in docs/ are made of it.
. "$SRCDIR/tests/tap.sh"
export LC_ALL=C

matrix() { "$TINYX" explain --matrix "$@"; }
matrix --as markdown >options.md 2>err
check_same "docs/options.md is up to date (make options)" options.md "$SRCDIR/docs/options.md"
matrix --as html >options.html 2>err
check_same "... and docs/options.html" options.html "$SRCDIR/docs/options.html"
matrix --json >options.json 2>err
check "JSON" test $? -eq 0 -a ! -s err
matrix --as json >again.json 2>err
check_same "--json is --as json" options.json again.json
matrix --as csv >options.csv 2>err
check "CSV" test $? -eq 0
matrix >options.txt 2>err
check "text, without an --as" test $? -eq 0

cat >same.py <<'END'
import csv, glob, json, os, re
matrix = json.load(open("options.json"))
names = [application["name"] for application in matrix["applications"]]
shipped = sorted(path.split("/")[-2] for path in glob.glob(os.environ["SRCDIR"] + "/recipes/*/kernel-xen-pv.lock"))
assert names == shipped, names
rows = list(csv.reader(open("options.csv", newline="")))
assert rows[0] == ["option", "kind"] + names
assert len(rows) == len(matrix["options"]) + 1
for row, option in zip(rows[1:], matrix["options"]):
    assert row[0] == option["option"] and row[1] == option["kind"]
    for name, cell in zip(names, row[2:]):
        said = option["applications"].get(name)
        assert (cell == "") == (said is None), (row[0], name)
        assert said is None or (said["reason"] and cell.startswith(said["value"] + ": " + said["reason"])), cell
# Against the locks themselves: each of their lines is in its column.
find = {option["option"]: option for option in matrix["options"]}
for name in names:
    for line in open("%s/recipes/%s/kernel-xen-pv.lock" % (os.environ["SRCDIR"], name)):
        told = re.match(r"CONFIG_(\w+)=(\S+)  # (.*)", line)
        if told:
            assert find[told[1]]["kind"] == "own" or find[told[1]]["applications"][name]["value"] == told[2], (name, line)
END
check "JSON and CSV say the same, of all shipped locks" python3 same.py

cat >page.py <<'END'
import html.parser, sys
class Page(html.parser.HTMLParser):
    void = {"meta", "link", "br", "img", "rect", "line", "path", "circle"}
    def __init__(self):
        super().__init__()
        self.open, self.ids, self.hrefs, self.faults, self.heads = [], [], [], [], []
    def handle_starttag(self, tag, attributes):
        has = dict(attributes)
        if "id" in has: self.ids.append(has["id"])
        if has.get("href", "").startswith("#"): self.hrefs.append(has["href"][1:])
        if tag == "html" and has.get("lang") != "en": self.faults.append("no lang")
        if tag == "th" and "scope" not in has: self.faults.append("a th without scope")
        if tag == "table": self.caption = False
        if tag == "caption": self.caption = True
        if tag in ("script", "img") or has.get("src") or "http" in (has.get("href") or ""): self.faults.append("needs more: " + tag)
        if tag[0] == "h" and tag[1:].isdigit(): self.heads.append(int(tag[1:]))
        if "scroll" in (has.get("class") or "") and not (has.get("tabindex") == "0" and has.get("aria-label") and has.get("role") == "region"):
            self.faults.append("a box that scrolls and no key reaches")
        if tag not in self.void: self.open.append(tag)
    def handle_endtag(self, tag):
        if tag in self.void: return
        if self.open[-1] != tag: self.faults.append("%s ends in %s" % (tag, self.open[-1]))
        if tag == "table" and not self.caption: self.faults.append("a table without caption")
        self.open.pop()
page = Page()
page.feed(open(sys.argv[1]).read())
assert not page.open and not page.faults, page.faults
assert len(page.ids) == len(set(page.ids)) and set(page.hrefs) <= set(page.ids)
assert page.heads[0] == 1 and page.heads.count(1) == 1 and all(b <= a + 1 for a, b in zip(page.heads, page.heads[1:]))
END
check "the page: tables with caption and scope, no fault of structure" python3 page.py options.html
check "... and nothing that it would have to fetch" sh -c '! grep -E "<script|<img|url\\(|@import" options.html'

# Recipes of one's own; what they say is shown as text.
mkdir web job
for name in web job; do
	printf '[recipe]\ndescription=x\npackages=x\n[run]\ncommand=/bin/date\n' >$name/recipe.conf
	sed 's/^# application: .*/# application: '$name'/' "$SRCDIR/recipes/nginx/kernel-xen-pv.lock" >$name/kernel-xen-pv.lock
done
echo 'CONFIG_AIO=y  # "<b>|bold|</b>", and a comma' >>web/kernel-xen-pv.lock
matrix ./web ./job --as csv >own.csv 2>err
check "recipes by name: two columns" grep -q '^option,kind,"web","job"' own.csv
check "... quoted as CSV does" grep -q '^AIO,own,"y: ""<b>|bold|</b>"", and a comma' own.csv
matrix ./web --as html >own.html 2>err
check "... and escaped as HTML does" sh -c 'grep -q "&lt;b&gt;|bold|&lt;/b&gt;" own.html && ! grep -q "<b>" own.html'
check "... the page is whole" python3 page.py own.html
matrix ./web --as markdown >own.md 2>err
check "... and as Markdown does" grep -qF '&lt;b&gt;\|bold\|&lt;/b&gt;' own.md

for platform in xen-pvh qemu-microvm; do
	matrix -p "$platform" --json >out 2>err
	check "$platform: the recipes with a lock for it" grep -q "\"platform\" : \"$platform\"" out
done
rm job/kernel-xen-pv.lock
matrix ./web ./job >out 2>err
check "one without a lock: status 2, named, with the command" \
	sh -c 'test $1 -eq 2 && test ! -s out && grep -q "job/kernel-xen-pv.lock: not there.*tinyx minimize ./job" err' - $?
matrix --as htlm >out 2>err
check "an unknown form: those that there are" grep -q "did you mean 'html'? expected one of: text, csv, json, html, markdown" err
matrix --as csv --json >out 2>err
check "two forms: refused" test $? -eq 2
"$TINYX" explain nginx --as csv >out 2>err
check "--as without --matrix: refused" grep -q -e '--as belongs to --matrix' err
finish
