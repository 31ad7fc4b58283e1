#!/usr/bin/env python3
"""signals.py MEM_TRACER: a signal ends a run soon, with a whole report of what ran: while the guest computes without
touching memory, while it records, while it blocks in a host call and in a wait, at random moments, and amid code without
branches that has never run before.
"""
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from analyses import leb, section, sleb, vector  # noqa: E402
from surroundings import PATIENCE  # noqa: E402

INPUTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "inputs")
SOON = 2.0  # seconds of the processor, from the signal on
TICK = os.sysconf("SC_CLK_TCK")


class TooEarly(Exception):
    """the signal came before the program had run; on a busy machine that takes a while"""


def spent():
    """seconds of the processor that all processes took which have ended"""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def spent_by(pid):
    with open("/proc/%d/stat" % pid, encoding="ascii", errors="replace") as f:
        fields = f.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def run(tool, name, number, delay, tmp):
    """after a delay of at least 0.3 s the program has to have run, else that was TooEarly"""
    report = os.path.join(tmp, "report.json")
    for path in (report, os.path.join(tmp, "out.wasm")):
        if os.path.exists(path):
            os.remove(path)
    before = spent()
    p = subprocess.Popen([tool, "--run", "--format", "json", "--report", report, "-o", os.path.join(tmp, "out.wasm"),
                          os.path.join(INPUTS, name + ".wasm")], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE)
    time.sleep(delay)
    until_then = spent_by(p.pid)
    p.send_signal(number)
    try:
        p.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        p.kill()
        return "%s does not end" % name
    took = spent() - before - until_then
    p.stdin.close()
    left = [n for n in os.listdir(tmp) if n.startswith(".mem-tracer")]
    if left:
        return "%s left %s behind" % (name, left)
    words, output = p.stderr.read().decode("utf-8", "replace"), p.stdout.read()
    if took > SOON:
        return "%s took %.1f s of the processor to end" % (name, took)
    if p.returncode == -number:  # before the program had set itself up
        return late(delay, "%s was killed" % name)
    if p.returncode != 128 + number:
        return "%s: exit status %d: %s" % (name, p.returncode, words)
    with open(report) as f:
        r = json.load(f)["run"]
    if r["trap"] != "interrupt" or r["exit_code"] is not None:
        return "%s: trap %r" % (name, r["trap"])
    with open(os.path.join(tmp, "out.wasm"), "rb") as f:
        if f.read(4) != b"\0asm":
            return "%s: no instrumented module" % name
    if r["stores"] < 1:
        return late(delay, "%s: the store that ran is not in the report" % name)
    if output != (b"abc" if name == "partial" else b""):
        return late(delay, "%s: the program's output is not whole" % name)
    if "interrupt" not in words:
        return "%s: nothing said: %r" % (name, words)
    return None


def late(delay, problem):
    """what is no problem of a program that may not have begun"""
    if delay >= 0.3:
        raise TooEarly(problem)


def run_in_time(tool, name, number, delay, tmp):
    """the same; a signal that came too early is sent later, until it is clear that time is not what lacks"""
    for longer in (1, 4, 16, 64):
        try:
            return run(tool, name, number, longer * delay, tmp)
        except TooEarly as e:
            problem = str(e)
    return problem


def straight(path):
    """800 loads, each of a page that nothing has touched, so that together they take a while"""
    code = b"\0" + b"".join(b"\x41" + sleb((i * 5000000 + 64) - (1 << 32 if i * 5000000 + 64 >= 1 << 31 else 0)) + b"\x28\2\0\x1a"
                           for i in range(800)) + b"\x0b"
    with open(path, "wb") as f:
        f.write(b"\0asm\1\0\0\0" + section(1, vector([b"\x60\0\0"])) + section(3, vector([b"\0"])) +
                section(5, vector([b"\0" + leb(65000)])) + section(7, vector([leb(6) + b"_start\0\0"])) +
                section(10, vector([leb(len(code)) + code])))


def cut_stretch(tool, seconds, tmp):
    """the time limit ends the program within its one stretch of code, if this machine is neither too fast nor too slow for
    that: so it is tried a few times, and where it never happens, nothing is said of it"""
    straight(os.path.join(tmp, "straight.wasm"))
    problem = None
    for _ in range(5):
        problem, cut = cut_once(tool, seconds, tmp)
        if problem or cut:
            return problem
    return None


def cut_once(tool, seconds, tmp):
    """what was wrong, and whether some of the loads did not run"""
    module, report = os.path.join(tmp, "straight.wasm"), os.path.join(tmp, "report.json")
    r = subprocess.run([tool, "--run", "--inline", "always", "--timeout", str(seconds), "--format", "json", "--report", report,
                        "-o", os.path.join(tmp, "out.wasm"), module], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.PIPE, timeout=PATIENCE)
    if r.returncode != 134:
        return "a stretch that is cut off: exit status %d: %s" % (r.returncode, r.stderr.decode("utf-8", "replace")), False
    with open(report) as f:
        found = json.load(f)["run"]
    if found["trap"] != "timeout" or found["loads"] > 800:
        return "a stretch that is cut off: trap %r, %d loads" % (found["trap"], found["loads"]), False
    return None, found["loads"] < 800


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
            problem = run_in_time(tool, name, number, delay, tmp)
            passed += problem is None
            failed += problem is not None
            if problem:
                print("FAIL signal %d after %.2f s: %s" % (number, delay, problem))
        for seconds in (0.001, 0.03):
            problem = cut_stretch(tool, seconds, tmp)
            passed += problem is None
            failed += problem is not None
            if problem:
                print("FAIL %s" % problem)
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
