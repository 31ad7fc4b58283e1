"""The definitions of docs/semantics.md once more, as plainly as can be: reads a -fff listing, keeps a dictionary entry for
every byte, and compares what it finds with the report.

The listing has values, but not what the host wrote, so memory's content is known but for those bytes.  A store over bytes of unknown
content may be silent or not; whether it is can't be told here, and both answers are taken.  Only for modules whose active data segments
lie at constant addresses.
"""
import os
import re
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import leb128  # noqa: E402

LINE = re.compile(r"^\[(\d+)\] (\w+)Record \{ (.*) \}$")
FIELD = re.compile(r"(\w+): (\w+\([^)]*\)|[^,]+)")
WIDTH = {0x36: 4, 0x37: 8, 0x38: 4, 0x39: 8, 0x3A: 1, 0x3B: 2, 0x3C: 1, 0x3D: 2, 0x3E: 4,
         0x28: 4, 0x29: 8, 0x2A: 4, 0x2B: 8, 0x2C: 1, 0x2D: 1, 0x2E: 2, 0x2F: 2,
         0x30: 1, 0x31: 1, 0x32: 2, 0x33: 2, 0x34: 4, 0x35: 4}


def leb(b, at):
    """unsigned, where it ends, and signed"""
    value, end = leb128.read(b, at)
    return value, end, value - (1 << 7 * (end - at)) if b[end - 1] & 0x40 else value


def initial_memory(path):
    """content of memory 0 as the data segments leave it: {address: byte}"""
    with open(path, "rb") as f:
        b = f.read()
    at, memory = 8, {}
    while at < len(b):
        section = b[at]
        size, at, _ = leb(b, at + 1)
        end = at + size
        if section == 11:
            count, at, _ = leb(b, at)
            for _ in range(count):
                flags, at, _ = leb(b, at)
                if flags != 0 or b[at] != 0x41:
                    raise ValueError("a data segment of another form")
                _, at, address = leb(b, at + 1)
                at += 1  # end
                n, at, _ = leb(b, at)
                for i in range(n):
                    memory[address + i] = b[at + i]
                at += n
        at = end
    return memory


def value_bytes(text, width):
    kind, inside = text[:-1].split("(")
    if kind in ("I32", "I64"):
        return (int(inside) & (1 << 8 * width) - 1).to_bytes(width, "little")
    if "nan" in inside:
        payload = int(inside.split("0x")[1], 16)
        sign = inside.startswith("-")
        if kind == "F32":
            return (payload | 0x7f800000 | sign << 31).to_bytes(4, "little")
        return (payload | 0x7ff << 52 | sign << 63).to_bytes(8, "little")
    return struct.pack("<f" if kind == "F32" else "<d", float(inside))


class Naive:
    def __init__(self, memory):
        self.memory = memory    # known content; None: unknown
        self.writer = {}        # (loc, index), or "host"
        self.unread = {}
        self.toucher = {}       # (loc, put)
        self.pairs = {}         # (kind, first, second) -> [instances, bytes]
        self.maybe = set()      # stores that may be silent
        self.counts = {}

    def add(self, kind, firsts, second):
        for first in set(firsts):
            entry = self.pairs.setdefault((kind, first, second), [0, 0])
            entry[0] += 1
            entry[1] += firsts.count(first)

    def read(self, at, n):
        for i in range(at, at + n):
            self.unread[i] = False

    def load(self, loc, at, n):
        touchers = [self.toucher.get(i) for i in range(at, at + n)]
        if all(touchers):
            for put, kind in ((False, "silent_load_after_load"), (True, "silent_load_after_store")):
                self.add(kind, [t[0] for t in touchers if t[1] == put], loc)
        self.read(at, n)
        for i in range(at, at + n):
            self.toucher[i] = (loc, False)

    def write(self, loc, at, content, host=False):
        n = len(content)
        span = range(at, at + n)
        dead = [self.writer[i] for i in span if self.unread.get(i)]
        self.add("dead_store", dead, loc)
        old = [self.memory.get(i, 0) for i in span]
        if not host and n:
            if None in old or None in content:
                self.maybe.add(loc)
            elif bytes(old) == bytes(content):
                self.add("silent_store", [self.writer.get(i, "init") for i in span], loc)
        for i, byte in zip(span, content):
            self.memory[i] = byte
            self.writer[i] = "host" if host else loc
            self.unread[i] = not host
            self.toucher[i] = None if host else (loc, True)

    def record(self, kind, f):
        self.counts[kind] = self.counts.get(kind, 0) + 1
        loc, at = int(f["loc"], 16), int(f["addr"]) + int(f.get("offset", 0))
        if kind == "Load":
            self.load(loc, at, WIDTH[int(f["code"], 16)])
        elif kind == "Store":
            self.write(loc, at, list(value_bytes(f["value"], WIDTH[int(f["code"], 16)])))
        elif kind == "Fill":
            self.write(loc, at, [int(f["value"][4:-1]) & 255] * int(f["length"]))
        elif kind == "Copy":
            n, source = int(f["length"]), int(f["source"])
            content = [self.memory.get(i, 0) for i in range(source, source + n)]
            self.read(source, n)
            for i in range(source, source + n):
                self.toucher[i] = (loc, False)
            self.write(loc, at, content)
        elif kind == "HostRead":
            self.read(at, int(f["length"]))
        elif kind == "HostWrite":
            self.write(loc, at, [None] * int(f["length"]), host=True)
        else:
            raise ValueError("a record of another kind: " + kind)


def compare(listing, module, report):
    naive = Naive(initial_memory(module))
    with open(listing) as f:
        for line in f:
            m = LINE.match(line)
            if m:
                naive.record(m.group(2), dict(FIELD.findall(m.group(3))))
            elif line.startswith("DefectResults"):
                break
    run = report["run"]
    for kind, field in (("Load", "loads"), ("Store", "stores"), ("Fill", "fills"), ("Copy", "copies"),
                        ("HostRead", "host_reads"), ("HostWrite", "host_writes")):
        assert naive.counts.get(kind, 0) == run[field], "the trace has another number of " + field
    want = {}
    for p in report["pairs"]:
        first = p["first"].get("origin") or p["first"]["loc"]
        want[p["kind"], first, p["second"]["loc"]] = [p["instances"], p["bytes"]]
    for key in set(want) | set(naive.pairs):
        if key[0] == "silent_store" and key[2] in naive.maybe:
            continue
        assert want.get(key) == naive.pairs.get(key), "%s: the report says %s, the trace %s" % (
            key, want.get(key), naive.pairs.get(key))
    unread = {}
    for at, is_unread in naive.unread.items():
        if is_unread:
            unread[naive.writer[at]] = unread.get(naive.writer[at], 0) + 1
    assert {u["store"]["loc"]: u["bytes"] for u in report["unread"]} == unread, "unread at the end by place"
    assert sum(unread.values()) == run["unread_at_exit"], "unread at the end"
