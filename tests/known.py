#!/usr/bin/env python3
"""known.py MEM_TRACER: --baseline, --suppressions and --gen-suppressions; suppressions against a reading of docs/ci.md of its own.

Needs clang-19 with WASI.  The last line is `N passed, N failed`."""
import fnmatch
import json
import os
import random
import re
import shutil
import sys
import tempfile

from commands import compile_c, read, run, write
from surroundings import lacks

HERE = os.path.dirname(os.path.abspath(__file__))


def report(tool, folder, name, source, *options):
    """The JSON report of a C program, and the module."""
    wasm, out = (os.path.join(folder, name + e) for e in (".wasm", ".json"))
    compile_c(source, os.path.join(folder, name + ".c"), wasm)
    status, _, err = run(tool, "--run", wasm, *options, "--format", "json", "--report", out)
    assert status == 0, err
    return out, wasm


def fits_text(pattern, text):
    return re.fullmatch(fnmatch.translate(pattern.replace("[", "[[]")), text) is not None


def fits_side(key, pattern, side):
    frames = side.get("frames", [])
    if key == "function":
        names = [side.get("origin") or side["function"] or "outside"] + [f["function"] for f in frames if f["function"]]
        return any(fits_text(pattern, n) or fits_text(pattern, n.split("(")[0]) for n in names)
    match = re.fullmatch(r"(.*):(\d+)(?:-(\d+))?", pattern)
    file, first, last = (match[1], int(match[2]), int(match[3] or match[2])) if match else (pattern, 0, 1 << 32)
    for f in frames:
        parts = (f["file"] or "").split("/")
        if f["file"] and first <= (f["line"] or 0) <= last and any(fits_text(file, "/".join(parts[i:])) for i in range(len(parts))):
            return True
    return False


def fits(entry, pair):
    for key, pattern in entry.items():
        side, _, what = key.rpartition(".")
        if key == "kind" and not fits_text(pattern, pair["kind"]) or key == "class" and not fits_text(pattern, pair.get("class", "none")):
            return False
        if what in ("function", "line") and not any(fits_side(what, pattern, pair[s]) for s in ([side] if side else ["first", "second"])):
            return False
    return True


def random_entries(rng, pairs):
    """Entries about what some pair has, made vaguer here and there."""
    entries = []
    for _ in range(rng.randint(1, 4)):
        pair, entry = rng.choice(pairs), {}
        while not entry:
            for side in ("first", "second"):
                frames = pair[side].get("frames", [])
                prefix = rng.choice(("", side + "."))
                if rng.random() < 0.4:
                    name = rng.choice([f["function"] for f in frames if f["function"]] or ["init"])
                    entry[prefix + "function"] = rng.choice((name, name[:2] + "*", "*" + name[-2:], "?" + name[1:], "*" + name[1:3] + "*", "x" + name))
                if rng.random() < 0.3 and frames and frames[-1]["file"]:
                    f = rng.choice(frames)
                    file = rng.choice((f["file"], f["file"].rsplit("/", 1)[-1], "*.c", f["file"][1:]))
                    line = f["line"] or 3
                    entry[prefix + "line"] = file + rng.choice(("", f":{line}", f":{max(1, line - 2)}-{line + 5}", f":{line + 1}"))
            if rng.random() < 0.4:
                entry["kind"] = rng.choice((pair["kind"], "silent_*", "*_store", "silent_load*"))
            if rng.random() < 0.2:
                entry["class"] = rng.choice((pair.get("class", "none"), "house*", "*"))
        entries.append(entry)
    return entries


def entry_text(name, entry):
    return f"# about {name}\n  [{name}]\n" + "".join(f"  {k}={v}\n\n" if i % 2 else f"{k}  =  {v}  \n" for i, (k, v) in enumerate(entry.items()))


def check_suppressions(tool, folder, path):
    whole = read(path)
    rng = random.Random(7)
    counts = set()
    for turn in range(40):
        entries = random_entries(rng, whole["pairs"])
        file = write(os.path.join(folder, "s.supp"), "".join(entry_text(f"entry {i}", e) for i, e in enumerate(entries)))
        status, out, err = run(tool, "merge", path, "--format", "json", "--suppressions", file, "--verbose")
        assert status == 0, err
        got = json.loads(out)
        first = [next((i for i, e in enumerate(entries) if fits(e, p)), None) for p in whole["pairs"]]
        want = [dict(p, cumulative=0) for p, i in zip(whole["pairs"], first) if i is None]
        assert [dict(p, cumulative=0) for p in got["pairs"]] == want, (turn, entries)
        assert got["totals"] == whole["totals"]
        sums = {(s["name"], s["kind"]): (s["pairs"], s["instances"], s["bytes"]) for s in got["suppressed"]}
        for i, e in enumerate(entries):
            for kind in whole["totals"]:
                mine = [p for p, k in zip(whole["pairs"], first) if k == i and p["kind"] == kind]
                expected = (len(mine), sum(p["instances"] for p in mine), sum(p["bytes"] for p in mine))
                assert sums.get((f"entry {i}", kind), (0, 0, 0)) == expected, (turn, e)
            assert (f"the suppression 'entry {i}' fits no pair" in err) == (i not in first), err
        counts.add(len(want))
    assert len(counts) > 10, counts
    file = write(file, "[a]\nkind=dead_store\n")
    text = run(tool, "merge", "--details", path, "--suppressions", file)[1]
    dead = sum(p["kind"] == "dead_store" for p in whole["pairs"])
    assert f"  {dead} pairs, " in text and "suppressed by 'a'" in text, text
    assert run(tool, "merge", path, "-q", "--suppressions", file, "--fail-on", "dead_store>0", "--fail-on", "dead_store.pairs>0")[0] == 0
    assert run(tool, "merge", path, "-q", "--suppressions", file, "--fail-on", "silent_store>0")[0] == 3
    out = os.path.join(folder, "less.json")
    run(tool, "merge", path, "--format", "json", "-o", out, "--suppressions", file)
    assert run(tool, "merge", path, "-q", "--fail-on-increase", out)[0] == 3  # it is not suppressed any more
    assert run(tool, "merge", out, "-q", "--fail-on-increase", path)[0] == 0
    twice = json.loads(run(tool, "merge", out, out, "--format", "json")[1])
    assert [(s["name"], s["pairs"], s["bytes"]) for s in twice["suppressed"]] == [("a", dead, 2 * whole["totals"]["dead_store"]["bytes"])]


def check_generated(tool, folder, path, wasm):
    """What is generated takes just the pairs that it is about."""
    file = os.path.join(folder, "gen.supp")
    for options in ([], ["--top", "2"], ["--only", "dead_store"]):
        status, _, err = run(tool, "merge", path, "--gen-suppressions", "-o", file, *options)
        assert status == 0, err
        got = json.loads(run(tool, "merge", path, "--format", "json", "--suppressions", file, "-v")[1])
        listed = json.loads(run(tool, "merge", path, "--format", "json", *options)[1])["pairs"]
        whole = read(path)["pairs"]
        place = lambda p: [p["kind"]] + [(s.get("frames") or [{}])[0].get("function") or s.get("function") or s.get("origin") or "outside"
                                         for s in (p["first"], p["second"])] \
            + [(s.get("frames") or [{}])[0].get("line") for s in (p["first"], p["second"])]
        places = [place(p) for p in listed]
        assert len(got["pairs"]) <= len(whole) - len(listed)
        if options != ["--top", "2"]:
            assert [place(p) for p in got["pairs"]] == [place(p) for p in whole if place(p) not in places], options
    status, out, _ = run(tool, "--run", wasm, "--gen-suppressions", "--only", "dead_store", "-o", os.path.join(folder, "o.wasm"))
    assert status == 0 and "kind = dead_store" in out and "[dead_store: " in out, out


def check_baseline(tool, folder, source):
    old, _ = report(tool, folder, "old", source)
    changed = source.replace("static char line", "\n\n\nstatic volatile int more[9];\nstatic char line") \
        .replace("int main(void)\n{\n", "int main(void)\n{\n    more[3] = 4;\n    more[3] = 5;\n")
    assert changed.count("more") == 3
    new, wasm = report(tool, folder, "new", changed, "--baseline", old, "--fail-on", "dead_store.pairs>1")
    got = read(new)
    assert [(p["first"]["function"], p["kind"]) for p in got["pairs"] if p["kind"] == "dead_store"] == [("__original_main", "dead_store")], got["pairs"]
    assert {s["by"] for s in got["suppressed"]} == {"baseline"} and {s["name"] for s in got["suppressed"]} == {old}
    for kind, total in got["totals"].items():
        parts = [p for p in got["pairs"] if p["kind"] == kind] + [s for s in got["suppressed"] if s["kind"] == kind]
        assert sum(p["bytes"] for p in parts) == total["bytes"] and sum(p["instances"] for p in parts) == total["instances"]
    out = os.path.join(folder, "o.wasm")
    for words, want in ((["--fail-on", "dead_store.pairs>0"], 3), (["--fail-on", "dead_store>3"], 3), (["--fail-on", "dead_store>4"], 0)):
        assert run(tool, "--run", "-q", wasm, "-o", out, "--baseline", old, "--tolerance", "0", *words)[0] == want, words
        assert run(tool, "--run", "-q", wasm, "-o", out, "--baseline", old, *words)[0] == 0, words  # 4 bytes are too few
    status, text, _ = run(tool, "--run", "--details", wasm, "-o", out, "--baseline", old)
    assert status == 0 and "in the baseline" in text and "clear" not in text, text
    status, text, _ = run(tool, "merge", "--details", old, "--baseline", old)
    assert status == 0 and "No pair is left" in text, text
    before = read(old)
    assert run(tool, "merge", old, "--baseline", old, "--format", "json", "-o", old)[0] == 2
    assert run(tool, "--run", wasm, "-o", out, "--baseline", old, "--format", "json", "--report", old)[0] == 2 and read(old) == before
    status, text, err = run(tool, "--run", wasm, "-o", out, "--baseline", wasm)
    assert status == 125 and not text and err.count("\n") == 1, err
    return old


def check_errors(tool, folder, path):
    file = os.path.join(folder, "bad.supp")
    for text, line, want in (("kind = dead_store", 1, "[NAME]"), ("[a]\n[b]\nkind=*", 1, "no condition in the entry 'a'"), ("[a]", 1, "no condition"),
                             ("\n[a]\nfun = x", 3, "no 'fun'"), ("[a\nkind=*", 1, "ends with ']'"), ("[]\nkind=*", 1, "no name"),
                             ("[a]\nkind = dead", 2, "no kind is called 'dead'"), ("[a]\nclass = x*", 2, "no class"), ("[a]\nkind", 2, "neither"),
                             ("[a]\nkind=*\nkind=*", 3, "another 'kind'"), ("[a]\nfunction = ", 2, "no pattern"), ("[a]\nline = a.c:0", 2, "no line"),
                             ("[a]\nline = a.c:5-3", 2, "no line"), ("[a]\nline = a.c:5x", 2, "no line"), ("[a]\nkind=*\n\0", None, "is no text")):
        write(file, text)
        status, out, err = run(tool, "merge", path, "--suppressions", file)
        assert status == 125 and not out and err.count("\n") == 1 and want in err, (text, status, err)
        assert line is None or f"{file}:{line}: " in err, (text, err)
    assert run(tool, "merge", path, "--suppressions", file + "x")[0] == 125
    for text in ("", "# nothing\n\n", "[a]\r\nkind = dead_store\r\n# x"):
        write(file, text)
        status, out, err = run(tool, "merge", "--details", path, "--suppressions", file)
        assert status == 0 and not err, (text, err)
    assert ("suppressed by 'a'" in out) == (text != "")


def main():
    tool = os.path.abspath(sys.argv[1])
    if not shutil.which("clang-19"):
        return lacks("no clang-19")
    with open(os.path.join(HERE, "..", "examples", "dead_stores.c"), encoding="utf-8") as f:
        source = f.read()
    with tempfile.TemporaryDirectory() as folder:
        old = check_baseline(tool, folder, source)
        check_suppressions(tool, folder, old)
        check_generated(tool, folder, old, os.path.join(folder, "old.wasm"))
        check_errors(tool, folder, old)
    print("1 passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
