#!/usr/bin/env python3
"""traps.py MEM_TRACER: each kind of trap ends a run with a report of what ran until then, that names the trap as the contract does
(docs/report.md), online and by trace, with code in line and in hooks; and that says where, as the engine does of the program without
instrumentation (tests/support/plain.c).
"""
import json
import os
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


def check_place(run, where):
    calls, address = where
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
        fault = check_place(run, where)
        if fault:
            return "%s: %s" % (name, fault)
        if "local" in more:  # functions that access memory, too
            continue
        if run["accesses"] != 2 or run["stores"] != 2 or run["bytes_stored"] != 8 or run["unread_at_exit"] != 4:
            return "%s: what ran until then: %r" % (name, run)
        if len(dead) != 1 or dead[0]["instances"] != 1 or dead[0]["bytes"] != 4:
            return "%s: the dead store: %r" % (name, dead)
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
    print("%d passed, %d failed" % (len(TRAPS) - failed, failed))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
