#!/usr/bin/env python3
"""forms.py MEM_TRACER: variables and fields in every form that debug information has them in.

Small programs (forms.cpp, leaf.c, pieces.c, fields.rs) waste bytes on variables and fields that are known here, and are compiled with DWARF 4
and 5, with type units, for wasm32 and wasm64.  What --objects says must be what is known, whatever the form, and nothing may be
said to be broken; where a part is missing, that must be said.  The last line is `N passed, N failed, N skipped`.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "programs"))
import leb128  # noqa: E402
import sources  # noqa: E402
from surroundings import lacks, result  # noqa: E402

CXX = ["clang++-19", "-nostdlib", "-fno-exceptions", "-fno-rtti", "-O1", "forms.cpp"]
FORMS = {"shop::table[].at[1].x": 160, "shop::two[1].price": 4, "shop::list": 4, "shop::grid": 4, "shop::boxes[1][0][2].id": 4, "shop::rows[][1].price": 80, "shape::made": 4, "ball.first": 4,
         "ball.area": 4, "ball.corner.y": 4, "ball.height": 4, "ball.number, .text": 4, "ball.next": 4}
LEAF = {"leaf: p.left": 4, "leaf: rows": 4, "leaf: i": 0, "leaf: n": 0, "other: kept": 8, "other: wide": 0, "outer: mine": 4, "outer: n": 0,
        "other: a": 0, "other: b": 0}
PIECES = {"sums.misses": 392, "sums.hits": 0, "out": 200, "bound": 0}
RUST = {"NESTED[2][][1].value": 160, "NESTED[2][][1].mode": 0, "TABLE[].value": 2304, "TABLE[].flag, [].kind": 32, "TABLE[].state": 0, "TABLE[].mode": 0}
PROGRAMS = [("C++", CXX, FORMS), ("leaf functions", ["clang-19", "-nostdlib", "-O0", "leaf.c"], LEAF),
            ("pieces", ["clang-19", "-nostdlib", "-O2", "pieces.c"], PIECES)]
TARGETS = ["wasm32", "wasm64"]
LAYOUTS = [["-O" + level, "-Wl,-z,stack-size=" + size, *more] for level in "02" for size in ("4096", "65536") for more in (
    [], ["-DSEGMENT"], ["-DSEGMENT", "-matomics", "-mbulk-memory"])]
DWARF = [["-gdwarf-4"], ["-gdwarf-5"], ["-gdwarf-4", "-fdebug-types-section"], ["-gdwarf-5", "-fdebug-types-section"]]


class Missing(Exception):
    """a compiler is not there"""


def build(command, output):
    try:
        r = subprocess.run([*command, "-w", "-o", output], cwd=HERE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300)
    except OSError as e:
        raise Missing(str(e))
    assert r.returncode == 0, r.stdout.decode("utf-8", "replace")
    return output


def whole_report(tool, module, tmp, *options):
    """the report, once what was said on standard error fits to it"""
    path = os.path.join(tmp, "report.json")
    r = subprocess.run([tool, "--run", module, "--objects", "--format", "json", "--report", path, "-o", os.path.join(tmp, "out.wasm"),
                        *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)
    assert r.returncode == 0, "status %d: %s" % (r.returncode, r.stderr.decode("utf-8", "replace")[-300:])
    with open(path) as f:
        found = json.load(f)
    said = r.stderr.decode("utf-8", "replace")
    assert bool(found["lines"]["warning"]) == ("warning" in said), "the warning was not said"
    return found


def report(tool, module, tmp, *options):
    """{name: dead bytes} of variables and of what is in frames; the warning"""
    found = whole_report(tool, module, tmp, *options)
    names = {o["name"]: o["totals"]["dead_store"]["bytes"] for o in found["objects"] if o["kind"] in ("variable", "stack")}
    return names, found["lines"]["warning"]


def check(tool, command, want, tmp):
    module = build(command, os.path.join(tmp, "program.wasm"))
    got, warning = report(tool, module, tmp)
    assert got == want, "want %s, got %s" % (want, got)
    assert not warning, warning


def check_rust(tool, version, tmp):
    try:
        sources.need_rust_target("wasm32-wasip1")
    except sources.Missing as e:
        raise Missing(str(e)) from None
    command = ["rustc", "--target", "wasm32-wasip1", "--crate-type", "cdylib", "-g", "-O", "-C", "dwarf-version=" + version, "-A", "warnings",
               "fields.rs"]
    r = subprocess.run([*command, "-o", os.path.join(tmp, "fields.wasm")], cwd=HERE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                       timeout=300)
    if r.returncode:
        raise Missing(r.stdout.decode("utf-8", "replace").split("\n")[0])
    got, warning = report(tool, os.path.join(tmp, "fields.wasm"), tmp, "--invoke", "run")
    got = {k.split("::")[-1]: v for k, v in got.items() if "::" in k}
    assert got == RUST and not warning, "want %s, got %s, %s" % (RUST, got, warning)


def sections(data):
    """(name of a custom section, where it starts, its content's start, its end)"""
    at = 8
    while at < len(data):
        start, kind = at, data[at]
        size, content = leb128.read(data, at + 1)
        at = content + size
        if kind == 0:
            n, text = leb128.read(data, content)
            yield data[text:text + n].decode(), start, text + n, at


def check_said(tool, dwarf, damage, phrase, tmp):
    """what can't be read is said, and only that; `damage` changes the module's bytes"""
    module = build([*CXX, "--target=wasm32", *dwarf], os.path.join(tmp, "program.wasm"))
    with open(module, "rb") as f:
        data = bytearray(f.read())
    damage(data)
    with open(module, "wb") as f:
        f.write(data)
    got, warning = report(tool, module, tmp)
    assert got != FORMS, "the damage did nothing"
    assert warning and phrase in warning, "got %r" % warning


def without(data, *drop):
    """the module without those custom sections; all of them stand behind the code, so that no place moves"""
    spans = [(start, end) for name, start, _, end in sections(data) if any(name.startswith(d) for d in drop)]
    for start, end in reversed(spans):
        data = data[:start] + data[end:]
    return data


def check_shipped(tool, dropped, taken, tmp):
    """a module without what is in its debug file gives what the whole one does; `dropped`: sections that the debug file has not; `taken`: those
    that the module has not"""
    whole = build(["clang-19", "--target=wasm32", "-nostdlib", "-O1", "-g", "shipped.c"], os.path.join(tmp, "whole.wasm"))
    with open(whole, "rb") as f:
        data = f.read()
    shipped, debug = os.path.join(tmp, "shipped.wasm"), os.path.join(tmp, "debug.wasm")
    with open(shipped, "wb") as f:
        f.write(without(data, *taken))
    with open(debug, "wb") as f:
        f.write(without(data, *dropped))
    options = ("--objects", "--contexts", "--source-map", "=" + HERE)
    want = whole_report(tool, whole, tmp, *options)
    got = whole_report(tool, shipped, tmp, *options, "--debug-file", debug)
    assert any(o["kind"] == "heap" and o["call"]["function"] == "fill" for o in want["objects"]), "nothing was allocated"
    assert any(o["name"] == "walk: frame" for o in want["objects"]), "no variable in a frame"
    if ".debug_" in taken:
        bare = whole_report(tool, shipped, tmp, "--objects")
        assert not any(o["kind"] == "heap" for o in bare["objects"]), "the module has names"
    for key in want:
        assert key == "input" or got[key] == want[key], "%s: want %s, got %s" % (key, want[key], got[key])


def check_layout(tool, compiler, options, tmp):
    """static data is known as such where the module has no names, too"""
    if not shutil.which(compiler):
        raise Missing("no " + compiler)
    module = build([compiler, "--target=wasm32", "-nostdlib", *options, "layout.c"], os.path.join(tmp, "named.wasm"))
    with open(module, "rb") as f:
        data = f.read()
    bare = os.path.join(tmp, "bare.wasm")
    with open(bare, "wb") as f:
        f.write(without(data, "name"))
    for path in (module, bare):
        kinds = {}
        for o in whole_report(tool, path, tmp)["objects"]:
            kinds[o["kind"]] = kinds.get(o["kind"], 0) + o["totals"]["dead_store"]["bytes"]
        stack = kinds.pop("stack", 0) # what the functions keep there at -O0
        assert set(kinds) <= {"segment", "static"} and sum(kinds.values()) == (20 if "-DSEGMENT" in options else 12), (
            "%s: got %s, stack %d" % (os.path.basename(path), kinds, stack))


def check_thread_local(tool, compiler, options, shared, tmp):
    """variables of a thread have names where there is one thread; elsewhere it is said that they have none"""
    if not shutil.which(compiler):
        raise Missing("no " + compiler)
    module = build([compiler, "--target=wasm32", "-nostdlib", "-O1", "-DSEGMENT", "-g", *options, "layout.c"], os.path.join(tmp, "program.wasm"))
    found = whole_report(tool, module, tmp)
    got = {o["name"]: o["totals"]["dead_store"]["bytes"] for o in found["objects"] if o["name"] in ("own", "own_zeroed", "numbers")}
    if shared:
        assert "own" not in got and got["numbers"] and "2 variables" in found["lines"]["warning"], (got, found["lines"]["warning"])
    else:
        assert got == {"own": 4, "own_zeroed": 4, "numbers": 4} and not found["lines"]["warning"], (got, found["lines"]["warning"])


def check_handed_on(tool, options, want, tmp):
    """{function: blocks} of what was allocated, by the innermost frame of the call"""
    module = build(["clang-19", "--target=wasm32", "-nostdlib", "-O2", "-g", "handed_on.c"], os.path.join(tmp, "program.wasm"))
    found = whole_report(tool, module, tmp, "--source-map", "=" + HERE, *options)["objects"]
    got = {}
    for o in found:
        if o["kind"] == "heap":
            frame = o["call"]["frames"][0]
            got[frame["function"]] = got.get(frame["function"], 0) + o["blocks"]
            with open(os.path.join(HERE, "handed_on.c")) as f:
                line = f.read().split("\n")[frame["line"] - 1]
            assert "(size" in line or "create(8)" in line or "malloc(" in line, "line %d" % frame["line"]
    assert got == want, "want %s, got %s" % (want, got)


def check_no_function(tool, name, tmp):
    module = build(["clang-19", "--target=wasm32", "-nostdlib", "-O2", "-g", "handed_on.c"], os.path.join(tmp, "program.wasm"))
    r = subprocess.run([tool, "--run", module, "--objects", "--alloc", name, "-o", os.path.join(tmp, "out.wasm")], stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, timeout=300)
    assert r.returncode == 2 and b"--alloc: the module has no function" in r.stderr, (r.returncode, r.stderr)


def other_signatures(data):
    """types that are asked for by a signature which no unit has"""
    name, start, content, end = next(s for s in sections(data) if s[0] == ".debug_types")
    at = content
    while at < end:
        data[at + 11] ^= 0xff
        at += 4 + int.from_bytes(data[at:at + 4], "little")


def without_addresses(data):
    name, start, content, end = next(s for s in sections(data) if s[0] == ".debug_addr")
    data[content - 1] ^= 1  # another name


def run_checks(checks):
    """runs each, (name, function of a folder); the exit status"""
    passed = failed = skipped = 0
    for name, f in checks:
        with tempfile.TemporaryDirectory(prefix="mem-tracer-objects-") as tmp:
            try:
                f(tmp)
                passed += 1
            except Missing as e:
                print("skip %s: %s" % (name, e))
                skipped += 1
            except AssertionError as e:
                print("FAIL %s: %s" % (name, e))
                failed += 1
    return result(passed, failed, skipped)


def main():
    tool = os.path.abspath(sys.argv[1])
    if not shutil.which("clang-19"):
        sys.exit(lacks("no clang-19"))
    checks = []
    for name, command, want in PROGRAMS:
        for target in TARGETS:
            for dwarf in DWARF:
                if "types" in dwarf[-1] and name != "C++":
                    continue
                checks.append((" ".join([name, target, *dwarf]),
                               lambda tmp, c=[*command, "--target=" + target, *dwarf], w=want: check(tool, c, w, tmp)))
    for version in ("4", "5"):
        checks.append(("Rust DWARF " + version, lambda tmp, v=version: check_rust(tool, v, tmp)))
    checks.append(("names and DWARF from another file", lambda tmp: check_shipped(tool, (), ("name", ".debug_"), tmp)))
    checks.append(("names from another file", lambda tmp: check_shipped(tool, (".debug_",), ("name",), tmp)))
    checks.append(("names from another file's DWARF", lambda tmp: check_shipped(tool, ("name",), ("name", ".debug_"), tmp)))
    checks.append(("names from DWARF", lambda tmp: check_shipped(tool, ("name",), ("name",), tmp)))
    for compiler in ("clang-19", "clang-22"):
        for options in LAYOUTS:
            checks.append((" ".join(["layout", compiler, *options]), lambda tmp, c=compiler, o=options: check_layout(tool, c, o, tmp)))
    for compiler in ("clang-19", "clang-22"):
        for options in (["-gdwarf-4"], ["-gdwarf-5"], ["-gdwarf-4", "--target=wasm64"]):
            checks.append((" ".join(["thread-local", compiler, *options]),
                           lambda tmp, c=compiler, o=options: check_thread_local(tool, c, o, False, tmp)))
    threads = ["-matomics", "-mbulk-memory"]
    checks.append(("thread-local by a global", lambda tmp: check_thread_local(tool, "clang-22", threads, False, tmp)))
    checks.append(("thread-local of threads", lambda tmp: check_thread_local(
        tool, "clang-19", [*threads, "-Wl,--shared-memory,--max-memory=1048576"], True, tmp)))
    for options, want in (((), {"checked": 28}),
                          (("--alloc", "checked=via"), {"make_name": 7, "make_id": 7, "grow": 14}),
                          (("--contexts", "--alloc", "checked=via"), {"make_name": 7, "make_id": 7, "grow": 14}),
                          (("--alloc", "checked=via", "--alloc", "grow=via"), {"make_name": 7, "make_id": 7, "make_table": 14})):
        checks.append((" ".join(["handed on", *options]), lambda tmp, o=options, w=want: check_handed_on(tool, o, w, tmp)))
    for name in ("chekced=via", "checked", "make_name"):
        checks.append(("no function " + name, lambda tmp, n=name: check_no_function(tool, n, tmp)))
    checks.append(("a type unit that is not there", lambda tmp: check_said(tool, DWARF[2], other_signatures, "type of a", tmp)))
    checks.append(("addresses that are not there", lambda tmp: check_said(tool, DWARF[1], without_addresses, "cannot be read", tmp)))
    sys.exit(run_checks(checks))


if __name__ == "__main__":
    main()
