#!/usr/bin/env python3
"""standalone.py MEM_TRACER: the instrumented file alone, without our host, as docs/trace.md describes it.

Runs the -o file on the bare engine (tests/support/standalone.c, beside the build), decodes its records with the site section that it
carries, and compares them with the trace that --run -fff prints.  With a small trace memory, what was recorded and what was lost add up to all
accesses, and the program's output is the same.
"""
import glob
import json
import os
import re
import struct
import subprocess
import sys
import tempfile

from leb128 import read as leb
from surroundings import PATIENCE

HERE = os.path.dirname(os.path.abspath(__file__))
CASES = os.path.join(HERE, "conformance")
LINE = re.compile(r"^\[\d+\] (\w+)Record \{ (.*) \}$")
FIELD = re.compile(r"(\w+): (\w+\([^)]*\)|[^,]+)")


def sites(module):
    """id -> (loc, code as the trace prints it, static offset, memory)"""
    at = 8
    while at < len(module):
        section, (size, at) = module[at], leb(module, at + 1)
        end = at + size
        if section == 0:
            n, at = leb(module, at)
            if module[at:at + n] == b"mem-tracer":
                return read_sites(module, at + n)
        at = end
    raise ValueError("no site section")


def read_sites(b, at):
    version, at = leb(b, at)
    assert version == 1 and b[at] == 1, "values expected"
    count, at = leb(b, at + 1)
    out, loc, func = {}, 0, 0
    for i in range(count):
        delta, at = leb(b, at)
        loc += delta
        delta, at = leb(b, at)
        func += delta
        prefix, (code, at) = b[at], leb(b, at + 1)
        if not prefix and 0x10 <= code <= 0x15:
            out[8 + i] = (loc, None, 0, 0)
            continue
        offset, at = leb(b, at)
        memory, at = leb(b, at)
        if (prefix, code) in ((0xFC, 10), (0xFC, 8)):
            _, at = leb(b, at)
        text = "0x%02X%02X" % (prefix, code) if prefix else "0x%02X" % code
        out[8 + i] = (loc, text, offset, memory)
    return out


def decode(records, table):
    out, at = [], 0
    while at < len(records):
        head, low = struct.unpack_from("<II", records, at)
        size, site = 8 * ((head >> 1 & 7) + 1), head >> 4
        if site in (1, 2):
            address, length = struct.unpack_from("<QQ", records, at + 8)
            loc = table[low][0] if low else 0
            out.append(("HostRead" if site == 1 else "HostWrite", loc, None, address, length))
        elif site >= 8:
            loc, code, offset, memory = table[site]
            if code in ("0xFC0A", "0xFC0B", "0xFC08"):
                address = struct.unpack_from("<Q", records, at + 8)[0]
                length = struct.unpack_from("<Q", records, at + size - 8)[0]
                out.append(("bulk", loc, code, address, length))
            else:
                out.append(("scalar", loc, code, low, offset))
        at += size
    return out


def printed(path):
    out = []
    with open(path) as f:
        for line in f:
            m = LINE.match(line)
            if line.startswith("DefectResults"):
                break
            if not m:
                continue
            d = dict(FIELD.findall(m.group(2)))
            loc = int(d["loc"], 16)
            if m.group(1).startswith("Host"):
                out.append((m.group(1), loc, None, int(d["addr"]), int(d["length"])))
            elif m.group(1) in ("Fill", "Copy", "Init"):
                out.append(("bulk", loc, d["code"], int(d["addr"]), int(d["length"])))
            else:
                out.append(("scalar", loc, d["code"], int(d["addr"]), int(d["offset"])))
    return out


def stand_alone(runner, module, stdin, records=None):
    command = [runner, module] + ([records] if records else [])
    with open(stdin, "rb") as f:
        r = subprocess.run(command, stdin=f, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PATIENCE)
    m = re.search(r"recorded (\d+) lost (\d+) status (\d+)", r.stderr.decode("utf-8", "replace"))
    assert m, r.stderr.decode("utf-8", "replace")
    return (r.stdout,) + tuple(map(int, m.groups()))


def check(tool, runner, path, tmp):
    base = re.sub(r"\.O[02]$", "", path[:-5])
    stdin = base + ".stdin" if os.path.exists(base + ".stdin") else os.devnull
    out, listing, records = (os.path.join(tmp, n) for n in ("program.wasm", "trace.txt", "records"))
    subprocess.run([tool, "-o", out, path], check=True)
    with open(out, "rb") as f:
        table = sites(f.read())
    stdout, recorded, lost, _ = stand_alone(runner, out, stdin, records)
    assert lost == 0, "lost %d" % lost
    with open(path, "rb") as f, open(os.path.join(tmp, "in", "program.wasm"), "wb") as g:
        g.write(f.read())  # so that argv[0] is the same
    with open(stdin, "rb") as f:
        r = subprocess.run([tool, "-r", "-fff", "--report", listing, "-o", out + ".x.wasm",
                            os.path.join(tmp, "in", "program.wasm")], stdin=f, stdout=subprocess.PIPE,
                           stderr=subprocess.DEVNULL)
    assert r.stdout == stdout, "the output differs"
    with open(records, "rb") as f:
        got = decode(f.read()[65536:], table)
    want = printed(listing)
    assert len(got) == len(want) == recorded, "%d records, %d lines" % (len(got), len(want))
    for i, (a, b) in enumerate(zip(want, got)):
        assert a == b, "access %d: --run says %s, the file %s" % (i, a, b)
    return len(got)


def check_loss(tool, runner, path, tmp):
    """16 bytes a record and more: a trace memory of 1 MiB is full after some 60,000 accesses"""
    out, report = os.path.join(tmp, "small.wasm"), os.path.join(tmp, "report.json")
    subprocess.run([tool, "--trace-memory", "1", "-o", out, path], check=True)
    image = os.path.join(tmp, "image")
    stdout, recorded, lost, _ = stand_alone(runner, out, os.devnull, image)
    r = subprocess.run([tool, "-r", "--format", "json", "--report", report, "-o", out, path], stdin=subprocess.DEVNULL,
                       stdout=subprocess.PIPE)
    with open(report) as f:
        accesses = json.load(f)["run"]["accesses"]
    assert r.stdout == stdout, "the output differs"
    assert lost > 0 and recorded + lost == accesses, "recorded %d, lost %d, in all %d" % (recorded, lost, accesses)
    check_lost_said(tool, path, image, (recorded, lost), tmp)


def check_lost_said(tool, path, image, numbers, tmp):
    """a report of such a trace begins with what it has not, and no limit holds for that"""
    recorded, lost = numbers
    said = "{:,} of {:,} accesses were not recorded ({:.1f}%)".format(lost, recorded + lost, 100 * lost / (recorded + lost))
    r = subprocess.run([tool, "analyze", path, image], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    lines = [line for line in r.stdout.split("\n") if line.strip()][1:]
    assert r.returncode == 0 and said in r.stderr, r.stderr
    assert lines[0].startswith(said) and any(s.startswith("The program is not known to have ended") for s in lines[1:3]), lines[:4]
    assert "trapped" not in r.stdout, "the program has not trapped"
    r = subprocess.run([tool, "analyze", "--format", "json", path, image], stdout=subprocess.PIPE, text=True,
                       stderr=subprocess.DEVNULL)
    run = json.loads(r.stdout)["run"]
    assert (run["accesses"], run["lost_accesses"]) == numbers and run["trap"] == "the trace does not say", run
    saved = os.path.join(tmp, "saved.json")
    with open(saved, "w") as f:
        f.write(r.stdout)
    merged = subprocess.run([tool, "merge", "--format", "json", saved, saved], stdout=subprocess.PIPE, check=True)
    assert json.loads(merged.stdout)["run"]["lost_accesses"] == 2 * lost, "merged"
    r = subprocess.run([tool, "analyze", "--fail-on", "dead_store>99%", path, image], stdout=subprocess.PIPE, text=True,
                       stderr=subprocess.PIPE)
    assert r.returncode == 3 and "over the limit: " + said in r.stderr, r.stderr


def main():
    tool = os.path.abspath(sys.argv[1])
    runner = os.path.join(os.path.dirname(tool), "tests", "standalone")
    plan = [(check, p) for p in sorted(glob.glob(CASES + "/programs/*.O2.wasm") + glob.glob(CASES + "/fuzz/*.wasm"))]
    plan += [(check, os.path.join(CASES, "cases", n + ".wasm")) for n in (
        "memory_init", "host_call_indirect", "start_function", "copy_overlap_up", "atomic_rmw_all", "trap_oob_load")]
    plan += [(check_loss, os.path.join(HERE, "..", "examples", n + ".wasm")) for n in ("dead_stores", "spills")]
    passed = failed = 0
    for how, path in plan:
        with tempfile.TemporaryDirectory() as tmp:
            os.mkdir(os.path.join(tmp, "in"))
            try:
                how(tool, runner, path, tmp)
                passed += 1
            except (AssertionError, ValueError, subprocess.SubprocessError, struct.error) as e:
                failed += 1
                print("FAIL %s: %s" % (os.path.relpath(path, HERE), e))
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
