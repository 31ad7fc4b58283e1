#!/usr/bin/env python3
"""trace_file.py MEM_TRACER [COUNT]: saved traces.

On the conformance cases (COUNT of them, default all) and a program that traps, times out or is killed: the report of a saved trace is
the live run's, byte for byte, in every form that the trace is rich enough for; so is that of the trace memory that another
engine leaves (tests/support/standalone.c, beside the build), but for how the run ended.  Traces that are cut off say so and
give what there is.  `trace dump` prints what -fff does.  A file takes no more than 3 bytes an access where a program has the habits of programs.
The last line is `N passed, N failed`.
"""
import csv
import glob
import io
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

from surroundings import PATIENCE

HERE = os.path.dirname(os.path.abspath(__file__))
CASES = os.path.join(HERE, "conformance")
INPUTS = os.path.join(HERE, "golden", "inputs")
TOOL = os.path.abspath(sys.argv[1])


def run(*words, stdin=os.devnull, status=0):
    with open(stdin, "rb") as f:
        r = subprocess.run([TOOL, *words], stdin=f, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PATIENCE)
    assert status is None or r.returncode == status, "%s: status %d: %s" % (words, r.returncode, r.stderr.decode())
    return r


def content(path):
    with open(path, "rb") as f:
        return f.read()


def surroundings(path):
    base = re.sub(r"\.O[02]$", "", path[:-5])
    stdin = base + ".stdin" if os.path.exists(base + ".stdin") else os.devnull
    args = content(base + ".args").decode().split("\n") if os.path.exists(base + ".args") else []
    return stdin, [a for a in args if a]


def live(path, *options, status=None, like=None):
    """saves a trace beside the report"""
    stdin, args = surroundings(like or path)
    return run("-o", "out.wasm", "--run", "--report", "live", *options, path, *(["--"] + args if args else []), stdin=stdin,
               status=status)


def check_case(path):
    for form in (["--format", "json"], ["-f"], ["-ff"], []):
        live(path, "--trace-out", "trace", *form)
        run("analyze", *form, "--report", "again", path, "trace")
        assert content("live") == content("again"), "%s differs" % form
    live(path, "--trace-out", "trace", "-fff")
    run("analyze", "-fff", "--report", "again", path, "trace")
    assert content("live") == content("again"), "-fff differs"
    for options in (["--contexts"], ["--objects"], ["--contexts", "--objects"]):
        live(path, "--trace-out", "trace", *options, "--format", "json")
        run("analyze", "--format", "json", "--report", "again", path, "trace")
        assert content("live") == content("again"), "%s differs" % options


def check_dump(path):
    live(path, "-fff", "--trace-out", "trace", "--contexts", "--objects")
    lines = content("live").decode().split("DefectResults")[0]
    assert run("trace", "dump", "trace").stdout.decode() == lines, "the dump is not what -fff prints"
    objects = [json.loads(line) for line in run("trace", "dump", "--format", "jsonl", "trace").stdout.splitlines()]
    rows = list(csv.DictReader(io.StringIO(run("trace", "dump", "--format=csv", "trace").stdout.decode())))
    assert len(objects) == len(rows) >= lines.count("\n")
    for number, (o, row) in enumerate(zip(objects, rows)):
        text = lambda v: " ".join(v) if isinstance(v, list) else str(v).lower() if isinstance(v, bool) else str(v)
        assert {k: text(v) for k, v in o.items()} == {k: v for k, v in row.items() if v != ""}, (o, row)
    numbered = [o for o in objects if "index" in o]
    assert [o["index"] for o in numbered] == list(range(len(numbered)))
    report = json.loads(run("analyze", "--format", "json", path, "trace").stdout)
    assert len(numbered) == report["run"]["accesses"]
    stores = sum(o["length"] for o in numbered if o["kind"] in ("store", "fill", "copy", "init", "rmw") or o.get("wrote"))
    assert stores == report["run"]["bytes_stored"], (stores, report["run"])


def check_image(path, runner):
    program = os.path.join("in", "program.wasm")
    os.makedirs("in", exist_ok=True)
    with open(program, "wb") as f:
        f.write(content(path))
    run("-o", "out.wasm", program)
    stdin, args = surroundings(path)
    if args:
        return  # the runner gives none
    with open(stdin, "rb") as f:
        r = subprocess.run([runner, "out.wasm", "image"], stdin=f, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                           env=dict(os.environ, ASAN_OPTIONS="detect_leaks=0"))  # it frees nothing
    assert r.returncode == 0, r.stderr
    for form in (["--format", "json"], ["-f"], ["-ff"], ["-fff"]):
        live(program, "--analysis", "trace", *form, like=path)  # distances are exact, as they are from the image
        run("analyze", *form, "--report", "again", program, "image")
        want, got = content("live"), content("again")
        if form[0] == "--format":
            want, got = json.loads(want), json.loads(got)
            for report in (want, got):
                del report["run"]["exit_code"], report["run"]["trap"]
                report["run"].pop("trap_at", None)
        assert want == got, "%s of an image differs" % form


def check_endings():
    for name, options in (("trap", []), ("exit", []), ("spin", ["--timeout", "0.3"]), ("grow", ["--max-memory", "1088K"]),
                          ("grow_trap", ["--max-memory", "1M"])):
        path = os.path.join(INPUTS, name + ".wasm")
        for form in ("json", "html"):
            live(path, "--trace-out", "trace", "--format", form, *options)
            run("analyze", "--format", form, "--report", "again", path, "trace")
            assert content("live") == content("again"), "%s: the report differs" % name
        assert not name.startswith("grow") or re.search(rb'"maxMemory":1\d+,"refused":1,', content("again")), "the page does not say what was refused"


def endless():
    """a module that loads and stores without end, at addresses that go up"""
    section = lambda n, *parts: bytes([n, len(b"".join(parts))]) + b"".join(parts)
    body = bytes.fromhex("01017f" "0340" "2000" "2000" "280204" "360200" "2000" "4104" "6a" "41fcff03" "71" "2100" "0c00" "0b"
                         "0b")
    return (b"\0asm\1\0\0\0" + section(1, b"\1\x60\0\0") + section(3, b"\1\0") + section(5, b"\1\0\2") +
            section(7, b"\2\6_start\0\0\6memory\2\0") + section(10, b"\1", bytes([len(body)]), body))


def check_killed():
    path = "endless.wasm"
    with open(path, "wb") as f:
        f.write(endless())
    p = subprocess.Popen([TOOL, "-o", "out.wasm", "--run", "--trace-out", "trace", path], stdout=subprocess.DEVNULL,
                         stderr=subprocess.DEVNULL)
    for _ in range(200):
        time.sleep(0.05)
        if os.path.exists("trace") and os.path.getsize("trace") > 2000:
            break
    p.send_signal(signal.SIGKILL)
    p.wait()
    r = run("analyze", "--format", "json", path, "trace")
    assert b"warning: the trace is cut off" in r.stderr, r.stderr
    report = json.loads(r.stdout)
    assert report["run"]["accesses"] > 100000 and report["run"]["exit_code"] is None, report["run"]


def check_cut():
    path = os.path.join(CASES, "programs", "lists.O0.wasm")
    live(path, "--trace-out", "trace", "--trace-values", "--format", "json")
    whole, accesses = content("trace"), json.loads(content("live"))["run"]["accesses"]
    front = None
    for size in list(range(0, len(whole), max(1, len(whole) // 60))) + [len(whole) - 1]:
        with open("cut", "wb") as f:
            f.write(whole[:size])
        r = run("analyze", "--format", "json", path, "cut", status=None)
        if r.returncode == 125:  # not even the sites
            assert front is None and b"error: " in r.stderr and r.stderr.count(b"\n") == 1, r.stderr
            continue
        assert r.returncode == 0 and b"warning: the trace is cut off" in r.stderr, (size, r.stderr)
        front = size
        assert json.loads(r.stdout)["run"]["accesses"] in (0, accesses)
    assert front is not None
    with open("cut", "wb") as f:
        f.write(whole[:-1])
    assert json.loads(run("analyze", "--format", "json", path, "cut").stdout)["run"]["accesses"] == accesses
    assert b"cut off" in run("trace", "dump", "cut").stderr


def check_refused():
    path, other = (os.path.join(CASES, "programs", "lists.%s.wasm" % level) for level in ("O0", "O2"))
    live(path, "--trace-out", "trace", "--format", "json")
    for words, status, expected in (
            (["analyze", other, "trace"], 125, "error: trace: the trace is one of another module"),
            (["analyze", "-fff", path, "trace"], 2, "needs values"),
            (["analyze", path], 2, "takes a module and a trace"),
            (["analyze", "--timeout", "3", path, "trace"], 2, "takes no option"),
            (["analyze", path, "nowhere"], 125, "cannot read"),
            (["analyze", path, path], 0, "no record"),
            (["analyze", "--report", "trace", path, "trace"], 2, "is the trace"),
            (["trace", "dump", path], 125, "no trace"),
            (["trace", "dump"], 2, "one trace"),
            (["trace", "eat", "trace"], 2, "dump"),
            (["trace", "dump", "--format", "xml", "trace"], 2, "xml"),
            (["--trace-out", "x", path], 2, "needs --run"),
            (["--run", "-o", "same", "--trace-out", "same", path], 2, "something else"),
            (["--run", "-o", "out.wasm", "--trace-out", "no/where", path], 125, "cannot write"),
            (["--run", "-o", "out.wasm", "--trace-out", "/dev/full", path], 125, "cannot write '/dev/full'")):
        r = run(*words, status=status)
        assert expected in r.stderr.decode(), (words, r.stderr)
    copy = os.path.join(".", "analyze")
    os.makedirs(copy, exist_ok=True)
    r = run("./analyze", status=2)
    assert b"does not end in .wasm" in r.stderr, r.stderr


def check_size():
    for level in ("O0", "O2"):
        for name in ("lists", "strings", "moving"):
            path = os.path.join(CASES, "programs", "%s.%s.wasm" % (name, level))
            live(path, "--trace-out", "trace", "--format", "json")
            accesses = json.loads(content("live"))["run"]["accesses"]
            if accesses > 2000:
                assert os.path.getsize("trace") <= 3 * accesses, (path, os.path.getsize("trace"), accesses)
    for name in ("kernel1", "kernel3", "kernel5"):
        path = os.path.join(HERE, "interp", name + ".O0.wasm")
        live(path, "--trace-out", "trace", "--format", "json")
        accesses = json.loads(content("live"))["run"]["accesses"]
        assert os.path.getsize("trace") <= 3 * accesses, (path, os.path.getsize("trace"), accesses)


def main():
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 10000
    cases = sorted(glob.glob(os.path.join(CASES, "*", "*.wasm")))
    step = max(1, len(cases) // count)
    runner = os.path.join(os.path.dirname(TOOL), "tests", "standalone")
    checks = [(os.path.basename(c), check_case, (c,)) for c in cases[::step]]
    checks.append(("objects", check_case, (os.path.join(HERE, "golden", "inputs", "objects.wasm"),)))
    checks += [(os.path.basename(c) + " dump", check_dump, (c,)) for c in cases[::2 * step]]
    if os.path.exists(runner):
        checks += [(os.path.basename(c) + " image", check_image, (c, runner)) for c in cases[1::2 * step]]
    checks += [(f.__name__, f, ()) for f in (check_endings, check_killed, check_cut, check_refused, check_size)]
    failed = 0
    for name, check, args in checks:
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            try:
                check(*args)
            except (AssertionError, subprocess.TimeoutExpired, ValueError, KeyError) as e:
                failed += 1
                print("FAILED %s: %s" % (name, str(e)[:1500]), flush=True)
            os.chdir("/")
    print("%d passed, %d failed" % (len(checks) - failed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
