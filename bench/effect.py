#!/usr/bin/env python3
"""effect.py [--repeat N] [--plain FILE]: what an access costs, in nanoseconds: the table of src/report/effect.c.

Generates a module for each kind of access: a loop in which it stands 16 times, in a few lines of the first cache, as redundant accesses do; runs it on the
engine alone, and takes off what the same loop takes without it.  N times (15), all modules in turns, and the least counts: other work on the
machine only ever adds.  What is read or written comes and goes by registers, and addresses by two globals that the engine cannot know to be alike, so that it
leaves no access out.  `load` and `store` stand beside others that do not wait for them; in `chain` each load waits for the store before it, and each store for its
load; `checked` is a store that is left out after a load and a comparison, since memory holds the value already; `round` is one of a loop that does nothing but load a byte and compare it, as strlen does.  Of bulk accesses a call is one of 16 bytes, and a byte the slope from there to 16 KiB, in ranges that the first cache holds.

Needs wat2wasm and build/release with its tests (tests/plain).
"""
import argparse
import os
import re
import subprocess
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
EACH = 16  # accesses in a round
SUMS = 4  # that loads are added up in
ROUNDS = 4_000_000
BULK_ROUNDS = 200_000
SIZES = (16, 256, 4096, 16384)
WIDTHS = {1: ("i32", "8", "8_u"), 2: ("i32", "16", "16_u"), 4: ("i32", "", ""), 8: ("i64", "", ""), 16: ("v128", "", "")}
DIFFER = {"i32": "i32.ne", "i64": "i64.ne", "v128": None}
FOLD = {"i32": "i32.add", "i64": "i64.add", "v128": "i64x2.add"}


def loop(body, rounds):
    sums = " ".join("(local $%s_%d %s)" % (t, i, t) for t in FOLD for i in range(SUMS))
    keep = "".join("(i32.store (i32.const %d) %s)" % (65536 + 16 * i, one) for i in range(SUMS) for one in (
        "(local.get $i32_%d)" % i, "(i32.wrap_i64 (local.get $i64_%d))" % i, "(i32x4.extract_lane 0 (local.get $v128_%d))" % i))
    return """(module (memory (export "memory") 4 4 %s)
  (global $p (export "p") (mut i32) (i32.const 1024)) (global $q (export "q") (mut i32) (i32.const 1024))
  (global $n (export "n") (mut i32) (i32.const %d))
  (func (export "_start") (local $i i32) (local $p i32) (local $q i32) (local $n i32) %s
    (local.set $i (i32.const %d)) (local.set $p (global.get $p)) (local.set $q (global.get $q)) (local.set $n (global.get $n))
    (loop $again
      %s
      (br_if $again (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
    %s))
""" % ("shared" if "atomic" in body else "", size_of(body), sums, rounds, body, keep)


def size_of(body):
    """bulk accesses get their size from a global: a constant would be treated on its own"""
    found = re.search(r";; size (\d+)", body)
    return int(found.group(1)) if found else 0


def scalar(kind, width):
    what, store, load = WIDTHS[width]
    out = []
    for i in range(EACH):
        fold = "(local.set $%s_%d (%s (local.get $%s_%d) %%s))" % (what, i % SUMS, FOLD[what], what, i % SUMS)
        value = "(local.get $%s_%d)" % (what, i % SUMS)
        out.append({"load": fold % ("(%s.load%s offset=%d (local.get $p))" % (what, load, i * 16)),
                    "none": fold % ("(local.get $%s_%d)" % (what, (i + 1) % SUMS)),
                    "store": "(%s.store%s offset=%d (local.get $p) %s)" % (what, store, i * 16, value),
                    "checked": "(if (%s (%s.load%s offset=%d (local.get $q)) %s) (then (%s.store%s offset=%d (local.get $p) %s)))"
                               % (DIFFER[what], what, load, i * 16, value, what, store, i * 16, value),
                    "chain": "(%s.store%s (local.get $%s) (%s.load%s (local.get $%s)))"
                             % (what, store, "pq"[i % 2], what, load, "qp"[i % 2]),
                    "rmw": "(drop (%s.atomic.rmw%s offset=%d (local.get $p) %s))"
                           % (what, store + ".add_u" if store else ".add", i * 16, value)}[kind])
    return "\n      ".join(out)


def bulk(kind, size):
    second = "(i32.const 0)" if kind == "fill" else "(i32.add (local.get $q) (i32.const 65536))"
    return ";; size %d\n      (memory.%s (local.get $p) %s (local.get $n))" % (size, kind, second)


def scan():
    """a round of a loop that looks for the end of 4096 bytes"""
    return """(module (memory 1) (data (i32.const 1024) "%s") (func (export "_start") (local $i i32) (local $p i32)
    (local.set $i (i32.const %d))
    (loop $again
      (local.set $p (i32.const 1023))
      (loop $next (br_if $next (i32.load8_u (local.tee $p (i32.add (local.get $p) (i32.const 1))))))
      (br_if $again (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))))
""" % ("x" * 4096, ROUNDS // 256)


def modules():
    out = {("round", 0): (scan(), ROUNDS // 256, 4096), ("empty", 0): (loop("", ROUNDS), ROUNDS, EACH), ("empty bulk", 0): (loop("", BULK_ROUNDS), BULK_ROUNDS, 1)}
    for width in WIDTHS:
        for kind in ("load", "store", "checked", "none", "chain", "rmw"):
            if width < 16 or kind not in ("rmw", "checked"):
                out[kind, width] = (loop(scalar(kind, width), ROUNDS), ROUNDS, EACH)
    for kind in ("fill", "copy"):
        for size in SIZES:
            out[kind, size] = (loop(bulk(kind, size), BULK_ROUNDS), BULK_ROUNDS, 1)
    return out


def run(plain, module):
    r = subprocess.run([plain, "--time", module], stderr=subprocess.PIPE, text=True, check=True)
    return float(re.search(r"run ([\d.]+)", r.stderr).group(1))


def measure(plain, repeat):
    least = {}
    with tempfile.TemporaryDirectory() as folder:
        names = {}
        for key, (text, _, _) in modules().items():
            name = os.path.join(folder, "%s-%d" % key)
            with open(name + ".wat", "w") as f:
                f.write(text)
            subprocess.run(["wat2wasm", "--enable-threads", name + ".wat", "-o", name + ".wasm"], check=True)
            names[key] = name + ".wasm"
            run(plain, names[key])  # compiles
        for _ in range(repeat):
            for key, name in names.items():
                least[key] = min(least.get(key, 1e9), run(plain, name))
    return {key: least[key] / rounds / each * 1e9 for key, (_, rounds, each) in modules().items()}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--repeat", type=int, default=15)
    parser.add_argument("--plain", default=os.path.join(ROOT, "build", "release", "tests", "plain"))
    words = parser.parse_args()
    ns = measure(words.plain, words.repeat)
    print("ns by width %s" % "".join("%8d" % w for w in WIDTHS))
    for kind, base in (("load", "none"), ("store", "empty"), ("checked", "empty"), ("chain", "empty"), ("rmw", "empty")):
        row = [ns[kind, w] - ns[base, w if base == "none" else 0] if (kind, w) in ns else None for w in WIDTHS]
        print("%-11s %s" % (kind, "".join("%8.2f" % x if x is not None else "       -" for x in row)))
    print("%-11s %8.2f" % ("round", ns["round", 0]))
    for kind in ("fill", "copy"):
        costs = [ns[kind, s] - ns["empty bulk", 0] for s in SIZES]
        print("%-11s %8.2f a call, %.4f a byte (%s)" % (kind, costs[0], (costs[-1] - costs[0]) / (SIZES[-1] - SIZES[0]),
              ", ".join("%d: %.1f" % each for each in zip(SIZES, costs))))


if __name__ == "__main__":
    main()
