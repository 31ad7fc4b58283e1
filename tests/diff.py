#!/usr/bin/env python3
"""diff.py MEM_TRACER: `mem-tracer diff` of a program before and after a fix, of a rebuild, and of broken files.

Needs clang-19 with WASI.  The last line is `N passed, N failed`."""
import csv
import html.parser
import fcntl
import io
import json
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import termios

from commands import compile_c, read, run
from surroundings import lacks

HERE = os.path.dirname(os.path.abspath(__file__))


def report(tool, folder, name, source):
    os.makedirs(os.path.join(folder, name))
    wasm, out = (os.path.join(folder, name, "a" + e) for e in (".wasm", ".json"))
    compile_c(source, os.path.join(folder, name + ".c"), wasm)
    status, _, err = run(tool, "--run", wasm, "--format", "json", "--report", out)
    assert status == 0, err
    return out


def check_text(d, text):
    """The text against the JSON form: totals and their change in percent, how many pairs changed how, and the first of each."""
    words = {"dead_store": "dead store", "silent_store": "silent store", "silent_load_after_load": "redundant load",
             "silent_load_after_store": "load after a store"}
    for kind, total in d["totals"].items():
        name = {"silent_load_after_store": "loads after a store"}.get(kind, words[kind] + "s")
        line = re.search(rf"^{name} .*$", text, re.M)[0]
        percent = re.search(r"[+-][\d.]+%", line)
        if total["old"] == total["new"] or not total["old"]:
            assert not percent, line
        else:
            assert abs(float(percent[0][:-1]) - 100 * (total["new"] - total["old"]) / total["old"]) < 0.51, line
    numbers = re.search(r"^pairs that appeared: (\d+), grew: (\d+), shrank: (\d+), are gone: (\d+); as before: (\d+)$", text, re.M)
    words_of = ("appeared", "grew", "shrank", "gone", "same")
    assert [int(n) for n in numbers.groups()] == [sum(p["change"] == c for p in d["pairs"]) for c in words_of], text
    line = re.search(r"^accesses .*$", text, re.M)[0].replace(",", "").split()
    assert [int(n) for n in line[1:3]] == [d["accesses"]["old"], d["accesses"]["new"]], line
    size = lambda p: abs(p["new"]["bytes"] - p["old"]["bytes"])
    assert [size(p) for p in d["pairs"]] == sorted(map(size, d["pairs"]), reverse=True)
    rows = re.findall(r"^ +([+-])[\d.]+ (?:bytes?|[KMG]iB)  (\w+) +([+-][\d.]+%)?  (.*)$", text, re.M)
    changed = [p for p in d["pairs"] if p["change"] != "same"]
    assert len(rows) == min(len(changed), 20), text
    for (sign, change, percent, names), p in zip(rows, changed):
        assert change == p["change"] and sign == ("+" if p["new"]["bytes"] > p["old"]["bytes"] else "-"), (change, p)
        assert (percent != "") == (change in ("grew", "shrank")), names
        assert names.startswith(words[p["kind"]]) and p["first"]["function"] in names and p["second"]["function"] in names, names


class Tables(html.parser.HTMLParser):
    """the cells of a page's tables, by row; and whether there is what a page without scripts has not"""

    def __init__(self, page):
        super().__init__()
        self.rows, self.tags = [], set()
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_data(self, data):
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += data


def check_page(page, d):
    tables = Tables(page)
    assert not tables.tags & {"script", "img", "link", "iframe"}, tables.tags
    listed = [r for r in tables.rows if len(r) == 5][1:]
    changed = [p for p in d["pairs"] if p["change"] != "same"]
    assert [r[1] for r in listed] == [p["change"] for p in changed], (len(listed), len(changed))
    for row, p in zip(listed, changed):
        assert p["second"]["function"] in row[4] and ("%s:%s" % (p["second"]["file"], p["second"]["line"]) in row[4] or not p["second"]["line"]), (row, p)
    totals = {r[0]: r for r in tables.rows if len(r) == 4}
    assert totals["accesses"][1:3] == ["{:,}".format(d["accesses"][k]) for k in ("old", "new")], totals


def check_forms(tool, old, new):
    """csv has what JSON has; groups are sums of pairs; options choose; a terminal's rows fit"""
    d = changes(tool, old, new)
    form = lambda name, *words: run(tool, "diff", "--format", name, *words, old, new)[1]
    check_page(form("html"), d)
    assert "By function" in form("html", "--by", "function")
    rows = list(csv.DictReader(io.StringIO(form("csv"), newline=""), strict=True))
    assert len(rows) == len(d["pairs"]) > 20
    for row, p in zip(rows, d["pairs"]):
        assert row["change"] == p["change"] and row["kind"] == p["kind"] and row["second_function"].lstrip("'") == p["second"]["function"]
        assert int(row["bytes_change"]) == p["new"]["bytes"] - p["old"]["bytes"] == int(row["new_bytes"]) - int(row["old_bytes"])
    for by in ("function", "line"):
        groups = json.loads(form("json", "--by", by))["groups"]
        keys = [(g["at"]["function"], g["at"].get("function_file", g["at"]["file"]), g["at"]["line"]) for g in groups]
        assert len(set(keys)) == len(keys) and all((k[2] is None) for k in keys) == (by == "function"), keys
        for side in ("old", "new"):
            for kind in d["totals"]:
                assert sum(g[side][kind] for g in groups) == d["totals"][kind][side], (by, kind)
            assert all(g[side]["bytes"] == sum(g[side][k] for k in d["totals"] if k != "silent_load_after_store") for g in groups)
        cells = list(csv.DictReader(io.StringIO(form("csv", "--by", by), newline=""), strict=True))
        assert [(c["function"].lstrip("'"), int(c["new_dead_store"])) for c in cells] == [(g["at"]["function"], g["new"]["dead_store"]) for g in groups]
        assert re.search(by + "s that appeared: ", form("text", "--by", by))
    only = json.loads(form("json", "--only", "dead_store"))
    assert only["pairs"] == [p for p in d["pairs"] if p["kind"] == "dead_store"] and only["totals"] == d["totals"]
    focus = json.loads(form("json", "--focus", "render"))["pairs"]
    assert focus and all("render" in (p["first"]["function"], p["second"]["function"], "render") for p in focus) and len(focus) < len(d["pairs"])
    rest = json.loads(form("json", "--ignore", "render"))["pairs"]
    assert rest and not any("render" in (p["first"]["function"], p["second"]["function"]) for p in rest)
    assert json.loads(form("json", "--top", "3"))["pairs"] == d["pairs"][:3]
    times = [abs(p["new"]["instances"] - p["old"]["instances"]) for p in json.loads(form("json", "--sort", "instances"))["pairs"]]
    assert times == sorted(times, reverse=True) and len(times) == len(d["pairs"])
    assert run(tool, "diff", "--sort", "share", old, new)[0] == 2
    check_effects(tool, d, old, new, form)
    for columns, fits in ((80, True), (200, False)):
        text = on_terminal(columns, tool, "diff", old, new)
        lines = text.replace("\r", "").splitlines()
        assert max(map(len, lines)) <= columns and ("          -> " in text) == fits, text


def check_effects(tool, d, old, new, form):
    """effects are those of the reports, added up; by them the list may be sorted; --not-own holds for both reports"""
    for side, path in (("old", old), ("new", new)):
        want = sum(p["effect"] for p in read(path)["pairs"])
        assert want > 0 and abs(sum(p[side]["effect"] for p in d["pairs"]) - want) < 1, (side, want)
    change = lambda p: abs(p["new"]["effect"] - p["old"]["effect"])
    sizes = [change(p) for p in json.loads(form("json", "--sort", "effect"))["pairs"]]
    assert all(a >= b - 0.01 for a, b in zip(sizes, sizes[1:])) and sizes[0] > max(sizes[-1], 1), sizes
    other, report = new + ".effects", read(new)
    least = min(report["pairs"], key=lambda p: p["bytes"])
    least["effect"] = 1e9
    with open(other, "w", encoding="utf-8") as f:
        json.dump(report, f)
    first = json.loads(run(tool, "diff", "--format", "json", "--sort", "effect", old, other)[1])["pairs"][0]
    assert first["new"]["effect"] >= 1e9 and first["kind"] == least["kind"], first
    rows = list(csv.DictReader(io.StringIO(form("csv", "--sort", "effect"), newline=""), strict=True))
    assert all(abs(abs(float(r["new_effect"]) - float(r["old_effect"])) - s) < 0.01 for r, s in zip(rows, sizes))
    check_own(tool, old, new)


def check_objects(tool, folder, old_source, new_source):
    """by object: every kind's bytes are those of both reports; a variable is the same in both"""
    paths = []
    for name, source in (("old_objects", old_source), ("new_objects", new_source)):
        plain = report(tool, folder, name, source)
        assert run(tool, "diff", "--by", "object", plain, plain)[0] == 125
        paths.append(plain + ".objects.json")
        assert run(tool, "--run", os.path.join(folder, name, "a.wasm"), "--objects", "--format", "json", "--report", paths[-1])[0] == 0
    form = lambda name: run(tool, "diff", "--by", "object", "--format", name, *paths)[1]
    d = json.loads(form("json"))
    names = [g["at"]["object"] for g in d["groups"]]
    assert d["by"] == "object" and len(set(names)) == len(names) > 3, names
    for side, path in zip(("old", "new"), paths):
        r = read(path)
        for kind, total in r["totals"].items():
            assert sum(g[side][kind] for g in d["groups"]) == total["bytes"], (side, kind)
        for what in ("variable", "stack"):
            sums = {}
            for o in r["objects"]:
                if o["kind"] == what:
                    name = ("stack of " if what == "stack" else "variable ") + o.get("whole", o["name"])
                    sums[name] = sums.get(name, 0) + o["totals"]["dead_store"]["bytes"]
            assert sums and all(d["groups"][names.index(n)][side]["dead_store"] == b for n, b in sums.items() if n in names), sums
            assert sum(b for n, b in sums.items() if n not in names) == 0, sums
    assert d["groups"][0]["change"] != "same" and not all(g["change"] in ("appeared", "gone") for g in d["groups"]), names
    cells = list(csv.DictReader(io.StringIO(form("csv"), newline=""), strict=True))
    assert [c["object"] for c in cells] == names
    assert "objects that appeared: " in form("text") and names[0] in form("text") and names[0].replace("&", "&amp;") in form("html")


def check_own(tool, old, new):
    """inlined functions that --not-own takes for a library's: in both reports their callers stand for them"""
    paths = []
    for path in (old, new):
        report = read(path)
        inner = [side for p in report["pairs"] for side in (p["first"], p["second"]) if len(side.get("frames", [])) > 1]
        assert inner, "nothing was inlined"
        for side in inner:
            side["frames"][0].update(file="/far/inner.h", function="inner")
            side["frames"][-1].update(file="/far/outer.c", function="outer")
        paths.append(path + ".inner")
        with open(paths[-1], "w", encoding="utf-8") as f:
            json.dump(report, f)
    at = lambda *words: {p[s]["function"] for p in json.loads(run(tool, "diff", "--format", "json", *words, *paths)[1])["pairs"]
                         for s in ("first", "second")}
    for own, other in (("inner", "outer"), ("outer", "inner")):
        found = at("--own", "/far/*", "--not-own", "/far/%s.*" % other)
        assert own in found and other not in found, found


def on_terminal(columns, *words):
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    env = {k: v for k, v in os.environ.items() if k != "COLUMNS"}
    with subprocess.Popen(words, stdout=slave, env=env) as process:
        os.close(slave)
        text = b""
        try:
            while part := os.read(master, 65536):
                text += part
        except OSError:  # the other end is closed
            pass
    os.close(master)
    assert process.returncode == 0
    return text.decode()


def changes(tool, old, new):
    status, out, err = run(tool, "diff", "--format", "json", old, new)
    assert status == 0, err
    d = json.loads(out)
    for side, path in (("old", old), ("new", new)):
        r = read(path)
        for kind, total in r["totals"].items():
            assert d["totals"][kind][side] == total["bytes"]
            assert sum(p[side]["bytes"] for p in d["pairs"] if p["kind"] == kind) == total["bytes"]
    return d


def main():
    tool = os.path.abspath(sys.argv[1])
    if not shutil.which("clang-19"):
        return lacks("no clang-19")
    with open(os.path.join(HERE, "..", "examples", "dead_stores.c"), encoding="utf-8") as f:
        before = f.read()
    after = before.replace("    clear(cells); /*", "    (void)clear; /*")
    assert after != before
    moved = before.replace("static char line", "\n\n\nstatic int unused(int a) { return a + 3; }\nstatic char line")
    with tempfile.TemporaryDirectory() as folder:
        old, fixed, later = (report(tool, folder, n, s) for n, s in (("old", before), ("fixed", after), ("later", moved)))
        d = changes(tool, old, fixed)
        gone = [p for p in d["pairs"] if p["change"] == "gone" and p["first"]["function"] == "clear"]
        assert gone and any(p["old"]["bytes"] == 32000 and p["kind"] == "dead_store" for p in gone), gone
        status, text, _ = run(tool, "diff", old, fixed)
        assert status == 0 and re.search(r"^ +-31\.3 KiB  gone +dead store +clear \(old\.c:\d+\) -> render \(old\.c:\d+\)$", text, re.M), text
        check_text(d, text)
        check_text(changes(tool, fixed, old), run(tool, "diff", fixed, old)[1])
        check_forms(tool, old, fixed)
        check_objects(tool, folder, before, after)
        d = changes(tool, old, later)
        assert {p["change"] for p in d["pairs"]} == {"same"}, [p for p in d["pairs"] if p["change"] != "same"][:3]
        assert changes(tool, fixed, old)["pairs"][0]["change"] in ("appeared", "grew")
        totals = changes(tool, old, fixed)["totals"].values() # what is no longer cleared is now stored again, silently
        worse = any(t["new"] > t["old"] for t in totals)
        assert run(tool, "diff", "--fail-on-increase", old, fixed)[0] == (3 if worse else 0)
        assert run(tool, "diff", "--fail-on-increase", old, old)[0] == 0
        assert run(tool, "diff", "--fail-on-increase", fixed, old)[0] == 3
        broken = os.path.join(folder, "broken.json")
        for text, want in (('{"schema": ', "is no JSON: "), ("[]", "is no report"), ("", "is no JSON: "),
                           ('{"schema": "mem-tracer.report", "version": 1, "pairs": [{"kind": "x"}]}', "pair 0 has no known kind"),
                           ('{"schema": "mem-tracer.report", "version": 2, "pairs": []}', "of another version")):
            with open(broken, "w") as f:
                f.write(text)
            status, out, err = run(tool, "diff", old, broken)
            assert status == 125 and not out and want in err and err.count("\n") == 1, (text, status, err)
        assert run(tool, "diff", old)[0] == 2
    print("1 passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
