#!/usr/bin/env python3
"""hostile.py MEM_TRACER [--dwarf] [--part I/N]

Modules whose names hold what terminals, browsers, spreadsheets and parsers take for more than text: of functions, locals, globals, data
segments, the module, imports, exports, source files of a source map, and the file itself. Each is run and reported in every format,
its trace is dumped, and errors name it: nothing may reach a terminal raw, everything is UTF-8 and still parses.

--dwarf: the names are those of DWARF instead: of functions, plain, mangled and inlined, of folders and files, variables, types and fields.
--part: only every N-th name, from the I-th on."""
import csv
import gzip
import io
import json
import os
import re
import subprocess
import sys
import tempfile

import dwarf
import leb128
from surroundings import PATIENCE

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "limits"))
import build  # noqa: E402
from build import name, u32  # noqa: E402

TOOL = os.path.abspath(sys.argv[1])
FORMATS = "text json html pprof speedscope folded callgrind sarif csv".split()
NAMES = {
    "terminal": b"\x1b[2J\x1b]0;title\x07\x1b[31mred\x9b1m\x7f",
    "controls": bytes(range(1, 32)),
    "nul": b"a\0b",
    "c1": "\u0085\u009b31m\u0090".encode(),
    "lines": b"one\ntwo\r\nthree\xe2\x80\xa8four\xe2\x80\xa9five",
    "bidi": "user\u202e\u2066// tixe\u2069\u2066".encode(),
    "not UTF-8": b"\xff\xfe\xc0\x80\xed\xa0\x80\xf5\x80\x80\x80tail\xe2\x82",
    "markup": b"</script><script>alert(1)</script><img src=x onerror=alert(1)>&amp;<!--",
    "quotes": b"\"'`\\\"},{\"a\":\"b\\u0000",
    "formula": b"=HYPERLINK(\"http://x\",\"y\")",
    "formula +": b"+1+cmd|' /C calc'!A0",
    "formula -": b"-2+3",
    "formula @": b"@SUM(A1)",
    "formula tab": b"\t=1+1",
    "comma": b"a,b;c|d",
    "spaces": b"  a  b  ",
    "folded": b"a;b;c 17",
    "callgrind": b"fn=(1) x\ncalls=9 9",
    "printf": b"%s%n%d%1000000d",
    "uri": b"file:///etc/passwd?x#y",
    "empty": b"",
    "megabyte": b"m" * (1 << 20),
    "megabyte of escapes": b"\x1b[31m" * 200000,
    "emoji": "\U0001f469\u200d\U0001f4bb\u0301".encode() * 40,
}
LINE_MAX, OUTPUT_MAX = 1 << 15, 1 << 20
WHOLE_MAX = 1 << 26  # of what programs read, where names are never cut, and stand once for each place
csv.field_size_limit(WHOLE_MAX)


def assoc(index, text):
    return u32(index) + name(text)


def hostile_module(text, with_import=True):
    """stores the same constant twice, to a data segment's bytes, by a function with the name; calls an import of it"""
    short = text[:90000].decode("utf-8", "replace")[:30000].encode()  # engines have a limit for imports and exports, which are UTF-8
    store = b"\x20\x00\x41\x07\x36\x02\x00"
    main = (b"\x10\x00" if with_import else b"") + b"\x23\x00\x10" + u32(1 if with_import else 0) + b"\x41\x10\x28\x02\x00\x1a" * 2
    base = 1 if with_import else 0
    export = b"e" + short if short == b"_start" else short
    names = build.section(0, None, name("name") + b"".join(bytes([kind]) + name(items) for kind, items in (
        (0, name(text)),
        (1, u32(2) + assoc(base, text) + assoc(base + 1, b"x" + text)),
        (2, u32(1) + u32(base) + u32(1) + assoc(0, text)),
        (7, u32(1) + assoc(0, text)),
        (9, u32(1) + assoc(0, text)))))
    return build.module(
        types=(2, build.VOID + b"\x60\x01\x7f\x00"), funcs=(2, b"\x01\x00"),
        imports=(1, name(short) + name(short) + b"\0\0") if with_import else None,
        globals=(1, b"\x7f\x00\x41\x10\x0b"),
        exports=(3, name("_start") + b"\0" + u32(base + 1) + name(b"f" + export) + b"\0" + u32(base) + name("memory") + b"\2\0"),
        codes=(2, build.body(store * 2) + build.body(main)), data=(1, b"\0\x41\x10\x0b\x04abcd")) + names


def mangled(text):
    """C++ for a function of a namespace, where the text can stand as it is; else Rust, which has a form for Unicode"""
    try:
        letters = text.decode()
    except UnicodeDecodeError:
        letters = ""
    if letters.isascii() or len(letters) > 500:
        return b"_ZN%d%s1fEv" % (len(text), text)
    coded = "_".join(letters.encode("punycode").decode().rsplit("-", 1)).encode()
    return b"_RNvC1m" + b"u%d_%s" % (len(coded), coded)


def dwarf_module(text):
    """three functions that store and load a variable of two fields at address 16, and what sections the debug information makes"""
    store = lambda at: b"\x41\x00\x41\x07\x36\x02" + u32(at)
    load = lambda at: b"\x41\x00\x28\x02" + u32(at) + b"\x1a"
    module = build.module(
        funcs=(3, b"\0\0\0"), exports=(2, name("_start") + b"\0\2" + name("memory") + b"\2\0"),
        codes=(3, build.body(store(16) * 2 + store(20)) + build.body(load(16) * 2) +
               build.body(b"\x10\0\x10\1" + store(16) + load(20) * 2)))
    at = 8
    while module[at] != 10:
        size, at = leb128.read(module, at + 1)
        at += size
    _, start = leb128.read(module, at + 1)
    count, at = leb128.read(module, start)
    starts, ends = [], []
    for _ in range(count):
        size, at = leb128.read(module, at)
        starts.append(at - start)
        at += size
        ends.append(at - start)
    return module, dwarf.sections(starts, ends, text, mangled(text))


class Failure(Exception):
    pass


def say(what, bytes_):
    return "%s: %r" % (what, bytes_[:120])


OBEYED = re.compile("[\0-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")  # what a terminal might obey


def check_text(what, raw, allowed="\n", most=OUTPUT_MAX):
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as e:
        raise Failure("%s is not UTF-8: %s" % (what, e)) from None
    bad = next((m for m in OBEYED.finditer(text) if m[0] not in allowed), None)
    if bad:
        at = bad.start()
        raise Failure("%s has %r: %r" % (what, bad[0], text[max(0, at - 60):at + 60]))
    if len(raw) > most:
        raise Failure("%s is %d bytes long" % (what, len(raw)))
    return text


def check_errors(what, raw):
    text = check_text(what, raw)
    for line in text.splitlines():
        if not line.startswith("mem-tracer: "):
            raise Failure("%s has a line %r" % (what, line[:200]))
        if len(line) > LINE_MAX:
            raise Failure("%s has a line of %d characters" % (what, len(line)))


def check_json(what, raw):
    return json.loads(check_text(what, raw, most=WHOLE_MAX))


def check_csv(what, raw):
    rows = list(csv.reader(io.StringIO(check_text(what, raw, "\r\n", WHOLE_MAX), newline=""), strict=True))
    for row in rows:
        if len(row) != len(rows[0]):
            raise Failure("%s: a row of %d cells" % (what, len(row)))
        for cell in row:
            if cell[:1] in ("=", "+", "-", "@", "\t") and not re.fullmatch(r"-?\d+(\.\d+)?", cell):
                raise Failure("%s: a cell %r" % (what, cell[:80]))


def check_html(what, raw):
    text = check_text(what, raw, "\n\t", WHOLE_MAX)
    scripts = [text.lower().count(tag) for tag in ("<script", "</script")]
    if scripts[0] != scripts[1] or "<script>alert" in text or "<img src=x" in text:
        raise Failure("%s: markup of a name" % what)


def check_folded(what, raw):
    for line in check_text(what, raw, most=WHOLE_MAX).splitlines():
        if not re.fullmatch(r".*\S.* \d+", line):
            raise Failure(say(what, line.encode()))


def check_callgrind(what, raw):
    keys = r"(version|creator|cmd|part|desc|positions|events|event|summary|totals|ob|fl|fi|fe|fn|cob|cfi|cfl|cfn|calls)[:=]"
    for line in check_text(what, raw, most=WHOLE_MAX).splitlines():
        if line and line[0] != "#" and not re.match(keys, line) and not re.fullmatch(r"[+\-*\d][\d x\-+*a-fA-F]*( \d+)*", line):
            raise Failure(say(what, line.encode()))


def check_pprof(what, raw):
    """strings are field 6 of the profile"""
    data, at = gzip.decompress(raw), 0
    while at < len(data):
        key, at = leb128.read(data, at)
        size, at = leb128.read(data, at)
        if key & 7 == 0:
            continue
        if key >> 3 == 6:
            check_text(what + "'s strings", data[at:at + size], most=WHOLE_MAX)
        at += size
    if at != len(data):
        raise Failure(what + " does not parse")


CHECKS = {"text": check_text, "json": check_json, "html": check_html, "pprof": check_pprof, "speedscope": check_json,
          "folded": check_folded, "callgrind": check_callgrind, "sarif": check_json, "csv": check_csv}


def run(folder, what, *args, may_fail=False):
    r = subprocess.run([TOOL, *args], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PATIENCE)
    if r.returncode not in ((0, 2, 125, 134) if may_fail else (0,)):
        raise Failure("%s: status %d, %r" % (what, r.returncode, r.stderr[:300]))
    check_errors(what + "'s messages", r.stderr)
    return r.stdout


def read(folder, path):
    with open(os.path.join(folder, path), "rb") as f:
        return f.read()


def reports(folder, what, path, *more):
    words = []
    for f in FORMATS:
        words += ["--format", f, "--report", "r." + f]
    run(folder, what, *more, *words, path)
    for f in FORMATS:
        CHECKS[f]("%s, %s" % (what, f), read(folder, "r." + f))


def check(folder, what, text):
    common = ["--run", "--no-cache", "--stub-imports", "default", "-o", "o.wasm"]
    with open(os.path.join(folder, "m.wasm"), "wb") as f:
        f.write(hostile_module(text))
    reports(folder, what, "m.wasm", *common)
    reports(folder, what + ", contexts and objects", "m.wasm", *common, "--contexts", "--objects", "--by", "function")
    check_text(what + ", -f", run(folder, what, *common, "-f", "m.wasm"))
    check_text(what + ", -fff", run(folder, what, *common, "-fff", "m.wasm"))
    run(folder, what, *common, "-q", "--trace-out", "t", "m.wasm")
    check_json(what + ", analyze", run(folder, what, "analyze", "--format", "json", "m.wasm", "t"))
    check_text(what + ", dump", run(folder, what, "trace", "dump", "t"))
    for line in check_text(what + ", dump", run(folder, what, "trace", "dump", "--format", "jsonl", "t")).splitlines():
        json.loads(line)
    check_csv(what + ", dump", run(folder, what, "trace", "dump", "--format", "csv", "t"))
    run(folder, what + ", no import", "--run", "-o", "o.wasm", "m.wasm", may_fail=True)
    run(folder, what + ", no export", "--run", "-o", "o.wasm", "--stub-imports", "trap", "--invoke", "nobody", "m.wasm", may_fail=True)
    check_json(what + ", diff", run(folder, what, "diff", "--format", "json", "r.json", "r.json"))
    check_text(what + ", diff", run(folder, what, "diff", "r.json", "r.json"))
    with open(os.path.join(folder, "none.json"), "wb") as f:
        f.write(re.sub(rb'(?s)"pairs": \[.*', b'"pairs": []\n}\n', read(folder, "r.json")))
    check_html(what + ", diff", run(folder, what, "diff", "--format", "html", "none.json", "r.json"))
    loose = text.decode("utf-8", "surrogateescape")
    with open(os.path.join(folder, "map"), "w", encoding="utf-8", errors="surrogateescape") as f:
        json.dump({"version": 3, "sources": [loose], "names": [], "mappings": "AAAA", "sourcesContent": [loose]}, f,
                  ensure_ascii=False)
    if b"\0" in text or loose.encode("utf-8", "surrogateescape") != text.decode("utf-8", "replace").encode():
        run(folder, what, *common, "--debug-file", "map", "m.wasm", may_fail=True)  # no JSON that we read
    else:
        reports(folder, what + ", source map", "m.wasm", *common, "--debug-file", "map")
    if text and b"\0" not in text and b"/" not in text and len(text) < 200:
        path = b"f" + text + b".wasm"
        os.rename(os.path.join(folder, "m.wasm"), os.path.join(os.fsencode(folder), path))
        reports(folder, what + ", file", path, *common)
        run(folder, what + ", file", path, b"-o", b"/nowhere/" + text, may_fail=True)
        run(folder, what + ", option", b"--" + text, may_fail=True)


def check_dwarf(folder, what, text):
    common = ["--run", "--no-cache", "-o", "o.wasm"]
    text = text[:1 << 18]  # a name stands in DWARF some ten times
    module, debug = dwarf_module(text)
    for path, content in (("m.wasm", module + debug), ("bare.wasm", module), ("debug.wasm", module[:8] + debug)):
        with open(os.path.join(folder, path), "wb") as f:
            f.write(content)
    reports(folder, what, "m.wasm", *common)
    found = json.loads(read(folder, "r.json"))
    frames = [f for p in found["pairs"] for s in (p["first"], p["second"]) for f in s.get("frames", [])]
    if found["lines"]["warning"] or {f["line"] for f in frames} != {1, 2, 3, 77}:
        raise Failure("%s: the debug information was not read: %s" % (what, found["lines"]))
    apart = ["--contexts", "--objects", "--by", "function"]
    reports(folder, what + ", contexts and objects", "m.wasm", *common, *apart)
    if b'"kind": "variable"' not in read(folder, "r.json") and text.split(b"\0")[0] and len(text) < 4096:
        raise Failure(what + ": the variable was not found")
    reports(folder, what + ", by object", "m.wasm", *common, "--objects", "--by", "object")
    reports(folder, what + ", a file of its own", "bare.wasm", *common, "--debug-file", "debug.wasm", "--source-map", "=.")
    for form in ("-f", "-ff", "-fff"):
        check_text("%s, %s" % (what, form), run(folder, what, *common, form, "m.wasm"))
    check_text(what + ", suppressions", run(folder, what, *common, "--format", "suppressions", "m.wasm"), most=WHOLE_MAX)
    with open(os.path.join(folder, "known"), "wb") as f:
        f.write(run(folder, what, *common, "--format", "suppressions", "m.wasm"))
    left = json.loads(run(folder, what, *common, "--suppressions", "known", "--format", "json", "m.wasm"))
    if left["pairs"]:
        raise Failure("%s: suppressions made of it do not fit: %s" % (what, left["pairs"][0]))
    run(folder, what, *common, "--ignore", "f", "-q", "-v", "m.wasm")
    check_text(what + ", diff", run(folder, what, "diff", "r.json", "r.json"))
    check_json(what + ", merge", run(folder, what, "merge", "--format", "json", "r.json", "r.json"))


def main():
    failures = 0
    check_one = check_dwarf if "--dwarf" in sys.argv else check
    part, parts = map(int, sys.argv[sys.argv.index("--part") + 1].split("/")) if "--part" in sys.argv else (1, 1)
    names = list(NAMES.items())[part - 1::parts]
    for what, text in names:
        with tempfile.TemporaryDirectory() as folder:
            try:
                check_one(folder, what, text)
            except (Failure, json.JSONDecodeError, csv.Error) as e:
                failures += 1
                print("FAILED %s: %s" % (what, e), flush=True)
    print("%d names, %d failures" % (len(names), failures))
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
