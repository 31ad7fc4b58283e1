#!/usr/bin/env python3
"""limits.py MEM_TRACER: --fail-on and --fail-on-increase, each limit against the JSON report's own numbers.

The last line is `N passed, N failed`."""
import json
import os
import random
import sys
import tempfile

from commands import run

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
MODULE = os.path.join(ROOT, "examples", "dead_stores.wasm")
LETTERS = {"": 1, "K": 1 << 10, "M": 1 << 20}
# (module
#   (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
#   (memory (export "memory") 1)
#   (func (export "_start")
#     (i32.store (i32.const 8) (i32.const 1)) (i32.store (i32.const 8) (i32.const 2)) (call $exit (i32.const STATUS))))
EXITING = bytes.fromhex(
    "0061736d01000000" "010802" "60017f00" "600000" "0224" "01" "16776173695f736e617073686f745f7072657669657731" "0970726f635f65786974" "0000"
    "03020101" "0503010001" "0713" "02" "066d656d6f72790200" "065f73746172740001")


def exiting(status):
    body = bytes.fromhex("00" "41084101360200" "41084102360200") + bytes((0x41, status)) + bytes.fromhex("1000" "0b")
    return EXITING + bytes((10, len(body) + 2, 1, len(body))) + body


def check_tolerance(tool, folder, report):
    """Reports whose totals have been changed, against what docs/ci.md says of --tolerance."""
    old, new = (os.path.join(folder, n) for n in ("t-old.json", "t-new.json"))
    rng, seen = random.Random(9), set()
    for before, now in [(1 << 20, (1 << 20) + d) for d in (-100, 0, 1, 64, 65, 1024, 10485, 10486, 20000)] + [(0, 64), (0, 65), (0, 4097), (100, 165)]:
        for kind in rng.sample(list(report["totals"]), 2):
            for path, number in ((old, before), (new, now)):
                totals = {k: dict(t, bytes=number if k == kind else t["bytes"]) for k, t in report["totals"].items()}
                with open(path, "w", encoding="utf-8") as f:
                    json.dump(dict(report, totals=totals, suppressed=[]), f)
            for text, share, floor in (("", 0, 64), ("0", 0, 0), ("1%", 0.01, 64), ("4K", 0, 4096), ("1%,0", 0.01, 0), ("1.5%,1K", 0.015, 1024), ("100%,1G", 1, 1 << 30)):
                want = now - before > floor and now - before > share * before
                seen.add((text, want))
                words = ["--tolerance", text] if text else []
                for command in (["merge", "-q", new, "--fail-on-increase", old], ["diff", "--fail-on-increase", old, new]):
                    assert run(tool, *command, *words)[0] == (3 if want else 0), (before, now, command[0], text)
    assert len(seen) == 13, seen  # each both ways, but the last
    for text in ("", "%", "x", "-1", "1%%", "1%,", "1%,x", "1,1%", "4KB", "1%4K", "1e99"):
        for command in (["merge", new], ["diff", old, new]):
            status, out, err = run(tool, *command, "--tolerance", text)
            assert status == 2 and not out and "--tolerance" in err and err.count("\n") == 1, (command, text, err)


def check_baseline_tolerance(tool, folder, path, report):
    """Pairs of a baseline that have grown since, and new ones that are small."""
    old = os.path.join(folder, "b-old.json")
    pairs = report["pairs"]
    top = max(pairs, key=lambda p: p["bytes"])
    grown = [dict(p, bytes=p["bytes"] - 65) if p is top else p for p in pairs]
    assert top["bytes"] > 65
    with open(old, "w", encoding="utf-8") as f:
        json.dump(dict(report, pairs=grown), f)
    for words, want in ((["--tolerance", "0"], True), (["--tolerance", "64"], True), (["--tolerance", "65"], False), (["--tolerance", "99%,0"], 65 > 0.99 * (top["bytes"] - 65)), ([], False)):
        out = os.path.join(folder, "b.json")
        assert run(tool, "merge", "-q", path, "--baseline", old, *words, "--format", "json", "-o", out)[0] == 0
        with open(out, encoding="utf-8") as f:
            left = json.load(f)["pairs"]
        assert (top["id"] if "id" in top else top["bytes"]) in [p["id"] if "id" in p else p["bytes"] for p in left] or not want, (words, left)
        assert bool(left) == want, (words, left)
    kind = top["kind"]
    with open(old, "w", encoding="utf-8") as f:
        json.dump(dict(report, pairs=[p for p in pairs if p["kind"] != kind]), f)
    new = sorted(p["bytes"] for p in pairs if p["kind"] == kind)
    for floor in (0, *new, 1 << 40):
        counted = [b for b in new if b > floor]
        for measure, number in ((".pairs", len(counted)), ("", sum(counted))):
            for most in (number - 1, number):
                words = ("--baseline", old, "--tolerance", str(floor), "--fail-on", f"{kind}{measure}>{most}")
                assert most < 0 or run(tool, "merge", "-q", path, *words)[0] == (3 if most < number else 0), words


def value(report, kind, measure, share):
    kinds = ["silent_load_after_load", "silent_load_after_store"] if kind == "silent_load" else [kind]
    if measure == "pairs":
        return sum(p["kind"] in kinds for p in report["pairs"])
    if measure == "per_million":
        return value(report, kind, "bytes", False) * 1e6 / report["run"]["accesses"]
    number = sum(report["totals"][k]["instances" if measure == "instances" else "bytes"] for k in kinds)
    return 100 * number / report["run"]["bytes_loaded" if "load" in kind else "bytes_stored"] if share else number


def check_limits(tool, path, report):
    """Around the value of each kind and measure."""
    limits = []
    for kind in ("dead_store", "silent_store", "silent_load", "silent_load_after_load", "silent_load_after_store"):
        for measure in ("", ".bytes", ".instances", ".pairs"):
            got = value(report, kind, measure[1:], False)
            limits += [(f"{kind}{measure}{sign}{number}", got > number or (sign == ">=" and got == number))
                       for sign in (">", ">=") for number in (0, got - 1, got, got + 1)]
            if not measure:
                got = value(report, kind, "per_million", False)
                limits += [(f"{kind}.per_million>{got * f + d:.3f}", f < 1) for f, d in ((0.999, 0), (1.001, 0.1))] if got else []
                limits += [(f"{kind}.per_million>{n}K", got > n * 1024) for n in (0.5, 1, 256, 512)]
            if measure in ("", ".bytes"):
                got = value(report, kind, measure[1:], True)
                limits += [(f"{kind}{measure}>{got + d:.6f}%", d < 0) for d in (-0.01, 0.01) if 0 <= got + d <= 100]
                limits += [(f"{kind}>{n}{letter}", value(report, kind, "", False) > n * unit)
                           for letter, unit in LETTERS.items() for n in (0.5, 1, 32)]
    assert len(limits) > 100 and {w for _, w in limits} == {False, True}
    groups = [[w for w in limits if w[1]], [w for w in limits if not w[1]]]
    for exceeded, group in zip((True, False), groups):  # all at once: each has its line, or none has
        words = [w for limit, _ in group for w in ("--fail-on", limit)]
        status, out, err = run(tool, "merge", "--quiet", path, *words)
        assert status == (3 if exceeded else 0) and not out, (status, err)
        assert [line.split("--fail-on '")[1][:-2] for line in err.splitlines()] == ([limit for limit, _ in group] if exceeded else []), err
    for limit, exceeded in limits[::17]:
        assert run(tool, "merge", "--quiet", path, "--fail-on", limit)[0] == (3 if exceeded else 0), limit


def main():
    tool = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        out, path, trace = (os.path.join(folder, n) for n in ("out.wasm", "a.json", "a.trace"))
        base = [tool, "--run", "-o", out, MODULE]
        status, text, err = run(*base, "--format", "json", "--report", path, "--trace-out", trace, "--fail-on", "dead_store.pairs>0")
        assert status == 3 and err.startswith("mem-tracer: over the limit: dead_store: "), (status, err)
        with open(path, encoding="utf-8") as f:
            report = json.load(f)
        check_limits(tool, path, report)
        check_tolerance(tool, folder, report)
        check_baseline_tolerance(tool, folder, path, report)
        pairs = value(report, "dead_store", "pairs", False)
        assert pairs > 1
        for words, want in ((["--fail-on", f"dead_store.pairs>={pairs}", "--top", "1"], 3), (["--fail-on", f"dead_store.pairs>{pairs}"], 0)):
            for command in (base, [tool, "analyze", MODULE, trace], [tool, "merge", path], [tool, "diff", path, path]):
                words = words[:2] if "diff" in command else words
                assert run(*command, *words)[0] == want, (command, words)
        # old reports
        old = os.path.join(folder, "old.json")
        for kind in report["totals"]:
            for change, want in ((0, 0), (1, 0), (-64, 0), (-65, 3)):
                totals = {k: dict(t, bytes=t["bytes"] + (change if k == kind else 0)) for k, t in report["totals"].items()}
                with open(old, "w", encoding="utf-8") as f:
                    json.dump(dict(report, totals=totals), f)
                status, _, err = run(tool, "merge", "-q", path, "--fail-on-increase", old)
                assert status == want and (kind in err and old in err if want else not err), (kind, change, err)
        assert run(*base, "--fail-on-increase", old)[0] == 3 and run(*base, "--fail-on-increase", path)[0] == 0
        status, text, err = run(*base, "--fail-on-increase", MODULE)
        assert status == 125 and not text and "is no JSON" in err and err.count("\n") == 1, err  # before the run
        # the program's own status goes first
        module = os.path.join(folder, "exit.wasm")
        for own, want in ((0, 3), (3, 3), (7, 7)):
            with open(module, "wb") as f:
                f.write(exiting(own))
            status, _, err = run(tool, "--run", "-q", "-o", out, module, "--fail-on", "dead_store>=4")
            assert status == want and err.count("\n") == 1 and "over the limit: dead_store: 4 bytes" in err, (own, status, err)
        for limit in ("", ">", "dead_store", "dead_store>", "dead_store<5", "dead_store>x", "dead_store>5%%", "dead_store>101%", "dead_store>-1",
                      "dead_store.pairs>5%", "dead_store.pairs>5K", "dead_store.per_million>5%", "dead_store.>5", "dead_store.x>5", "deadstore>5", "dead_store>=", "dead_store>5KB"):
            status, text, err = run(*base, "--fail-on", limit)
            assert status == 2 and not text and err.count("\n") == 1, (limit, status, err)
        assert run(tool, MODULE, "--fail-on", "dead_store>1")[0] == 2
    print("1 passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
