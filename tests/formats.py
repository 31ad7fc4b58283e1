#!/usr/bin/env python3
"""formats.py MEM_TRACER: every format in its reader, held against the JSON report of the same run.

Readers that this machine lacks (go, callgrind_annotate, packages) are named at the end.  The last line is `N passed, N failed`.
"""
import collections
import csv
import gzip
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.parse

import leb128
import readers
from surroundings import PATIENCE, IN_CI

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "contexts"))
FORMATS = ["json", "pprof", "speedscope", "folded", "callgrind", "sarif", "csv"]
GROUP = {"dead_store": "dead_store", "silent_store": "silent_store",
         "silent_load_after_load": "silent_load", "silent_load_after_store": "silent_load"}
KNOWLEDGE = ("class", "advice", "constant", "marks")
absent = readers.absent


def reader(*words):
    if not shutil.which(words[0]):
        absent.add(words[0])
        return None
    r = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PATIENCE)
    assert r.returncode == 0, "%s: %s" % (words[0], r.stderr[-300:])
    return r.stdout.decode()


def fields(data):
    """(number, value) of a protobuf message's fields; values are integers or bytes"""
    at = 0
    while at < len(data):
        key, at = leb128.read(data, at)
        if key & 7 == 0:
            value, at = leb128.read(data, at)
            yield key >> 3, value
        else:
            assert key & 7 == 2
            size, at = leb128.read(data, at)
            at += size
            assert at <= len(data)
            yield key >> 3, data[at - size:at]


def packed(data):
    at = 0
    while at < len(data):
        value, at = leb128.read(data, at)
        yield value


def own_name(side):
    """the function of a side's own frame, as viewers show it; one that has no name goes by the module's"""
    frames = side.get("frames") or [{"function": None}]
    own = side.get("own")
    at = own if own is not None else next((i for i, f in enumerate(frames) if f["function"]), 0)
    return frames[at]["function"] or side.get("function")


def check_pprof(path, sums, names, report):
    parts = collections.defaultdict(list)
    for number, value in fields(gzip.open(path).read()):
        parts[number].append(value)
    strings = [s.decode() for s in parts[6]]
    assert strings[0] == "" and len(set(strings)) == len(strings)
    types = [strings[dict(fields(t))[1]] for t in parts[1]]
    values = [sum(c) for c in zip(*(list(packed(dict(fields(s))[2])) for s in parts[2]))] or [0] * 6
    want = [n for kind in ("dead_store", "silent_store", "silent_load") for n in sums[kind]]
    assert values == want, (values, want)
    assert types[0] == "dead_store_bytes" and (not want[0] or strings[parts[14][0]] == types[0]), types
    functions = {dict(fields(f))[1]: strings[dict(fields(f))[2]] for f in parts[5]}
    leaves = {}  # the function of each location's first line
    for l in parts[4]:
        lines = [dict(fields(v)) for n, v in fields(l) if n == 4]
        leaves[dict(fields(l))[1]] = functions[lines[0][1]]
    bare = lambda name: re.sub(r" \([^()]*\)$", "", name)  # of several functions of one name, the file
    flat, partners = collections.Counter(), set()
    for s in parts[2]:
        stack = list(packed(dict(fields(s))[1]))
        assert set(stack) <= set(leaves)
        flat[bare(leaves[stack[0]])] += list(packed(dict(fields(s))[2]))[0]
        labels = {strings[dict(fields(v))[1]]: strings[dict(fields(v))[2]] for n, v in fields(s) if n == 3}
        assert labels["kind"] in GROUP and re.match(r"\[[a-z ]+ by\] .", labels["partner"]), labels
        partners.add(labels["partner"])
    own = collections.Counter()
    for p in report["pairs"]:
        if p["kind"] == "dead_store":
            own[bare(own_name(p["second"]) or "[outside]")] += p["bytes"]
        first = own_name(p["first"])
        assert not first or any("] " + first in x for x in partners), (first, partners)
    assert +flat == +own, (flat, own)
    for kind, total in zip(types, want):
        if not total:
            continue
        top = reader("go", "tool", "pprof", "-top", "-nodecount=100000", "-nodefraction=0", "-unit=B", "-sample_index=" + kind, path)
        assert not top or re.search(r"of %dB? total" % total, top), top[:300]
        rows = re.findall(r"^ *(\d+)B? +[\d.]+% +[\d.]+% +(\d+)B? +[\d.]+%  ", top or "", re.M)
        assert not top or sum(int(f) for f, _ in rows) == total and all(int(c) <= total for _, c in rows), top[:500]
        assert not top or " by] " not in top, top
        if kind != types[0]:
            continue
        same = reader("go", "tool", "pprof", "-top", "-sample_index=" + kind, "-diff_base=" + path, path)
        assert not same or "Showing nodes accounting for 0" in same, same[:300]
        peek = reader("go", "tool", "pprof", "-peek", ".", "-tagroot=partner", "-sample_index=" + kind, path)
        assert not peek or " by] " in peek, peek[:500]


def check_speedscope(path, sums, names, _):
    with open(path, encoding="utf-8") as f:
        d = json.load(f)
    readers.validate(d, "speedscope", "speedscope/dist/release/file-format-schema.json")
    got = collections.Counter()
    for p in d["profiles"]:
        assert len(p["samples"]) == len(p["weights"]) and sum(p["weights"]) == p["endValue"]
        assert all(0 <= i < len(d["shared"]["frames"]) for s in p["samples"] for i in s)
        got[GROUP[p["name"]]] += p["endValue"]
    assert all(got[k] == sums[k][0] for k in sums), got
    most = max(d["profiles"], key=lambda p: p["endValue"])
    assert d["profiles"][d["activeProfileIndex"]]["endValue"] == most["endValue"] > 0
    got = {f["name"] for f in d["shared"]["frames"] if "line" not in f}
    for f in d["shared"]["frames"]:
        if "line" in f:
            place = " (%s:%d)" % (os.path.basename(f["file"]), f["line"])
            assert f["name"].endswith(place), f
            got.add(f["name"][:-len(place)])
    assert names <= got, names - got


def check_folded(path, sums, *_):
    got = collections.Counter()
    with open(path, encoding="utf-8", newline="\n") as f:
        for line in f:
            m = re.fullmatch(r"([^;]+)((?:;[^;\r\n]+)+) (\d+)\n", line)
            assert m and re.search(r";\[[a-z, ]+ by\];", m[2]), line
            got[GROUP[m[1]]] += int(m[3])
    assert all(got[k] == sums[k][0] for k in sums), got
    titles = readers.flame_graph(path)
    if titles is not None:
        all_bytes = sum(bytes for bytes, _ in sums.values())
        assert any(t.startswith("all (%s samples, 100%%)" % format(all_bytes, ",")) for t in titles), titles
        drawn = collections.Counter()
        for kind in GROUP:  # a box for each, unless it is too thin
            m = [re.match(r"%s \(([\d,]+) samples" % kind, t) for t in titles]
            drawn[GROUP[kind]] += sum(int(m[1].replace(",", "")) for m in m if m)
        assert all(drawn[k] == sums[k][0] or sums[k][0] < all_bytes / 1000 for k in sums), (drawn, sums)
        assert any(re.match(r"\[[a-z, ]+ by\] ", t) for t in titles), titles


def read_callgrind(path):
    """by function: costs at itself, of calls of it, and of its calls"""
    own, called, calling = {}, {}, {}
    names = {}
    def name(key, text):
        number, _, new = text.partition(" ")
        if new:
            names[key, number] = new
        return names[key, number]
    def add(to, function, costs):
        to[function] = [a + b for a, b in zip(to.get(function, [0] * 6), costs)]
    call = False
    with open(path, encoding="utf-8", newline="\n") as f:
        for l in f.read().splitlines():
            key, _, text = l.partition("=")
            if key in ("fl", "cfi"):
                file = name("file", text)
            elif key == "fn":
                function = file, name("fn", text)
            elif key == "cfn":
                callee = file, name("fn", text)
            elif key == "calls":
                call = True
            elif l.startswith("0x"):
                costs = [int(n) for n in l.split()[2:]]
                add(calling if call else own, function, costs)
                if call:
                    add(called, callee, costs)
                call = False
    return own, called, calling


def check_callgrind(path, sums, *_):
    text = reader("callgrind_annotate", "--auto=no", "--threshold=100", path)
    if text is None:
        return
    line = next(l for l in text.splitlines() if l.endswith("PROGRAM TOTALS"))
    got = [int(n.replace(",", "")) for n in re.sub(r"\([^)]*\)|PROGRAM TOTALS", "", line).replace(".", "0").split()]
    want = [n for kind in ("dead_store", "silent_store", "silent_load") for n in sums[kind]]
    assert got == want, (got, want)
    own, called, calling = read_callgrind(path)
    assert [sum(c) for c in zip(*own.values())] == want, own
    for name in set(own) | set(called) | set(calling):
        # readers sum up what a function's calls cost and what stands at itself, or what calls of it cost
        inclusive = [a + b for a, b in zip(own.get(name, [0] * 6), calling.get(name, [0] * 6))]
        assert all(i <= w for i, w in zip(inclusive, want)), (name, inclusive, want)
        assert all(c <= i for c, i in zip(called.get(name, inclusive), inclusive)), (name, called.get(name), inclusive)
    tree = reader("callgrind_annotate", "--auto=no", "--tree=both", "--inclusive=yes", "--threshold=100", path)
    assert re.search(r" < .* by\] ", tree) or not any(want), tree[:500]
    for percent in re.findall(r"\(([\d.]+)%\)", tree):
        assert float(percent) <= 100, percent


def is_worthy(pair, run):
    """whether SARIF has the pair: neither housekeeping nor less than 0.001 % of what is stored, or loaded"""
    return pair.get("class") != "housekeeping" and pair["bytes"] >= run["bytes_stored" if pair["kind"] in ("dead_store", "silent_store") else "bytes_loaded"] // 100000


def check_sarif(path, sums, names, report):
    with open(path, encoding="utf-8") as f:
        d = json.load(f)
    readers.validate(d, "sarif-schema", "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json")
    run = d["runs"][0]
    rules = [r["id"] for r in run["tool"]["driver"]["rules"]]
    got = collections.Counter()
    prints, seen = set(), set()
    for r in run["results"]:
        assert rules[r["ruleIndex"]] == r["ruleId"]
        got[GROUP[r["ruleId"]]] += r["properties"]["bytes"]
        prints.add(r["partialFingerprints"]["memTracerPair/v3"])
        text = r["message"]["text"]
        assert len(re.findall(r"(?<!\\)\[(?:[^\[\]\\]|\\.)*\]\(1\)", text)) == 1, text
        for l in r["locations"] + r["relatedLocations"]:
            seen.add(l["logicalLocations"][0]["fullyQualifiedName"])
            urllib.parse.urlparse(l["physicalLocation"]["artifactLocation"]["uri"])
    assert len(prints) == len(run["results"])
    worthy = [p for p in report["pairs"] if is_worthy(p, report["run"])]
    others = [p for p in report["pairs"] if not is_worthy(p, report["run"])]
    notes = [n["message"]["text"] for n in run["invocations"][0].get("toolExecutionNotifications", [])]
    said = "%d pair%s with %d bytes are no results: " % (len(others), "s" * (len(others) != 1), sum(p["bytes"] for p in others))
    assert len(notes) == (1 if others else 0) and all(n.startswith(said) for n in notes), notes
    for result, pair in zip(run["results"], worthy, strict=True):
        text, properties = result["message"]["text"], result["properties"]
        objects = properties.pop("objects", [])
        assert properties == {k: pair[k] for k in ("bytes", "instances", *KNOWLEDGE) if k in pair}, properties
        words = (pair["bytes"], "s" * (pair["bytes"] > 1), pair["instances"], "s" * (pair["instances"] > 1))
        assert text.startswith("%d byte%s, %d time%s: " % words), text
        assert text.endswith("](1)." + (" " + pair["advice"] if "advice" in pair else "")), text
        assert [o["bytes"] for o in objects] == [o["bytes"] for o in pair.get("objects", [])[:4]], objects
        assert all(o["object"] for o in objects) and result["relatedLocations"][0]["id"] == 1
    for p in others:
        got[GROUP[p["kind"]]] += p["bytes"]
    assert all(got[k] == sums[k][0] for k in sums), got
    assert others or names <= seen, names - seen


def check_locations(d, folder, names):
    """every URI is relative to the one root, or absolute and another machine's or folder's; together they are the report's files"""
    root = d["runs"][0]["originalUriBaseIds"]["SRCROOT"]["uri"]
    assert root == "file://" + urllib.parse.quote(folder) + "/", root
    assert d["runs"][0]["invocations"][0]["workingDirectory"]["uri"] == root
    seen = set()
    for result in d["runs"][0]["results"]:
        for l in result["locations"] + result["relatedLocations"]:
            at = l["physicalLocation"]["artifactLocation"]
            assert ("uriBaseId" in at) == (":" not in at["uri"]), at
            seen.add(urllib.parse.urljoin(root, at["uri"]))
    assert seen == names, seen ^ names


def pair_at(kind, file, line, bytes):
    side = lambda loc: {"loc": loc, "function": "f", "op": "i32.store",
                        "frames": [{"function": "f", "file": file, "line": line, "column": 1}]}
    return {"kind": kind, "first": side(10 * line + 8), "second": side(10 * line + 9), "instances": 1, "bytes": bytes}


def sarif_of(tool, folder, pairs, options=(), counts=None):
    """what becomes of a JSON report with these pairs; its size, and that of it compressed"""
    totals = {k: {"instances": 0, "bytes": 0, "share": 0.0} for k in GROUP}
    for p in pairs:
        totals[p["kind"]]["instances"] += 1
        totals[p["kind"]]["bytes"] += p["bytes"]
    with open(os.path.join(folder, "made.json"), "w", encoding="utf-8") as f:
        f.write(json.dumps({"schema": "mem-tracer.report", "version": 1, "input": {"path": "m.wasm", "size": 9},
                            "run": {"exit_code": 0, **(counts or {})}, "totals": totals,
                            "pairs": sorted(pairs, key=lambda p: (list(GROUP).index(p["kind"]), -p["bytes"]))}))
    out = os.path.join(folder, "made.sarif")
    r = subprocess.run([tool, "merge", "made.json", "made.json", "--format", "sarif", "--report", out, *options], cwd=folder, capture_output=True, text=True)
    assert r.returncode == 0, r.stderr
    with open(out, "rb") as f:
        raw = f.read()
    d = json.loads(raw)
    if len(pairs) < 1000:
        readers.validate(d, "sarif-schema", "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json")
    return d, len(raw), len(gzip.compress(raw, 6)) if len(raw) > 25e6 else 0


def check_sarif_limits(tool, folder):
    """no more than code scanning takes: the pairs with the most bytes, and a word on the rest"""
    kinds = list(GROUP)
    pairs = [pair_at(kinds[i % 4], "/gone/a.c", i + 1, 1 + i * 7919 % 1000) for i in range(26001)]
    d, _, _ = sarif_of(tool, folder, pairs)
    kept = sorted((r["properties"]["bytes"] for r in d["runs"][0]["results"]), reverse=True)
    assert kept == sorted((2 * p["bytes"] for p in pairs), reverse=True)[:25000], len(kept)
    said = d["runs"][0]["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]
    left = sum(2 * p["bytes"] for p in pairs) - sum(kept)
    assert said.startswith("1001 pairs with %d bytes are left out: code scanning takes 25000 results" % left), said
    d, _, _ = sarif_of(tool, folder, pairs[:25000])
    assert len(d["runs"][0]["results"]) == 25000 and "toolExecutionNotifications" not in d["runs"][0]["invocations"][0]
    some = random.Random(1)
    name = lambda: "".join(map(chr, some.choices(range(0x4E00, 0x9FA5), k=1300)))
    hard = [pair_at(kinds[0], "/gone/" + name(), i + 1, 5) for i in range(1200)]
    for p in hard:
        for side in (p["first"], p["second"]):
            side["frames"][0]["function"] = name()
    d, size, packed = sarif_of(tool, folder, hard)
    assert 8e6 < packed < 10e6 and 0 < len(d["runs"][0]["results"]) < 1200, (size, packed, len(d["runs"][0]["results"]))
    assert "left out" in d["runs"][0]["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]


def check_sarif_worthy(tool, folder):
    """housekeeping is folded, unless it is asked for, and next to nothing is no result"""
    pairs = [pair_at("dead_store", "/gone/a.c", i + 1, 100 + i) for i in range(4)]
    for p in pairs[:2]:
        p["class"] = "housekeeping"
    for options, stored, want in (((), 0, {102, 103}), (("--housekeeping", "show"), 0, {100, 101, 102, 103}), ((), 10_250_000, {103}),
                                  (("--housekeeping", "show"), 10_150_000, {102, 103}), ((), 1 << 30, set())):
        d, _, _ = sarif_of(tool, folder, pairs, options, {"bytes_stored": stored})
        run = d["runs"][0]
        assert {r["properties"]["bytes"] // 2 for r in run["results"]} == want, (options, stored, run["results"])
        notes = run["invocations"][0].get("toolExecutionNotifications", [])
        left = [2 * p["bytes"] for p in pairs if p["bytes"] not in want]
        assert [n["message"]["text"].split(" are ")[0] for n in notes] == (["%d pair%s with %d bytes" % (len(left), "s" * (len(left) > 1), sum(left))] if left else [])


def check_sarif_files(tool, folder):
    folder = os.path.realpath(folder)
    at = {folder + "/src/a b.c": "file://%s/src/a%%20b.c" % folder, folder + "/build/../src/./c.c": "file://%s/src/c.c" % folder,
          folder + "x/d.c": "file://%sx/d.c" % folder, "lib/e.c": "file://%s/lib/e.c" % folder, "./lib/../f.c": "file://%s/f.c" % folder,
          "/other/../g#?.c": "file:///g%23%3F.c", "C:\\work\\h i.c": "file:///C:/work/h%20i.c", "d:/work\\..\\j.c": "file:///d:/j.c",
          "\\\\server\\share\\k.c": "file://server/share/k.c", "src\\l.c": "file://%s/src/l.c" % folder,
          "/rustc/1\\library\\m.rs": "file:///rustc/1/library/m.rs"}
    d, _, _ = sarif_of(tool, folder, [pair_at("dead_store", f, i + 1, 9) for i, f in enumerate(at)])
    check_locations(d, folder, set(at.values()))


def check_csv(path, sums, names, report):
    with open(path, encoding="utf-8", newline="") as f:
        raw = f.read()
    rows = list(csv.DictReader(raw.splitlines(True), strict=True))
    assert raw.count("\r\n") == len(rows) + 1
    got = collections.Counter()
    for r in rows:
        got[GROUP[r["kind"]]] += int(r["bytes"])
        for cell in r.values():
            assert not cell.startswith(("=", "+", "-", "@")), cell
    assert all(got[k] == sums[k][0] for k in sums), got
    for r, pair in zip(rows, report["pairs"], strict=True):
        for key in KNOWLEDGE:
            want = pair.get(key, "")
            assert r[key].lstrip("'") == (" ".join(want) if key == "marks" else want), (key, r[key], want)
        object = (pair.get("objects") or [{"bytes": ""}])[0]
        assert r["object_bytes"] == str(object["bytes"]) and bool(r["object"]) == bool(pair.get("objects")), r
    cells = {r[s + "_function"] for r in rows for s in ("first", "second")}
    assert {"'" + n if n[0] in "=+-@" else n for n in names} <= cells


def check(tool, module, words):
    with tempfile.TemporaryDirectory() as folder:
        path = lambda f: os.path.join(folder, "report." + f)
        command = [tool, "--run", "-o", path("wasm"), *words, module]
        for f in FORMATS:
            command += ["--format", f, "--report", path(f)]
        r = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PATIENCE)
        assert os.path.exists(path("json")), r.stderr[-300:]
        with open(path("json"), encoding="utf-8") as f:
            report = json.load(f)
        sums = {k: [0, 0] for k in ("dead_store", "silent_store", "silent_load")}
        names = set()
        for p in report["pairs"]:
            sums[GROUP[p["kind"]]][0] += p["bytes"]
            sums[GROUP[p["kind"]]][1] += p["instances"]
            for side in (p["first"], p["second"]):
                frames = side.get("frames")
                name = frames[0]["function"] if frames else side.get("function")
                names.add(name or side.get("function"))
        names.discard(None)
        assert report["pairs"], "nothing to check"
        for f in FORMATS[1:]:
            try:
                globals()["check_" + f](path(f), sums, names, report)
            except Exception as e:
                raise AssertionError("%s: %s: %s" % (f, type(e).__name__, e)) from e


NAMES = ["<crate::Red as crate::Put>::put", "<crate::Blue as crate::Put>::put", "f(int)::g(char)", "operator()(int) const", "a<b<c>>::d",
         "step 2", "step 3", "step 4.5", "x  17", "2", "a;b 8", "[x] (y)", "_ZN1a1bE", "é 2"]


def named_functions(names):
    """a module with a function of each name, which stores to one place n times, n = 10 and more"""
    import wasm
    bodies = []
    for i in range(len(names)):
        code = wasm.Code()
        for _ in range(10 + i):
            code.put(0x41, wasm.sleb(64 + 4 * i), 0x41, 1, 0x36, 2, 0)
        code.put(0x0b)
        bodies.append((b"\0", code))
    start = wasm.Code()
    for i in range(len(names)):
        start.put(0x10, leb128.write(i))
    start.put(0x0b)
    bodies.append((b"\0", start))
    functions = wasm.vector([leb128.write(i) + wasm.name(n) for i, n in enumerate(names)])
    sections = [(1, wasm.vector([wasm.func_type([], [])])), (3, wasm.vector([b"\0"] * len(bodies))), (5, wasm.vector([b"\0\x01"])),
                (7, wasm.vector([wasm.name("_start") + b"\0" + leb128.write(len(names)), wasm.name("memory") + b"\x02\0"])),
                (0, wasm.name("name") + b"\x01" + leb128.write(len(functions)) + functions)]
    return wasm.module(sections, bodies)


def check_names(tool, folder):
    """viewers show each name as it is, and each function's bytes at it"""
    module = os.path.join(folder, "names.wasm")
    with open(module, "wb") as f:
        f.write(named_functions(NAMES))
    command = [tool, "--run", "-q", "-o", "/dev/null", module]
    for f in ("json", "pprof", "folded"):
        command += ["--format", f, "--report", os.path.join(folder, f)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    with open(os.path.join(folder, "json"), encoding="utf-8") as f:
        report = json.load(f)
    shown = {s["loc"]: s["function"] for p in report["pairs"] for s in (p["first"], p["second"])}
    want = collections.Counter()
    for p in report["pairs"]:
        if p["kind"] == "dead_store":
            want[shown[p["second"]["loc"]]] += p["bytes"]
    assert len(want) == len(NAMES) and set(NAMES) - set(want) <= {"_ZN1a1bE"}, want
    top = reader("go", "tool", "pprof", "-top", "-nodecount=1000", "-sample_index=dead_store_bytes", os.path.join(folder, "pprof"))
    if top:
        rows = [l.split(None, 5) for l in top.splitlines() if re.match(r" +\d+B? ", l)]
        got = {r[5]: int(r[0].rstrip("B")) for r in rows if r[0] != "0"}
        # pprof shows blanks as they are
        assert got == dict(want), (got, want)
    with open(os.path.join(folder, "folded"), encoding="utf-8", newline="\n") as f:
        stacks = [l.rsplit(" ", 1) for l in f.read().splitlines()]
    leaves = collections.Counter()
    for stack, count in stacks:
        if stack.startswith("dead_store;"):
            leaves[stack.split(";")[-1].rstrip("\u200b")] += int(count)
    in_frames = {n.replace(";", ":"): c for n, c in want.items()}
    assert leaves == in_frames, (leaves, in_frames)
    titles = readers.flame_graph(os.path.join(folder, "folded"))
    for name, count in in_frames.items() if titles else ():
        name = re.escape(name)
        found = [t for t in titles if re.match(name + "\u200b? \\(%d samples, [0-9.]+%%\\)$" % count, t)]
        assert found, (name, count, titles)


def main():
    tool = os.path.abspath(sys.argv[1])
    examples = os.path.join(HERE, "..", "examples")
    inputs = os.path.join(HERE, "golden", "inputs")
    cases = [(os.path.join(examples, "%s.wasm" % n), w) for n in ("spills", "dead_stores") for w in ([], ["--contexts", "--objects"])]
    cases += [(os.path.join(inputs, "%s.wasm" % n), []) for n in ("names", "kinds")]
    checks = [(" ".join([os.path.basename(m), *w]), lambda folder, m=m, w=w: check(tool, m, w)) for m, w in cases]
    checks += [(check.__name__, lambda folder, c=check: c(tool, folder)) for check in (check_names, check_sarif_limits, check_sarif_worthy, check_sarif_files)]
    passed = failed = 0
    for name, run in checks:
        with tempfile.TemporaryDirectory() as folder:
            try:
                run(folder)
                passed += 1
            except AssertionError as e:
                failed += 1
                print("FAIL %s: %s" % (name, str(e)[:1000]))
    if absent:
        print("without: " + ", ".join(sorted(absent)))
        failed += IN_CI
    print("%d passed, %d failed" % (passed, failed))
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
