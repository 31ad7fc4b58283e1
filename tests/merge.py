#!/usr/bin/env python3
"""merge.py MEM_TRACER: `mem-tracer merge` against sums made here, over runs of one program with different arguments.

Needs clang-19 with WASI.  The last line is `N passed, N failed`."""
import collections
import csv
import difflib
import io
import json
import os
import shutil
import sys
import tempfile

from commands import compile_c, read, run
from surroundings import lacks

SOURCE = """
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static volatile int table[64];
__attribute__((noinline)) static void fill(int n, int v) { for (int i = 0; i < n; i++) table[i] = v; }
__attribute__((noinline)) static int sum(int n) { int s = 0; for (int i = 0; i < n; i++) s += table[i]; return s; }
__attribute__((noinline)) static int twice(int n) { fill(n, 1); fill(n, 2); return sum(n); }
int main(int argc, char **argv) {
    int n = argc > 1 ? atoi(argv[1]) : 1, s = 0;
    char *block = malloc(n);
    for (int i = 0; i < n % 3 + 1; i++) {
        memset(block, i, n);
        s += twice(n) + block[0];
    }
    if (n > 20)
        s += sum(n);
    printf("%d\\n", s);
    if (n == 7)
        __builtin_trap();
    return n == 9 ? 4 : 0;
}
"""


class Sum:
    """What several reports add up to.  Contexts are told apart by their paths, objects by all that identifies them."""

    def __init__(self, reports):
        self.runs, self.totals, self.pairs, self.parts, self.objects = (collections.Counter() for _ in range(5))
        for r in reports:
            self.add(r)

    def path(self, r, contexts, context):
        words = []
        while context:
            c = contexts[context]
            words.append((c["function"], c["call"] and c["call"]["loc"]))
            context = c["parent"]
        return tuple(words)

    def add(self, r):
        contexts = {c["id"]: c for c in r.get("contexts", [])}
        names = {}
        for o in r.get("objects", []) + r.get("objects_without_pairs", []):
            call = o.get("call")
            heap = o["kind"] == "heap"
            names[o["id"]] = (o["kind"], o["name"], call and call["loc"], self.path(r, contexts, o.get("context")),
                              None if heap else o.get("size"))
            self.objects[names[o["id"]], "blocks"] += o.get("blocks", 0)
            self.objects[names[o["id"]], "size"] += o["size"] if heap else 0
            for what, n in o["use"].items():
                if what not in ("peak_blocks", "peak_bytes", "smallest", "largest"):  # which are no sums
                    self.objects[names[o["id"]], what] += n
            for kind, t in o["totals"].items():
                self.objects[names[o["id"]], kind] += t["bytes"]
        for key, value in r["run"].items():
            if isinstance(value, int) and key not in ("exit_code", "shared_memory"):
                self.runs[key] += value
        for kind, t in r["totals"].items():
            self.totals[kind] += t["bytes"]
            self.totals[kind, "instances"] += t["instances"]
        for u in r["unread"]:
            self.runs["unread", json.dumps(u["store"], sort_keys=True)] += u["bytes"]
        for p in r["pairs"]:
            key = (p["kind"], json.dumps(p["first"], sort_keys=True), json.dumps(p["second"], sort_keys=True), p.get("class"))
            self.pairs[key] += p["bytes"]
            self.pairs[key, "instances"] += p["instances"]
            for c in p.get("contexts", []):
                self.parts[key, self.path(r, contexts, c["first"]), self.path(r, contexts, c["second"])] += c["bytes"]
            for o in p.get("objects", []):
                self.parts[key, names[o["object"]]] += o["bytes"]

    def __eq__(self, other):
        return all(getattr(self, k) == getattr(other, k) for k in ("runs", "totals", "pairs", "parts", "objects"))


def order(pair):
    first = pair["first"]
    rank = ["init", "host"].index(first["origin"]) if "origin" in first else 2
    return pair["kind"], -pair["bytes"], rank, first.get("loc", 0), pair["second"]["loc"]


def check_sums(tool, folder, wasm):
    reports = {}
    for n, options in ((3, []), (7, []), (9, []), (40, []), (5, ["--contexts", "--objects"]), (44, ["--contexts", "--objects"]),
                       (6, ["--objects"])):
        name = os.path.join(folder, "r%d.json" % n)
        run(tool, "--run", wasm, *options, "--format", "json", "--report", name, "--", str(n))
        reports[n] = name
    out = os.path.join(folder, "sum.json")
    for numbers in ((3,), (3, 40), (9, 3, 7, 40), (5, 44), (44, 5), (5,)):
        files = [reports[n] for n in numbers]
        status, text, err = run(tool, "merge", *files, "--format", "json", "-o", out)
        assert status == 0 and not text and not err, err
        merged, parts = read(out), [read(f) for f in files]
        assert Sum([merged]) == Sum(parts), numbers
        assert merged["pairs"] == sorted(merged["pairs"], key=order), numbers
        assert [(r["report"], r["exit_code"], r["trap"]) for r in merged["merged"]["runs"]] == \
            [(f, p["run"]["exit_code"], p["run"]["trap"]) for f, p in zip(files, parts)]
        bytes_of = {"dead_store": "bytes_stored", "silent_store": "bytes_stored"}
        for kind, t in merged["totals"].items():
            assert abs(t["share"] - t["bytes"] / merged["run"][bytes_of.get(kind, "bytes_loaded")]) < 1e-12
        for kind in merged["totals"]:
            classes = [c for c in merged["classes"] if c["kind"] == kind]
            assert sum(c["pairs"] for c in classes) == sum(p["kind"] == kind for p in merged["pairs"])
        if len(numbers) == 1:
            del merged["merged"]
            assert json.dumps(merged) == json.dumps(parts[0]), "one report is not itself"
    merged = read(out)
    status, text, _ = run(tool, "merge", "--details", reports[9], reports[7], reports[3])
    assert status == 0 and "3 runs, added up: 1 with exit status 4, 1 ended early (unreachable), 1 with exit status 0." in text, text
    run(tool, "merge", reports[9], reports[3], "--format", "json", "-o", out)
    assert read(out)["run"]["exit_code"] == 4 and read(out)["run"]["trap"] is None
    run(tool, "merge", out, reports[7], "--format", "json", "--report", out + "2")
    assert read(out + "2")["run"] | {"opaque_calls": 0} == read(out + "2")["run"] | {"exit_code": None, "trap": "unreachable", "opaque_calls": 0}
    assert [r["report"] for r in read(out + "2")["merged"]["runs"]] == [reports[n] for n in (9, 3, 7)]
    status, _, err = run(tool, "merge", reports[5], reports[6], "--format", "json", "-o", out)
    assert status == 0 and "do not both have calling contexts, which are left out" in err and err.count("\n") == 1, err
    assert "contexts" not in read(out) and read(out)["objects"]
    return reports


def check_formats(tool, folder, reports, wasm):
    both = reports[5], reports[44]
    status, out, err = run(tool, "merge", *both, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    merged = json.loads(run(tool, "merge", *both, "--format", "json")[1])
    assert len(rows) == len(merged["pairs"]) and sum(int(r["bytes"]) for r in rows) == sum(p["bytes"] for p in merged["pairs"]), err
    for form in ("html", "pprof", "speedscope", "folded", "callgrind", "sarif"):
        path = os.path.join(folder, "x." + form)
        status, _, err = run(tool, "merge", *both, "--format", form, "--report", path)
        assert status == 0 and not err and os.path.getsize(path) > 500, (form, err)
    with open(os.path.join(folder, "x.html"), encoding="utf-8") as f:
        assert '"runs":2,' in f.read()
    top = json.loads(run(tool, "merge", *both, "--format", "json", "--top", "2", "--only", "dead_store")[1])
    assert len(top["pairs"]) == 2 and top["totals"] == merged["totals"]
    folded = run(tool, "merge", "-f", *both)[1]
    assert folded.startswith("DedupDefects"), folded[:100]
    for options in (["--details"], ["-f"], ["--details", "--by", "line", "--top", "30"], ["--format", "callgrind"], ["--format", "sarif"]):
        for contexts in ([], ["--contexts", "--objects"]):
            report, text = os.path.join(folder, "y.json"), os.path.join(folder, "y.txt")
            run(tool, "--run", wasm, *contexts, "--format", "json", "--report", report, "--", "40")
            run(tool, "--run", wasm, *contexts, *options, "--report", text, "--", "40")
            with open(text, encoding="utf-8") as f:
                want = f.read()
            got = run(tool, "merge", *options, report)[1]
            want = want.replace("The program ended by itself, with exit status 0.", "1 run, added up: 1 with exit status 0.")
            assert got == want, (options, contexts, list(difflib.unified_diff(want.splitlines(), got.splitlines()))[:20])


def check_errors(tool, folder, reports, wasm):
    other = os.path.join(folder, "other.json")
    run(tool, "--run", wasm, "--format", "json", "--report", other)
    status, _, err = run(tool, "merge", reports[3], other)
    assert status == 125 and err.count("\n") == 1 and reports[3] in err and other in err and "another module" in err, err
    r = read(other)
    del r["input"]["hash"]
    r["input"]["size"] = read(reports[3])["input"]["size"]  # only the places tell
    for p in r["pairs"]:
        p["second"]["op"] = "i64.store"
    with open(other, "w", encoding="utf-8") as f:
        json.dump(r, f)
    r["pairs"][0]["second"] = dict(read(reports[3])["pairs"][0]["second"], op="i64.store")
    with open(other, "w", encoding="utf-8") as f:
        json.dump(r, f)
    status, _, err = run(tool, "merge", reports[3], other)
    assert status == 125 and "another module" in err and err.count("\n") == 1, err
    few = os.path.join(folder, "few.json")
    r = read(reports[3])
    r["pairs"] = r["pairs"][1:]
    with open(few, "w", encoding="utf-8") as f:
        json.dump(r, f)
    status, _, err = run(tool, "merge", few, reports[3])
    assert status == 0 and "does not list all pairs" in err, err
    for change, want in (({"version": 2}, "another version"), ({"schema": "x"}, "is no report"), ({"pairs": [{"kind": "x"}]}, "no known kind"),
                         ({"pairs": [3]}, "no known kind"), ({"objects": [{"id": 2}]}, "object 0 is none")):
        with open(few, "w", encoding="utf-8") as f:
            json.dump(read(reports[3]) | change, f)
        status, out, err = run(tool, "merge", reports[3], few)
        assert status == 125 and not out and want in err and err.count("\n") == 1, (change, err)
    for change in ({"contexts": [{"id": 2, "parent": 1}]}, {"contexts": [{"id": 1}, {"id": 1}]}, {"contexts": []}, {"objects": []}):
        with open(few, "w", encoding="utf-8") as f:
            json.dump(read(reports[5]) | change, f)
        status, _, err = run(tool, "merge", few)
        assert status == 125 and err.count("\n") == 1, (change, err)
    assert run(tool, "merge", reports[3], "-ff")[0] == 2
    assert run(tool, "merge")[0] == 2
    assert run(tool, "merge", reports[3], "--timeout", "3")[0] == 2
    before = read(reports[3])
    assert run(tool, "merge", reports[3], "--format", "json", "-o", reports[3])[0] == 2 and read(reports[3]) == before


def main():
    tool = os.path.abspath(sys.argv[1])
    if not shutil.which("clang-19"):
        return lacks("no clang-19")
    with tempfile.TemporaryDirectory() as folder:
        wasm = os.path.join(folder, "a.wasm")
        compile_c(SOURCE, os.path.join(folder, "a.c"), wasm)
        reports = check_sums(tool, folder, wasm)
        check_formats(tool, folder, reports, wasm)
        other = os.path.join(folder, "b.wasm")
        with open(wasm, "rb") as f, open(other, "wb") as g:
            g.write(f.read() + bytes((0, 2, 1, ord("x"))))
        check_errors(tool, folder, reports, other)
    print("1 passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
