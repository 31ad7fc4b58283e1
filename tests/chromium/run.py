#!/usr/bin/env python3
"""The HTML report in a real browser: run.py MEM-TRACER [--keep FOLDER]

Reports are opened from disk, sorted, filtered and walked through by mouse and by keyboard; nothing may be loaded, nothing
may be said on the console.  --keep saves pages and screenshots there, to be looked at.  Exit status 77: no Chromium here.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import browser  # which makes the next one be found
import views
from expect import check, equal
from surroundings import lacks

HERE = pathlib.Path(__file__).parent
EVIL = "</script><img src=x onerror=document.title=1><b>\"'&amp;"
DATA = re.compile(r'(<script type="application/json" id="data">)(.*?)(</script>)', re.S)


def report(tracer, folder, module, *options):
    page = folder / (module.stem + ".html")
    subprocess.run([tracer, "--run", "--no-cache", "-o", folder / "out.wasm", "--format", "html", "--report", page, *options, module],
                   check=True)
    return page


def waste_module(folder):
    module = folder / "waste.wasm"
    subprocess.run(["clang-19", "--target=wasm32-wasi", "-O2", "-g", f"-ffile-prefix-map={HERE}=/src", "-o", module,
                    HERE / "waste.c"], check=True)
    return module


def trap_page(tracer, folder):
    (folder / "trap.c").write_text("""static int *start = (int *)65537;
__attribute__((noinline)) static int walk(int n) {
    int sum = 0;
    for (int i = 0; i < n; i++) sum += *(volatile int *)(start + i);
    return sum;
}
__attribute__((export_name("_start"))) void entry(void) {
    walk(1 << 20);
}
""")
    subprocess.run(["clang-19", "--target=wasm32", "-nostdlib", "-Wl,--no-entry", "-O1", "-g", f"-ffile-prefix-map={folder}=/src", "-o",
                    folder / "trap.wasm", folder / "trap.c"], check=True, env={"PATH": "/usr/bin:/bin"})
    page = folder / "trap.html"
    done = subprocess.run([tracer, "--run", "--no-cache", "-q", "-o", folder / "out.wasm", "--format", "html", "--report", page,
                           folder / "trap.wasm"])
    equal(done.returncode, 134, "a program that traps")
    return page


def check_trap(b):
    words = b.run("document.getElementById('ending').textContent")
    found = re.fullmatch(r"The program trapped: out of bounds memory access. It was an access at 0x(\w+), where memory has 0x(\w+) bytes\. .*", words)
    check(found and int(found[1], 16) - int(found[2], 16) in (-3, 0), words)  # 4 bytes at 1 more than a multiple of 4
    calls = b.run("[...document.querySelectorAll('#trap li')].map((l) => l.textContent)")
    equal(len(calls), 2, "calls that were under way")
    check(re.fullmatch(r"0x\w+ i32.load in walk, /src/trap.c:4:\d+", calls[0]), calls)
    check(re.fullmatch(r"0x\w+ called by entry, /src/trap.c:8:\d+", calls[1]), calls)


def evil_module(folder):
    name = "".join(f"\\{byte:02x}" for byte in EVIL.encode())
    (folder / "evil.wat").write_text(f'''(module (memory 1)
        (func (export "{name}") (i32.store (i32.const 8) (i32.const 1)) (i32.store (i32.const 8) (i32.const 2)))
        (func (export "_start") (call 0)))''')
    subprocess.run(["wat2wasm", folder / "evil.wat", "-o", folder / "evil.wasm"], check=True)
    return folder / "evil.wasm"


def many_pairs(page, target, count):
    """The same page with so many pairs."""
    text = page.read_text()
    data = json.loads(DATA.search(text)[2])
    sides = len(data["sides"])
    data["pairs"] = [n for i in range(count) for n in (i % 4, i % sides, (i * 7 + 1) % sides, i + 1, (i + 1) * 4)]
    data["pairClasses"] = data["pairContexts"] = data["pairObjects"] = []
    data["byContext"] = data["byObject"] = False
    target.write_text(DATA.sub(lambda m: m[1] + json.dumps(data).replace("<", "\\u003C") + m[3], text))
    return target


def column(b, at):
    return b.run(f"[...document.querySelectorAll('#table .row')].map((r) => r.children[{at}].textContent)")


def selected(b):
    return b.run("document.querySelector('#table .row[aria-selected=true]').dataset.at")


def check_table(b, expected):
    rows = int(b.run("document.getElementById('table').getAttribute('aria-rowcount')")) - 1
    waste = [p for p in expected["pairs"] if p["kind"] != "silent_load_after_store"]
    equal(rows, len(waste), "rows: loads after a store stand apart")
    classes = sorted({(p.get("class") or "").replace("_", " ") for p in expected["pairs"]} - {"none", ""})
    shown = [name for (name,) in views.rows_of(b, "table", "class")] if classes else []
    check(not classes or set(shown) & set(classes), f"classes: {shown}, expected some of {classes}")
    first = b.run("document.querySelector('#table .row').textContent")
    most = max(p["effect"] for p in waste)
    check(any(p["effect"] == most and views.own(p["second"])["function"] in first for p in waste),
          f"the first row has not the most effect: {first}")
    b.click("#table .columns div:nth-child(5) button")
    times = [int(t.replace(",", "")) for t in column(b, 4)]
    equal(times, sorted(times, reverse=True), "sorted by times")
    b.click("#table .columns div:nth-child(5) button")
    times = [int(t.replace(",", "")) for t in column(b, 4)]
    equal(times, sorted(times), "sorted by times, upwards")
    equal(b.run("document.querySelectorAll('#table [aria-sort=ascending]').length"), 1, "columns sorted")
    b.run("document.getElementById('find').focus()")
    b.call("Input.insertText", text="sum")
    b.frame()
    b.run("new Promise((done) => setTimeout(() => done(1), 50))")
    names = [a + c for a, c in zip(column(b, 1), column(b, 2))]
    check(names and all("sum" in n for n in names), f"filtered by sum: {names}")
    b.run("(() => { const f = document.getElementById('find'); f.value = '';"
          " f.dispatchEvent(new Event('input')); })()")
    b.run("new Promise((done) => setTimeout(() => done(1), 50))")
    b.click("#kind-0")
    equal(views.row_count(b, "table"), sum(p["kind"] != "dead_store" for p in waste), "rows without dead stores")
    b.click("#kind-0")
    equal(views.row_count(b, "table"), len(waste), "rows with dead stores")
    b.click("#kind-2")
    equal(int(b.run("document.getElementById('table').getAttribute('aria-rowcount')")) - 1, len(expected["pairs"]), "all rows")
    b.click("#kind-2")


def check_keyboard(b):
    b.run("document.getElementById('table').focus()")
    b.key("Home")
    equal(selected(b), "0", "selected after Home")
    b.key("ArrowDown")
    equal(selected(b), "1", "selected after ArrowDown")
    b.key("Enter", "\r")
    check(not b.run("document.getElementById('detail').hidden"), "Enter shows no pair")
    equal(b.run("document.activeElement.id"), "detail", "focus after Enter")
    b.key("Escape")
    check(b.run("document.getElementById('detail').hidden"), "Escape does not close the pair")
    equal(b.run("document.activeElement.id"), "table", "focus after Escape")
    b.key("/", "/")
    equal(b.run("document.activeElement.id"), "find", "focus after /")


def check_detail(b):
    """clear's stores are dead: fill's come over them."""
    b.run("(() => { const f = document.getElementById('find'); f.value = 'clear fill';"
          " f.dispatchEvent(new Event('input')); })()")
    b.run("new Promise((done) => setTimeout(() => done(1), 50))")
    at = b.run("[...document.querySelectorAll('#table .row')].findIndex((r) => r.textContent.startsWith('dead store'))")
    b.click(f"#table-{at} .cell")
    equal(b.run("[...document.querySelectorAll('.code .marked')].map((e) => e.textContent.trim().replace(/\\s+/g, ' '))"),
          ["12 *(volatile int *)to = value;"], "marked lines: both sides are one place")
    text = b.run("document.getElementById('detail').innerText")
    check("each time" not in text and "address: local" in text, text)
    for words in ("First access", "Second access", "clear", "fill", "main", "variable: table"):
        check(words in text, f"the pair does not name {words!r}: {text}")
    other = b.run("[...document.querySelectorAll('#table .row')].findIndex((r) => r.textContent.startsWith('silent store')"
                  " && r.children[2].textContent.includes('in clear'))")
    b.click(f"#table-{other} .cell")
    check("It stores 0 each time." in b.run("document.getElementById('detail').innerText"), "the constant is not named")
    b.click(f"#table-{at} .cell")


def check_flame(b, module_functions):
    words = b.run("[...document.querySelectorAll('#flame g')].map((g) => g.getAttribute('aria-label'))")
    for name in module_functions:
        check(any(w.startswith(name + ":") for w in words), f"the flame graph lacks {name}: {words}")
    b.click("#flame g:nth-of-type(3)")
    check("›" in b.run("document.getElementById('flame-info').textContent"), "a click does not go into the flame graph")
    b.click("#flame-reset")
    check(b.run("document.getElementById('flame-info').textContent").startswith("all:"), "the graph is not whole again")


def check_map(b, expected):
    """All pairs are on the map; it is read by keyboard."""
    grid = "document.getElementById('map-grid')"
    sums = b.run("(() => { const m = JSON.parse(document.getElementById('data').textContent).map, sums = [0, 0, 0, 0];"
                 " m.cells.forEach((n, i) => { if (i % 7 > 1 && i % 7 < 6) sums[i % 7 - 2] += n; }); return sums; })()")
    equal(sums, [total["bytes"] for _, total in sorted(expected["totals"].items()) if isinstance(total, dict)], "bytes on the map, by kind")
    inks = b.run(f"(() => {{ const g = {grid}, d = g.getContext('2d').getImageData(0, 0, g.width, g.height).data, seen = new Set();"
                 " for (let i = 0; i < d.length; i += 4) seen.add(d.slice(i, i + 4).join()); return seen.size; })()")
    check(inks > 2, f"the map has {inks} colours")
    words = lambda: b.run("document.getElementById('map-info').textContent")
    check("more than in any other row" in words(), words())
    b.run(f"{grid}.focus()")
    b.key("Home")
    first = words()
    b.key("ArrowRight")
    check(first != words() and "of the run" in words() and words() == b.run(f"{grid}.getAttribute('aria-label')")[15:], words())
    waste = sum(t["bytes"] for kind, t in expected["totals"].items() if kind != "silent_load_after_store")
    for value, bytes in (("waste", waste), ("0", expected["totals"]["dead_store"]["bytes"])):
        b.run(f"(() => {{ const s = document.getElementById('map-kind'); s.value = '{value}'; s.dispatchEvent(new Event('change')); }})()")
        shown = b.run("[...document.querySelectorAll('#map-ranges td:nth-child(2)')].map((c) => c.textContent)")
        check(shown and bytes > 0, f"{value}: {shown}")
    b.run("document.getElementById('map-section').scrollIntoView()")


def check_schemes(b):
    colours = []
    for scheme in ("light", "dark"):
        b.media(scheme)
        colours.append(b.run("[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color].map((c) =>"
                             " c.match(/\\d+/g).slice(0, 3).reduce((a, n) => a + Number(n), 0))"))
    check(colours[0][0] > 600 > 200 > colours[0][1] and colours[1][0] < 200 < 600 < colours[1][1], f"light and dark: {colours}")
    b.media("light", "print")
    check(b.run("getComputedStyle(document.getElementById('filters')).display") == "none", "filters are printed")
    size = b.run("[innerWidth, innerHeight]")
    b.resize(720, 1000)  # a sheet of paper, more or less
    rows = b.run("[...document.querySelectorAll('#table .row, .share')].map((r) => [r.className, ...[r, ...r.children].map((c) => {"
                 " const box = c.getBoundingClientRect(); return [box.left, box.top, box.right, box.bottom].map(Math.round); })])")
    for name, whole, *parts in rows:
        inside = all(p[0] >= whole[0] and p[1] >= whole[1] and p[2] <= whole[2] + 1 and p[3] <= whole[3] + 1 for p in parts)
        tops = {p[1] // 12 for p in parts} if name.startswith("share") else {0}
        check(inside and len(tops) <= 3, f"{name} in print: {whole}, its parts: {parts}")
        check(name != "row" or all(a[2] <= c[0] + 1 for a, c in zip(parts, parts[1:])), f"cells in print stand below each other: {parts}")
    b.resize(*size)
    b.media("light")


def check_many(b, count):
    b.click("#kind-2")
    elements = [b.run("document.querySelectorAll('#table .row').length")]
    for part in range(1, 41):
        b.run(f"(() => {{ const t = document.getElementById('table'); t.scrollTop = t.scrollHeight * {part} / 40; }})()")
        b.frame()
        elements.append(b.run("document.querySelectorAll('#table .row').length"))
    check(0 < min(elements) and max(elements) < 80, f"rows that are elements: {elements}")
    check(b.run("document.querySelectorAll('*').length") < 3000, "there are too many elements")
    last = b.run("[...document.querySelectorAll('#table .row')].at(-1).dataset.at")
    equal(last, str(count - 1), "the last row at the end")
    b.run("document.getElementById('table').focus()")
    b.key("End")
    equal(selected(b), str(count - 1), "selected after End")


def main():
    tracer = pathlib.Path(sys.argv[1]).resolve()
    path = browser.find()
    if not path:
        sys.exit(lacks("no Chromium"))
    with tempfile.TemporaryDirectory() as temporary, browser.Browser(path) as b:
        folder = pathlib.Path(sys.argv[3] if "--keep" in sys.argv else temporary).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        module = waste_module(folder)
        options = ["--source-map", f"/src={HERE}", "--contexts", "--objects", "--distances"]
        page = report(tracer, folder, module, *options)
        as_json = folder / "waste.json"
        subprocess.run([tracer, "--run", "--no-cache", "-o", folder / "out.wasm", "--format", "json", "--report", as_json, *options, module],
                       check=True)
        b.open(page)
        equal(b.run("location.protocol"), "file:", "protocol")
        equal(b.run("document.querySelectorAll('.share').length"), 4, "shares")
        b.screenshot(folder / "top.png")
        check_table(b, json.loads(as_json.read_text()))
        check_keyboard(b)
        check_detail(b)
        b.screenshot(folder / "pair.png")
        check_flame(b, ["main", "fill", "sum", "put"])
        check_map(b, json.loads(as_json.read_text()))
        views.check_first_screen(b, json.loads(as_json.read_text()))
        b.screenshot(folder / "first.png")
        views.check_groups(b, tracer, folder, module, options)
        views.check_source(b, json.loads(as_json.read_text()), (HERE / "waste.c").read_text())
        views.check_leads(b, json.loads(as_json.read_text()))
        views.check_uses(b, json.loads(as_json.read_text()))
        views.check_unread(b, json.loads(as_json.read_text()))
        views.check_distance(b, json.loads(as_json.read_text()))
        views.check_map_row(b, json.loads(as_json.read_text()))
        check_schemes(b)
        views.check_narrow(b)
        b.screenshot(folder / "narrow.png")
        b.resize(1300, 1000)
        b.media("dark")
        b.screenshot(folder / "dark.png")
        b.media("light")
        equal(b.complaints(), [], "complaints")

        b.open(trap_page(tracer, folder))
        check_trap(b)
        b.screenshot(folder / "trap.png")
        equal(b.complaints(), [], "complaints about a trap")

        b.open(report(tracer, folder, evil_module(folder)))
        equal(b.run("document.getElementById('map-parts').hidden"), False, "a map without further options")
        b.open(report(tracer, folder, evil_module(folder), "--analysis", "online"))
        equal(b.run("[document.getElementById('map-none').hidden, document.getElementById('map-parts').hidden]"), [False, True], "no map")
        check(EVIL in column(b, 1)[0], "the function's name is not shown as it is")
        equal(b.run("[document.images.length, document.querySelectorAll('b').length]"), [0, 0], "elements made of names")
        check(b.run("document.title") != "1", "a name's code ran")
        equal(b.complaints(), [], "complaints about names")

        b.open(report(tracer, folder, views.long_names_module(folder)))
        views.check_long_names(b)
        b.screenshot(folder / "names.png")
        b.resize(1300, 1000)
        equal(b.complaints(), [], "complaints about long names")

        b.open(report(tracer, folder, views.own_module(folder), "--source-map", f"/src/{views.FAR}={folder}", "--not-own", "*/list.h"))
        views.check_own(b)
        equal(b.complaints(), [], "complaints about own frames")

        b.open(many_pairs(page, folder / "many.html", 100000))
        check_many(b, 100000)
        views.check_many_groups(b)
        b.screenshot(folder / "many.png")
        equal(b.complaints(), [], "complaints about many pairs")
    print("chromium: the page works")


main()
