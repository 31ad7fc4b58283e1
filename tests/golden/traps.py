#!/usr/bin/env python3
"""traps.py MEM_TRACER: each kind of trap ends a run with a report of what ran until then, that names the trap as the contract does
(docs/report.md), online and by trace, with code in line and in hooks; and that says where, as the engine does of the program without
instrumentation (tests/support/plain.c).
"""
import json
import os
import platform
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import wasm_tools  # noqa: E402
from surroundings import lacks  # noqa: E402

# What traps, the phrase, and what else the module has.
TRAPS = [
    ("unreachable", "unreachable", ""),
    ("(call $g (i32.const 4))", "unreachable",
     "(func $g (param i32) (if (local.get 0) (then (call $g (i32.sub (local.get 0) (i32.const 1)))) (else (call $h))))"
     "(func $h (local i64 f64) (local.set 0 (i64.load (i32.const 8))) (i64.store (i32.const 8) (local.get 0)) (unreachable))"),
    ("(call_indirect (i32.const 0))", "out of bounds memory access",
     "(table 1 funcref) (elem (i32.const 0) $x)"
     "(func $x (local i32) (loop $l (if (i32.eqz (i32.load offset=40000 (local.get 0))) (then (nop)))"
     " (local.set 0 (i32.add (local.get 0) (i32.const 4))) (br $l)))"),
    ("(call $s (i32.const 65528))", "out of bounds memory access",
     "(func $s (param i32) (loop $l (i64.store (local.get 0) (i64.load (i32.const 24)))"
     " (local.set 0 (i32.add (local.get 0) (i32.const 4))) (br $l)))"),
    ("(drop (i32.load8_u offset=70000 (i32.const 0)))", "out of bounds memory access", ""),
    ("(i32.store16 (i32.const 65535) (i32.const 7))", "out of bounds memory access", ""),
    ("(v128.store (i32.const 65521) (v128.const i64x2 1 2))", "out of bounds memory access", ""),
    ("(drop (i32.load (i32.const 65533)))", "out of bounds memory access", ""),
    ("(i64.store offset=4294967295 (i32.const 0) (i64.const 1))", "out of bounds memory access", ""),
    ("(memory.fill (i32.const 65530) (i32.const 1) (i32.const 7))", "out of bounds memory access", ""),
    ("(memory.init 0 (i32.const 0) (i32.const 0) (i32.const 9))", "out of bounds memory access", '(data "abc")'),
    ("(drop (table.get (i32.const 3)))", "out of bounds table access", "(table 3 funcref)"),
    ("(call_indirect (i32.const 3))", "out of bounds table access", "(table 3 funcref)"),
    ("(call_indirect (type $t) (i32.const 0))", "indirect call type mismatch",
     "(type $t (func (param i32))) (table 1 funcref) (elem (i32.const 0) $f)"),
    ("(drop (i32.div_s (i32.const -2147483648) (i32.const -1)))", "integer overflow", ""),
    ("(drop (i32.trunc_f64_s (f64.const 1e10)))", "integer overflow", ""),
    ("(drop (i64.rem_u (i64.const 1) (i64.const 0)))", "integer divide by zero", ""),
    ("(drop (i32.div_u (i32.const 1) (i32.const 0)))", "integer divide by zero", ""),
    ("(drop (i32.trunc_f32_s (f32.const nan)))", "invalid conversion to integer", ""),
    ("(drop (i32.atomic.load (i32.const 2)))", "unaligned atomic", ""),
    ("(drop (i64.atomic.rmw.add (i32.const 4) (i64.const 2)))", "unaligned atomic", ""),
    ("(call $deep)", "call stack exhausted", "(func $deep (call $deep) (call $deep))"),
    ("(call_ref $v (ref.null $v))", "null reference", "(type $v (func))"),
    ("(drop (ref.as_non_null (ref.null func)))", "null reference", ""),
    ("(throw $e)", "uncaught exception", "(tag $e)"),
]


# Accesses that begin within memory and end behind it: the engine tells of the first byte that is not there.
EXACT = platform.machine() == "x86_64"
BEGINS = {"(drop (i32.load (i32.const 65533)))": 65533, "(i32.store16 (i32.const 65535) (i32.const 7))": 65535,
          "(v128.store (i32.const 65521) (v128.const i64x2 1 2))": 65521, "(call $s (i32.const 65528))": 65532}
BULK = {"(memory.fill (i32.const 65530) (i32.const 1) (i32.const 7))": 65530,  # the engine tells of nothing
        "(i64.store offset=4294967295 (i32.const 0) (i64.const 1))": 4294967295}


def module(tools, folder, code, more):
    text, binary = os.path.join(folder, "a.wat"), os.path.join(folder, "a.wasm")
    if "$t" in code:  # a type of a parameter that the call needs
        code = "(i32.const 7) " + code
    with open(text, "w", encoding="utf-8") as f:
        f.write("(module (memory (export \"memory\") 1) %s (func $f)\n" % more)
        f.write("(func (export \"_start\") (i32.store (i32.const 16) (i32.const 5)) (i32.store (i32.const 16) (i32.const 6))\n")
        f.write("  %s\n  (i32.store (i32.const 16) (i32.const 7))))\n" % code)
    subprocess.run([tools, "parse", text, "-o", binary], check=True)
    return binary


def place(plain, binary):
    """where the engine says that the program trapped: offsets of calls, and the address, or None"""
    r = subprocess.run([plain, "--trap", "--no-cache", binary], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    words = r.stderr.split()
    if words[:1] != ["trap"]:
        return [], None
    calls = [int(w) for w in words[1:words.index("at")]]
    return [c for c in calls if c < 1 << 32], None if words[-1] == "?" else int(words[-1], 16)  # what a prologue's trap has is none


def check_place(run, where, begins):
    calls, address = where
    address = begins if begins and EXACT else address
    at = run.get("trap_at", {"calls": []})
    if [c["loc"] for c in at["calls"]] != calls or any(not c["op"] for c in at["calls"]):
        return "calls %r, not %r" % (at, calls)
    if at.get("address") != address or at.get("memory_size") != (None if address is None else 65536):
        return "address %r, not %r" % (at, address)
    return None


def check(tool, tools, plain, folder, trap):
    code, phrase, more = trap
    binary, report = module(tools, folder, code, more), os.path.join(folder, "r")
    where = place(plain, binary) if phrase != "uncaught exception" else ([], None)
    for form in (["--analysis", "online"], ["--analysis", "trace"], ["--analysis", "online", "--inline", "never"],
                 ["--analysis", "trace", "--inline", "never"], ["--contexts", "--objects"]):
        if os.path.exists(report):
            os.remove(report)
        r = subprocess.run([tool, "--run", "--no-cache", *form, "--format", "json", "--report", report, "-o",
                            os.path.join(folder, "o.wasm"), binary], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        name = "%s %s" % (code, " ".join(form))
        if r.returncode != 134 or "ended early: " + phrase not in r.stderr:
            return "%s: exit status %d, %s" % (name, r.returncode, r.stderr.strip())
        with open(report, encoding="utf-8") as f:
            got = json.load(f)
        run, dead = got["run"], [p for p in got["pairs"] if p["kind"] == "dead_store"]
        if run["trap"] != phrase or run["exit_code"] is not None:
            return "%s: trap %r, exit code %r" % (name, run["trap"], run["exit_code"])
        fault = check_place(run, where if code not in BULK else (where[0], BULK[code]), BEGINS.get(code))
        if fault:
            return "%s: %s" % (name, fault)
        fault = check_again(tool, folder) if form[-1] == "--objects" and where[0] and len(where[0]) < 10 else None
        if fault:
            return "%s: %s" % (name, fault)
        if "local" in more:  # functions that access memory, too
            continue
        if run["accesses"] != 2 or run["stores"] != 2 or run["bytes_stored"] != 8 or run["unread_at_exit"] != 4:
            return "%s: what ran until then: %r" % (name, run)
        if len(dead) != 1 or dead[0]["instances"] != 1 or dead[0]["bytes"] != 4:
            return "%s: the dead store: %r" % (name, dead)
    return None


def check_again(tool, folder):
    """a report that is read back, and its summary, have the place, too"""
    whole, again = (os.path.join(folder, n) for n in ("r", "again"))
    subprocess.run([tool, "merge", whole, whole, "--format", "json", "--report", again], check=True, capture_output=True)
    with open(whole, encoding="utf-8") as f, open(again, encoding="utf-8") as g:
        want, got = json.load(f)["run"]["trap_at"], json.load(g)["run"].get("trap_at")
    if got != want:
        return "read back: %r, not %r" % (got, want)
    summary = subprocess.run([tool, "merge", whole, "--details", "--color", "never"], check=True, capture_output=True, text=True).stdout
    lines = ["  %-8X  %s" % (c["loc"], "called by " if i else c["op"] + " in ") + c["function"] for i, c in enumerate(want["calls"])]
    if want.get("address") is not None:
        lines.insert(0, "It was an access at 0x%X, where memory has 0x%X bytes." % (want["address"], want["memory_size"]))
    return None if "\n".join(lines) in summary else "summary: %s, not %s" % (summary[:500], lines)


# Of what the engine tells no address: the memory, its bytes, the code, and where the access began.
TOLD = [
    ("1", 65536, "(memory.fill (i32.const 65500) (i32.const 7) (i32.const 37))", 65500),
    ("1", 65536, "(memory.fill (i32.const 65500) (i32.const 0) (i32.const -1))", 65500),
    ("1", 65536, "(memory.fill (i32.const 65537) (i32.const 0) (i32.const 0))", 65537),
    ("1", 65536, "(memory.copy (i32.const 8) (i32.const 65440) (i32.const 100))", 65440),
    ("1", 65536, "(memory.copy (i32.const -4) (i32.const 16) (i32.const 8))", 0xFFFFFFFC),
    ("1", 65536, "(memory.init $d (i32.const 65534) (i32.const 0) (i32.const 3))", 65534),
    ("1", 65536, "(memory.init $d (i32.const 0) (i32.const 2) (i32.const 3))", None),  # beyond the segment, not memory
    ("40 (pagesize 1)", 40, "(memory.fill (i32.const 30) (i32.const 7) (i32.const 11))", 30),
    ("i64 1", 65536, "(memory.fill (i64.const -8) (i32.const 7) (i64.const 16))", 2 ** 64 - 8),
    ("i64 1", 65536, "(i64.store (i64.const -8) (i64.const 7))", 2 ** 64 - 8),
    ("i64 1", 65536, "(i64.store16 (i64.const 65535) (i64.const 7))", 65535),
    ("i64 1", 65536, "(drop (v128.load offset=0x100000000 (i64.const 16)))", 2 ** 32 + 16),
    ("i64 1", 65536, "(drop (i64.atomic.rmw.add offset=24 (i64.const 65520) (i64.const 2)))", 65544),
]


def check_told(tool, tools, folder):
    text, binary, report = (os.path.join(folder, n) for n in ("t.wat", "t.wasm", "r"))
    for memory, size, code, want in TOLD:
        index = "i64" if memory.startswith("i64") else "i32"
        with open(text, "w", encoding="utf-8") as f:
            f.write('(module (memory (export "memory") %s) (data $d "abcd") (func (export "_start")' % memory)
            f.write("(memory.fill (%s.const 4) (i32.const 7) (%s.const 16)) %s))" % (index, index, code))
        subprocess.run([tools, "parse", text, "-o", binary], check=True)
        for form in ("online", "trace") if memory == "1" else ("trace",):
            r = subprocess.run([tool, "--run", "--no-cache", "--analysis", form, "--format", "json", "--report", report, "-q", "-o",
                                "/dev/null", binary], stdin=subprocess.DEVNULL, capture_output=True)
            if r.returncode != 134:
                return "%s %s: exit status %d, %s" % (code, form, r.returncode, r.stderr)
            with open(report, encoding="utf-8") as f:
                at = json.load(f)["run"]["trap_at"]
            if (at.get("address"), at.get("memory_size")) != (want, None if want is None else size):
                return "%s %s: %r, not %r" % (code, form, at, want)
    return None


ACCESSES = [("i32.load8_u", 1, None), ("i32.load16_s", 2, None), ("i32.load", 4, None), ("f64.load", 8, None), ("i64.load32_u", 4, None),
            ("v128.load", 16, None), ("v128.load8x8_s", 8, None), ("v128.load32_splat", 4, None), ("i32.store8", 1, "(i32.const 7)"),
            ("i64.store16", 2, "(i64.const 7)"), ("f32.store", 4, "(f32.const 7)"), ("i64.store", 8, "(i64.const 7)"),
            ("v128.store", 16, "(v128.const i64x2 1 2)"), ("v128.load16_lane", 2, "lane"), ("v128.store64_lane", 8, "lane")]


def check_begins(tool, tools, folder):
    """accesses of all widths at random places around the end of memory, with few and many values in registers: where they begin"""
    r = random.Random(3)
    text, binary, report = (os.path.join(folder, n) for n in ("b.wat", "b.wasm", "r"))
    functions, cases = "", []
    for i in range(3 * len(ACCESSES)):
        op, width, value = ACCESSES[i % len(ACCESSES)]
        offset, at = r.choice([0, 0, 3, 200, 70000, 65537 - width]), r.choice([65536 - width + 1 + r.randrange(width), 65536 + r.randrange(90000)])
        many = r.choice([0, 12])
        lane = value == "lane"
        args = "%s offset=%d%s (local.get 0)%s" % (op, offset, " 1" if lane else "",
                                                   " (v128.const i64x2 1 2)" if lane else " " + value if value else "")
        body = "(%s)" % args if "store" in op else "(drop (%s))" % args
        live = "".join("(local.set %d (i32.load (i32.const %d)))" % (k + 2, 4 * k) for k in range(many))
        sums = "".join("(i32.store (i32.const %d) (i32.add (local.get %d) (local.get 1)))" % (256 + 4 * k, k + 2) for k in range(many))
        functions += "(func (export \"f%d\") (param i32 i32) (local%s) %s %s %s)\n" % (i, " i32" * 12, live, body, sums)
        cases.append((op, offset, at))
    with open(text, "w", encoding="utf-8") as f:
        f.write("(module (memory (export \"memory\") 1)\n%s)" % functions)
    subprocess.run([tools, "parse", text, "-o", binary], check=True)
    for i, (op, offset, at) in enumerate(cases):
        if at < offset:
            continue
        form = ["--analysis", ["online", "trace"][i % 2], "--inline", ["auto", "never"][i // 2 % 2]]
        done = subprocess.run([tool, "--run", "--no-cache", *form, "--invoke", "f%d" % i, "--format", "json", "--report", report, "-q", "-o",
                               "/dev/null", binary, "--", str(at - offset), "5"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        with open(report, encoding="utf-8") as f:
            got = json.load(f)["run"].get("trap_at", {})
        want = at if EXACT else max(at, 65536)
        if done.returncode != 134 or (got.get("address"), got.get("memory_size")) != (want, 65536):
            return "%s offset=%d at %d %s: %r %s" % (op, offset, at, " ".join(form), got, done.stderr)
        if [c["op"] for c in got["calls"]] != [op]:
            return "%s: %r" % (op, got)
    return None


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    tool, tools = os.path.abspath(sys.argv[1]), wasm_tools.find()
    if not tools:
        sys.exit(lacks("no wasm-tools"))
    plain, failed = os.path.join(os.path.dirname(tool), "tests", "plain"), 0
    with tempfile.TemporaryDirectory() as folder:
        for trap in TRAPS:
            fault = check(tool, tools, plain, folder, trap)
            if fault:
                print("FAIL", fault)
                failed += 1
        for check_more in check_begins, check_told:
            fault = check_more(tool, tools, folder)
            if not fault:
                continue
            print("FAIL", fault)
            failed += 1
    print("%d passed, %d failed" % (len(TRAPS) + 2 - failed, failed))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
