#!/usr/bin/env python3
"""run.py MEM_TRACER: the trace against an independent interpreter's.

Runs modules that import nothing through wabt's `wasm-interp --trace` and through mem-tracer -fff, and compares the accesses one by one:
instruction, memory, address operand, static offset, and the values of integer stores.  Modules: kernel*.wasm here, and the
conformance cases that the interpreter can run.  Exit status 77 where there is no wasm-interp.
"""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from surroundings import PATIENCE, lacks  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
OPCODES = os.path.join(HERE, "..", "..", "src", "wasm", "opcode.def")

SCALAR = re.compile(r"\| ([a-z0-9_.]+) \$(\d+):(-?\d+)\+\$(\d+)(?:, (.*))?$")
BULK = re.compile(r"\| (memory\.(?:fill|copy|init)) (.*)$")
OURS = re.compile(r"^\[\d+\] \w+Record \{ (.*) \}$")
FIELD = re.compile(r"(\w+): (\w+\([^)]*\)|[^,]+)")


def opcode_names():
    """code as the trace prints it -> name, for the opcodes that access memory"""
    names = {}
    with open(OPCODES) as f:
        for m in re.finditer(r'^OP\(\w+, "([^"]+)", (\w+), (\w+), \w+, (\w+),', f.read(), re.M):
            if m.group(4) != "NONE":
                prefix, code = int(m.group(2), 0), int(m.group(3), 0)
                names["0x%02X%02X" % (prefix, code) if prefix else "0x%02X" % code] = m.group(1)
    return names


def theirs(text, names):
    out = []
    accessing = set(names.values())
    for line in text.split("\n"):
        m = SCALAR.search(line)
        if m and m.group(1) in accessing:
            name, memory, address, offset, value = m.groups()
            value = value if value and re.match(r"i(32|64)\.store|i(32|64)\.atomic\.store", name) else None
            bits = 32 if name.startswith("i32") else 64
            if value is not None:
                value = int(value) & (1 << bits) - 1
            out.append((name, int(memory), int(address) & (1 << 64) - 1, int(offset), value))
            continue
        m = BULK.search(line)
        if m:
            words = m.group(2).replace("$", "").split(", ")
            out.append((m.group(1), [int(re.split(r"[: ]", w)[-1]) & 0xffffffff for w in words]))
    return out


def ours(path, names):
    out = []
    with open(path) as f:
        for line in f:
            m = OURS.match(line)
            if not m:
                if line.startswith("DefectResults"):
                    break
                continue
            field = dict(FIELD.findall(m.group(1)))
            name = names[field["code"]]
            if name.startswith(("memory.fill", "memory.copy", "memory.init")):
                out.append((name, field))
                continue
            value = None
            if re.match(r"i(32|64)\.store|i(32|64)\.atomic\.store", name):
                kind, number = field["value"][:-1].split("(")
                value = int(number) & (1 << int(kind[1:])) - 1
            out.append((name, int(field.get("memory", 0)), int(field["addr"]), int(field["offset"]), value))
    return out


def same(a, b):
    if len(a) != 2:
        return a == b
    if len(b) != 2 or a[0] != b[0]:
        return False
    operands, field = a[1], b[1]
    want = {int(field["addr"]) & 0xffffffff, int(field["length"]) & 0xffffffff}
    return want <= set(operands)


def has_start(module):
    """whether there is a start section, whose accesses the interpreter does not trace"""
    with open(module, "rb") as f:
        b = f.read()
    at = 8
    while at < len(b):
        section, at, size, shift = b[at], at + 1, 0, 0
        while True:
            size |= (b[at] & 0x7f) << shift
            shift += 7
            at += 1
            if b[at - 1] < 0x80:
                break
        if section == 8:
            return True
        at += size
    return False


def check(tool, interpreter, module, names, tmp):
    if has_start(module):
        return "skip"
    r = subprocess.run([interpreter, "--enable-all", "--run-all-exports", "--trace", module], stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, timeout=PATIENCE)
    text = r.stdout.decode("utf-8", "replace")
    if r.returncode or "error:" in text:
        return "skip"
    want = theirs(text, names)
    listing = os.path.join(tmp, "trace.txt")
    subprocess.run([tool, "--run", "-fff", "--report", listing, "-o", os.path.join(tmp, "out.wasm"), module],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True, timeout=PATIENCE)
    got = ours(listing, names)
    for i, (a, b) in enumerate(zip(want, got)):
        if not same(a, b):
            return "access %d: the interpreter says %s, the trace %s" % (i, a, b)
    if len(want) != len(got):
        return "the interpreter made %d accesses, the trace has %d" % (len(want), len(got))
    return len(got)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    interpreter = shutil.which("wasm-interp")
    if not interpreter:
        sys.exit(lacks("no wasm-interp (Debian package wabt)"))
    names = opcode_names()
    passed = failed = skipped = accesses = 0
    modules = sorted(glob.glob(HERE + "/*.wasm")) + sorted(glob.glob(HERE + "/../conformance/cases/*.wasm")) + \
        sorted(glob.glob(HERE + "/../conformance/fuzz/*.wasm"))
    with tempfile.TemporaryDirectory() as tmp:
        for module in modules:
            result = check(sys.argv[1], interpreter, module, names, tmp)
            if result == "skip":
                skipped += 1
            elif isinstance(result, int):
                passed += 1
                accesses += result
            else:
                failed += 1
                print("FAIL %s: %s" % (os.path.relpath(module, HERE), result))
    print("%d accesses compared" % accesses)
    print("%d passed, %d failed, %d skipped" % (passed, failed, skipped))
    sys.exit(1 if failed or not accesses else 0)


if __name__ == "__main__":
    main()
