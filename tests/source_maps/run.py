#!/usr/bin/env python3
"""source_maps/run.py MEM_TRACER [ROUNDS]: source maps of all forms and the URLs that name them, against Node's reader (reader.mjs).

Maps are made by chance: index maps, sources without a name, fields of all kinds.  The last line is `N passed, N failed`.
"""
import base64
import json
import os
import random
import subprocess
import sys
import tempfile
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "contexts"), os.path.join(HERE, "..", "programs")]
import sources  # noqa: E402
import wasm  # noqa: E402
from surroundings import lacks  # noqa: E402
from wasm import leb  # noqa: E402

DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
STORES = 40


class Place:
    loc = 0


def program():
    """a module that stores STORES times to one place, and where the stores are; what comes after its last section may be added"""
    code, places = wasm.Code(), [Place() for _ in range(STORES)]
    for i, place in enumerate(places):
        code.const(16)
        code.const(i)
        code.mark(place)
        code.put(0x36, 2, 0)
    code.put(0x0b)
    data = wasm.module([(1, wasm.vector([wasm.func_type([], [])])), (3, wasm.vector([b"\0"])), (5, wasm.vector([b"\0\x01"])),
                        (7, wasm.vector([wasm.name("_start") + b"\0\0", wasm.name("memory") + b"\x02\0"]))], [(b"\0", code)])
    return data, [p.loc for p in places]


def vlq(n):
    n = -n << 1 | 1 if n < 0 else n << 1
    out = ""
    while True:
        out += DIGITS[n & 31 | (32 if n > 31 else 0)]
        n >>= 5
        if not n:
            return out


def plain_map(r, columns):
    """a map whose first line has segments at some of the columns, which are in order"""
    sources = [None if r.random() < .2 else "d%d/s%d.ts" % (r.randrange(3), i) for i in range(r.randint(1, 5))]
    names, at, segments = ["n%d" % i for i in range(4)], [0] * 5, []
    for column in columns:
        fields = r.choice([1, 4, 4, 5])
        new = [column, r.randrange(len(sources)), r.randrange(1000), r.randrange(100), r.randrange(4)][:fields]
        segments.append("".join(vlq(b - a) for a, b in zip(at, new)))
        at[:fields] = new
    d = {"version": 3, "sources": sources, "names": names, "mappings": ",".join(segments)}
    if fields == 1:
        d["mappings"] += ";"  # Node 20 takes a segment of one field that ends the text for one that has a source
    elif r.random() < .3:
        d["mappings"] += ";" + vlq(3) + vlq(0) + vlq(1) + vlq(0)  # of a second line, which no module has
    if r.random() < .3:
        d["file"] = "x.wasm"
    return d


def any_map(r, locs):
    columns = sorted(r.sample(range(locs[0], locs[-1] + 9), r.randint(1, 60)))
    if r.random() < .4:
        return plain_map(r, columns)
    sections, parts = [], sorted(r.sample(range(len(columns) + 1), min(len(columns), r.randint(1, 4))))
    for first, end in zip(parts, parts[1:] + [len(columns)]):
        inside = columns[first:end]
        if inside:
            start = r.randint(columns[first - 1] + 1 if first else 0, inside[0])
            sections.append({"offset": {"line": 0, "column": start}, "map": plain_map(r, [c - start for c in inside])})
    sections.append({"offset": {"line": 1, "column": 0}, "map": plain_map(r, [0, 5])})
    return {"version": 3, "sections": sections}


def run(tool, folder, data, url):
    """its lines and the frames of each place"""
    section = wasm.name("sourceMappingURL") + leb(len(url.encode())) + url.encode()
    module, out = os.path.join(folder, "a.wasm"), os.path.join(folder, "out.json")
    with open(module, "wb") as f:
        f.write(data + b"\0" + leb(len(section)) + section)
    r = subprocess.run([tool, "--run", "-o", "/dev/null", module, "-q", "--format", "json", "--report", out], capture_output=True, text=True)
    assert r.returncode == 0, r.stderr
    with open(out, encoding="utf-8") as f:
        d = json.load(f)
    frames = {s["loc"]: s.get("frames", []) for p in d["pairs"] for s in (p["first"], p["second"]) if "loc" in s}
    return d["lines"], frames


def ask(maps, urls):
    r = subprocess.run([sources.node(), os.path.join(HERE, "reader.mjs")], input=json.dumps({"maps": maps, "urls": urls}), capture_output=True,
                       text=True)
    assert r.returncode == 0, r.stderr[-2000:]
    return json.loads(r.stdout)


def check_maps(tool, folder, rounds):
    r = random.Random(1)
    data, locs = program()
    maps = [any_map(r, locs) for _ in range(rounds)]
    body = locs[0] - 4  # the function's first instruction: what is mapped before it is of another
    wanted = ask([{"map": m, "columns": locs} for m in maps], [])["maps"]
    for number, (m, want) in enumerate(zip(maps, wanted)):
        front = r.choice([b"", b"", b"\xef\xbb\xbf", b")]}'\n", b")]}' not a script\r\n", b"\xef\xbb\xbf)]}'\n", b" \n"])
        with open(os.path.join(folder, "x.map"), "wb") as f:
            f.write(front + json.dumps(m).encode())
        lines, frames = run(tool, folder, data, "x.map")
        assert lines["source"] == "source map" and not lines["warning"], (number, front, lines)
        for loc, w in zip(locs, want):
            w = [] if not w or w[3] < body else [tuple(w[:3])]
            got = [(f["file"], f["line"], f["column"]) for f in frames[loc]]
            assert got == w, "map %d at %X: got %r, want %r: %s" % (number, loc, got, w, json.dumps(m))
    return "%d maps" % rounds


def whole_map(locs):
    return json.dumps({"version": 3, "sources": ["ä ö.ts"], "names": [], "mappings": vlq(locs[0]) + "AAA"}, ensure_ascii=False)


def references(folder, text):
    """URLs, most of which lead to a map in one of the files that are there"""
    b64, quoted, here = base64.b64encode(text).decode(), urllib.parse.quote(text), urllib.parse.quote(folder)
    yield from ["x.map", "./x.map", "maps/x.map", "maps/../x.map", "my%20maps/x.map", "my maps/x.map", "maps%2Fx.map", "maps\\x.map",
                "x.map?v=3", "x.map#top", "x.map?a=/b#c?d", " x.map\n", "x.\tmap", "%78.map", "m%C3%A4ps/x.map", "mäps/x.map", "x%00.map",
                "gone.map", "maps/", "?x.map", "#x.map", "maps/x%2emap"]
    yield from [folder + "/maps/x.map", here + "/my%20maps/x.map", folder + "/gone/x.map"]
    for scheme in ("file:", "FILE:"):
        yield from [scheme + "//" + here + "/maps/x.map", scheme + "//localhost" + here + "/x.map", scheme + here + "/x.map",
                    scheme + "x.map", scheme + "maps/x.map", scheme + "//" + here + "/my%20maps/x.map?v=1#here",
                    scheme + "//server" + here + "/x.map", scheme + "//server/x.map", scheme + "//" + here + "/gone/x.map",
                    scheme + "///x.map", scheme + "///C:/x.map", scheme + "//C:/x.map", scheme + "//" + here + "/maps%2Fx.map"]
    json_type = "data:application/json"
    for head in (json_type + ";base64,", "DATA:;base64,", json_type + ";charset=utf-8;base64,", json_type + ";charset=utf-8; BASE64,",
                 "data:text/plain;x=y;base64,"):
        yield from [head + b64, head + b64.rstrip("="), head + urllib.parse.quote(b64, safe=""), head + "\n".join((b64[:9], b64[9:]))]
    for head in (json_type + ",", json_type + ";charset=utf-8,", "data:,", json_type + ";base64x,"):
        yield from [head + quoted, head + quoted + "#end", head + urllib.parse.quote(text, safe="{}\":,[]")]
    yield from [json_type + ";base64", json_type + ";base64,@", json_type + ";base64," + b64[:5], json_type + ";base64,=" + b64, "data:,",
                json_type + ",%7B", json_type + "#;base64," + b64, json_type + ";base64," + b64 + "==="]


def files(folder, text):
    for name in ("x.map", "maps/x.map", "my maps/x.map", "mäps/x.map"):
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(text)


def is_found(answer, text):
    if "data" in answer:
        return base64.b64decode(answer["data"]) == text
    if "path" not in answer or not os.path.isfile(answer["path"]):
        return False
    with open(answer["path"], "rb") as f:
        return f.read() == text


def check_urls(tool, folder):
    data, locs = program()
    text = whole_map(locs).encode()
    files(folder, text)
    urls = list(references(folder, text))
    answers = ask([], [[u, os.path.join(folder, "a.wasm")] for u in urls])["urls"]
    found = 0
    for url, answer in zip(urls, answers):
        lines, frames = run(tool, folder, data, url)
        want = is_found(answer, text)
        assert (lines["share"] == 1) == want, "%r: %r, Node: %r" % (url[:100], lines, answer)
        assert want != bool(lines["warning"]), "%r: %r" % (url[:100], lines["warning"])
        assert not want or frames[locs[0]][0]["file"] == "ä ö.ts", frames[locs[0]]
        found += want
    assert found > 40 and len(urls) - found > 20, (found, len(urls))
    # What a server has under another name lies beside the module; a file that is named as no URL could be is found as well.
    for name, url in (("x.map", "http://localhost:1/a/b/x.map"), ("x.map", "https://h/x.map?v=1#a"), ("x.map", "//h/x.map"),
                      ("my maps", "http://h/my%20maps"), ("a#b.map", "a#b.map"), ("a%20b.map", "a%20b.map"), ("a?b.map", "a?b.map"),
                      ("100%.map", "100%.map")):
        with tempfile.TemporaryDirectory() as other:
            with open(os.path.join(other, name), "wb") as f:
                f.write(text)
            lines, _ = run(tool, other, data, url)
            assert lines["share"] == 1 and not lines["warning"], (url, lines)
    for url in ("http://x.map", "http://h/", "blob:", "http://h/a%2Fx.map"):
        lines, _ = run(tool, folder, data, url)
        assert not lines["found"] and lines["warning"], (url, lines)
    return "%d URLs, %d lead to a map" % (len(urls), found)


def check_parts(tool, folder):
    """a section whose map is elsewhere: the others count, and the report says so; and names of sources"""
    data, locs = program()
    half = plain_map(random.Random(2), [0])
    half.update(sources=["s.ts"], mappings="AAAA")
    middle = locs[STORES // 2]
    path = os.path.join(folder, "x.map")

    def told(document):
        with open(path, "w", encoding="utf-8") as f:
            json.dump(document, f)
        return run(tool, folder, data, "x.map")
    elsewhere = {"offset": {"line": 0, "column": locs[0]}, "url": "half.map"}
    lines, frames = told({"version": 3, "sections": [elsewhere, {"offset": {"line": 0, "column": middle}, "map": half}]})
    assert "elsewhere" in lines["warning"], lines
    assert [bool(frames[loc]) for loc in locs] == [loc >= middle for loc in locs]
    for root, name, want in (("", "a.ts", "a.ts"), ("src", "a.ts", "src/a.ts"), ("src/", "a.ts", "src/a.ts"), (None, "a.ts", "a.ts"),
                             ("", "file:///w/m%20y/a.ts", "/w/m y/a.ts"), ("file:///w/", "a.ts", "/w/a.ts"),
                             ("", "file:///C:/w/a.ts", "C:/w/a.ts"), ("", "file://server/a.ts", "file://server/a.ts"),
                             ("http://h/", "a.ts", "http://h/a.ts")):
        lines, frames = told({"version": 3, "sourceRoot": root, "sources": [name], "mappings": vlq(locs[0]) + "AAA"})
        assert frames[locs[0]][0]["file"] == want, (root, name, frames[locs[0]])
    deep = half
    for _ in range(3):
        deep = {"version": 3, "sections": [{"offset": {"line": 0, "column": 1}, "map": deep}]}
    deep["sections"][0]["offset"]["column"] = locs[3]
    lines, frames = told(deep)
    assert [bool(frames[loc]) for loc in locs] == [loc >= locs[3] + 2 for loc in locs], "nested sections"
    for bad in ({"version": 3, "sections": [{"map": half}]}, {"version": 3, "sections": [{"offset": {"line": 0, "column": -1}, "map": half}]},
                {"version": 3, "sections": [{"offset": {"line": 0, "column": 0}, "map": {"version": 3}}]}):
        lines, _ = told(bad)
        assert not lines["found"] and lines["warning"], lines
    return "sections and names"


def main():
    tool, rounds = os.path.abspath(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 100
    try:
        sources.node()
    except sources.Missing as e:
        return lacks(str(e))
    passed = failed = 0
    for check in (lambda d: check_maps(tool, d, rounds), lambda d: check_urls(tool, d), lambda d: check_parts(tool, d)):
        with tempfile.TemporaryDirectory() as folder:
            try:
                print("ok   " + check(folder), flush=True)
                passed += 1
            except AssertionError as e:
                print("FAIL " + str(e)[:3000], flush=True)
                failed += 1
    print("%d passed, %d failed" % (passed, failed))
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
