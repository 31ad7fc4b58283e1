#!/usr/bin/env python3
"""Holds the opcode table against an independent disassembler and validator, wasm-tools.

    opcode_names.py TEST_OPCODE [WASM_TOOLS]

TEST_OPCODE is the unit test's binary; its --list prints the table.  Three questions are asked:

1. Name and immediates: a function body `unreachable`, the instruction, a marker is printed back as that name, with the
   operands that were encoded, and the marker behind it.  An alignment equal to the table's width must be the natural
   one, which the printer leaves out.
2. Access: a function that hands the instruction the operands that its access kind and value type call for, and returns
   what it should leave, is valid.
3. Completeness: a code that the table lacks is refused by the disassembler.  (`pause`, 0xFE 0x04 of shared-everything
   threads, is such a one: the day that wasm-tools knows it, this fails, and it is time to add it.)

Without wasm-tools the exit status is 77 (skipped)."""

import concurrent.futures
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import wasm_tools  # noqa: E402
from surroundings import lacks  # noqa: E402

MARKER = 987654321

# Prefix bytes are no opcodes of their own.
PREFIXES = (0xFB, 0xFC, 0xFD, 0xFE)


# ---- Encoding


def leb(n):
    out = bytearray()
    while n > 0x7F:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def sleb(n):
    out = bytearray()
    while not -0x40 <= n < 0x40:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n & 0x7F)
    return bytes(out)


def vec(items):
    return leb(len(items)) + b"".join(items)


def section(number, content):
    return bytes([number]) + leb(len(content)) + content


VALUES = {"I32": b"\x7f", "I64": b"\x7e", "F32": b"\x7d", "F64": b"\x7c", "V128": b"\x7b"}


def module(bodies, signatures=((((), ()),))):
    """One function for each body; the signatures are (parameters, results) and as many as the bodies, or just one."""
    count = len(bodies)
    types = [b"\x60" + vec([VALUES[v] for v in p]) + vec([VALUES[v] for v in r]) for p, r in signatures]
    uses = [leb(i if len(types) == count else 0) for i in range(count)]
    memories = [b"\x03\x01\x02"] * 2  # shared, so that waits are valid as well
    code = [b"\x00" + body + b"\x0b" for body in bodies]
    return b"".join((
        b"\0asm\1\0\0\0",
        section(1, vec(types)),
        section(3, vec(uses)),
        section(5, vec(memories)),
        section(12, leb(1)),
        section(10, vec([leb(len(c)) + c for c in code])),
        section(11, vec([b"\x01\x00"])),
    ))


class Op:
    def __init__(self, line):
        self.name, prefix, code, self.imm, self.access, width, self.value = line.rstrip("\n").split("\t")
        self.prefix, self.code, self.width = int(prefix, 16), int(code, 16), int(width)

    def bytes(self):
        return opcode_bytes(self.prefix, self.code)

    def __str__(self):
        return f"{self.name} ({self.prefix:#04x} {self.code:#04x})"


def opcode_bytes(prefix, code):
    return bytes([prefix]) + leb(code) if prefix else bytes([code])


def align_log2(op):
    # Only notify has an alignment without an access.
    return (op.width or 4).bit_length() - 1


# ---- Question 1: what the disassembler prints

# Indices need two bytes, so that an index and a byte cannot be taken for one another.
A, B = 130, 131


def try_table():
    catches = [b"\x00" + leb(A) + b"\x00", b"\x03" + b"\x00"]
    return b"\x40" + vec(catches) + b"\x0b"


def handlers():
    return vec([b"\x00" + leb(B) + b"\x00", b"\x01" + leb(A)])


def cast_branch():
    return b"\x03" + b"\x00" + b"\x6e" + b"\x6b"  # both nullable: anyref to structref


def immediates(op):
    """The immediates' bytes, and a pattern for what is printed behind the name."""
    index, pair = leb(A), leb(A) + leb(B)
    wide = bytes(range(16))
    memarg = leb(align_log2(op) | 0x40) + index + leb(1 << 40)
    heap_type = {"ref.null": " i31", "ref.test": r" \(ref i31\)", "ref.cast": r" \(ref i31\)",
                 "ref.cast_desc_eq": r" \(ref i31\)"}.get(op.name, " i31ref")
    table = {
        "NONE": (b"", ""),
        "BLOCK": (b"\x7e", r" \(result i64\)( ;; label = @\d+)?"),
        "LABEL": (b"\x00", r" 0.*"),
        "BR_TABLE": (vec([b"\x00", b"\x01"]) + b"\x00", r" 0( \(;.*;\))? 1( \(;.*;\))? 0( \(;.*;\))?"),
        "FUNC": (index, f" {A}"),
        "CALL_INDIRECT": (b"\x00" + index, rf" {A} \(type 0\)"),
        "TYPE": (index, f" {A}"),
        "LOCAL": (index, f" {A}"),
        "GLOBAL": (index, f" {A}"),
        "TABLE": (index, f" {A}"),
        "MEMARG": (memarg, f" {A} offset={1 << 40}"),
        "MEMARG_LANE": (memarg + b"\x01", f" {A} offset={1 << 40} 1"),
        "MEMORY": (index, f" {A}"),
        "MEMORY_MEMORY": (pair, f" {A} {B}"),
        "DATA_MEMORY": (pair, f" {B} {A}"),
        "DATA": (index, f" {A}"),
        "ELEM_TABLE": (pair, f" {B} {A}"),
        "ELEM": (index, f" {A}"),
        "TABLE_TABLE": (pair, f" {A} {B}"),
        "I32": (sleb(-(1 << 31)), f" -{1 << 31}"),
        "I64": (sleb(-(1 << 63)), f" -{1 << 63}"),
        "F32": (b"\x00\x00\xc0\x3f", r" 0x1\.8p\+0 .*"),
        "F64": (b"\x00\x00\x00\x00\x00\x00\xf8\x3f", r" 0x1\.8p\+0 .*"),
        "V128": (wide, " i32x4 0x03020100 0x07060504 0x0b0a0908 0x0f0e0d0c"),
        "SHUFFLE": (wide, " " + " ".join(str(b) for b in wide)),
        "LANE": (b"\x01", " 1"),
        "SELECT_T": (vec([VALUES["F64"]]), r" \(result f64\)"),
        "HEAPTYPE": (b"\x6c", heap_type),
        "TRY_TABLE": (try_table(), rf" \(catch {A} 0.*\) \(catch_all_ref 0.*\)( ;; label = @\d+)?"),
        "TAG": (index, f" {A}"),
        "TYPE_FIELD": (pair, f" {A} {B}"),
        "TYPE_U32": (pair, f" {A} {B}"),
        "TYPE_DATA": (pair, f" {A} {B}"),
        "TYPE_ELEM": (pair, f" {A} {B}"),
        "TYPE_TYPE": (pair, f" {A} {B}"),
        "CAST_BRANCH": (cast_branch(), r" 0.* anyref structref"),
        "FENCE": (b"\x00", ""),
        "RESUME": (index + handlers(), rf" {A} \(on {B} 0.*\) \(on {A} switch\)"),
        "RESUME_THROW": (pair + handlers(), rf" {A} {B} \(on {B} 0.*\) \(on {A} switch\)"),
        "TYPE_TAG": (pair, f" {A} {B}"),
        "ORDER_GLOBAL": (b"\x01" + index, f" acqrel {A}"),
        "ORDER_TABLE": (b"\x01" + index, f" acqrel {A}"),
        "ORDER_TYPE": (b"\x01" + index, f" acqrel {A}"),
        "ORDER_FIELD": (b"\x01" + pair, f" acqrel {A} {B}"),
    }
    return table[op.imm]


# What must stand before and behind the few instructions that cannot stand alone.
AROUND = {
    "block": (b"", b"\x0b"),
    "loop": (b"", b"\x0b"),
    "if": (b"", b"\x0b"),
    "else": (b"\x04\x40", b"\x0b"),
    "end": (b"\x02\x40", b""),
    "try": (b"", b"\x19\x0b"),
    "catch": (b"\x06\x40", b"\x0b"),
    "catch_all": (b"\x06\x40", b"\x0b"),
    "rethrow": (b"\x06\x40\x19", b"\x0b"),
    "delegate": (b"\x06\x40", b""),
}


def probe(op):
    before, behind = AROUND.get(op.name, (b"", b""))
    marker = b"\x41" + sleb(MARKER) + b"\x1a"
    return b"\x00" + before + op.bytes() + immediates(op)[0] + behind + marker


def check_print(op, lines):
    """What is wrong with the printed body of op's probe, or None."""
    before, _ = AROUND.get(op.name, (b"", b""))
    lines = [line.strip() for line in lines]
    if not lines or lines[0] != "unreachable":
        return f"odd body: {lines}"
    at = {0: 1, 2: 2, 3: 3}[len(before)]
    got = lines[at] if at < len(lines) else "nothing"
    pattern = re.escape(op.name.split()[0]) + immediates(op)[1]
    if not re.fullmatch(pattern, got):
        return f"printed as `{got}`, wanted {pattern}"
    if lines[-2:] != [f"i32.const {MARKER}", "drop"]:
        return f"the marker is gone, or not the last: {lines[at:]}"
    extra = len(lines) - 2 - (at + 1)
    wanted = {"try": 2, "block": 1, "loop": 1, "if": 1, "else": 1, "catch": 1, "catch_all": 1, "rethrow": 1,
              "try_table": 1}.get(op.name, 0)
    return None if extra == wanted else f"{extra} lines too many: {lines[at:]}"


def bodies_of(text):
    """The lines of each function in a printed module."""
    bodies, current = [], None
    for line in text.splitlines():
        if re.match(r"  \(func ", line):
            current = []
            bodies.append(current)
        elif re.match(r"  [()]", line):
            current = None
        elif current is not None:
            current.append(line)
    return bodies


# ---- Question 2: what the validator accepts


def access_case(op):
    """The function that is valid only if access kind and value type are right: its body and signature."""
    value = [] if op.value == "NONE" else [op.value]
    if op.access in ("FILL", "COPY", "INIT"):
        takes, leaves = ["I32", "I32", "I32"], []
    elif op.access == "LOAD":
        takes, leaves = ["I32"] + (["V128"] if op.imm == "MEMARG_LANE" else []), value
    elif op.access == "STORE":
        takes, leaves = ["I32"] + value, []
    elif op.access == "RMW":
        takes, leaves = ["I32"] + value, value
    elif op.access == "CMPXCHG":
        takes, leaves = ["I32"] + value + value, value
    else:
        assert op.access == "WAIT"
        takes, leaves = ["I32"] + value + ["I64"], ["I32"]
    memarg = leb(align_log2(op) | 0x40) + b"\x01\x00"
    operands = {
        "MEMARG": memarg,
        "MEMARG_LANE": memarg + bytes([16 // (op.width or 16) - 1]),  # the last lane
        "MEMORY": b"\x01",
        "MEMORY_MEMORY": b"\x01\x00",
        "DATA_MEMORY": b"\x00\x01",
    }[op.imm]
    body = b"".join(b"\x20" + leb(i) for i in range(len(takes))) + op.bytes() + operands
    return body, (takes, leaves)


# ---- Running


def find_tool(argument):
    if argument:
        return shutil.which(argument)
    return wasm_tools.find()


class Tool:
    def __init__(self, path):
        self.path = path

    def run(self, content, *arguments):
        done = subprocess.run([self.path, *arguments, "-"], input=content, capture_output=True)
        return done.returncode == 0, done.stdout.decode(), done.stderr.decode().strip()

    def print(self, content):
        return self.run(content, "print")

    def validate(self, content):
        return self.run(content, "validate", "--features", "all")


def ask_names(tool, pool, ops):
    good, text, _ = tool.print(module([probe(op) for op in ops]))
    printed = bodies_of(text) if good else []
    if len(printed) == len(ops):
        faults = [check_print(op, lines) for op, lines in zip(ops, printed)]
    else:  # one by one, to learn which it was
        def alone(op):
            fine, out, err = tool.print(module([probe(op)]))
            return check_print(op, (bodies_of(out) or [[]])[0]) if fine else err
        faults = list(pool.map(alone, ops))
    return [f"{op}: {fault}" for op, fault in zip(ops, faults) if fault]


def ask_accesses(tool, pool, ops):
    ops = [op for op in ops if op.access != "NONE"]

    def alone(op):
        body, signature = access_case(op)
        fine, _, err = tool.validate(module([body], [signature]))
        return None if fine else err
    cases = [access_case(op) for op in ops]
    if tool.validate(module([c[0] for c in cases], [c[1] for c in cases]))[0]:
        return len(ops), []
    return len(ops), [f"{op}: {fault}" for op, fault in zip(ops, pool.map(alone, ops)) if fault]


def ask_holes(tool, pool, ops):
    known = {(op.prefix, op.code) for op in ops}
    holes = [(0, code) for code in range(0x100) if (0, code) not in known and code not in PREFIXES]
    for prefix in PREFIXES:
        last = max(code for p, code in known if p == prefix)
        holes += [(prefix, code) for code in range(last + 0x60) if (prefix, code) not in known]

    def alone(hole):
        good, text, _ = tool.print(module([b"\x00" + opcode_bytes(*hole) + bytes(24)]))
        return f"{hole[0]:#04x} {hole[1]:#04x} is missing: {bodies_of(text)[0][1].strip()}" if good else None
    return len(holes), [fault for fault in pool.map(alone, holes) if fault]


def main(arguments):
    if not 1 <= len(arguments) <= 2:
        print(__doc__)
        return 2
    path = find_tool(arguments[1] if len(arguments) == 2 else None)
    if path is None:
        return lacks("no wasm-tools")
    listing = subprocess.run([arguments[0], "--list"], capture_output=True, text=True, check=True).stdout
    ops = [Op(line) for line in listing.splitlines()]
    tool = Tool(path)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        faults = ask_names(tool, pool, ops)
        accesses, more = ask_accesses(tool, pool, ops)
        holes, missing = ask_holes(tool, pool, ops)
    for fault in faults + more + missing:
        print(fault)
    print(f"{len(ops)} instructions printed, {accesses} accesses validated, {holes} holes probed: "
          f"{len(faults)} + {len(more)} + {len(missing)} faults")
    return 1 if faults or more or missing or not ops else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
