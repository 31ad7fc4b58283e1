"""What the page shows beside the table of pairs: the first screen, groups, source, and how it fits a narrow window."""
import json
import math
import subprocess
from collections import Counter

from expect import check, equal

WASTE = ("silent_load_after_load", "dead_store", "silent_store")
UNITS = {"bytes": 1, "byte": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
LONG = "core::ptr::drop_in_place<alloc::vec::Vec<alloc::collections::btree::map::BTreeMap<alloc::string::String, {}>>>::the_{}_end"

FAR = "/".join(f"a_rather_long_folder_{i}" for i in range(6))


def own(side):
    frames = side.get("frames") or []
    return frames[side.get("own") or 0] if frames else None


def place(side):
    frame = own(side)
    return (frame["file"], frame["line"]) if frame and frame["file"] and frame["line"] else None


def choose(b, name, value):
    b.run(f"(() => {{ const s = document.getElementById('{name}'); s.value = {json.dumps(value)}; s.dispatchEvent(new Event('change')); }})()")
    b.frame()


def words_of(size):
    """As the page has it."""
    if size < 1024:
        return "1 byte" if size == 1 else f"{size} bytes"
    unit = "KiB"
    for unit in ("KiB", "MiB", "GiB"):
        size /= 1024
        if size < 1023.95:
            break
    return f"{math.floor(size * 10 + 0.5) / 10:.1f} {unit}"


def rows_of(b, grid, *keys):
    """The texts of these cells of every row that is an element."""
    cells = ", ".join(f"(r.querySelector('.c-{key}') || {{}}).textContent" for key in keys)
    return b.run(f"[...document.querySelectorAll('#{grid} .row')].map((r) => [{cells}])")


def row_count(b, grid):
    return int(b.run(f"document.getElementById('{grid}').getAttribute('aria-rowcount')")) - 1


def findings(report):
    """Bytes and effect by kind and place, of stores both places, without what the allocator does; the best pair of each."""
    found, effects, best = Counter(), Counter(), {}
    for p in report["pairs"]:
        if p["kind"] not in WASTE or p.get("class") == "housekeeping":
            continue
        second, first = (place(p[side]) or p[side].get("loc") or p[side].get("origin") for side in ("second", "first"))
        key = (p["kind"], second) if p["kind"] == "silent_load_after_load" else (p["kind"], second, first)
        found[key] += p["bytes"]
        effects[key] += p["effect_share"]
        if key not in best or p["effect"] > best[key]["effect"]:
            best[key] = p
    return found, effects, best


def check_first_screen(b, report):
    """The best findings and the flame graph are to be seen without scrolling."""
    b.resize(1280, 800)
    b.run("scrollTo(0, 0)")
    b.frame()
    bottoms = b.run("['#findings li:last-child', '#flame', '#shares'].map((s) => document.querySelector(s).getBoundingClientRect().bottom)")
    check(max(bottoms) <= 800, f"the first screen goes down to {bottoms}")
    check(b.run("document.querySelectorAll('#flame g').length") > 3, "the flame graph is empty")
    shown = b.run("[...document.querySelectorAll('#findings li')].map((l) => [l.querySelector('strong').textContent,"
                  " l.querySelector('.number').textContent, (l.querySelector('code') || {}).textContent, l.querySelector('.where').textContent,"
                  " (l.querySelector('.advice') || {}).textContent, l.querySelector('.grade').textContent])")
    found, effects, best = findings(report)
    equal(len(shown), min(5, len(found)), "findings")
    ranked = sorted(found, key=lambda key: (-round(effects[key], 6), -found[key]))[:5]
    equal([s[1] for s in shown], [words_of(found[key]) for key in ranked], "the findings' bytes, by effect")
    equal([s[5] for s in shown], ["high" if effects[key] >= 0.03 else "medium" if effects[key] >= 0.005 else "low" for key in ranked], "grades")
    for name, size, source, where, advice, _ in shown:
        fitting = [p for key, p in best.items() if words_of(found[key]) == size and own(p["second"])["function"] == name]
        check(fitting, f"no finding is {name}, {size}")
        check(any(f"waste.c:{place(p['second'])[1]}" in where and p.get("advice") == advice for p in fitting), f"{name}: {where}, {advice}")
        check(source and source.strip(), f"{name}: no source")
    b.click("#findings li:nth-child(2) button")
    check(not b.run("document.getElementById('detail').hidden"), "a finding does not show its pair")
    name = shown[1][0]
    check(all(name in second for (second,) in rows_of(b, "table", "second")), f"a finding does not show its pairs alone: {name}")
    b.click("#only")
    check(b.run("document.getElementById('only').hidden"), "all pairs are not shown again")
    b.click("#detail .close")


def check_groups(b, tracer, folder, module, options):
    """The page's groups are those of --by."""
    for by in ("function", "line", "file", "object"):
        path = folder / "groups.json"
        # not by file: that is no choice there; files are the lines' groups put together
        asked = "line" if by == "file" else by
        subprocess.run([tracer, "--run", "--no-cache", "-o", folder / "out.wasm", "--format", "json", "--report", path, "--by", asked, *options, module],
                       check=True)
        expected = Counter()
        for group in json.loads(path.read_text())["groups"]["list"]:
            expected[group["name"].rsplit(":", 1)[0] if by == "file" else group["name"]] += group["waste_bytes"]
        choose(b, "by", by)
        rows = rows_of(b, "groups", "name", "waste")
        equal(sorted(size for _, size in rows), sorted(words_of(n) for n in expected.values() if n), f"waste by {by}")
        if by == "function":
            equal(sorted(b.run("[...document.querySelectorAll('#groups .middle')].map((m) => m.textContent)")),
                  sorted(name for name, n in expected.items() if n), "functions")
        b.run("document.getElementById('groups').focus()")
        b.key("End")
        b.key("Enter", "\r")
        pairs = int(rows_of(b, "groups", "pairs")[-1][0])
        equal(row_count(b, "table"), pairs, f"pairs of the last {by}")
        b.click("#only")
    choose(b, "by", "")
    check(b.run("document.getElementById('groups').hidden"), "groups are shown though nobody asked for them")


def check_source(b, report, text):
    """Each line has the bytes of the pairs whose second access is there."""
    expected = Counter()
    for p in report["pairs"]:
        where = place(p["second"])
        if where and where[0].endswith("waste.c"):
            expected[where[1], p["kind"]] += p["bytes"]
    keys = {"dead_store": "k0", "silent_load_after_load": "k1", "silent_load_after_store": "k2", "silent_store": "k3"}
    file = b.run("[...document.querySelectorAll('#source-file option')].find((o) => o.title.endsWith('waste.c')).value")
    choose(b, "source-file", file)
    lines = text.splitlines()
    shown = set()
    for line in sorted({line for line, _ in expected}):
        b.run(f"location.hash = '#source:{'%2Fsrc%2Fwaste.c'}:{line}'")
        b.frame()
        b.frame()
        for number, code, *sizes in rows_of(b, "source", "n", "code", *keys.values()):
            if not number.isdigit():
                continue
            number = int(number)
            shown.add(number)
            equal(code.rstrip(), lines[number - 1].replace("\t", "    ").rstrip(), f"line {number}")
            for (kind, _), size in zip(keys.items(), sizes):
                n = expected[number, kind]
                equal(size, words_of(n) if n else "", f"{kind} of line {number}")
        equal(b.run("document.querySelector('#source .row[aria-selected=true] .c-n').textContent"), str(line), "the line that was gone to")
    check({line for line, _ in expected} <= shown, f"lines that are not shown: {shown}")
    check(set(range(1, len(lines) + 1)) <= shown or len(lines) > 80, f"the file is not there in full: {sorted(shown)}")
    b.run("document.getElementById('source').focus()")
    b.key("Home")
    b.key("n", "n")
    line = int(b.run("document.querySelector('#source .row[aria-selected=true] .c-n').textContent"))
    equal(line, min(line for line, kind in expected if kind in WASTE), "the first line with waste")
    b.key("Enter", "\r")
    here = [p for p in report["pairs"] if ("/src/waste.c", line) in (place(p["second"]), place(p["first"]))]
    equal(row_count(b, "table"), len(here), f"pairs of line {line}")
    b.click("#only")
    b.click("#kind-2") if b.run("document.getElementById('kind-2').checked") else None


def check_leads(b, report):
    """Objects and the flame graph lead to their pairs."""
    name = b.run("document.querySelector('#objects button').textContent")
    number = next(o["id"] for o in report["objects"] if o["name"] and name.endswith(o["name"]))
    b.click("#objects button")
    equal(row_count(b, "table"), sum(any(o["object"] == number for o in p["objects"]) for p in report["pairs"]), f"pairs of {name}")
    b.run("[...document.querySelectorAll('#flame g')].find((g) => g.getAttribute('aria-label').startsWith('sum:'))"
          ".dispatchEvent(new MouseEvent('click'))")
    b.click("#flame-pairs")
    check(row_count(b, "table") and all("sum" in second for (second,) in rows_of(b, "table", "second")), "the flame graph's pairs")
    b.click("#flame-reset")
    b.click("#only")


def check_unread(b, report):
    """what was unread at the end, by own line; the page's sum of shares is all of it"""
    rows = b.run("[...document.querySelectorAll('#unread tr')].slice(1).map((r) => [...r.cells].map((c) => c.textContent))")
    places = {}
    for u in report["unread"]:
        f = own(u["store"])
        at = (f["file"], f["line"]) if f and f.get("line") else u["store"]["loc"]
        places[at] = places.get(at, 0) + u["bytes"]
    equal(len(rows), min(len(places), 20), "places of unread bytes")
    best = max(places.items(), key=lambda p: p[1])
    check(not isinstance(best[0], tuple) or f":{best[0][1]}" in rows[0][1], f"the first is not {best}: {rows[0]}")


def check_uses(b, report):
    """objects by accesses, with those that no pair is in"""
    rows = b.run("[...document.querySelectorAll('#uses tr')].slice(1).map((r) => [...r.cells].map((c) => c.textContent))")
    objects = report["objects"] + report["objects_without_pairs"]
    ranked = sorted(objects, key=lambda o: -(o["use"]["loads"] + o["use"]["stores"]))
    equal(len(rows), min(len(objects), 30), "objects by accesses")
    for row, o in zip(rows[:5], ranked):
        check(f"{o['use']['loads']:,} loads, {o['use']['stores']:,} stores" in row[2] or rows[0][1] == rows[1][1], (row, o))


def check_map_row(b, report):
    """A row of the map shows its objects and pairs, and leads to them."""
    b.run("document.getElementById('map-grid').focus()")
    b.key("Enter", "\r")
    equal(b.run("document.activeElement.id"), "map-row", "focus after Enter on the map")
    where = b.run("document.querySelector('#map-row h3').textContent")
    check(where in b.run("document.getElementById('map-info').textContent"), where)
    objects = b.run("[...document.querySelectorAll('#map-row .objects tr')].map((r) => [...r.cells].map((c) => c.textContent))")
    check(objects and objects[0][0] in {f"variable: {o['name']}" for o in report["objects"]}, objects)
    pairs = b.run("[...document.querySelectorAll('#map-row .pairs tr')].map((r) => r.cells[0].textContent)")
    check(pairs, "the row has no pairs")
    b.click("#map-row .pairs button")
    equal(row_count(b, "table"), 1, "the pair that a row leads to")
    kind, second = rows_of(b, "table", "kind", "second")[0]
    check(all(word in kind + second for word in pairs[0].replace(":", ",").split(", ")[:2]), f"{pairs[0]} leads to {kind} {second}")
    b.click("#map-row > button")
    count = int(b.run("document.querySelector('#map-row > button').textContent").split()[1].replace(",", ""))
    equal(row_count(b, "table"), count, "the pairs that a row leads to")
    b.click("#map-row .objects button")
    check(row_count(b, "table") >= 1 and objects[0][0] in b.run("document.getElementById('only').textContent"), "the object that a row leads to")
    b.run("document.getElementById('map-row').focus()")
    b.key("Escape")
    check(b.run("document.getElementById('map-row').hidden"), "Escape does not close the row")
    equal(b.run("document.activeElement.id"), "map-grid", "focus after Escape")
    b.click("#map-grid")
    check(not b.run("document.getElementById('map-row').hidden"), "a click on the map shows nothing")
    b.click("#only")


def check_distance(b, report):
    """The histogram of a pair's distances."""
    b.click("#findings li button")
    titles = b.run("[...document.querySelectorAll('#detail svg.distance title')].map((t) => t.textContent.split(': ')[1])")
    known = [[words_of(n) for n in p["distance"]["buckets"]] for p in report["pairs"] if "distance" in p]
    check(titles in known, f"{titles} are no pair's distances")
    check("accesses between the two" in b.run("document.querySelector('#detail .distances p').textContent"), "the distance in words")
    b.click("#detail .close")
    b.click("#only")


def check_narrow(b):
    """Nothing is wider than a telephone, and rows fold instead of being cut off."""
    b.resize(420, 800)
    b.frame()
    choose(b, "by", "line")
    b.run("document.querySelector('#table .row').click()")
    b.frame()
    equal(b.run("document.documentElement.scrollWidth"), 420, "the page's width")
    for grid in ("table", "groups", "source"):
        equal(b.run(f"(() => {{ const g = document.getElementById('{grid}'); return g.scrollWidth - g.clientWidth; }})()"), 0, f"what {grid} is too wide by")
    wide = b.run("[...document.querySelectorAll('body *')].filter((e) => { const r = e.getBoundingClientRect();"
                 " return r.width && r.right > 421 && !e.closest('.middle, .code, svg, .c-code, .hidden'); }).map((e) => e.outerHTML.slice(0, 80))")
    equal(wide, [], "what goes over the edge")
    boxes = b.run("[...document.querySelectorAll('#table .row:first-child, #groups .row:first-child, #objects tr:nth-child(2)')].map((r) => [r, ...r.children].map((c) => {"
                  " const b = c.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom].map(Math.round); }).filter((b) => b[2] > b[0]))")
    equal(len(boxes), 3, "tables")
    for whole, *cells in boxes:
        check(len({c[1] for c in cells}) > 1, f"a row does not fold: {cells}")
        check(all(c[0] >= whole[0] and c[1] >= whole[1] - 1 and c[2] <= whole[2] + 1 and c[3] <= whole[3] + 1 for c in cells), f"{whole}: {cells}")
        check(all(a is c or a[2] <= c[0] + 1 or c[2] <= a[0] + 1 or a[3] <= c[1] + 2 or c[3] <= a[1] + 2 for a in cells for c in cells), f"cells cover each other: {cells}")
    choose(b, "by", "")


def long_names_module(folder):
    parts = [f'''(func $f{i} (export "{LONG.format("core::option::Option<u64>", i)}") (i32.store (i32.const {8 * i + 8}) (i32.const 1))
        (i32.store (i32.const {8 * i + 8}) (i32.const 2)))''' for i in range(4)]
    (folder / "names.wat").write_text(f'''(module (memory 1) {" ".join(parts)}
        (func (export "_start") (call 0) (call 1) (call 2) (call 3)))''')
    subprocess.run(["wat2wasm", folder / "names.wat", "-o", folder / "names.wasm"], check=True)
    return folder / "names.wasm"


def check_long_names(b):
    """Names are cut in the middle: both ends are to be seen, and the text is whole."""
    for width in (1280, 420):
        b.resize(width, 800)
        b.frame()
        names = b.run("[...document.querySelectorAll('#table .c-first > .middle, #findings strong .middle')].map((m) => { const [start, end] = [...m.children], c = m.closest('.cell, strong');"
                      " const right = (e) => e.getBoundingClientRect().right; return [m.textContent, start.scrollWidth > start.clientWidth, start.clientWidth,"
                      " right(end) <= right(c) + 1 && end.scrollWidth <= end.clientWidth]; })")
        check(len(names) >= 8, names)
        for text, cut, left, whole in names:
            check(text.startswith("core::ptr::drop_in_place<") and text.endswith("_end"), f"the text is not whole: {text}")
            check(cut and left > 30 and whole, f"at {width}: {text}: cut {cut}, {left} pixels of its start, its end is there: {whole}")
        equal(b.run("document.documentElement.scrollWidth"), width, "the page's width")
    equal(b.run("cut = [...document.querySelectorAll('#flame text')].map((t) => t.textContent).filter((t) => t.includes('…')).every((t) => !t.endsWith('…'))"), True,
          "names in the flame graph are cut in the middle")


def own_module(folder):
    """A program whose stores are in an inlined function of somebody else's."""
    (folder / "list.h").write_text("""static inline void list_put(int *to, int value) {
    *(volatile int *)to = value;
}
""")
    (folder / "own.c").write_text("""#include "list.h"
static int box;
__attribute__((export_name("_start"))) void entry(void) {
    list_put(&box, 1);
    list_put(&box, 2);
}
""")
    subprocess.run(["clang-19", "--target=wasm32", "-nostdlib", "-Wl,--no-entry", "-O1", "-g", f"-ffile-prefix-map={folder}=/src/{FAR}", "-o",
                    folder / "own.wasm", folder / "own.c"], check=True)
    return folder / "own.wasm"


def check_own(b):
    """Pairs are known by the program's own frames, with what is inlined there behind them."""
    first, second = next((f, s) for kind, f, s in rows_of(b, "table", "kind", "first", "second") if kind.startswith("dead store"))
    equal([first, second], ["entryown.c:4, through list_put", "entryown.c:5, through list_put"], "sides by their own frames")
    equal(b.run("document.querySelector('#findings code').textContent"), "list_put(&box, 2);", "the own line's source")
    b.click("#findings li button")
    equal(b.run("[...document.querySelectorAll('#detail .marked span:last-child')].map((m) => m.textContent.trim())"),
          ["list_put(&box, 1);", "list_put(&box, 2);"], "the sources of both sides")
    equal(b.run("[...document.querySelectorAll('#detail .side li')].map((l) => l.textContent)"), [f"list_put  /src/{FAR}/list.h:2:25"] * 2, "what is inlined there")
    b.run("document.querySelector('#detail .side p a').click()")
    b.frame()
    b.frame()
    equal(b.run("document.querySelector('#source .row[aria-selected=true] .c-code').textContent.trim()"), "list_put(&box, 1);", "the source that a place leads to")
    b.resize(420, 800)
    b.frame()
    equal(b.run("document.documentElement.scrollWidth"), 420, "the page's width, with a long path")
    b.resize(1300, 1000)


def check_many_groups(b):
    choose(b, "by", "line")
    check(row_count(b, "groups") > 1 and b.run("document.querySelectorAll('*').length") < 3500, "groups of many pairs")
    choose(b, "by", "")
