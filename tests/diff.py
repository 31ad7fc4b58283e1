#!/usr/bin/env python3
"""diff.py MEM_TRACER: `mem-tracer diff` of a program before and after a fix, of a rebuild, and of broken files.

Needs clang-19 with WASI.  The last line is `N passed, N failed`."""
import json
import os
import re
import shutil
import sys
import tempfile

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
    for change in ("appeared", "grew", "shrank", "gone"):
        pairs = [p for p in d["pairs"] if p["change"] == change]
        heading = re.search(rf"^{change} \((\d+) pairs?\):\n(.*)$", text, re.M)
        assert (int(heading[1]) if heading else 0) == len(pairs), (change, text)
        if pairs:
            sign = "+" if change in ("appeared", "grew") else "-"
            first = pairs[0]
            assert heading[2].strip().startswith(sign) and words[first["kind"]] in heading[2] and first["first"]["function"] in heading[2], heading[0]
            assert (re.search(r"[+-][\d.]+%", heading[2]) is not None) == (change in ("grew", "shrank")), heading[0]
    assert f"\n{sum(p['change'] == 'same' for p in d['pairs'])} pairs have as many" in text


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
        assert status == 0 and re.search(r"^gone \(\d+ pairs?\):\n +-31\.3 KiB +dead store +clear \(old\.c:\d+\) -> render \(old\.c:\d+\)$", text, re.M), text
        check_text(d, text)
        check_text(changes(tool, fixed, old), run(tool, "diff", fixed, old)[1])
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
