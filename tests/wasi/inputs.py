"""Inputs of WASI's functions, each at the end of memory or with one bit changed."""
import calls
from calls import FILE, FOLDER
from probe import Probe, clock, iovecs, ready

AT = 4096  # where the input lies
SMALL = 1032, 1048, 1064  # places for results: the probe's own part of memory is free from 1024 on here
NAME = 1080  # where "f" stands


class Input:
    """use: (probe, its address, its length or number of parts) -> the call; doubt: the trace may say that more is read"""

    def __init__(self, name, content, count, use, doubt=False):
        self.name, self.content, self.count, self.use, self.doubt = name, content, count, use, doubt

    def probe(self, size):
        p = Probe(size=size)
        calls.open_file(p)
        p.poke(NAME, b"f")
        if size > AT:
            p.poke(AT, self.content[:size - AT])
        return p, self.use(p, AT, self.count)


def call(function, before, after):
    return lambda p, at, n: p.call(function, *before, at, n, *after, wanted=None)


def tables():
    text = [(SMALL[1], 3), (SMALL[2], 2)]
    for function, fd, more in (("fd_write", 1, ()), ("fd_read", FILE, ()), ("fd_pwrite", FILE, (5,)), ("fd_pread", FILE, (5,)),
                               ("fd_write", 99, ()), ("fd_read", 1, ()), ("fd_pread", 0, (0,)), ("fd_pwrite", 1, (0,))):
        for entries in text, [(0, 0), *text], [(0, 0), (0, 0)], []:
            yield Input("%s %d %s" % (function, fd, entries), iovecs(*entries), len(entries),
                        call(function, (fd,), (*more, SMALL[0])))
    yield Input("sock_recv", iovecs(*text), 2, call("sock_recv", (1,), (0, SMALL[0], SMALL[1])))
    yield Input("sock_send", iovecs(*text), 2, call("sock_send", (1,), (0, SMALL[0])))


DUE, NEVER, OUT, BAD_FD, BAD_TAG = clock(1, 0), clock(2, 10 ** 18), ready(3, 2, 1), ready(4, 1, 99), ready(5, 3, 1)


def subscriptions():
    for subs in ([DUE], [DUE, NEVER], [NEVER, DUE], [OUT], [ready(3, 1, 0)], [OUT, OUT], [BAD_FD], [BAD_TAG], [OUT, BAD_TAG, OUT],
                 [DUE, BAD_FD, OUT], [BAD_FD, BAD_FD], [DUE, BAD_FD, BAD_TAG], [clock(1, 0, id=9)], [DUE, clock(1, 0, id=2)],
                 [OUT, clock(1, 0, id=3), DUE], [DUE, clock(1, 0, flags=2)], [clock(1, 0, flags=2)], [BAD_TAG, BAD_FD],
                 [clock(1, 0, id=4), OUT], [clock(1, 0, id=2)], [DUE, OUT, NEVER, BAD_FD, DUE]):
        # of two bad descriptors, wasmtime stops at the first; which of them is bad only the host knows
        doubt = BAD_FD in subs and BAD_TAG not in subs[:subs.index(BAD_FD)] and subs[-1] != BAD_FD or subs.count(BAD_FD) > 1
        yield Input("poll_oneoff of %s" % " ".join(s[:20].hex() for s in subs), b"".join(subs), len(subs),
                    lambda p, at, n: p.call("poll_oneoff", at, p.slot(32 * n), n, SMALL[0], wanted=None), doubt)


def paths():
    other = (NAME, 1)
    for fd, text in (FOLDER, b"name"), (FOLDER, b"f\xff"), (FOLDER, b""), (FILE, b"name"), (99, b"name"):
        for function, before, after in (
                ("path_create_directory", (fd,), ()), ("path_filestat_get", (fd, 0), (AT - 64,)),
                ("path_filestat_set_times", (fd, 0), (0, 0, 5)), ("path_filestat_set_times", (fd, 0), (0, 0, 12)),
                ("path_filestat_set_times", (fd, 0), (0, 0, 3)), ("path_filestat_set_times", (fd, 0), (0, 0, 6)),
                ("path_open", (fd, 0), (0, 2, 2, 0, SMALL[1])), ("path_readlink", (fd,), (SMALL[1], 9, SMALL[0])),
                ("path_remove_directory", (fd,), ()), ("path_unlink_file", (fd,), ()),
                ("path_link", (fd, 0), (FOLDER, *other)), ("path_link", (FOLDER, 0, *other, fd), ()),
                ("path_rename", (fd,), (FOLDER, *other)), ("path_rename", (FOLDER, *other, fd), ()),
                ("path_symlink", (), (fd, *other)), ("path_symlink", (*other, fd), ())):
            if fd != 99 or function == "path_open" or before == (FOLDER, *other, fd):
                yield Input("%s %s %r %s" % (function, before, text, after), text, len(text), call(function, before, after))


INPUTS = [*tables(), *subscriptions(), *paths()]


class Flipped:
    """flips: bytes of an input, with no bit that ends the program; `matter`: those that change the outcome"""

    def __init__(self, name, content, flips, matter, count, use):
        self.name, self.content, self.flips, self.matter, self.count, self.use = name, content, flips, set(matter), count, use

    def probe(self):
        """(the probe, for each of its last calls the byte that was another (None: none), the call, where its results are)"""
        p, out = Probe(size=1 << 17), []
        calls.open_file(p)
        p.free = AT + len(self.content)
        p.poke(NAME, b"f")
        for byte, bit in [(None, 0)] + [(i, bit) for i in self.flips for bit in (1, 0x80)]:
            content = bytearray(self.content)
            if byte is not None:
                content[byte] ^= bit
            p.poke(AT, bytes(content))
            results = [(p.slot(32 * self.count), 32 * self.count), (p.slot(4), 4)]
            out.append((byte, self.use(p, AT, self.count, results), results))
        return p, out


def poll(p, at, n, results):
    return p.call("poll_oneoff", at, results[0][0], n, results[1][0], wanted=None)


FLIPPED = [
    Flipped("a clock", DUE + DUE, range(48), [*range(9), *range(16, 20), *range(25, 32), 40, 41], 2, poll),
    Flipped("a descriptor", OUT + DUE, range(48), [*range(9), *range(17, 20)], 2, poll),
    Flipped("no kind", BAD_TAG + DUE, range(48), [8], 2, poll),
    Flipped("iovecs", iovecs((SMALL[1], 0), (SMALL[1], 3), (SMALL[2], 2)), [0, 1, 4, 12, *range(16, 24)], [4, 12], 3,
            lambda p, at, n, results: p.call("fd_pread", FILE, at, n, 5, results[1][0], wanted=None)),
    Flipped("a path", b"l/", range(2), [0], 2,
            lambda p, at, n, results: p.call("path_readlink", FOLDER, at, 1, results[0][0], 9, results[1][0], wanted=None)),
]
