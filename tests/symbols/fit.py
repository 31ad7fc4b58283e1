#!/usr/bin/env python3
"""fit.py MEM_TRACER: debug information that is about other code than the module's, in part or as a whole, or was damaged by a tool.

Modules are made by clang (19, and 22 where it is there; DWARF 4 and 5), and by `wasm-tools parse -g`; then their code or their debug
information is changed here, as tools do that rewrite modules.  What still fits has the lines and functions that the unchanged module
has; what does not has none, and the report says how much that is.  The unchanged module is held against llvm-symbolizer in run.py.

The last line is `N passed, N failed, N skipped`; status 77 if nothing was there.
"""
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..")]
import leb128  # noqa: E402
import run  # noqa: E402
import wasm_tools  # noqa: E402

TOOL = os.path.abspath(sys.argv[1])
COMPILERS = [c for c in ("clang-19", "clang-22") if shutil.which(c)]
FLAGS = ["--target=wasm32", "-nostdlib", "-Wl,--no-entry", "-fno-builtin", "-w"]


class Skip(Exception):
    pass


# ---- modules

def compile_c(tmp, compiler, *options, name="m.wasm", source="fit.c", flags=FLAGS):
    path = os.path.join(tmp, name)
    done = subprocess.run([compiler, *flags, *options, os.path.join(HERE, "data", source), "-o", path], capture_output=True, text=True,
                          env={**os.environ, "PATH": "/usr/bin:/bin"})
    assert done.returncode == 0, done.stderr[-300:]
    with open(path, "rb") as f:
        return f.read()


def code(data):
    """where the code section's content starts, and of each body: where its size, its code and what is behind it start"""
    start = run.code_start(data)
    count, at = leb128.read(data, start)
    out = []
    for _ in range(count):
        size, body = leb128.read(data, at)
        out.append((at, body, body + size))
        at = body + size
    return start, out


def with_bodies(data, bodies):
    """the module with other function bodies (without their sizes)"""
    payload = leb128.write(len(bodies)) + b"".join(leb128.write(len(b)) + b for b in bodies)
    out = data[:8]
    for kind, _, start, _, end in run.sections(data):
        out += data[start:end] if kind != 10 else b"\x0a" + leb128.write(len(payload)) + payload
    return out


def with_sections(data, change):
    """the module with other debug sections: change(name, payload) gives the new payload"""
    out = data[:8]
    for kind, name, start, content, end in run.sections(data):
        skip = leb128.read(data, content)[0] + leb128.read(data, content)[1] if kind == 0 else 0
        out += run.custom(name, change(name, data[skip:end])) if run.is_debug(kind, name) else data[start:end]
    return out


def behind_locals(body):
    count, at = leb128.read(body, 0)
    for _ in range(count):
        at = leb128.read(body, at)[1] + 1
    return at


def with_nops(data, index, count):
    """without a word to the debug information"""
    bodies = [data[b:e] for _, b, e in code(data)[1]]
    at = behind_locals(bodies[index])
    bodies[index] = bodies[index][:at] + b"\1" * count + bodies[index][at:]
    return with_bodies(data, bodies)


# ---- reports

def report(tmp, data, *options):
    path = os.path.join(tmp, "run.wasm")
    with open(path, "wb") as f:
        f.write(data)
    return run.report(TOOL, path, tmp, "-f", *options)


def frames(data, r):
    """(function, offset in its code) of each place to its frames; code may have moved"""
    bodies = code(data)[1]
    out = {}
    for loc, side in run.sides(r).items():
        index = next(i for i, (at, _, end) in enumerate(bodies) if at <= loc < end)
        out[index, loc - bodies[index][1]] = [(f["function"], os.path.basename(f["file"] or "?"), f["line"]) for f in side.get("frames", [])]
    return out


def fresh(tmp, data):
    r, said = report(tmp, data)
    assert not said and not r["lines"]["warning"], said
    found = frames(data, r)
    assert len(found) > 8 and all(f and f[0][2] for f in found.values()), found
    return found


def expect(tmp, data, want, warning):
    r, said = report(tmp, data)
    got = frames(data, r)
    assert got.keys() == want.keys(), "other places"
    for place in want:
        assert got[place] == want[place], "%r: got %r, want %r" % (place, got[place], want[place])
    told = r["lines"]["warning"] or ""
    assert (re.search(warning, told) if warning else not told), told or "no warning"
    assert bool(said) == bool(told), said


# ---- checks

def check_stale(tmp, data):
    """code of one function changes: what stands in front of it still fits"""
    want = fresh(tmp, data)
    start, bodies = code(data)
    for index in range(len(bodies)):
        for count in (1, 7):
            changed = with_nops(data, index, count)
            at = behind_locals(data[bodies[index][1]:])
            left = {(i, off + (count if i == index and off >= at else 0)): f if i < index else [] for (i, off), f in want.items()}
            first = "is about other code and is not shown: .*wasm-opt" if index == 0 else r"of \d+ of %d functions .*wasm-opt" % len(bodies)
            expect(tmp, changed, left, first)
    return "%d places" % len(want)


def check_debug_of_another(tmp, data, other):
    """the whole debug information of another build"""
    want = fresh(tmp, data)
    payloads = {}
    with_sections(other, lambda name, payload: payloads.setdefault(name, payload))
    mixed = with_sections(data, lambda name, payload: payloads.get(name, b""))
    expect(tmp, mixed, {place: [] for place in want}, "other code")


def check_dropped(tmp, data):
    """all that linkers and tools have in the place of a dropped function's address"""
    want = fresh(tmp, data)
    places = 0

    def change(name, payload):
        nonlocal places
        if name == ".debug_line":
            places += payload.count(b"\0\5\2\xff\xff\xff\xff")
            return payload.replace(b"\0\5\2\xff\xff\xff\xff", b"\0\5\2" + new)
        return payload.replace(b"\xff\xff\xff\xff", new) if name in (".debug_info", ".debug_addr") else payload
    for new in (b"\0\0\0\0", b"\xfe\xff\xff\xff", b"\xff\xff\xff\xff"):
        expect(tmp, with_sections(data, change), want, None)
    assert places == 3, "%d sequences of dropped functions" % places


def text_module(functions):
    """a module in text, each instruction on its own line, and what lines its stores have"""
    lines = ["(module", '(memory (export "memory") 1)']
    stores = {}
    for i in range(functions):
        lines.append("(func $f%d" % i)
        for k in range(3 + 20 * (i % 9)):  # bodies above and below 128 bytes
            lines += ["i32.const 8", "i32.const %d" % k]
            lines.append("i32.store")
            stores.setdefault(i, []).append(len(lines))
        lines.append(")")
    lines.append('(func (export "_start")')
    lines += ["call $f%d" % i for i in range(functions)]
    return "\n".join(lines) + "\n))\n", stores


def check_text(tmp, functions):
    tool = wasm_tools.find()
    if not tool:
        raise Skip("no wasm-tools")
    text, stores = text_module(functions)
    source, module = os.path.join(tmp, "text.wat"), os.path.join(tmp, "text.wasm")
    with open(source, "w") as f:
        f.write(text)
    subprocess.run([tool, "parse", "-g", source, "-o", module], check=True)
    with open(module, "rb") as f:
        data = f.read()
    r, said = report(tmp, data)
    assert not said, said
    got = {}
    for (index, offset), found in frames(data, r).items():
        assert len(found) == 1 and found[0][0] == "f%d" % index, found
        got.setdefault(index, {})[offset] = found[0][2]
    assert len(got) == functions
    for index, places in got.items():
        lines = [places[at] for at in sorted(places)]
        assert lines == [n for n in stores[index] if n in lines] and len(set(lines)) == len(lines) > 1, (index, lines, stores[index])
    return "%d places" % sum(map(len, got.values()))


def texts(path):
    """(first line, last line, function) of each function in a source file"""
    with open(path) as f:
        lines = f.read().split("\n")
    out = []
    for number, line in enumerate(lines, 1):
        head = re.match(r"\w.*?(\w+)\(\w[^;]*\) {", line)
        if head:
            end = next(n for n in range(number, len(lines) + 1) if re.search(r"}$", lines[n - 1]) and not lines[n - 1].startswith(" "))
            out.append((number, end, head[1]))
    return out


def check_texts(tmp, data, source, warning):
    """each frame's line is of the text of the frame's function"""
    r, said = report(tmp, data, "--invoke", "run")
    assert re.search(warning, r["lines"]["warning"] or ""), said or "no warning"
    found, functions, inlined = frames(data, r), texts(source), 0
    for place, stack in found.items():
        inlined += len(stack) > 1
        for function, _, line in stack:
            assert any(first <= line <= last and name == function for first, last, name in functions), (place, stack)
    return "%d places, %d inlined" % (len(found), inlined)


def check_rewritten(tmp):
    """wasm-opt 108 -g -O2 (Debian 12): an inlined function lost its end, another all of its range"""
    source = os.path.join(HERE, "data", "rewritten.c")
    with open(os.path.join(HERE, "data", "rewritten.wasm"), "rb") as f:
        said = check_texts(tmp, f.read(), source, "lost where 1 inlined functions end")
    with open(os.path.join(tmp, "run.wasm"), "rb") as f:
        r, _ = report(tmp, f.read(), "--invoke", "run")
    names = {f["function"] for side in run.sides(r).values() for f in side["frames"]}
    assert names >= {"pad", "put", "fmt_u", "fmt_o"}, names
    return said


def assembled(tmp, compiler, options, change):
    """the module of fit.c, with another text of its debug information"""
    text, module = os.path.join(tmp, "fit.s"), os.path.join(tmp, "fit.wasm")
    flags = [f for f in FLAGS if not f.startswith("-Wl")]
    subprocess.run([compiler, *flags, *options, "-S", os.path.join(HERE, "data", "fit.c"), "-o", text], check=True)
    with open(text) as f:
        changed = change(f.read())
    with open(text, "w") as f:
        f.write("\t.globaltype\t__stack_pointer, i32\n" + changed)
    subprocess.run([compiler, *FLAGS, text, "-o", module], check=True)
    with open(module, "rb") as f:
        return f.read()


ENTRY = re.compile(r"(DW_TAG_inlined_subroutine\n(?:.*\n){1,4}?)(\s+\.int32\s+)(\.Ltmp\d+-\.Ltmp\d+)(\s+# DW_AT_high_pc)")


def check_lost_ends(tmp, compiler, options):
    """inlined functions that lost their ends are as they were"""
    want = fresh(tmp, assembled(tmp, compiler, options, lambda text: text))
    changes = 0

    def change(text):
        nonlocal changes
        text, changes = ENTRY.subn(lambda m: m[1] + m[2] + "0xffffff00" + m[4], text)
        return text
    data = assembled(tmp, compiler, options, change)
    assert changes >= 2, "%d inlined functions" % changes
    expect(tmp, data, want, "lost where %d inlined functions end" % changes)
    return "%d ends" % changes


def check_copies(tmp, compiler, dwarf):
    """the copy that the linker kept has its lines; what told of the other one is no misfit"""
    data = os.path.join(HERE, "data")
    objects = []
    for name, level in (("copies_a", "-O0"), ("copies_b", "-O1")):
        objects.append(os.path.join(tmp, name + ".o"))
        subprocess.run([compiler, *[f for f in FLAGS if not f.startswith("-Wl")], dwarf, level, "-c", os.path.join(data, name + ".cc"), "-o",
                        objects[-1]], check=True)
    for order in (objects, objects[::-1]):
        module = os.path.join(tmp, "copies.wasm")
        subprocess.run([compiler, *FLAGS, *order, "-o", module], check=True)
        with open(module, "rb") as f:
            module = f.read()
        found = fresh(tmp, module)
        lines = {stack[0][2] for stack in found.values() if stack[0][0].startswith("twice(")}
        assert lines >= {5, 6, 8, 9}, (lines, found)


def checks():
    for compiler in COMPILERS:
        for dwarf in ("-gdwarf-4", "-gdwarf-5"):
            for level in ("-O1", "-O0"):
                def make(tmp, *more):
                    return compile_c(tmp, compiler, dwarf, level, *more)
                what = "%s %s %s" % (compiler, dwarf, level)
                yield what + ", changed code", lambda tmp: check_stale(tmp, make(tmp))
                yield what + ", dropped functions", lambda tmp: check_dropped(tmp, make(tmp))
            yield "%s %s, of another build" % (compiler, dwarf), lambda tmp: check_debug_of_another(
                tmp, compile_c(tmp, compiler, dwarf, "-O1"), compile_c(tmp, compiler, dwarf, "-O0"))
        yield compiler + " -g1, changed code", lambda tmp: check_stale(tmp, compile_c(tmp, compiler, "-g1", "-O1"))
        for dwarf in ("-gdwarf-4", "-gdwarf-5"):
            yield "%s %s, lost ends" % (compiler, dwarf), lambda tmp: check_lost_ends(tmp, compiler, [dwarf, "-O1"])
            yield "%s %s, copies" % (compiler, dwarf), lambda tmp: check_copies(tmp, compiler, dwarf)
    yield "wasm-opt 108 -g", check_rewritten
    for functions in (1, 5, 200):
        yield "wasm-tools parse -g, %d functions" % functions, lambda tmp: check_text(tmp, functions)


def main():
    passed = failed = skipped = 0
    for name, check in checks():
        with tempfile.TemporaryDirectory() as tmp:
            try:
                print("ok   %-45s %s" % (name, check(tmp) or ""), flush=True)
                passed += 1
            except Skip as e:
                print("skip %-45s %s" % (name, e), flush=True)
                skipped += 1
            except (AssertionError, subprocess.SubprocessError, OSError, ValueError, KeyError, StopIteration) as e:
                print("FAIL %-45s %s: %s" % (name, type(e).__name__, e), flush=True)
                failed += 1
    print("%d passed, %d failed, %d skipped" % (passed, failed, skipped))
    sys.exit(1 if failed else 0 if passed else 77)


if __name__ == "__main__":
    main()
