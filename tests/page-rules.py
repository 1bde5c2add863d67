"""page-rules.py BROWSER PAGE light|dark: a page on a phone (420 px wide), asked in a headless browser whether it can
be read there, by keyboard and by those who hear it. Prints each fault, and ends with 1 where there is one. The rules
are those of WCAG 2.2 (AA) that a program can decide; TINYX_AXE=FILE, an axe.min.js of axe-core, asks that one, too."""
import html, json, os, re, shutil, subprocess, sys, tempfile

RULES = """
const faults = [], say = (what, node) => faults.push(what + ': ' + (node ? node.outerHTML.slice(0, 90) : ''));
const all = (what) => [...d.querySelectorAll(what)];
if (d.documentElement.lang === '') say('no language', d.documentElement);
if (d.title === '') say('no title');
if (all('h1').length !== 1 || all('main').length !== 1) say('not one h1 and one main');
let last = 0;
for (const h of all('h1, h2, h3, h4')) { const n = +h.tagName[1]; if (n > last + 1) say('a level of headings is left out', h); last = n; }
const root = d.scrollingElement;
if (root.scrollWidth > root.clientWidth) say('wider than the screen: ' + root.scrollWidth + ' of ' + root.clientWidth);
for (const t of all('table')) if (!t.caption || t.caption.textContent.trim() === '') say('no caption', t);
for (const h of all('th')) { if (!h.scope) say('no scope', h); if (h.textContent.trim() === '') say('an empty head', h); }
for (const e of all('svg, img, [role=region]')) if (!e.getAttribute('aria-label') && !e.getAttribute('alt')) say('no name', e);
for (const e of all('*')) {
  const style = w.getComputedStyle(e);
  if (e !== root && e.scrollWidth > e.clientWidth + 1 && /auto|scroll/.test(style.overflowX) && e.tabIndex < 0) say('scrolls, and no key reaches it', e);
}
for (const e of all('a[href], summary, [tabindex="0"]').slice(0, 30)) {
  e.focus();
  const style = w.getComputedStyle(e);
  if (d.activeElement !== e) say('cannot have the focus', e);
  else if (e.matches(':focus-visible') && (style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2)) say('the focus is not seen', e);
}
const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
const light = (c) => { const [r, g, b] = c.slice(0, 3).map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
const behind = (e) => { for (; e; e = e.parentElement) { const c = rgb(w.getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
const seen = new Set();
for (const e of all('*')) {
  if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim() !== '') || e.closest('title, style, script')) continue;
  const style = w.getComputedStyle(e), ink = e.closest('svg') ? style.fill : style.color;
  const a = light(rgb(ink)), b = light(behind(e)), ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  const key = ink + behind(e);
  if (ratio < 4.5 && !seen.has(key)) say('contrast ' + ratio.toFixed(2), e);
  seen.add(key);
}
if (w.axe) { const r = await w.axe.run(d); for (const v of r.violations) say('axe: ' + v.id + ', ' + v.nodes.length); }
"""
FRAME = """<!DOCTYPE html><title>frame</title><iframe id="frame" style="width:420px;height:900px;border:0" src="page.html"></iframe>
<pre id="out"></pre><script>frame.onload = async () => { const w = frame.contentWindow, d = w.document; try { %s
out.textContent = JSON.stringify(faults); } catch (e) { out.textContent = JSON.stringify(['the rules failed: ' + e]); } };</script>"""

browser, page, scheme = sys.argv[1:4]
folder = tempfile.mkdtemp()
try:
    text = open(page).read()
    if os.environ.get("TINYX_AXE"):
        shutil.copy(os.environ["TINYX_AXE"], folder + "/axe.js")
        text = text.replace("</head>", '<script src="axe.js"></script></head>')
    open(folder + "/page.html", "w").write(text)
    open(folder + "/frame.html", "w").write(FRAME % RULES)
    words = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             "--allow-file-access-from-files", "--user-data-dir=" + folder + "/profile", "--virtual-time-budget=60000", "--dump-dom"]
    if scheme == "dark":
        words.append("--blink-settings=preferredColorScheme=0")
    dom = subprocess.run(words + ["file://" + folder + "/frame.html"], capture_output=True, text=True, timeout=180).stdout
    said = re.search(r'<pre id="out">(.+?)</pre>', dom, re.S)
    faults = json.loads(html.unescape(said[1])) if said else ["the browser did not answer"]
finally:
    shutil.rmtree(folder, ignore_errors=True)
print("\n".join(faults))
sys.exit(1 if faults else 0)
