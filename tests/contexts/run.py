#!/usr/bin/env python3
"""run.py MEM_TRACER [PROGRAMS] [--seed N] [--keep FOLDER]

Calling contexts against a shadow stack: random programs (programs.py) are run by mem-tracer with --contexts, with and without
a limit, and by a plain interpreter; the pairs of call paths must be the same, and their sums what a run without contexts reports.
Then: a program with more contexts than there is room for.  The last line is `N passed, N failed`.
"""
import json
import os
import subprocess
import sys
import tempfile

import programs
from wasm import I32, Code, func_type, leb, module, name, vector
from surroundings import PATIENCE

DEPTHS = [None, 1, 2, 4]


def host(folder):
    """the module that calls back, twice"""
    types = [func_type([I32], []), func_type([I32, programs.ref_null(0)], [])]
    c = Code()
    for _ in range(2):
        c.put(0x20, 0, 0x20, 1, 0x14, 0)
    c.put(0x0B)
    path = os.path.join(folder, "host.wasm")
    with open(path, "wb") as f:
        f.write(module([(1, vector(types)), (3, vector([leb(1)])), (7, vector([name("back") + b"\0\0"]))],
                       [(b"\0", c)]))
    return path


def report(tool, path, folder, *options):
    return made(tool, folder, [path, "--run", "-o", os.path.join(folder, "o.wasm"), "--no-cache", *options])


def made(tool, folder, command):
    out = os.path.join(folder, "report.json")
    if os.path.exists(out):
        os.unlink(out)
    r = subprocess.run([tool, *command, "--format", "json", "--report", out], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.PIPE, text=True, timeout=PATIENCE)
    if not os.path.exists(out):
        raise AssertionError("no report, status %d: %s" % (r.returncode, r.stderr.strip()))
    with open(out) as f:
        return json.load(f)


def fold(path):
    """the path without recursion: where a function is entered again, what is between is forgotten"""
    out = []
    for frame in path:
        names = [f for f, _ in out]
        if frame[0] in names:
            del out[names.index(frame[0]) + 1:]
        else:
            out.append(frame)
    return tuple(out)


def cut(path, depth):
    path = path[-depth:]
    return ((path[0][0], 0),) + path[1:]


def expected(judge, depth):
    """{(kind, first, second): {(path, path): [instances, bytes]}}; first and second are locations or words"""
    out = {}
    context = lambda path: fold(path) if depth is None else cut(path, depth)
    for kind, second, firsts in judge.parts:
        seen = set()
        for who in firsts:
            if isinstance(who, str):
                first, path = who, None
            else:
                first, path = who[0], context(who[1])
            count = out.setdefault((kind, first, second[0]), {}).setdefault((path, context(second[1])), [0, 0])
            count[1] += 1
            if first not in seen:
                seen.add(first)
                count[0] += 1
    return out


def found(r, names):
    index = {n: i for i, n in enumerate(names)}
    nodes = {n["id"]: n for n in r["contexts"]}

    def path(number):
        out = []
        while number is not None:
            n = nodes[number]
            out.append((index[n["function"]], n["call"]["loc"] if n["call"] else 0))
            number = n["parent"]
        return tuple(reversed(out)) or None

    out = {}
    for p in r["pairs"]:
        first = p["first"].get("origin", p["first"].get("loc"))
        out[p["kind"], first, p["second"]["loc"]] = {
            (path(c["first"]), path(c["second"])): [c["instances"], c["bytes"]] for c in p["contexts"]}
        assert len(out[p["kind"], first, p["second"]["loc"]]) == len(p["contexts"]), "a pair of contexts is there twice"
        for field in ("instances", "bytes"):
            assert sum(c[field] for c in p["contexts"]) == p[field], "%s do not add up: %s" % (field, p)
        order = [-c["bytes"] for c in p["contexts"]]
        assert order == sorted(order), "contexts are not in order: %s" % p
    return out


def plain(r):
    """what must be the same without contexts"""
    r = dict(r, run=dict(r["run"]))
    r["run"].pop("contexts", None)
    r.pop("contexts", None)
    r["pairs"] = [{k: v for k, v in p.items() if k != "contexts"} for p in r["pairs"]]
    return r


def check(tool, seed, folder, helper):
    """whether the program was worth anything"""
    p = programs.Program(seed)
    path = os.path.join(folder, "p.wasm")
    with open(path, "wb") as f:
        f.write(p.module())
    invoke = seed % 3 == 0
    try:
        judge = p.run(["_initialize", "main"] if invoke else ["_start"])
    except programs.TooLong:
        return False
    options = ["--preload", "host=" + helper] + (["--invoke", "main"] if invoke else [])
    without = report(tool, path, folder, *options)
    for depth in DEPTHS:
        how = ["--contexts"] if depth is None else ["--contexts", str(depth)]
        how += ["--inline", ["auto", "always", "never"][seed % 3]]
        trace = os.path.join(folder, "saved.trace")
        r = report(tool, path, folder, *options, *how, *(["--trace-out", trace] if depth is None else []))
        if depth is None:
            again = made(tool, folder, ["analyze", path, trace])
            assert again == r, "the saved trace has another report"
        assert plain(r) == plain(without), "with %s the report differs otherwise" % how
        want, got = expected(judge, depth), found(r, p.names())
        for key in sorted(set(want) | set(got), key=str):
            assert want.get(key) == got.get(key), "with %s: %s: want %s, got %s" % (how, key, want.get(key), got.get(key))
    return True


def tree(path, levels, wide=0):
    """a function that has 2^levels call paths: the last of so many that call the next twice each; the last but one may have `wide`
    calls behind its end"""
    types, bodies = [func_type([], [])], []
    for level in range(levels + 1):
        c = Code()
        if level < levels:
            c.put(0x10, leb(level + 1), 0x10, leb(level + 1))
        else:
            c.put(0x41, 0, 0x41, 1, 0x36, 2, 0)
        if level == levels - 1:
            c.put(0x0F, (b"\x10" + leb(level + 1)) * wide)
        c.put(0x0B)
        bodies.append((b"\0", c))
    with open(path, "wb") as f:
        f.write(module([(1, vector(types)), (3, vector([b"\0"] * (levels + 1))), (5, vector([b"\0\x01"])),
                        (7, vector([name("_start") + b"\0\0", name("memory") + b"\x02\0"]))], bodies))


def check_merged(tool, path, folder):
    r = report(tool, path, folder, "--contexts")
    assert r["run"]["contexts"]["merged"], "nothing was merged"
    assert any(n["function"] is None for n in r["contexts"]), "there is no context of the rest"
    for p in r["pairs"]:
        for field in ("instances", "bytes"):
            assert sum(c[field] for c in p["contexts"]) == p[field], "%s do not add up" % field
    assert plain(r) == plain(report(tool, path, folder, "--analysis", "trace")), "the report differs otherwise"
    return r


def many(tool, folder):
    """more call paths than there is room for: too many, and too large ones"""
    path = os.path.join(folder, "many.wasm")
    tree(path, 14, wide=16384)
    r = check_merged(tool, path, folder)
    assert 15000 < len(r["contexts"]) < 18000, "so many have room: %d" % len(r["contexts"])
    tree(path, 14, wide=4096)
    r = report(tool, path, folder, "--contexts")
    assert not r["run"]["contexts"]["merged"] and len(r["contexts"]) == 2 ** 15 - 1, "all have room"
    tree(path, 21)
    check_merged(tool, path, folder)
    r = report(tool, path, folder, "--contexts", "12")
    assert not r["run"]["contexts"]["merged"] and len(r["contexts"]) < 5000, "12 frames have 2^11 paths"


def main():
    argv = sys.argv[1:]
    first, keep = 1, None
    if "--seed" in argv:
        at = argv.index("--seed")
        first = int(argv[at + 1])
        del argv[at:at + 2]
    if "--keep" in argv:
        at = argv.index("--keep")
        keep = argv[at + 1]
        del argv[at:at + 2]
    if not argv:
        sys.exit(__doc__)
    tool, count = os.path.abspath(argv[0]), int(argv[1]) if len(argv) > 1 else 40
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        folder = keep or folder
        helper = host(folder)
        seed = first
        while passed + failed < count:
            try:
                passed += check(tool, seed, folder, helper)
            except AssertionError as e:
                failed += 1
                print("FAIL seed %d: %s" % (seed, str(e)[:600]))
                if keep:
                    break
            seed += 1
        if not keep:
            try:
                many(tool, folder)
                passed += 1
            except AssertionError as e:
                failed += 1
                print("FAIL many: %s" % str(e)[:600])
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
