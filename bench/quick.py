#!/usr/bin/env python3
"""quick.py MEM_TRACER [MODULE...]: plain run against --run, alternately; medians of five.

Without modules: matrix multiply of 128 × 128 doubles (bench/matmul.c, built with clang-19) and three PolyBench kernels.  Prints, for each, the
program's own seconds, the whole command's seconds with full analysis, nanoseconds per access in all, and peak memory of both.
Run it on a machine that does nothing else.
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tests", "programs"))
import sources  # noqa: E402

RUNS = 5


def measure(command):
    """seconds, peak resident KiB, standard error"""
    start = time.monotonic()
    p = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    words = p.stderr.read().decode()
    _, status, usage = os.wait4(p.pid, 0)
    p.returncode = status
    return time.monotonic() - start, usage.ru_maxrss, words


def bench(tool, plain, module, tmp):
    report = os.path.join(tmp, "report.json")
    traced_command = [tool, "--run", "-o", os.path.join(tmp, "out.wasm"), "--format", "json", "--report", report, module]
    measure(traced_command)  # so that compiled code is cached
    measure([plain, module])
    own, traced, memory = [], [], [0, 0]
    for _ in range(RUNS):
        _, peak, words = measure([plain, "--time", module])
        own.append(float(words.split()[3]))
        memory[0] = max(memory[0], peak)
        seconds, peak, _ = measure(traced_command)
        traced.append(seconds)
        memory[1] = max(memory[1], peak)
    with open(report) as f:
        accesses = json.load(f)["run"]["accesses"]
    p, t = statistics.median(own), statistics.median(traced)
    print("%-20s %12d accesses  plain %7.3f s  traced %7.3f s  ratio %5.1f  %5.1f ns/access  %6d -> %6d KiB" % (
        os.path.basename(module), accesses, p, t, t / p, (t - p) / accesses * 1e9, memory[0], memory[1]), flush=True)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    tool = os.path.abspath(sys.argv[1])
    plain = os.path.join(os.path.dirname(tool), "tests", "plain")
    with tempfile.TemporaryDirectory() as tmp:
        modules = sys.argv[2:]
        if not modules:
            sources.compile_c(tmp, "matmul128.wasm", [os.path.join(ROOT, "bench", "matmul.c")], ["-O1"])
            modules = [os.path.join(tmp, "matmul128.wasm")]
            polybench = os.path.join(sources.package("wasure"), "wasure", "benchmarks", "polybench")
            modules += [os.path.join(polybench, k + ".wasm") for k in ("gemm", "jacobi-2d", "nussinov")]
        for module in modules:
            bench(tool, plain, module, tmp)


if __name__ == "__main__":
    main()
