"""A small encoder of WebAssembly modules: generated programs are written as bytes, so that the place of each instruction is
known without any other tool."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from leb128 import write as leb  # noqa: E402


def sleb(n):
    out = b""
    while True:
        byte, n = n & 0x7f, n >> 7
        if (n == 0 and not byte & 0x40) or (n == -1 and byte & 0x40):
            return out + bytes([byte])
        out += bytes([byte | 0x80])


def name(text):
    return leb(len(text.encode())) + text.encode()


def vector(items):
    return leb(len(items)) + b"".join(items)


def section(number, content):
    return bytes([number]) + leb(len(content)) + content


def type_index(n):
    return sleb(n)


I32, FUNCREF, EXNREF = b"\x7f", b"\x70", b"\x69"


def ref_null(n):
    """(ref null $n)"""
    return b"\x63" + sleb(n)


def func_type(params, results):
    return b"\x60" + vector(params) + vector(results)


class Code:
    """a body in the making; `marks` are objects whose `loc` becomes their instruction's place in the file"""

    def __init__(self):
        self.bytes = b""
        self.marks = []

    def put(self, *parts):
        for part in parts:
            self.bytes += part if isinstance(part, bytes) else bytes([part])

    def mark(self, thing):
        self.marks.append((len(self.bytes), thing))

    def const(self, n):
        self.put(0x41, sleb(n))


def module(sections, bodies):
    """sections: (number, content) in their order, the code section left out; bodies: (locals, Code).  Sets the marks' `loc`."""
    out = b"\0asm\x01\0\0\0"
    for number, content in sections:
        if number > 10 or number == 0:
            continue
        out += section(number, content)
        if number == 5:  # the tag section stands between memory and global
            out += b"".join(section(n, c) for n, c in sections if n == 13)
    out += b"".join(section(n, c) for n, c in sections if n == 12)
    parts, place = [], 0
    whole = sum(len(leb(len(l) + len(c.bytes))) + len(l) + len(c.bytes) for l, c in bodies) + len(leb(len(bodies)))
    place = len(out) + 1 + len(leb(whole)) + len(leb(len(bodies)))
    for local_bytes, code in bodies:
        size = len(local_bytes) + len(code.bytes)
        start = place + len(leb(size)) + len(local_bytes)
        for at, thing in code.marks:
            thing.loc = start + at
        parts.append(leb(size) + local_bytes + code.bytes)
        place += len(parts[-1])
    out += section(10, vector(parts))
    out += b"".join(section(n, c) for n, c in sections if n == 11)
    return out + b"".join(section(n, c) for n, c in sections if n == 0)
