#!/usr/bin/env python3
"""run.py MEM_TRACER [ROUNDS]: source frames against an independent symboliser.

Programs in C, C++ and Rust, with DWARF 4 and 5, optimised and not, are compiled, run and reported on.  The frames of every side
that the report names must be those that llvm-symbolizer gives for its address (offset from the start of the code section's
content): functions, files, lines and columns, inlined ones too.  Then the same frames must come from the same DWARF
in a file of its own (--debug-file, external_debug_info), and from damaged DWARF nothing worse than a warning: the rest of the
report stays as it is.  An AssemblyScript program's source map is read a second time here.

A compiler that is not there makes a skip; each program's DWARF is damaged ROUNDS times (12).  The last line is `N passed, N failed, N skipped`.
"""
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(HERE, "data")
sys.path[:0] = [os.path.join(HERE, "..", "programs"), os.path.join(HERE, "..")]
import leb128  # noqa: E402
import sources  # noqa: E402
from surroundings import PATIENCE, lacks, result  # noqa: E402

CLANG = ["--target=wasm32-wasi", "--sysroot=/usr", "-w"]
RUSTC = ["rustc", "--target", "wasm32-wasip1", "-g"]


def build(command, output):
    try:
        r = subprocess.run([*command, "-o", output], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE)
    except OSError as e:
        raise sources.Missing(str(e))
    if r.returncode:
        raise sources.Missing(r.stdout.decode("utf-8", "replace").strip().split("\n")[0][:200])
    return output


def programs():
    out = []
    for dwarf in ("4", "5"):
        for level in ("-O0", "-O2"):
            out.append(("C %s DWARF %s" % (level, dwarf),
                        ["clang-19", *CLANG, level, "-gdwarf-" + dwarf, DATA + "/tables.c"]))
    for level in ("-O0", "-O1"):
        out.append(("C++ %s" % level, ["clang++-19", *CLANG, level, "-g", "-fno-exceptions", DATA + "/cart.cpp"]))
    rust = DATA + "/words.rs"
    try:
        sources.need_rust_target("wasm32-wasip1")
    except sources.Missing as e:
        print("Rust: %s" % e)  # and the programs are skipped
    out.append(("Rust -O", [*RUSTC, "-O", rust]))
    out.append(("Rust unoptimised", [*RUSTC, "-C", "opt-level=0", rust]))
    out.append(("Rust v0 DWARF 5", [*RUSTC, "-O", "-C", "symbol-mangling-version=v0", "-C", "dwarf-version=5", rust]))
    return out


def sections(data):
    """(id, name of a custom section, where it starts, its content's start, its end)"""
    at = 8
    while at < len(data):
        start, kind = at, data[at]
        size, content = leb128.read(data, at + 1)
        name = ""
        if kind == 0:
            n, text = leb128.read(data, content)
            name = data[text:text + n].decode("utf-8", "replace")
        at = content + size
        yield kind, name, start, content, at


def custom(name, payload):
    body = leb128.write(len(name)) + name.encode() + payload
    return b"\0" + leb128.write(len(body)) + body


def is_debug(kind, name):
    return kind == 0 and name.startswith(".debug_")


def code_start(data):
    return next(content for kind, _, _, content, _ in sections(data) if kind == 10)


def report(tool, module, tmp, *options):
    """the report and what was said on standard error"""
    path = os.path.join(tmp, "report.json")
    r = subprocess.run([tool, "--run", "--format", "json", "--report", path, "-o", os.path.join(tmp, "out.wasm"), *options,
                        module], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PATIENCE)
    assert r.returncode == 0, "status %d: %s" % (r.returncode, r.stderr.decode("utf-8", "replace")[-300:])
    with open(path) as f:
        return json.load(f), r.stderr.decode("utf-8", "replace")


def sides(r):
    """location to side, of all sides that are instructions"""
    out = {}
    for pair in r["pairs"]:
        for side in (pair["first"], pair["second"]):
            if side.get("loc"):
                out[side["loc"]] = side
    return out


def only_debug(data):
    """a module of nothing but DWARF: the symboliser then has no symbol table, from which it takes the outermost function's name,
    and now and then that of a neighbour"""
    return data[:8] + b"".join(data[s:e] for k, n, s, _, e in sections(data) if is_debug(k, n))


def symbolise(module, addresses, names):
    r = subprocess.run(["llvm-symbolizer-19", "--obj=" + module, "--inlines", "--output-style=JSON", "--functions=" + names],
                       input="".join("0x%x\n" % a for a in addresses).encode(), stdout=subprocess.PIPE, timeout=PATIENCE)
    lines = r.stdout.decode().strip().split("\n")
    return [json.loads(line)["Symbol"] for line in lines]


ESCAPES = {"LT": "<", "GT": ">", "C": ",", "RF": "&", "BP": "*", "LP": "(", "RP": ")", "SP": "@",
           "u20": " ", "u27": "'", "u5b": "[", "u5d": "]", "u7b": "{", "u7d": "}", "u3b": ";", "u2b": "+", "u22": '"'}


def plain(name):
    """a function's name as both demanglers write it: no blanks, ABI tags and Rust's hashes; Rust's older escapes undone"""
    name = re.sub(r"::h[0-9a-f]{16}$", "", name)
    if "$" in name:
        name = re.sub(r"\$(\w+)\$", lambda m: ESCAPES.get(m.group(1), m.group(0)), name).replace("..", "::")
        name = re.sub(r"(^|::)_(?=[<&*{\[(])", r"\1", name)
    name = re.sub(r"\[abi:\w+\]", "", name)
    name = name.replace("decltype(nullptr)", "std::nullptr_t").replace("(anonymous namespace)", "{anonymous}")
    return re.sub(r"\s|&&|&(?=&)", "", name).replace("(anonymousnamespace)", "{anonymous}")


def check_frame(got, linkage, short):
    """whether the name is the full one; some C++ names libiberty cannot read, and main's is not mangled: there DW_AT_name is shown"""
    # what is of line 0 is of no place
    place = lambda f, file, line, column: (os.path.normpath(f[file] or "?"), f[line], f[column] or 0) if f[line] else None
    assert got["line"] or not got["file"], "a file without a line"
    assert place(got, "file", "line", "column") == place(linkage, "FileName", "Line", "Column"), "other places"
    name = got["function"] or ""
    if plain(name) == plain(linkage["FunctionName"]) or (len(name.encode()) >= 250 and name[-1] == "…"):
        return True
    assert name == short["FunctionName"], "other functions: %r, %r" % (plain(name), plain(linkage["FunctionName"]))
    return False


def check_frames(module, r, tmp):
    with open(module, "rb") as f:
        data = f.read()
    start = code_start(data)
    bare = os.path.join(tmp, "bare.wasm")
    with open(bare, "wb") as f:
        f.write(only_debug(data))
    found = sides(r)
    assert found, "no pairs"
    locs = sorted(found)
    missing = inlined = short_names = 0
    addresses = [loc - start for loc in locs]
    for loc, linkage, short in zip(locs, symbolise(bare, addresses, "linkage"), symbolise(bare, addresses, "short")):
        frames = found[loc].get("frames", [])
        if not linkage or not linkage[0]["FileName"]:
            assert not frames, "%X: got %r, the symboliser has nothing" % (loc, frames)
            missing += 1
            continue
        try:
            assert len(frames) == len(linkage), "other depth"
            for got, long, brief in zip(frames, linkage, short):
                short_names += not check_frame(got, long, brief)
        except AssertionError as e:
            raise AssertionError("%X: %s\n  want %r\n  got  %r" % (loc, e, linkage, frames))
        inlined += len(frames) > 1
    return len(locs), inlined, missing, short_names


def check_shares(r):
    """what the report says about itself, counted again"""
    found = total = 0
    for pair in r["pairs"]:
        at = [s for s in (pair["first"], pair["second"]) if s.get("loc")]
        total += pair["bytes"]
        found += pair["bytes"] * all(s.get("frames") and s["frames"][0]["line"] for s in at)
    lines = r["lines"]
    assert (lines["bytes"], lines["found"]) == (total, found), "bytes with lines: %r, counted %d of %d" % (lines, found, total)
    assert lines["found"] + sum(m["bytes"] for m in lines["missing"]) == total, "the reasons do not add up"


def without_lines(r):
    r = json.loads(json.dumps(r))
    r["input"] = r["lines"] = None
    for side in [s for p in r["pairs"] for s in (p["first"], p["second"])] + [u["store"] for u in r["unread"]]:
        side.pop("frames", None)
        side.pop("own", None)  # which of the frames
    return r


def check_elsewhere(tool, module, tmp, want):
    """the same DWARF in another file; sections behind the code, so that no location changes"""
    with open(module, "rb") as f:
        data = f.read()
    parts = list(sections(data))
    stripped = data[:8] + b"".join(data[s:e] for k, n, s, _, e in parts if not is_debug(k, n))
    only = only_debug(data)
    paths = {}
    for name, content in (("stripped", stripped), ("only", only), ("whole", data),
                          ("naming", stripped + custom("external_debug_info", leb128.write(20) + b"../only/program.wasm")),
                          ("lost", stripped + custom("external_debug_info", leb128.write(9) + b"gone.wasm"))):
        paths[name] = os.path.join(tmp, name, "program.wasm")  # programs see their own name
        os.mkdir(os.path.join(tmp, name))
        with open(paths[name], "wb") as f:
            f.write(content)
    frames = {loc: s.get("frames") for loc, s in sides(want).items()}
    for name, options in (("stripped", ["--debug-file", paths["only"]]), ("stripped", ["--debug-file", paths["whole"]]),
                          ("naming", [])):
        r, said = report(tool, paths[name], tmp, *options)
        for loc, side in sides(r).items():
            assert side.get("frames") == frames[loc], "%X: %s %s: got %r, want %r" % (loc, name, options, side.get("frames"), frames[loc])
        assert not said, said
    r, said = report(tool, paths["lost"], tmp)
    assert r["lines"]["source"] is None and "gone.wasm" in r["lines"]["warning"] and "gone.wasm" in said, "nothing said"
    assert without_lines(r) == without_lines(want), "the rest of the report changed"


def emptied(data):
    """all mangled names are empty strings; the plain names are as they were"""
    start, end = next((c, e) for k, n, _, c, e in sections(data) if n == ".debug_str")
    return data[:start] + re.sub(rb"(?<=\0)_(?=[ZR])", b"\0", data[start:end]) + data[end:]


def at_random(data, spans, rounds):
    rng = random.Random(1)
    for _ in range(rounds):
        damaged = bytearray(data)
        start, end = rng.choice(spans)
        for _ in range(rng.choice((1, 10, 1000))):
            damaged[rng.randrange(start, end)] = rng.choice((0, 255, rng.randrange(256)))
        yield damaged


def check_damaged(tool, module, tmp, want, rounds):
    with open(module, "rb") as f:
        data = f.read()
    spans = [(c + 1 + len(n), e) for k, n, _, c, e in sections(data) if is_debug(k, n) and "loc" not in n]  # without the section's name
    os.mkdir(os.path.join(tmp, "damaged"))
    path = os.path.join(tmp, "damaged", "program.wasm")
    warned = 0
    for damaged in [emptied(data), *at_random(data, spans, rounds)]:
        with open(path, "wb") as f:
            f.write(damaged)
        r, said = report(tool, path, tmp)
        warned += r["lines"]["warning"] is not None
        assert without_lines(r) == without_lines(want), "the rest of the report changed"
        assert bool(said) == (r["lines"]["warning"] is not None), "the warning was not said"
    return warned


def read_map(path):
    """(file_off, source, line, column) of each mapping; (file_off,) where there is no source"""
    with open(path) as f:
        source_map = json.load(f)
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    root = source_map.get("sourceRoot", "")
    names = [root + "/" + name if root else name for name in source_map["sources"]]
    out, at = [], [0, 0, 0, 0, 0]
    for segment in source_map["mappings"].split(","):
        numbers, value, shift = [], 0, 0
        for digit in map(digits.index, segment):
            value |= (digit & 31) << shift
            shift += 5
            if digit < 32:
                numbers.append(-(value >> 1) if value & 1 else value >> 1)
                value = shift = 0
        at = [a + n for a, n in zip(at, numbers + [0] * 5)]
        out.append((at[0], names[at[1]], at[2] + 1, at[3] + 1) if len(numbers) > 1 else (at[0],))
    return out


def check_source_map(tool, tmp):
    modules = sources.package("assemblyscript")
    shutil.copy(os.path.join(HERE, "..", "programs", "assemblyscript", "sieve.ts"), tmp)
    os.symlink(os.path.join(modules, "node_modules"), os.path.join(tmp, "node_modules"))
    sources.run([sources.node(), "node_modules/assemblyscript/bin/asc.js", "sieve.ts", "--debug", "--sourceMap", "--config",
                 "node_modules/@assemblyscript/wasi-shim/asconfig.json", "-o", "program.wasm"], cwd=tmp)
    module = os.path.join(tmp, "program.wasm")
    r, said = report(tool, module, tmp)
    assert r["lines"]["source"] == "source map" and not said, r["lines"]
    mappings = read_map(module + ".map")
    with_line = 0
    for loc, side in sorted(sides(r).items()):
        before = [m for m in mappings if m[0] <= loc]
        want = before[-1][1:] if before else ()
        got = side.get("frames", [])
        if want and not got:  # then it is of the function before
            with open(module, "rb") as f:
                data = f.read()
            assert any(before[-1][0] < start <= loc for start in bodies(data)), "%X: no frames, the map has %r" % (loc, want)
            continue
        assert len(got) == bool(want), "%X: got %r, want %r" % (loc, got, want)
        if got:
            frame = got[0]
            assert (frame["file"], frame["line"], frame["column"]) == want, "%X: got %r, want %r" % (loc, frame, want)
            assert frame["function"] == side["function"]
            with_line += 1
    assert with_line > 20, "only %d places with lines" % with_line
    check_shares(r)
    moved = os.path.join(tmp, "moved.map")
    os.rename(module + ".map", moved)
    again, said = report(tool, module, tmp, "--debug-file", moved)
    assert sides(again) == sides(r) and not said, "other frames from --debug-file"
    again, said = report(tool, module, tmp)
    assert "program.wasm.map" in said and without_lines(again) == without_lines(r), said
    return "%d places with lines of %d" % (with_line, len(sides(r)))


def bodies(data):
    """where function bodies start"""
    at = next(content for kind, _, _, content, _ in sections(data) if kind == 10)
    count, at = leb128.read(data, at)
    for _ in range(count):
        size, at = leb128.read(data, at)
        yield at
        at += size


def check_program(tool, command, tmp, rounds):
    module = build(command, os.path.join(tmp, "program.wasm"))
    r, _ = report(tool, module, tmp)
    count, inlined, missing, short_names = check_frames(module, r, tmp)
    check_shares(r)
    check_elsewhere(tool, module, tmp, r)
    warned = check_damaged(tool, module, tmp, r, rounds)
    return "%5d places, %d with inlined frames, %d without lines, %d short names; damaged %d times: %d warnings" % (
        count, inlined, missing, short_names, rounds, warned)


def main():
    tool = os.path.abspath(sys.argv[1])
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 12
    if not shutil.which("llvm-symbolizer-19"):
        sys.exit(lacks("no llvm-symbolizer-19"))
    passed = failed = skipped = 0
    checks = [(name, lambda tmp, c=command: check_program(tool, c, tmp, rounds)) for name, command in programs()]
    checks.append(("AssemblyScript", lambda tmp: check_source_map(tool, tmp)))
    for name, check in checks:
        with tempfile.TemporaryDirectory() as tmp:
            try:
                print("ok   %-20s %s" % (name, check(tmp)), flush=True)
                passed += 1
            except sources.Missing as e:
                print("skip %-20s %s" % (name, e), flush=True)
                skipped += 1
            except (AssertionError, subprocess.TimeoutExpired, OSError, ValueError, KeyError) as e:
                print("FAIL %-20s %s: %s" % (name, type(e).__name__, e), flush=True)
                failed += 1
    sys.exit(result(passed, failed, skipped))


if __name__ == "__main__":
    main()
