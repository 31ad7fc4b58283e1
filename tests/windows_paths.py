#!/usr/bin/env python3
"""windows_paths.py MEM_TRACER: programs whose debug information has names of files as Windows has them: by drive and by server, with
slashes of both kinds, mixed with folders of this system.  Names are held against llvm-symbolizer; then sources are found by
--source-map, and suppressions by name.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

import leb128

SOURCE = """#include "b.h"
volatile int x[4];
__attribute__((export_name("_start"))) void entry(void) {
    for (int i = 0; i < 4; i++) {
        x[i] = 1;
        x[i] = 2;
        put(i);
    }
}
"""
HEADER = """extern volatile int x[4];
static inline void put(int i) {
    x[i] = 3;
    x[i] = 4;
}
"""
# comp_dir, what the sources' folder becomes (None: files are named from it), and the folder that their names have then
FORMS = [("C:\\work\\proj", None, "C:\\work\\proj"), ("C:\\work\\proj", "C:\\work\\proj", "C:\\work\\proj"),
         ("/build", "D:/src", "D:/src"), ("/build", "D:\\src\\deep", "D:\\src\\deep"), ("C:\\work", "src\\sub", "C:\\work\\src\\sub"),
         ("c:/work/", None, "c:/work"), ("\\\\server\\share\\p", None, "\\\\server\\share\\p"), ("/b", "\\\\server\\share", "\\\\server\\share"),
         (".", "src\\sub", "src\\sub"), ("/rustc/1", "/rustc/1\\lib", "/rustc/1\\lib")]


def like(name):
    """with slashes of one kind, and without folders that are none"""
    name = name.replace("\\", "/")
    rest = name.lstrip("/")
    return name[:len(name) - len(rest)] + re.sub(r"/(\./|/)+", "/", "/" + rest)[1:]


def build(folder, dwarf, comp_dir, becomes):
    module = os.path.join(folder, "a.wasm")
    words = ["clang-19", "--target=wasm32", "-nostdlib", "-Wl,--no-entry", "-O1", "-g", "-gdwarf-%d" % dwarf, "-o", module,
             "-fdebug-compilation-dir=" + comp_dir]
    words += ["-ffile-prefix-map=%s=%s" % (folder, becomes), os.path.join(folder, "a.c")] if becomes else ["a.c"]
    subprocess.run(words, cwd=folder, check=True, env={**os.environ, "PATH": "/usr/bin:/bin"})
    return module


def run(tool, module, *words, form="json"):
    out = module + "." + form
    r = subprocess.run([tool, "--run", "-q", "-o", "/dev/null", module, *words, "--format", form, "--report", out], capture_output=True, text=True)
    assert r.returncode == 0, r.stderr
    with open(out, encoding="utf-8") as f:
        return json.load(f) if form in ("json", "sarif") else f.read()


def sides(report):
    return {s["loc"]: s["frames"] for p in report["pairs"] for s in (p["first"], p["second"]) if "loc" in s}


def code_start(module):
    with open(module, "rb") as f:
        data = f.read()
    at = 8
    while data[at] != 10:
        size, content = leb128.read(data, at + 1)
        at = content + size
    return leb128.read(data, at + 1)[1]


def symbolized(module, locs):
    start = code_start(module)
    r = subprocess.run(["llvm-symbolizer-19", "--obj=" + module, "--output-style=JSON", *[hex(loc - start) for loc in locs]], check=True,
                       capture_output=True, text=True)
    return [[(f["FileName"], f["Line"]) for f in one["Symbol"]] for one in json.loads(r.stdout)]


def check_names(module, report, expected):
    locs = sorted(sides(report))
    files = set()
    for loc, want in zip(locs, symbolized(module, locs)):
        got = [(f["file"], f["line"]) for f in sides(report)[loc]]
        assert [(like(f), n) for f, n in got] == [(like(f), n) for f, n in want], (got, want)
        files |= {f for f, _ in got}
    assert {like(f) for f in files} == {like(expected) + "/a.c", like(expected) + "/b.h"}, files


def check_sources(tool, folder, module, expected):
    """lines are found when their folder's prefix is given, with slashes of either kind"""
    moved = os.path.join(folder, "moved", "sub")
    os.makedirs(os.path.join(moved, "deep"), exist_ok=True)
    for name in ("a.c", "b.h"):
        shutil.copy(os.path.join(folder, name), os.path.join(moved, "deep", name))
    parent = expected[:max(expected.rfind("/"), expected.rfind("\\"))]
    for prefix, place in ((expected, moved + "/deep"), (like(expected), moved + "/deep"), (expected + "\\", moved + "/deep")):
        if prefix.startswith("\\") or "=" not in prefix:
            text = run(tool, module, "--source-map", "%s=%s" % (prefix, place), form="text")
            assert "x[i] = 4;" in text and "b.h:4" in text, (prefix, text)
    os.makedirs(os.path.join(moved, "up"), exist_ok=True)
    shutil.copytree(os.path.join(moved, "deep"), os.path.join(moved, "up", os.path.basename(like(expected))), dirs_exist_ok=True)
    if parent and not parent.startswith("\\\\server") and parent != "\\":
        assert "x[i] = 4;" in run(tool, module, "--source-map", "%s=%s" % (parent, moved + "/up"), form="text"), parent
    other = expected[:-1] + "_" # a prefix of letters is none of folders
    assert "x[i] = 4;" not in run(tool, module, "--source-map", "%s=%s" % (other, moved + "/deep"), form="text")


def check_suppressions(tool, folder, module, report, expected):
    whole = sum(p["bytes"] for p in report["pairs"])
    in_header = sum(p["bytes"] for p in report["pairs"] for s in [[f["file"] for side in (p["first"], p["second"]) for f in side["frames"]]]
                    if any(f.endswith("b.h") for f in s))
    file = os.path.join(folder, "s.supp")
    last = os.path.basename(like(expected))
    for pattern, fits in ((expected + "\\b.h", True), (like(expected) + "/b.h", True), (expected.replace("\\", "\\\\") + "\\\\b.h", True),
                          ("b.h", True), (last + "/b.h", True), (last + "\\b.h", True), ("*\\" + last + "\\*.h", True), ("*/b.?", True),
                          (expected + "x\\b.h", False), (last + "b.h", False), ("x" + last + "/b.h", False)):
        with open(file, "w", encoding="utf-8") as f:
            f.write("[s]\nline = %s\n" % pattern)
        left = sum(p["bytes"] for p in run(tool, module, "--suppressions", file)["pairs"])
        assert left == (whole - in_header if fits else whole), (pattern, left, whole, in_header)
    generated = run(tool, module, form="suppressions")
    with open(file, "w", encoding="utf-8") as f:
        f.write(generated)
    assert not run(tool, module, "--suppressions", file)["pairs"], generated


def check_uris(tool, module, expected):
    for result in run(tool, module, form="sarif")["runs"][0]["results"]:
        for l in result["locations"] + result["relatedLocations"]:
            at = l["physicalLocation"]["artifactLocation"]
            uri = at["uri"]
            base = like(expected)
            want = ("file:" + base if base.startswith("//") else "file:///" + base if base[1] == ":" else "file://" + base if base[0] == "/" else base)
            assert uri in (want + "/a.c", want + "/b.h") and ("uriBaseId" in at) == (base[0] != "/" and base[1] != ":"), (uri, want)


def main():
    tool = os.path.abspath(sys.argv[1])
    if not shutil.which("clang-19") or not shutil.which("llvm-symbolizer-19"):
        print("clang-19 or llvm-symbolizer-19 is not there")
        return 1 if os.environ.get("CI") else 77
    passed = failed = 0
    for comp_dir, becomes, expected in FORMS:
        for dwarf in (4, 5):
            with tempfile.TemporaryDirectory() as folder:
                folder = os.path.realpath(folder)
                for name, text in (("a.c", SOURCE), ("b.h", HEADER)):
                    with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
                        f.write(text)
                try:
                    module = build(folder, dwarf, comp_dir, becomes)
                    report = run(tool, module)
                    check_names(module, report, expected)
                    if dwarf == 5:
                        check_sources(tool, folder, module, expected)
                        check_suppressions(tool, folder, module, report, expected)
                        check_uris(tool, module, expected)
                    passed += 1
                except AssertionError as e:
                    failed += 1
                    print("FAIL DWARF %d, %s, %s: %s" % (dwarf, comp_dir, becomes, str(e)[:1500]))
    print("%d passed, %d failed" % (passed, failed))
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
