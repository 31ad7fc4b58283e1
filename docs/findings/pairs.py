#!/usr/bin/env python3
"""pairs.py [--stdin FILE] COUNT PLAIN A.wasm B.wasm [ARGS...]: what two versions of a program take.

Runs both in turns, COUNT times each, with PLAIN (build/release/tests/plain: the engine alone), and prints the time of the run and the processor
time of the whole process, which other work on the machine disturbs less.  What the programs print is dropped.
"""
import re
import resource
import statistics
import subprocess
import sys


def run(plain, module, args, stdin):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    r = subprocess.run([plain, "--dir", ".", "--time", module, "--", *args], stdin=open(stdin) if stdin else subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if r.returncode:
        sys.exit("%s: status %d: %s" % (module, r.returncode, r.stderr))
    return (float(re.search(r"run ([\d.]+)", r.stderr).group(1)),
            after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def main():
    words = sys.argv[1:]
    stdin = words[1] if words[:1] == ["--stdin"] else None
    words = words[2:] if stdin else words
    if len(words) < 4:
        sys.exit(__doc__)
    count, plain, modules, args = int(words[0]), words[1], words[2:4], words[4:]
    for m in modules:
        run(plain, m, args, stdin)      # compiles
    seen = {m: [] for m in modules}
    for i in range(count):
        for m in modules if i % 2 else modules[::-1]:
            seen[m].append(run(plain, m, args, stdin))
    for m in modules:
        times, cpu = zip(*seen[m])
        print("%-16s run: least %.4f, median %.4f s; processor: least %.4f, median %.4f s"
              % (m, min(times), statistics.median(times), min(cpu), statistics.median(cpu)))
    for i, what in enumerate(("run", "processor")):
        ratios = [b[i] / a[i] for a, b in zip(seen[modules[0]], seen[modules[1]])]
        print("second by first, %s: median of the pairs %.3f; less in %d of %d"
              % (what, statistics.median(ratios), sum(r < 1 for r in ratios), count))


main()
