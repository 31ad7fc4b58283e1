#!/usr/bin/env python3
"""analyses.py MEM_TRACER [COUNT] [FIRST_SEED]

The two analyses, by the program itself and by trace, give the same report: on COUNT generated programs (default 120) that
touch little memory, some of it next to 1, 2 or 3 GiB, in all widths and alignments, in loops, branches and calls, end by themselves or in a trap, and grow
their memory.  Each is analysed online with its code in line and in hooks, with the code that what earlier runs showed calls
for, and by trace.  A program that differs is left as
analyses_SEED.wasm in the current folder.  The last line is `N passed, N failed`.
"""
import json
import os
import random
import subprocess
import sys
import tempfile

from leb128 import write as leb
from surroundings import PATIENCE, known_to_both

I32, I64, F32, F64, V128 = 0x7f, 0x7e, 0x7d, 0x7c, 0x7b
LOADS = {0x28: I32, 0x29: I64, 0x2a: F32, 0x2b: F64, 0x2c: I32, 0x2d: I32, 0x2e: I32, 0x2f: I32, 0x30: I64, 0x31: I64,
         0x32: I64, 0x33: I64, 0x34: I64, 0x35: I64}
STORES = {0x36: I32, 0x37: I64, 0x38: F32, 0x39: F64, 0x3a: I32, 0x3b: I32, 0x3c: I64, 0x3d: I64, 0x3e: I64}
SIMD_LOADS = [0x00, 0x01, 0x03, 0x07, 0x08, 0x09, 0x0a, 0x5c, 0x5d]
LANE_LOADS, LANE_STORES = {0x54: 16, 0x55: 8, 0x56: 4, 0x57: 2}, {0x58: 16, 0x59: 8, 0x5a: 4, 0x5b: 2}
ATOMICS = [(0x10, 2, "load"), (0x12, 0, "load"), (0x17, 2, "store"), (0x19, 0, "store"), (0x1e, 2, "rmw"),
           (0x20, 0, "rmw"), (0x48, 2, "cmpxchg")]


def sleb(n):
    out = bytearray()
    while True:
        byte = n & 0x7f
        n >>= 7
        if n == (-1 if byte & 0x40 else 0):
            return bytes(out + bytes([byte]))
        out.append(byte | 0x80)


def vector(items):
    return leb(len(items)) + b"".join(items)


def section(number, content):
    return bytes([number]) + leb(len(content)) + content


class Program:
    """locals: 0 a base address (i32), 1, 2 and 6 loop counters, 3 an i64 that loads feed, 4 an f64, 5 a v128"""

    def __init__(self, seed):
        self.r = random.Random(seed)
        self.window = self.r.choice([16, 48, 200, 4000])
        self.functions = self.r.randint(1, 3)
        # now and then far beyond what the planes of bytes reach, or across that
        self.base = self.r.choice([1, 1, 2, 3]) * (1 << 30) - self.r.choice([24, 100, 900, 4100]) if seed % 16 == 7 else 0
        self.pages = 2 + (self.base + 8192) // 65536

    def somewhere(self):
        return self.i32(self.base + self.r.randrange(self.window))

    def i32(self, n):
        return b"\x41" + sleb(n - (1 << 32) if n >= 1 << 31 else n)

    def address(self):
        r = self.r
        base = b"\x20\x00" if r.random() < 0.6 else self.somewhere()
        if r.random() < 0.5:
            base += b"\x20" + leb(r.choice([1, 2, 6])) + self.i32(r.choice([0, 1, 2, 3])) + b"\x74\x6a"
        if r.random() < 0.5:
            base += self.i32(-4 if r.random() < 0.7 else -8) + b"\x71"
        return base

    def memarg(self, align=0):
        return leb(align) + leb(self.r.choice([0, 0, 0, 4, 8, 1, 3, 16, self.r.randrange(self.window)]))

    def value(self, kind):
        """an operand, mostly one of few values so that stores are silent"""
        n = self.r.choice([0, 0, 1, 255, -1, self.r.randrange(1 << 20)])
        if self.r.random() < 0.3:
            return {I32: b"\x20\x03\xa7", I64: b"\x20\x03", F32: b"\x20\x03\xa7\xbe", F64: b"\x20\x04",
                    V128: b"\x20\x05"}[kind]
        return {I32: b"\x41" + sleb(n), I64: b"\x42" + sleb(n), F32: b"\x41" + sleb(n) + b"\xbe",
                F64: b"\x42" + sleb(n) + b"\xbf", V128: b"\x42" + sleb(n) + b"\xfd\x12"}[kind]

    def keep(self, kind):
        """takes a loaded value"""
        return {I32: b"\xad\x21\x03", I64: b"\x21\x03", F32: b"\xbc\xad\x21\x03", F64: b"\x21\x04", V128: b"\x21\x05"}[kind]

    def access(self):
        r = self.r
        what = r.random()
        if what < 0.42:
            op = r.choice(list(LOADS))
            return self.address() + bytes([op]) + self.memarg() + self.keep(LOADS[op])
        if what < 0.80:
            op = r.choice(list(STORES))
            return self.address() + self.value(STORES[op]) + bytes([op]) + self.memarg()
        if what < 0.84:
            return self.address() + b"\xfd" + leb(r.choice(SIMD_LOADS)) + self.memarg() + self.keep(V128)
        if what < 0.88:
            return self.address() + self.value(V128) + b"\xfd\x0b" + self.memarg()
        if what < 0.90:
            op = r.choice(list(LANE_LOADS))
            return (self.address() + self.value(V128) + b"\xfd" + leb(op) + self.memarg() +
                    leb(r.randrange(LANE_LOADS[op])) + self.keep(V128))
        if what < 0.92:
            op = r.choice(list(LANE_STORES))
            return (self.address() + self.value(V128) + b"\xfd" + leb(op) + self.memarg() +
                    leb(r.randrange(LANE_STORES[op])))
        if what < 0.98:
            return self.bulk()
        return self.atomic()

    def bulk(self):
        r = self.r
        n = self.i32(r.choice([0, 1, 3, 4, 7, 8, 33, r.randrange(600)]))
        kind = r.randrange(3)
        if kind == 0:
            return self.address() + self.i32(r.choice([0, 0, 1])) + n + b"\xfc\x0b\x00"
        if kind == 1:
            return self.address() + self.address() + n + b"\xfc\x0a\x00\x00"
        return self.address() + self.i32(r.randrange(8)) + n + b"\xfc\x08\x00\x00"

    def atomic(self):
        """at a multiple of 8, so that it does not trap"""
        op, align, kind = self.r.choice(ATOMICS)
        code = self.address() + self.i32(-8) + b"\x71"
        if kind != "load":
            code += self.value(I32)
        if kind == "cmpxchg":
            code += self.value(I32)
        code += b"\xfe" + leb(op) + leb(align) + leb(8 * self.r.randrange(3))
        return code if kind == "store" else code + b"\x1a"

    def block(self, depth):
        return b"".join(self.statement(depth) for _ in range(self.r.randint(1, 6)))

    def statement(self, depth):
        r = self.r
        what = r.random()
        if depth == 0 or what < 0.72:
            return self.access()
        if what < 0.80:
            return b"\x20\x03\xa7" + self.i32(1) + b"\x71\x04\x40" + self.block(depth - 1) + \
                (b"\x05" + self.block(depth - 1) if r.random() < 0.5 else b"") + b"\x0b"
        if what < 0.86:
            return b"\x02\x40" + self.block(depth - 1) + b"\x20\x03\xa7" + self.i32(3) + b"\x71\x0d\x00" + \
                self.block(depth - 1) + b"\x0b"
        if what < 0.95:
            counter = leb({3: 1, 2: 2, 1: 6}[depth])
            start = self.i32(0) + b"\x21" + counter
            step = b"\x20" + counter + self.i32(1) + b"\x6a\x22" + counter + self.i32(r.choice([2, 5, 30])) + b"\x49\x0d\x00"
            return start + b"\x03\x40" + self.block(depth - 1) + step + b"\x0b"
        if what < 0.97:
            return self.i32(1) + b"\x40\x00\x1a"
        if what < 0.985:
            return self.somewhere() + b"\x21\x00"
        return b"\x00CALL"

    def ending(self):
        """now and then a trap, after or between accesses"""
        what = self.r.random()
        if what < 0.5:
            return b""
        if what < 0.6:
            return b"\x00"
        if what < 0.7:
            return self.access() + self.i32(1) + self.i32(0) + b"\x6d\x1a" + self.access()
        far = self.i32(self.r.choice([65536 * (self.pages + 58) - 2, (1 << 32) - 4]))
        trap = far + self.i32(7) + b"\x36\x00\x00" if what < 0.85 else far + b"\x29\x00\x00" + b"\x21\x03"
        return self.access() + self.access() + trap + self.access()

    def body(self, index):
        code = self.somewhere() + b"\x21\x00"
        for _ in range(self.r.randint(2, 12)):
            part = self.statement(3)
            code += part
        if index == 0:
            code += self.ending()
        callee = index + 1
        code = code.replace(b"\x00CALL", b"\x10" + leb(callee) if callee < self.functions else b"\x01")
        groups = leb(5) + leb(3) + bytes([I32]) + leb(1) + bytes([I64]) + leb(1) + bytes([F64]) + leb(1) + bytes([V128]) + leb(1) + bytes([I32])
        whole = groups + code + b"\x0b"
        return leb(len(whole)) + whole

    def module(self):
        bodies = [self.body(i) for i in range(self.functions)]
        return (b"\0asm\1\0\0\0" + section(1, vector([b"\x60\0\0"])) + section(3, vector([b"\0"] * self.functions)) +
                section(5, vector([b"\x01" + leb(self.pages) + leb(self.pages + 48)])) +
                section(7, vector([leb(6) + b"_start" + b"\0\0", leb(6) + b"memory" + b"\2\0"])) +
                section(12, leb(1)) + section(10, vector(bodies)) + section(11, vector([b"\x01" + leb(48) + bytes(range(48))])))


def report(tool, module, folder, options, cache=False):
    out = os.path.join(folder, "report.json")
    if os.path.exists(out):
        os.remove(out)
    environment = dict(os.environ, XDG_CACHE_HOME=os.path.join(folder, "cache"))
    r = subprocess.run([tool, "--run", *([] if cache else ["--no-cache"]), "-o", os.path.join(folder, "out.wasm"), "--format", "json", "--report", out,
                        *options, module], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PATIENCE,
                       env=environment)
    if not os.path.exists(out):
        raise AssertionError("no report: %s" % r.stderr.decode("utf-8", "replace").strip())
    with open(out, encoding="utf-8") as f:
        return r.returncode, json.loads(known_to_both(f.read()))


def check(tool, seed, folder):
    module = os.path.join(folder, "module.wasm")
    with open(module, "wb") as f:
        f.write(Program(seed).module())
    want = report(tool, module, folder, ["--analysis", "trace"])
    for inline in ("always", "never"):
        got = report(tool, module, folder, ["--analysis", "online", "--inline", inline])
        assert got == want, "--inline %s: the reports differ" % inline
    for run in range(3): # the first one knows nothing, the later ones have fast code for nearly everything
        got = report(tool, module, folder, ["--analysis", "online", "--hot-after", "1"], cache=True)
        assert got == want, "run %d with a cache: the reports differ" % run
    return want[1]["run"]["accesses"]


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    tool = os.path.abspath(sys.argv[1])
    count, first = int(sys.argv[2]) if len(sys.argv) > 2 else 120, int(sys.argv[3]) if len(sys.argv) > 3 else 1
    passed = failed = accesses = 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, first + count):
            try:
                accesses += check(tool, seed, folder)
                passed += 1
            except AssertionError as e:
                failed += 1
                name = "analyses_%d.wasm" % seed
                with open(name, "wb") as f:
                    f.write(Program(seed).module())
                print("FAIL %s: %s" % (name, e))
    print("%d accesses\n%d passed, %d failed" % (accesses, passed, failed))
    sys.exit(1 if failed or not accesses else 0)


if __name__ == "__main__":
    main()
