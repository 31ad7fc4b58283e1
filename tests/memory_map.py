#!/usr/bin/env python3
"""memory_map.py MEM_TRACER: the page's map of memory has the report's bytes, kind by kind, and every access; its rows have the pairs, and
the objects, that lie there.

Conformance cases of one memory, analysed by trace; each second one with contexts and objects, and from its saved trace, which gives the
same map.  The last line is `N passed, N failed`.
"""
import glob
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter

from surroundings import PATIENCE

HERE = os.path.dirname(os.path.abspath(__file__))
KINDS = ("dead_store", "silent_load_after_load", "silent_load_after_store", "silent_store")
NUMBERS = 7


def data_of(path):
    with open(path, encoding="utf-8") as f:
        return json.loads(re.search(r'id="data">(.*?)</script>', f.read(), re.S)[1])


def check_shares(data):
    """What rows have of each pair, and of each pair in each object, adds up to it; and to the rows."""
    pairs, objects, rows = Counter(), Counter(), Counter()
    shares = data["mapShares"]
    for row, pair, obj, size in zip(shares[::4], shares[1::4], shares[2::4], shares[3::4]):
        pairs[pair] += size
        rows[row, data["pairs"][pair * 5]] += size
        if obj:
            objects[pair, obj] += size
    assert pairs == Counter({i: size for i, size in enumerate(data["pairs"][4::5])}), (pairs, data["pairs"])
    parts = data["pairObjects"]
    assert objects == Counter({(pair, obj): size for pair, obj, size in zip(parts[::4], parts[1::4], parts[3::4])}), (objects, parts)
    cells, wanted = data["map"]["cells"], Counter()
    for at in range(0, len(cells), NUMBERS):
        for kind in range(4):
            wanted[cells[at], kind] += cells[at + 2 + kind]
    assert rows == +wanted, (rows, wanted)


def check(tool, folder, module, more):
    path = lambda name: os.path.join(folder, name)
    run = lambda *words: subprocess.run([tool, *words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE, timeout=PATIENCE, cwd=folder)
    r = run("--run", "-o", "out.wasm", "--format", "json", "--report", "r.json", "--format", "html", "--report", "r.html",
            *(["--trace-out", "trace", "--contexts", "--objects"] if more else ["--analysis", "trace"]), module)
    assert os.path.exists(path("r.json")), r.stderr[-300:]
    with open(path("r.json"), encoding="utf-8") as f:
        report = json.load(f)
    data = data_of(path("r.html"))
    check_shares(data)
    got = data["map"]
    cells = got["cells"]
    sums = [sum(cells[i::NUMBERS]) for i in range(2, NUMBERS)]
    assert sums[:4] == [report["totals"][k]["bytes"] for k in KINDS], (sums, report["totals"])
    # a read-modify-write loads and stores what it touches once
    most = report["run"]["bytes_loaded"] + report["run"]["bytes_stored"]
    assert sums[4] >= most or report["run"]["rmws"], (sums, most)
    assert all(r < got["rows"] for r in cells[::NUMBERS]) and all(c < got["columns"] for c in cells[1::NUMBERS])
    if more:
        r = run("analyze", "--format", "html", "--report", "again.html", module, "trace")
        assert r.returncode == 0 and data_of(path("again.html"))["mapShares"] == data["mapShares"] and data_of(path("again.html"))["map"] == got, r.stderr[-300:]
    for name in ("r.json", "r.html"):
        os.remove(path(name))


def one_memory(module):
    with open(module, "rb") as f:
        data = f.read()
    return not re.search("memories|memory_1|two_mem|multi", os.path.basename(module)) and len(data) < 200000


def main():
    modules = [m for m in sorted(glob.glob(os.path.join(HERE, "conformance", "cases", "*.wasm"))) if one_memory(m)]
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for i, module in enumerate(modules):
            try:
                check(sys.argv[1], folder, module, i % 2)
                passed += 1
            except (AssertionError, OSError, TypeError, subprocess.TimeoutExpired) as e:
                failed += 1
                print("FAILED %s: %s" % (os.path.basename(module), str(e)[:500]), flush=True)
    print("%d passed, %d failed" % (passed, failed))
    return failed != 0 or not passed


if __name__ == "__main__":
    sys.exit(main())
