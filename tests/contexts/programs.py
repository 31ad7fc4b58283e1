"""Random programs with every kind of call, exceptions and traps; each as a WebAssembly module, and run here by a plain
interpreter of its own that keeps a shadow stack and judges every byte straight from docs/semantics.md."""
import random

from wasm import EXNREF, FUNCREF, I32, Code, func_type, leb, module, name, ref_null, section, sleb, vector

# Types: 0 of all functions, 1 fd_write, 2 sched_yield, 3 tags, 4 callbacks, 5 entry points
T_FUNC, T_WRITE, T_YIELD, T_TAG, T_BACK, T_ENTRY = range(6)
IMPORTS = ["fd_write", "sched_yield", "back"]
IOVEC, WRITTEN, MEMORY = 1000, 1008, 1 << 16
STEPS_MAX = 4000


class Thrown(Exception):
    def __init__(self, tag):
        self.tag = tag


class Trap(Exception):
    pass


class TooLong(Exception):
    pass


class Stmt:
    def __init__(self, kind, **fields):
        self.kind = kind
        self.loc = 0
        self.__dict__.update(fields)


class Program:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.count = self.r.randrange(3, 8)
        self.first = len(IMPORTS)
        self.funcs = [self.block(3) for _ in range(self.count)]
        self.entries = {"_initialize": self.entry(), "main": self.entry(), "_start": self.entry()}
        self.start = self.entry()

    # making

    def entry(self):
        return self.block(2) + [self.call("call") for _ in range(self.r.randrange(1, 4))]

    def call(self, kind):
        return Stmt(kind, callee=self.r.randrange(self.count), less=self.r.randrange(1, 3))

    def block(self, depth):
        return [self.stmt(depth) for _ in range(self.r.randrange(1, 5))]

    def stmt(self, depth):
        r = self.r
        width = r.choice([1, 2, 4, 4, 8])
        address = r.choice([16, 20, 24, 28, 17, 30])
        x = r.random()
        if x < 0.22:
            return Stmt("store", width=width, address=address, value=r.choice([0, 1, 7]))
        if x < 0.40:
            return Stmt("load", width=width, address=address)
        if x < 0.44:
            return Stmt("fill", address=address, length=r.randrange(0, 20), value=r.choice([0, 1]))
        if x < 0.48:
            return Stmt("copy", address=address, source=r.choice([16, 24, 40]), length=r.randrange(0, 16))
        if x < 0.70:
            return self.call(r.choice(["call", "call", "call_indirect", "call_ref"]))
        if x < 0.73:
            return Stmt(r.choice(["write", "write_indirect"]))
        if x < 0.75:
            return Stmt(r.choice(["yield", "yield_indirect"]))
        if x < 0.78:
            back = self.call(r.choice(["back", "back", "return_back"]))
            back.how = r.choice(["call", "call_indirect"])
            return back
        if x < 0.80 or depth == 0:
            return Stmt("store", width=4, address=WRITTEN, value=r.choice([0, 9]))
        bit = r.randrange(3)
        if x < 0.84:
            return Stmt("if", bit=bit, then=[self.call(r.choice(["return_call", "return_call_indirect",
                                                                 "return_call_ref"]))], other=self.block(depth - 1))
        if x < 0.87:
            return Stmt("if", bit=bit, then=[Stmt("throw", tag=r.randrange(2))], other=[])
        if x < 0.88:
            return Stmt("if", bit=bit, then=[Stmt("return")], other=[])
        if x < 0.884:
            return Stmt("if", bit=bit, then=[Stmt("unreachable")], other=[])
        if x < 0.92:
            return Stmt("if", bit=bit, then=self.block(depth - 1), other=r.choice([[], self.block(depth - 1)]))
        if x < 0.95:
            return Stmt("loop", times=r.randrange(1, 4), body=self.block(depth - 1))
        return Stmt("try", tag=r.choice([0, 1, None]), again=r.random() < 0.3, body=self.block(depth - 1),
                    handler=self.block(depth - 1))

    # as a module; locals of a function: 0 the fuel, then one for each loop that may be open

    def emit_call(self, c, s, kind, callee):
        """operands are there already"""
        tail = kind.startswith("return_")
        if kind.endswith("indirect"):
            c.const(callee)
            c.mark(s)
            c.put(0x13 if tail else 0x11, leb(self.type_of(callee)), 0)
        elif kind.endswith("ref"):
            c.put(0xD2, leb(callee))
            c.mark(s)
            c.put(0x15 if tail else 0x14, leb(T_FUNC))
        else:
            c.mark(s)
            c.put(0x12 if tail else 0x10, leb(callee))

    def type_of(self, func):
        return [T_WRITE, T_YIELD, T_BACK][func] if func < self.first else T_FUNC

    def emit_try(self, c, s, loops):
        tags = b"" if s.tag is None else leb(s.tag)
        c.put(0x02, EXNREF if s.again else 0x40)            # what is thrown arrives behind this block
        c.put(0x02, 0x40)
        catch = (2 if s.tag is None else 0) + s.again
        c.put(0x1F, 0x40, 1, catch, tags, 1)
        self.emit(c, s.body, loops)
        c.put(0x0B, 0x0B)
        c.const(1)                                          # nothing was: a flag says so
        c.put(0x21, leb(self.flag))
        if s.again:
            c.put(0xD0, 0x69)                               # ref.null exn
        c.put(0x0B)
        if s.again:
            c.put(0x21, leb(self.exn))
        c.put(0x20, leb(self.flag), 0x45, 0x04, 0x40)
        (self.emit_again if s.again else self.emit)(c, s.handler, loops)
        c.put(0x05)
        c.const(0)
        c.put(0x21, leb(self.flag), 0x0B)

    def emit_again(self, c, stmts, loops):
        """the handler's own code may catch something else, so what is to be thrown again has a local of its own"""
        own = self.exn_locals
        self.exn_locals += 1
        c.put(0x20, leb(self.exn), 0x21, leb(self.exn_first + own))
        self.emit(c, stmts, loops)
        c.put(0x20, leb(self.exn_first + own), 0x0A)        # throw_ref

    def emit(self, c, stmts, loops):
        for s in stmts:
            self.emit_one(c, s, loops)

    def emit_one(self, c, s, loops):
        k = s.kind
        if k == "store":
            c.const(s.address)
            c.put(0x42 if s.width == 8 else 0x41, sleb(s.value))
            c.mark(s)
            c.put({1: 0x3A, 2: 0x3B, 4: 0x36, 8: 0x37}[s.width], 0, 0)
        elif k == "load":
            c.const(s.address)
            c.mark(s)
            c.put({1: 0x2D, 2: 0x2F, 4: 0x28, 8: 0x29}[s.width], 0, 0)
            c.put(0x1A)
        elif k == "fill":
            c.const(s.address), c.const(s.value), c.const(s.length)
            c.mark(s)
            c.put(0xFC, 0x0B, 0)
        elif k == "copy":
            c.const(s.address), c.const(s.source), c.const(s.length)
            c.mark(s)
            c.put(0xFC, 0x0A, 0, 0)
        elif k.startswith("write"):
            c.const(1), c.const(IOVEC), c.const(1), c.const(WRITTEN)
            self.emit_call(c, s, k.replace("write", "call"), 0)
            c.put(0x1A)
        elif k.startswith("yield"):
            self.emit_call(c, s, k.replace("yield", "call"), 1)
            c.put(0x1A)
        elif k == "if":
            c.put(0x20, 0)
            c.const(1 << s.bit)
            c.put(0x71, 0x04, 0x40)
            self.emit(c, s.then, loops)
            c.put(0x05)
            self.emit(c, s.other, loops)
            c.put(0x0B)
        elif k == "loop":
            local = 1 + loops
            c.const(s.times)
            c.put(0x21, leb(local), 0x03, 0x40)
            self.emit(c, s.body, loops + 1)
            c.put(0x20, leb(local))
            c.const(-1)
            c.put(0x6A, 0x22, leb(local), 0x0D, 0, 0x0B)
        elif k == "throw":
            c.put(0x08, leb(s.tag))
        elif k == "return":
            c.put(0x0F)
        elif k == "unreachable":
            c.put(0x00)
        elif k == "try":
            self.emit_try(c, s, loops)
        else:                                               # calls of functions of ours, with less fuel; none without
            tail = k.startswith("return_")
            c.put(0x20, 0)
            c.const(s.less)
            c.put(0x4E, 0x04, 0x40)                         # if fuel >= less
            c.put(0x20, 0)
            c.const(s.less)
            c.put(0x6B)
            callee = self.first + s.callee
            if k.endswith("back"):
                c.put(0xD2, leb(callee))
                self.emit_call(c, s, k.replace("back", s.how), 2)
            else:
                self.emit_call(c, s, k, callee)
            c.put(0x0B)
            if tail:
                c.put(0x0F)

    def body(self, stmts, fuel):
        """(locals, code); an entry point, which takes nothing, has its fuel in local 0"""
        loops = 4
        self.flag, self.exn, self.exn_first, self.exn_locals = 1 + loops, 2 + loops, 3 + loops, 0
        c = Code()
        if fuel is not None:
            c.const(fuel)
            c.put(0x21, 0)
        self.emit(c, stmts, 0)
        c.put(0x0B)
        groups = [leb(loops + 1 + (fuel is not None)) + I32, leb(1 + self.exn_locals) + EXNREF]
        return vector(groups), c

    def module(self):
        types = [func_type([I32], []), func_type([I32] * 4, [I32]), func_type([], [I32]), func_type([], []),
                 func_type([I32, ref_null(T_FUNC)], []), func_type([], [])]
        wasi = "wasi_snapshot_preview1"
        imports = [name(wasi) + name("fd_write") + b"\0" + leb(T_WRITE),
                   name(wasi) + name("sched_yield") + b"\0" + leb(T_YIELD),
                   name("host") + name("back") + b"\0" + leb(T_BACK)]
        total = self.first + self.count
        entries = list(self.entries.items()) + [(None, self.start)]
        exports = [name("memory") + b"\x02\0"]
        names = [leb(i) + name(n) for i, n in enumerate(self.names())]
        for i, (n, _) in enumerate(entries):
            if n:
                exports.append(name(n) + b"\0" + leb(total + i))
        elements = leb(0) + b"\x41\0\x0b" + vector([leb(i) for i in range(total)])
        sections = [(1, vector(types)), (2, vector(imports)),
                    (3, vector([leb(T_FUNC)] * self.count + [leb(T_ENTRY)] * len(entries))),
                    (4, vector([FUNCREF + b"\0" + leb(total)])), (5, vector([b"\0\x01"])),
                    (13, vector([b"\0" + leb(T_TAG)] * 2)), (7, vector(exports)), (8, leb(total + len(entries) - 1)),
                    (9, vector([elements])), (0, name("name") + section(1, vector(names)))]
        bodies = [self.body(f, None) for f in self.funcs] + [self.body(f, self.fuel) for _, f in entries]
        return module(sections, bodies)

    def names(self):
        return IMPORTS + ["f%d" % i for i in range(self.count)] + list(self.entries) + ["start"]

    fuel = 9

    # running

    def run(self, calls):
        """what a host does that calls these entry points after the start function; returns the Judge"""
        j = Judge()
        self.judge, self.steps = j, 0
        total = self.first + self.count
        order = [(total + len(self.entries), self.start)]
        order += [(total + list(self.entries).index(c), self.entries[c]) for c in calls]
        try:
            for index, stmts in order:
                self.enter(index, stmts, self.fuel, (), 0)
        except (Trap, Thrown):
            pass
        return j

    def enter(self, func, stmts, fuel, callers, site):
        """a function runs until it returns for good; frames are (function, call site)"""
        while True:
            path = callers + ((func, site),)
            tail = self.run_block(stmts, fuel, path)
            if not isinstance(tail, Stmt) or tail.kind == "return":
                return
            func, stmts, fuel, site = self.first + tail.callee, self.funcs[tail.callee], fuel - tail.less, tail.loc

    def run_block(self, stmts, fuel, path):
        """None, or the return or tail call that ends the function"""
        for s in stmts:
            end = self.run_one(s, fuel, path)
            if end:
                return end
        return None

    def run_one(self, s, fuel, path):
        self.steps += 1
        if self.steps > STEPS_MAX:
            raise TooLong()
        k, j = s.kind, self.judge
        who = (s.loc, path)
        if k == "store":
            j.write(who, s.address, s.value.to_bytes(s.width, "little"), "store")
        elif k == "load":
            j.load(who, s.address, s.width)
        elif k == "fill":
            j.write(who, s.address, bytes([s.value]) * s.length, "store")
        elif k == "copy":
            data = bytes(j.memory[s.source:s.source + s.length])
            j.fetch(who, s.source, s.length)
            j.write(who, s.address, data, "store")
        elif k.startswith("write"):
            j.host_read(IOVEC, 8)
            j.write(who, WRITTEN, bytes(4), "host")
        elif k == "if":
            return self.run_block(s.then if fuel & 1 << s.bit else s.other, fuel, path)
        elif k == "loop":
            for _ in range(s.times):
                end = self.run_block(s.body, fuel, path)
                if end:
                    return end
        elif k == "throw":
            raise Thrown(s.tag)
        elif k == "return":
            return s
        elif k == "unreachable":
            raise Trap()
        elif k == "try":
            try:
                end = self.run_block(s.body, fuel, path)
            except Thrown as thrown:
                if s.tag is not None and thrown.tag != s.tag:
                    raise
                caught = thrown
            else:
                return end  # a tail call, too, leaves the handler behind
            end = self.run_block(s.handler, fuel, path)
            if end:
                return end
            if s.again:
                raise caught
        elif k.startswith("yield"):
            pass
        elif fuel < s.less:
            return Stmt("return") if k.startswith("return_") else None
        elif k.endswith("back"):
            j.barrier_enter()
            tail = k.startswith("return_")
            frames = (path[:-1] if tail else path) + ((2, s.loc),)
            try:
                for _ in range(2):                          # the host calls back twice
                    self.enter(self.first + s.callee, self.funcs[s.callee], fuel - s.less, frames, 0)
            finally:
                j.barrier_leave()
            return Stmt("return") if tail else None
        elif k.startswith("return_"):
            return s
        else:
            self.enter(self.first + s.callee, self.funcs[s.callee], fuel - s.less, path, s.loc)
        return None


class Judge:
    """memory and the state of each byte; `parts` are, for each second access, what it made pairs with, by ascending address"""

    def __init__(self):
        self.memory = bytearray(MEMORY)
        self.writer = {}    # address: (who or "host", unread)
        self.toucher = {}   # address: (who, put)
        self.parts = []     # (kind, second who, [first who, "init" or "host", for each byte])

    def write(self, who, at, data, what):
        if not data:
            return
        dead, silent = [], []
        same = bytes(self.memory[at:at + len(data)]) == data
        for a in range(at, at + len(data)):
            writer, unread = self.writer.get(a, ("init", False))
            if unread:
                dead.append(writer)
            if same and what != "host":
                silent.append(writer)
        self.parts += [("dead_store", who, dead), ("silent_store", who, silent)]
        self.memory[at:at + len(data)] = data
        for a in range(at, at + len(data)):
            if what == "host":
                self.writer[a] = ("host", False)
                self.toucher.pop(a, None)
            else:
                self.writer[a] = (who, True)
                self.toucher[a] = (who, True)

    def read(self, a):
        if a in self.writer:
            self.writer[a] = (self.writer[a][0], False)

    def load(self, who, at, size):
        found = [self.toucher.get(a) for a in range(at, at + size)]
        if all(found):
            for put, kind in ((False, "silent_load_after_load"), (True, "silent_load_after_store")):
                self.parts.append((kind, who, [f[0] for f in found if f[1] == put]))
        self.fetch(who, at, size)

    def fetch(self, who, at, size):
        for a in range(at, at + size):
            self.read(a)
            self.toucher[a] = (who, False)

    def host_read(self, at, size):
        for a in range(at, at + size):
            self.read(a)

    def barrier_enter(self):
        for a in list(self.writer):
            self.read(a)

    def barrier_leave(self):
        self.toucher.clear()
