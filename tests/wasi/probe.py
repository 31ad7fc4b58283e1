"""Modules that call WASI and do nothing else, written as bytes so that each call's place in the file is known."""
import os
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), os.path.join(os.path.dirname(HERE), "contexts")]

from leb128 import write as leb  # noqa: E402
from wasm import Code, func_type, module, name, sleb, vector  # noqa: E402

PREVIEW_1 = "wasi_snapshot_preview1"
# wasi_snapshot_preview1.witx: each function's parameters; all but proc_exit return an errno
FUNCTIONS = dict(word.split(":") for word in """args_get:ii args_sizes_get:ii clock_res_get:ii clock_time_get:ili environ_get:ii
environ_sizes_get:ii fd_advise:illi fd_allocate:ill fd_close:i fd_datasync:i fd_fdstat_get:ii fd_fdstat_set_flags:ii
fd_fdstat_set_rights:ill fd_filestat_get:ii fd_filestat_set_size:il fd_filestat_set_times:illi fd_pread:iiili fd_prestat_dir_name:iii
fd_prestat_get:ii fd_pwrite:iiili fd_read:iiii fd_readdir:iiili fd_renumber:ii fd_seek:ilii fd_sync:i fd_tell:ii fd_write:iiii
path_create_directory:iii path_filestat_get:iiiii path_filestat_set_times:iiiilli path_link:iiiiiii path_open:iiiiillii
path_readlink:iiiiii path_remove_directory:iii path_rename:iiiiii path_symlink:iiiii path_unlink_file:iii poll_oneoff:iiii
proc_exit:i proc_raise:i random_get:ii sched_yield: sock_accept:iii sock_recv:iiiiii sock_send:iiiii sock_shutdown:ii""".split())

ERRNOS = 16  # where the n-th call's errno is kept: u32 each
CONTROL = 2048  # what lies below is the probe's own


class Call:
    def __init__(self, function, wanted):
        self.function, self.wanted, self.loc = function, wanted, None


class Probe:
    """`pattern` fills the memory, which has so many bytes, before anything is called"""

    def __init__(self, pattern=0xAA, size=1 << 16, snapshot=PREVIEW_1, fill=True):
        self.size, self.snapshot, self.calls, self.used = size, snapshot, [], []
        self.code, self.data = Code(), []
        self.model = bytearray(CONTROL) + bytearray([pattern]) * (size - CONTROL if fill else 0)  # what memory holds where no call has been
        self.poked = set()
        self.free = CONTROL
        if fill:
            self.put_consts(CONTROL, pattern, size - CONTROL)
            self.code.put(0xFC, 11, 0)

    def put_consts(self, *values):
        for v in values:
            self.code.const(v - (1 << 32) if v >= 1 << 31 else v)

    def slot(self, size, align=8):
        """room that nothing else uses, with some between it and the next"""
        at = -(-self.free // align) * align
        self.free = at + size + 24
        return at

    def poke(self, at, content):
        """memory.init, once all calls so far are made"""
        self.put_consts(at, 0, len(content))
        self.code.put(0xFC, 8, leb(len(self.data)), 0)
        self.data.append(content)
        self.model[at:at + len(content)] = content
        self.poked.update(range(at, at + len(content)))
        return at

    def put(self, content, align=8):
        return self.poke(self.slot(len(content), align), content)

    def path(self, text):
        """the two parameters"""
        content = text if isinstance(text, bytes) else text.encode()
        return self.put(content, 1), len(content)

    def call(self, function, *args, wanted=0):
        """wanted: the errno; None: any"""
        call = Call(function, wanted)
        if function not in self.used:
            self.used.append(function)
        returns = function != "proc_exit"
        if returns:
            self.put_consts(ERRNOS + 4 * len(self.calls))
        for kind, value in zip(FUNCTIONS[function], args, strict=True):
            if kind == "i":
                self.put_consts(value)
            else:
                self.code.put(0x42, sleb(value - (1 << 64) if value >= 1 << 63 else value))
        self.code.mark(call)
        self.code.put(0x10, leb(self.used.index(function)))
        if returns:
            self.code.put(0x36, 2, 0)
        self.calls.append(call)
        assert ERRNOS + 4 * len(self.calls) <= CONTROL
        return call

    def errnos(self, memory):
        return struct.unpack_from("<%dI" % len(self.calls), memory, ERRNOS)

    def encode(self):
        types = [func_type([b"\x7f" if k == "i" else b"\x7e" for k in FUNCTIONS[f]], [b"\x7f"] if f != "proc_exit" else [])
                 for f in self.used] + [func_type([], [])]
        imports = [name(self.snapshot) + name(f) + b"\0" + leb(i) for i, f in enumerate(self.used)]
        whole = self.size % (1 << 16) == 0
        memory = b"\0" + leb(self.size >> 16) if whole else b"\x08" + leb(self.size) + b"\0"  # pages of one byte
        body = Code()
        body.put(self.code.bytes, 0x0B)
        body.marks = self.code.marks
        sections = [(1, vector(types)), (2, vector(imports)), (3, vector([leb(len(types) - 1)])), (5, vector([memory])),
                    (7, vector([name("memory") + b"\2\0", name("_start") + b"\0" + leb(len(self.used))])),
                    (11, vector([b"\1" + leb(len(d)) + d for d in self.data])), (12, leb(len(self.data)))]
        return module([s for s in sections if s[0] < 11 or self.data], [(b"\0", body)])


def iovecs(*entries):
    return b"".join(struct.pack("<II", *e) for e in entries)


def clock(userdata, timeout, id=1, flags=0):
    return struct.pack("<QB7xI4xQQH6x", userdata, 0, id, timeout, 5, flags)


def ready(userdata, tag, fd):
    return struct.pack("<QB7xI28x", userdata, tag, fd)
