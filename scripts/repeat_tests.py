#!/usr/bin/env python3
"""repeat_tests.py [PRESET] [-n TIMES] [-j JOBS] [-R REGEX] [-E REGEX] [-L REGEX] [-LE REGEX] [--busy N]

Runs each test of a preset (release) so often, and prints a line for each: seconds of the processor and of the clock (the medians), and how
many runs failed; what those printed is left in build/repeat/.  --busy has N processes beside it that do nothing but keep processors busy.
-R and -E choose tests by name, -L and -LE by label, as ctest does.  The last line is `N seconds of the processor, N tests failed`.  With -n 1 it tells what the tests cost;
with -n 20, which of them fail now and then.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import resource
import statistics
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
KEPT = os.path.join(ROOT, "build", "repeat")
CHOICES = ("-R", "-E", "-L", "-LE")
PASSED, SKIPPED, FAILED = "passed", "skipped", "failed"

Outcome = collections.namedtuple("Outcome", "state cpu wall")


class Test:
    def __init__(self, entry, environment):
        self.name, self.command = entry["name"], entry["command"]
        properties = {p["name"]: p["value"] for p in entry["properties"]}
        self.folder, self.limit = properties["WORKING_DIRECTORY"], properties.get("TIMEOUT", 1500)
        self.skip = properties.get("SKIP_RETURN_CODE")
        self.environment = dict(environment, **dict(e.split("=", 1) for e in properties.get("ENVIRONMENT", [])))

    def run(self, preset, number):
        """once, in a process of its own that waits for it, so that its children's time is known"""
        path = os.path.join(KEPT, "%s-%s-%d.txt" % (preset, self.name, number))
        started = time.monotonic()
        with open(path, "wb") as output:
            words = [sys.executable, os.path.abspath(__file__), "--measure", str(self.limit), *self.command]
            r = subprocess.run(words, cwd=self.folder, env=dict(os.environ, **self.environment), stdin=subprocess.DEVNULL,
                               stdout=output, stderr=subprocess.STDOUT)
            wall = time.monotonic() - started
        with open(path, encoding="utf-8", errors="replace") as f:
            cpu = float(f.read().rpartition("\nprocessor: ")[2] or 0)
        state = PASSED if r.returncode == 0 else SKIPPED if r.returncode == self.skip else FAILED
        if state != FAILED:
            os.unlink(path)
        return Outcome(state, cpu, wall)


def measure(limit, command):
    """runs it; what it and its children took is the output's last line"""
    try:
        status = subprocess.run(command, timeout=float(limit)).returncode
    except subprocess.TimeoutExpired:
        print("timed out", flush=True)
        status = 1
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print("\nprocessor: %.2f" % (used.ru_utime + used.ru_stime), flush=True)
    return status if status >= 0 else 128 - status


def find(preset, chosen):
    with open(os.path.join(ROOT, "CMakePresets.json"), encoding="utf-8") as f:
        environment = next(p for p in json.load(f)["testPresets"] if p["name"] == preset).get("environment", {})
    shown = subprocess.run(["ctest", "--preset", preset, *chosen, "--show-only=json-v1"], cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout
    return [Test(t, environment) for t in json.loads(shown)["tests"]]


def main():
    if sys.argv[1:2] == ["--measure"]:
        return measure(sys.argv[2], sys.argv[3:])
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("preset", nargs="?", default="release")
    parser.add_argument("-n", type=int, default=1)
    parser.add_argument("-j", type=int, default=os.cpu_count())
    for word in CHOICES:
        parser.add_argument(word)
    parser.add_argument("--busy", type=int, default=0)
    o = parser.parse_args()
    chosen = [w for word in CHOICES if getattr(o, word[1:]) for w in (word, getattr(o, word[1:]))]
    os.makedirs(KEPT, exist_ok=True)
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(o.busy)]
    total = failed = 0
    try:
        with concurrent.futures.ThreadPoolExecutor(o.j) as pool:
            runs = {t: [pool.submit(t.run, o.preset, i) for i in range(o.n)] for t in find(o.preset, chosen)}
            for test, waited in runs.items():
                outcomes = [w.result() for w in waited]
                bad = sum(r.state == FAILED for r in outcomes)
                cpu = statistics.median(r.cpu for r in outcomes)
                total, failed = total + cpu, failed + (bad > 0)
                print("%8.1f s processor %8.1f s clock  %-24s %s" % (
                    cpu, statistics.median(r.wall for r in outcomes), test.name,
                    "FAILED %d of %d" % (bad, o.n) if bad else outcomes[0].state), flush=True)
    finally:
        for process in busy:
            process.kill()
            process.wait()
    print("%.0f seconds of the processor, %d tests failed" % (total, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
