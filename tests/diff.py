#!/usr/bin/env python3
"""diff.py MEM_TRACER: `mem-tracer diff` of a program before and after a fix, of a rebuild, and of broken files.

Needs clang-19 with WASI.  The last line is `N passed, N failed`."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
CLANG = ["clang-19", "--target=wasm32-wasi", "--sysroot=/usr", "-std=c17", "-O1", "-g", "-fno-builtin"]


def run(*words):
    r = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    return r.returncode, r.stdout.decode(), r.stderr.decode()


def report(tool, folder, name, source):
    with open(os.path.join(folder, name + ".c"), "w") as f:
        f.write(source)
    os.makedirs(os.path.join(folder, name))
    wasm, out = (os.path.join(folder, name, "a" + e) for e in (".wasm", ".json"))
    status, _, err = run(*CLANG, os.path.join(folder, name + ".c"), "-o", wasm)
    assert status == 0, err
    status, _, err = run(tool, "--run", wasm, "--format", "json", "--report", out)
    assert status == 0, err
    return out


def changes(tool, old, new):
    status, out, err = run(tool, "diff", "--format", "json", old, new)
    assert status == 0, err
    d = json.loads(out)
    for side, path in (("old", old), ("new", new)):
        with open(path, encoding="utf-8") as f:
            r = json.load(f)
        for kind, total in r["totals"].items():
            assert d["totals"][kind][side] == total["bytes"]
            assert sum(p[side]["bytes"] for p in d["pairs"] if p["kind"] == kind) == total["bytes"]
    return d


def main():
    tool = os.path.abspath(sys.argv[1])
    if not shutil.which("clang-19"):
        print("no clang-19")
        return 77
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
        assert status == 0 and re.search(r"^gone:\n  32000 -> 0 bytes  dead_store  clear \(old\.c:\d+\) -> render ", text, re.M), text
        d = changes(tool, old, later)
        assert {p["change"] for p in d["pairs"]} == {"same"}, [p for p in d["pairs"] if p["change"] != "same"][:3]
        assert changes(tool, fixed, old)["pairs"][0]["change"] == "appeared"
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
