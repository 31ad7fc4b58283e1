#!/usr/bin/env python3
"""run.py MEM_TRACER [--run] [--all] [--only NAME]

Modules just below, at and just above each limit that the engine has.  What the engine refuses must be refused or stay
invalid; what it takes must be valid when it is instrumented, or refused with one line that names the limit.  Memory must stay in
proportion to the module: below BASE and so many bytes for each byte, and for four times the module at most some six times as much.

Growth is checked with --all only, and without it cases that are marked long are left out.

--run: the modules that are not marked long run, plain and by both analyses: the same ending and the same reports, or one line that
names the limit.  Those that take long to compile are left out without --all."""
import json
import os
import subprocess
import sys
import tempfile
import time

import build

HERE = os.path.dirname(os.path.abspath(__file__))
TOOL = os.path.abspath(sys.argv[1])
VALIDATE, PLAIN = (os.path.join(os.path.dirname(TOOL), "tests", name) for name in ("validate", "plain"))
BASE, PER_BYTE = 24 << 20, 120

# name, function, sizes (False behind one: the engine takes it, but our additions find no room), whether it is long
CASES = [
    ("functions", build.functions, [999000, (1000000, False), 1000001], True),
    ("functions, a tenth", build.functions, [100000], False),
    ("body without accesses", build.body_plain, [7654320, 7654321, 7654322], False),
    ("body of loads", build.body_loads, [2000000, 4500000, (7654321, False), 7654322], False),
    ("body with room for little", build.body_mixed, [7649321, 7650321, (7654321, False), 7654322], False),
    ("locals", build.local_variables, [49999, 50000, 50001], False),
    ("groups of locals", build.local_groups, [49999, 50000, 50001], False),
    ("parameters", build.parameters, [999, 1000, 1001], False),
    ("results", build.results, [999, 1000, 1001], False),
    ("memories", build.memories, [98, 99, (100, False), 101], False),
    ("types", build.types, [999000, (1000000, False), 1000001], True),
    ("group of types", build.type_group, [999000, (1000000, False), 1000001], True),
    ("types, a tenth", build.types, [100000], False),
    ("imports", build.imports, [999900, (1000000, False), 1000001], True),
    ("imports of functions", build.import_functions, [10000, 400000], True),
    ("globals", build.globals_, [999980, (1000000, False), 1000001], True),
    ("exports of functions", build.exports, [499980, (499999, False), 500000], True),
    ("exports", build.export_globals, [999980, (999996, False), 999997], True),
    ("exports, a tenth", build.exports, [100000], False),
    ("tags", build.tags, [999999, 1000000, 1000001], True),
    ("tables", build.tables, [98, 99, (100, False), 101], False),
    ("table entries", build.table_entries, [9999999, 10000000, 10000001], False),
    ("element segments", build.elements, [99999, 100000, 100001], False),
    ("element segments and a wrapper", build.declared, [99999, (100000, False), 100001], False),
    ("data segments", build.data, [99999, 100000, 100001], False),
    ("passive data segments", build.passive_data, [99999, 100000, 100001], False),
    ("br_table", build.br_table, [100000, 7654300], False),
    ("blocks", build.nested(b"\x02\x40"), [100000], False),
    ("loops", build.nested(b"\x03\x40"), [100000], False),
    ("ifs", build.nested(b"\x04\x40", b"\x41\x01"), [100000], False),
    ("try_tables", build.nested(b"\x1f\x40\x00"), [100000], False),
    ("constant expression", build.constant_expression, [100000], False),
    ("operand stack", build.operand_stack, [100000], False),
    ("catches", build.catches, [9999, 10000, 10001], False),
    ("import's name", build.import_name, [99999, 100000, 100001], False),
    ("export's name", build.export_name, [99999, 100000, 100001], False),
    ("function's name", build.function_name, [100000, 1000000], False),
    ("bomb of locals", build.bomb, [1000, 10000], False),
]
SLOW_TO_RUN = ("functions, a tenth", "body of loads", "operand stack", "bomb of locals")  # that is, to compile


class Failure(Exception):
    pass


def measured(words):
    """status, standard error, peak memory in bytes, processor seconds"""
    with tempfile.TemporaryFile() as err:
        p = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=err)
        _, status, usage = os.wait4(p.pid, 0)
        p.returncode = os.waitstatus_to_exitcode(status)
        err.seek(0)
        return p.returncode, err.read().decode("utf-8", "replace").splitlines(), usage.ru_maxrss * 1024, usage.ru_utime + usage.ru_stime


def verdicts(paths):
    r = subprocess.run([VALIDATE] + paths, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True, text=True)
    return [line == "valid" for line in r.stdout.split("\n")[:-1]]


def one_line(status, lines):
    if status != 125 or len(lines) != 1 or not lines[0].startswith("mem-tracer: error: "):
        raise Failure("status %d, says: %s" % (status, " / ".join(lines)[:300]))
    if len(lines[0]) > 1000:
        raise Failure("a message of %d characters" % len(lines[0]))
    return lines[0]


def write(path, make):
    """by another process: what this one ever needed would count as a later child's, too"""
    pid = os.fork()
    if pid == 0:
        with open(path, "wb") as f:
            f.write(make())
        os._exit(0)
    if os.waitpid(pid, 0)[1]:
        raise Failure("no module")


def check(folder, make, room):
    """instruments; the module's size, what became of it, and the measures.  room: None, or whether our additions must find room"""
    path, out = os.path.join(folder, "in.wasm"), os.path.join(folder, "out.wasm")
    write(path, make)
    size = os.path.getsize(path)
    if os.path.exists(out):
        os.unlink(out)
    status, lines, memory, seconds = measured([TOOL, path, "-o", out])
    if status == 0:
        plain, ours = verdicts([path, out])
        if plain != ours:
            raise Failure("the engine says %s, and %s of what we made" % (plain, ours))
        word = "instrumented" if plain else "invalid, and stays so"
    else:
        line = one_line(status, lines)
        plain = verdicts([path])[0]
        word = "no room" if plain else "refused"
        if plain and "limit" not in line:
            raise Failure("the engine takes it; we say: " + line[:300])
    if room is not None and (plain and status == 0) != room and plain:
        raise Failure("the engine takes it, and we: %s %s" % (word, lines))
    if memory > BASE + PER_BYTE * size:
        raise Failure("%d MiB for %d bytes" % (memory >> 20, size))
    return size, word, memory, seconds


def case(folder, name, make, sizes):
    rows = []
    for size in sizes:
        n, room = size if isinstance(size, tuple) else (size, None if size is sizes[-1] and len(sizes) > 2 else True)
        try:
            length, word, memory, seconds = check(folder, lambda: make(n), room)
        except Failure as e:
            raise Failure("%s, %d: %s" % (name, n, e))
        rows.append(n)
        print("%-32s %9d %10d bytes  %-22s %5d MiB %6.2f s" % (name, n, length, word, memory >> 20, seconds), flush=True)
    return rows


def run_by(folder, analysis, path):
    """status, lines of standard error, the report where there is one"""
    report = os.path.join(folder, "report.json")
    if os.path.exists(report):
        os.unlink(report)
    status, lines, _, _ = measured([TOOL, "--run", "--no-cache", "--stub-imports", "trap", "--analysis", analysis, "--format", "json",
                                    "--report", report, "-o", os.path.join(folder, "out.wasm"), path])
    if not os.path.exists(report):
        return status, lines, None
    with open(report, encoding="utf-8") as f:
        return status, lines, json.load(f)


def check_run(folder, make):
    """what became of it"""
    path = os.path.join(folder, "in.wasm")
    write(path, make)
    plain, words, _, _ = measured([PLAIN, "--no-cache", "--stubs", path])
    refused = plain == 125
    auto, traced = (run_by(folder, analysis, path) for analysis in ("auto", "trace"))
    for status, lines, report in (auto, traced):
        if report is None:
            line = one_line(status, lines)
            if not refused and "limit" not in line:
                raise Failure("it runs plain; we say: " + line[:300])
        elif refused:
            raise Failure("the engine refuses it: %s" % words[:3])
        elif status != plain:
            raise Failure("status %d, plain %d: %s" % (status, plain, lines[:3]))
    if auto[2] != traced[2]:
        raise Failure("by one analysis: %s; by the other: %s" % tuple((r or {"run": "nothing"})["run"] for _, _, r in (auto, traced)))
    if refused:
        return "refused"
    return "%d accesses, status %d" % (auto[2]["run"]["accesses"], plain) if auto[2] else "no room"


def check_invoke(folder):
    """a function with as many parameters or results as there may be, called by --invoke"""
    path, n = os.path.join(folder, "in.wasm"), 1000
    for make, args, printed in ((build.parameters, [str(i) for i in range(n)], []), (build.results, [], [str(i % 64) for i in range(n)])):
        write(path, lambda: make(n))
        r = subprocess.run([TOOL, "--run", "--no-cache", "--stub-imports", "default", "--report", os.path.join(folder, "report"), "-o",
                            os.path.join(folder, "out.wasm"), "--invoke", "f", path, "--", *args], stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if (r.returncode, r.stdout.split()) != (0, printed):
            raise Failure("--invoke: status %d, %s %s" % (r.returncode, r.stdout[:100], r.stderr[:300]))


def run_case(folder, name, make, sizes):
    for size in sizes:
        n = size[0] if isinstance(size, tuple) else size
        start = time.monotonic()
        try:
            word = check_run(folder, lambda: make(n))
        except Failure as e:
            raise Failure("%s, %d: %s" % (name, n, e))
        print("%-32s %9d  %-50s %6.2f s" % (name, n, word, time.monotonic() - start), flush=True)
    return sizes


def growth(folder, name, make, n):
    """a quarter of it takes at least a sixth, beside what any module takes"""
    small, large = [check(folder, lambda: make(k), None)[1:] for k in (n // 4, n)]
    floor = 14 << 20
    if large[1] - floor > 6 * max(small[1] - floor, 8 << 20):
        raise Failure("%s: %d MiB for a quarter, %d MiB for all" % (name, small[1] >> 20, large[1] >> 20))
    if large[2] > 8 * small[2] + 1:
        raise Failure("%s: %.2f s for a quarter, %.2f s for all" % (name, small[2], large[2]))


def main():
    everything, running = "--all" in sys.argv, "--run" in sys.argv
    only = sys.argv[sys.argv.index("--only") + 1] if "--only" in sys.argv else None
    failures = count = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, make, sizes, long_ in CASES:
            if not sizes or (long_ and (running or not everything)) or (only and only != name):
                continue
            if running and name in SLOW_TO_RUN and not everything:
                continue
            try:
                count += len((run_case if running else case)(folder, name, make, sizes))
                first = sizes[0] if not isinstance(sizes[0], tuple) else sizes[0][0]
                if first > 1000 and everything and not running:
                    growth(folder, name, make, first)
            except Failure as e:
                failures += 1
                print("FAILED", e, flush=True)
        if running and not only:
            try:
                count += 2
                check_invoke(folder)
            except Failure as e:
                failures += 1
                print("FAILED", e, flush=True)
        for name, bytes_ in build.claims():
            if running or (only and only != name):
                continue
            count += 1
            try:
                _, _, memory, _ = check(folder, lambda: bytes_, None)
                if memory > BASE:
                    raise Failure("%d MiB" % (memory >> 20))
            except Failure as e:
                failures += 1
                print("FAILED claims: %s: %s" % (name, e), flush=True)
    print("%d modules, %d failures" % (count, failures))
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
