#!/usr/bin/env python3
"""signals.py MEM_TRACER: a signal ends a run within 2 s, with a whole report of what ran: while the guest computes without
touching memory, while it records, while it blocks in a host call and in a wait, and at random moments.
"""
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time

INPUTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "inputs")
LIMIT = 2.0 + 1.0  # seconds; the tests may run on a busy machine


def run(tool, name, number, delay, tmp):
    report = os.path.join(tmp, "report.json")
    for path in (report, os.path.join(tmp, "out.wasm")):
        if os.path.exists(path):
            os.remove(path)
    p = subprocess.Popen([tool, "--run", "--format", "json", "--report", report, "-o", os.path.join(tmp, "out.wasm"),
                          os.path.join(INPUTS, name + ".wasm")], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE)
    time.sleep(delay)
    start = time.monotonic()
    p.send_signal(number)
    try:
        p.wait(20)
    except subprocess.TimeoutExpired:
        p.kill()
        return "%s does not end" % name
    took = time.monotonic() - start
    p.stdin.close()
    left = [n for n in os.listdir(tmp) if n.startswith(".mem-tracer")]
    if left:
        return "%s left %s behind" % (name, left)
    if p.stdout.read() != (b"abc" if name == "partial" and delay >= 0.3 else b"") and delay >= 0.3:
        return "%s: the program's output is not whole" % name
    words = p.stderr.read().decode("utf-8", "replace")
    if took > LIMIT:
        return "%s took %.1f s to end" % (name, took)
    if p.returncode == -number:  # before the program had set itself up
        return None if delay < 0.3 else "%s was killed" % name
    if p.returncode != 128 + number:
        return "%s: exit status %d: %s" % (name, p.returncode, words)
    with open(report) as f:
        r = json.load(f)["run"]
    if r["trap"] != "interrupt" or r["exit_code"] is not None:
        return "%s: trap %r" % (name, r["trap"])
    with open(os.path.join(tmp, "out.wasm"), "rb") as f:
        if f.read(4) != b"\0asm":
            return "%s: no instrumented module" % name
    if delay >= 0.3 and r["stores"] < 1:
        return "%s: the store that ran is not in the report" % name
    if "interrupt" not in words:
        return "%s: nothing said: %r" % (name, words)
    return None


def main():
    tool = os.path.abspath(sys.argv[1])
    rng = random.Random(1)
    plan = [(name, number, 1.0) for name in ("spin", "stores", "blocked", "wait", "partial", "start_spin")
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    plan += [(rng.choice(("spin", "stores", "blocked")), signal.SIGTERM, rng.uniform(0, 0.25)) for _ in range(30)]
    plan += [(rng.choice(("spin", "stores")), signal.SIGTERM, rng.uniform(0, 0.03)) for _ in range(60)]  # while it compiles
    passed = failed = 0
    with tempfile.TemporaryDirectory() as tmp:
        for name, number, delay in plan:
            problem = run(tool, name, number, delay, tmp)
            passed += problem is None
            failed += problem is not None
            if problem:
                print("FAIL signal %d after %.2f s: %s" % (number, delay, problem))
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
