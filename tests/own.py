#!/usr/bin/env python3
"""own.py MEM_TRACER: the program's own code: by what lines and functions findings are known, and that what is known of one caller hides
nothing of another.

Needs clang-19 and wasm-ld-19, and rustc with wasm32-wasip1.  The last line is `N passed, N failed`."""
import csv
import json
import os
import re
import sys
import tempfile

import checks
from commands import read, run, write

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "programs"))
import sources  # noqa: E402

TOOL = os.path.abspath(sys.argv[1])
CLANG = ("clang-19", "--target=wasm32", "-nostdlib", "-Wl,--no-entry", "-fno-builtin", "-O2", "-g")

RUST = """use std::hint::black_box;
#[inline(never)]
fn old_code(v: &mut Vec<u64>) {
    for _ in 0..100 {
        v.fill(0);
        black_box(&mut *v);
    }
}
#[inline(never)]
fn new_code(v: &mut Vec<u64>) {
    for i in 0..50 {
        v.fill(i);
        black_box(());
    }
}
fn main() {
    let mut v: Vec<u64> = vec![7; 8192];
    old_code(&mut v);
    if NEW {
        new_code(&mut v);
    }
    println!("{}", v[3]);
}
"""

# A library of headers, as a system has them, with what an old and a new function call.
LIBRARY = """#define CLEAR(p, n) for (unsigned i = 0; i < (n); i++) (p)[i] = 0
template <class T> struct vec {
    T data[64];
    inline void clear() {
        for (volatile T &x : data) x = T();
    }
};
extern "C" __attribute__((noinline)) inline void wipe(volatile unsigned *p, unsigned n) {
    for (unsigned i = 0; i < n; i++) p[i] = 0;
}
"""
PROGRAM = """#include <lib.h>
vec<unsigned> shared; volatile unsigned raw[64];
__attribute__((noinline)) void old_code() { %(old)s; }
__attribute__((noinline)) void new_code() { %(new)s; }
extern "C" __attribute__((export_name("_start"))) void entry() {
    for (int i = 0; i < 10; i++) old_code();
    if (NEW) for (int i = 0; i < 100; i++) new_code();
}
"""


def build_rust(root, new):
    sources.need_rust_target("wasm32-wasip1")
    path = os.path.join(root, "prog.rs")
    write(path, "const NEW: bool = %s;\n%s" % ("true" if new else "false", RUST))
    wasm = os.path.join(root, "new.wasm" if new else "old.wasm")
    status, _, err = run("rustc", "--target", "wasm32-wasip1", "-O", "-g", path, "-o", wasm)
    assert status == 0, err
    return wasm


def build_cpp(root, has_new, **bodies):
    library = os.path.join(root, "include", "c++", "v1")
    os.makedirs(library, exist_ok=True)
    write(os.path.join(library, "lib.h"), LIBRARY)
    path = os.path.join(root, "prog.cc")
    write(path, PROGRAM % bodies)
    wasm = os.path.join(root, "new.wasm" if has_new else "old.wasm")
    status, _, err = run(*CLANG, "-DNEW=%d" % has_new, "-I", library, path, "-o", wasm)
    assert status == 0, err
    return wasm


def report(wasm, *options, form="json"):
    path = "%s.%d.%s" % (wasm, len(os.listdir(os.path.dirname(wasm))), form)
    status, _, err = run(TOOL, "--run", wasm, "-o", wasm + ".out", *options, "--format", form, "--report", path)
    assert status in (0, 3), err
    return path


def own(side):
    frames = side.get("frames")
    return frames[side["own"]] if frames and side["own"] is not None else {}


def owners(report):
    """the own functions of both sides of the dead stores that a report lists"""
    with open(report) as f:
        pairs = json.load(f)["pairs"]
    return {(own(p["first"]).get("function"), own(p["second"]).get("function")) for p in pairs if p["kind"] == "dead_store"}


def assert_new(report, name):
    """what it lists is that function's, and what that function overwrites of itself is there"""
    found = owners(report)
    assert (name, name) in found and all(name in sides for sides in found), found


def first_appeared(diff):
    return next(line for line in diff.split("\n") if re.match(r" *\+\S+ \S+ +appeared ", line))


def assert_gate(old, new, name, *options):
    """what is new stays when all that is old is known: by a baseline, by suppressions, and in diff"""
    before = report(old, *options)
    assert_new(report(new, *options, "--baseline", before), name)
    rest = report(old, *options, "--baseline", before)
    assert not owners(rest), owners(rest)
    status, out, err = run(TOOL, "diff", before, report(new, *options))
    assert status == 0, err
    assert name in first_appeared(out), out
    return before


def check_rust_caller_of_library(root):
    old, new = build_rust(root, False), build_rust(root, True)
    before = assert_gate(old, new, "prog::new_code")
    suppressions = report(old, form="suppressions")
    assert_new(report(new, "--suppressions", suppressions), "prog::new_code")
    rest = report(old, "--suppressions", suppressions)
    assert not owners(rest), owners(rest)
    status, _, err = run(TOOL, "--run", new, "-o", new + ".out", "-q", "--baseline", before, "--fail-on", "dead_store>1M")
    assert status == 3, (status, err)


def check_second_caller_of_template(root):
    clear = "shared.clear()"
    assert_gate(build_cpp(root, 0, old=clear, new=clear), build_cpp(root, 1, old=clear, new=clear), "new_code()")


def check_second_caller_of_macro(root):
    clear = "CLEAR(raw, 64)"
    assert_gate(build_cpp(root, 0, old=clear, new=clear), build_cpp(root, 1, old=clear, new=clear), "new_code()")


def check_second_caller_of_function(root):
    """one that is not inlined is known by its caller where calling contexts are"""
    wipe = "wipe(raw, 64)"
    old, new = build_cpp(root, 0, old=wipe, new=wipe), build_cpp(root, 1, old=wipe, new=wipe)
    before = report(old, "--contexts")
    with open(report(new, "--contexts", "--baseline", before)) as f:
        left = json.load(f)
    assert [p["kind"] for p in left["pairs"]].count("dead_store") >= 1, left["pairs"]
    _, out, _ = run(TOOL, "diff", before, report(new, "--contexts"))
    assert "new_code()" in first_appeared(out), out
    with open(report(old, "--contexts", "--baseline", before)) as f:
        assert not json.load(f)["pairs"]


def check_results_at_own_lines(root):
    wasm = build_rust(root, True)
    with open(report(wasm, form="sarif")) as f:
        results = json.load(f)["runs"][0]["results"]
    places = [r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in results if r["properties"]["bytes"] > 1 << 20]
    assert places and all(p.endswith("prog.rs") for p in places), places
    inside = [s["frames"][0]["location"]["logicalLocations"][0]["fullyQualifiedName"] for r in results[:1] for s in r["stacks"]]
    assert "spec_fill" in inside[0], inside
    with open(report(wasm, form="csv"), newline="") as f:
        row = next(csv.DictReader(f))
    assert row["first_file"].endswith("prog.rs") and "spec_fill" in row["first_inlined"], row


def check_paths_from_the_repository(root):
    os.makedirs(os.path.join(root, ".git"))
    os.makedirs(os.path.join(root, "sub"))
    wasm, path = build_rust(root, True), os.path.join(root, "x.sarif")
    status, _, err = run(TOOL, "--run", wasm, "-o", wasm + ".out", "--report", path, cwd=os.path.join(root, "sub"))
    assert status == 0, err
    with open(path) as f:
        sarif = json.load(f)["runs"][0]
    place = sarif["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place == {"uri": "prog.rs", "uriBaseId": "SRCROOT"}, place
    assert sarif["originalUriBaseIds"]["SRCROOT"]["uri"].endswith(os.path.basename(root) + "/")


def check_one_row_for_one_line(root):
    """a loop that the compiler unrolled, and inlined twice, is one row by line"""
    unroll = "_Pragma(\"clang loop unroll_count(4)\") for (int i = 0; i < 64; i++) raw[i] = 0"
    wasm = build_cpp(root, 1, old=unroll, new="old_code()")
    with open(report(wasm, "--by", "line")) as f:
        groups = json.load(f)["groups"]["list"]
    rows = [g for g in groups if ":3 " in g["name"]]
    assert len(rows) == 1 and rows[0]["pairs"] > 1, groups


def check_rules(root):
    """--not-own moves a place to the caller, --own back to the library"""
    wasm = build_rust(root, True)
    names = {name for sides in owners(report(wasm, "--own", "/rustc/*")) for name in sides}
    assert any(name and "spec_fill" in name for name in names) and "prog::new_code" not in names, names
    names = {name for sides in owners(report(wasm, "--own", "/rustc/*", "--not-own", "/rustc/*")) for name in sides}
    assert "prog::new_code" in names, names
    status, _, err = run(TOOL, "-v", "--run", wasm, "-o", wasm + ".out")
    assert status == 0 and "own: " in err and "not own, by '/rustc/*'" in err, err


def check_trap_below_library(root):
    """a panic traps deep in the library: the first screen names the own function that led there"""
    sources.need_rust_target("wasm32-wasip1")
    source, wasm = (os.path.join(root, "panics" + e) for e in (".rs", ".wasm"))
    write(source, "fn main() {\n    let cells: Vec<u32> = (0..50).collect();\n    let at = std::env::args().count() + 60;\n"
          "    println!(\"{}\", cells[at]);\n}\n")
    status, _, err = run("rustc", "--target", "wasm32-wasip1", "-O", "-g", "-o", wasm, source)
    assert status == 0, err
    _, out, _ = run(TOOL, "--run", wasm, "-o", wasm + ".out")
    trap = out.split("The program trapped: ")[1].splitlines()[1]
    assert trap.startswith("  in ") and re.search(r", reached from panics::main, .*panics\.rs:4$", trap), trap


def main():
    found = [f for name, f in sorted(globals().items()) if name.startswith("check_")]

    def in_folder(check):
        def wrapped():
            with tempfile.TemporaryDirectory() as root:
                check(root)
        wrapped.__name__ = check.__name__
        return wrapped
    return checks.run([in_folder(f) for f in found])


if __name__ == "__main__":
    sys.exit(main())
