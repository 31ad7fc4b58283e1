"""A probe that calls every function of WASI preview 1, most of them in several ways."""
import struct

from probe import Probe, clock, iovecs, ready

ARGS = ["one", "two words"]
STDIN = b"what the program reads\n"
FOLDER, FILE = 3, 4  # descriptors: granted as /w; the first that is opened
BADF, EXIST, ILSEQ, INVAL, NAMETOOLONG, NOENT, NOTDIR, NOTSOCK, NOTSUP, SPIPE = 8, 20, 25, 28, 37, 44, 54, 57, 58, 70
NEVER = set("fd_allocate fd_fdstat_set_rights proc_raise sock_accept sock_recv sock_send sock_shutdown".split())  # succeed
ALL_RIGHTS = (1 << 29) - 1


def open_file(p, path="f", wanted=0):
    p.call("path_open", FOLDER, 1, *p.path(path), 0, ALL_RIGHTS, ALL_RIGHTS, 0, p.slot(4), wanted=wanted)


def surroundings(p):
    p.call("args_sizes_get", p.slot(4), p.slot(4))
    p.call("args_get", p.slot(4 * (len(ARGS) + 1)), p.slot(40))
    p.call("environ_sizes_get", p.slot(4), p.slot(4))
    p.call("environ_get", p.slot(8), p.slot(40))
    for clock_id, errno in (0, 0), (1, 0), (2, BADF):
        p.call("clock_res_get", clock_id, p.slot(8), wanted=errno)
        p.call("clock_time_get", clock_id, 1, p.slot(8), wanted=errno)
    for n in 0, 1, 33:
        p.call("random_get", p.slot(n), n)
    p.call("sched_yield")
    p.call("proc_raise", 1, wanted=NOTSUP)
    p.call("fd_prestat_get", FOLDER, p.slot(8))
    p.call("fd_prestat_get", 0, p.slot(8), wanted=BADF)
    p.call("fd_prestat_dir_name", FOLDER, p.slot(2), 2)
    p.call("fd_prestat_dir_name", FOLDER, p.slot(9), 9)
    p.call("fd_prestat_dir_name", FOLDER, p.slot(1), 1, wanted=NAMETOOLONG)


def descriptors(p):
    open_file(p)
    open_file(p, "missing", wanted=NOENT)
    p.call("fd_advise", FILE, 0, 0, 0)
    p.call("fd_allocate", FILE, 0, 1, wanted=NOTSUP)
    p.call("fd_datasync", FILE)
    p.call("fd_sync", FILE)
    p.call("fd_fdstat_set_flags", FILE, 0)
    p.call("fd_fdstat_set_rights", FILE, 0, 0, wanted=NOTSUP)
    p.call("fd_filestat_set_size", FILE, 90)
    p.call("fd_filestat_set_times", FILE, 10 ** 9, 2 * 10 ** 9, 5)
    p.call("fd_filestat_set_times", FILE, 0, 0, 3, wanted=INVAL)
    for fd in range(5):
        p.call("fd_fdstat_get", fd, p.slot(24))
        p.call("fd_filestat_get", fd, p.slot(64))
    p.call("fd_fdstat_get", 99, p.slot(24), wanted=BADF)
    p.call("fd_filestat_get", 99, p.slot(64), wanted=BADF)
    for offset, whence in (5, 0), (2, 1), (0, 2):
        p.call("fd_seek", FILE, offset, whence, p.slot(8))
    p.call("fd_seek", FILE, -200, 1, p.slot(8), wanted=INVAL)
    p.call("fd_seek", 0, 0, 0, p.slot(8), wanted=SPIPE)
    p.call("fd_tell", FILE, p.slot(8))
    p.call("fd_seek", FILE, 10, 0, p.slot(8))


def reading(p):
    for lengths in [10], [0, 7, 5], [0, 0], [200], [1]:
        for function, more in ("fd_pread", [30]), ("fd_read", []):
            table = p.put(iovecs(*((p.slot(n), n) for n in lengths)))
            p.call(function, FILE, table, len(lengths), *more, p.slot(4))
    table = p.put(iovecs((p.slot(50), 50)))
    p.call("fd_read", 0, table, 1, p.slot(4))
    p.call("fd_read", 0, table, 1, p.slot(4))  # the end
    p.call("fd_read", 1, table, 1, p.slot(4), wanted=BADF)
    p.call("fd_pread", 0, table, 1, 0, p.slot(4), wanted=SPIPE)
    p.call("fd_read", FILE, table, 0, p.slot(4))
    for n, cookie in (0, 0), (10, 0), (24, 0), (25, 0), (60, 0), (200, 0), (200, 2), (200, 99):
        p.call("fd_readdir", FOLDER, p.slot(n), n, cookie, p.slot(4))
    p.call("fd_readdir", FILE, p.slot(9), 9, 0, p.slot(4), wanted=BADF)


def writing(p):
    text = p.put(b"abcdefgh")
    for fd, function, more in (1, "fd_write", []), (2, "fd_write", []), (FILE, "fd_write", []), (FILE, "fd_pwrite", [7]):
        for parts in [(text, 3)], [(text, 0), (text + 1, 4), (text, 2)], [(text, 0)], []:
            table = p.put(iovecs(*parts))
            p.call(function, fd, table, len(parts), *more, p.slot(4))
    table = p.put(iovecs((text, 4)))
    p.call("fd_write", 0, table, 1, p.slot(4), wanted=BADF)
    p.call("fd_pwrite", 1, table, 1, 0, p.slot(4), wanted=SPIPE)


def paths(p):
    p.call("path_create_directory", FOLDER, *p.path("new"))
    p.call("path_create_directory", FOLDER, *p.path("new"), wanted=EXIST)
    p.call("path_filestat_get", FOLDER, 0, *p.path("l"), p.slot(64))
    p.call("path_filestat_get", FOLDER, 1, *p.path("l"), p.slot(64))
    p.call("path_filestat_get", FOLDER, 0, *p.path("missing"), p.slot(64), wanted=NOENT)
    p.call("path_filestat_set_times", FOLDER, 0, *p.path("f"), 10 ** 9, 10 ** 9, 5)
    p.call("path_filestat_set_times", FOLDER, 0, *p.path("f"), 0, 0, 10)
    p.call("path_filestat_set_times", FOLDER, 0, *p.path("f"), 0, 0, 12, wanted=INVAL)
    p.call("path_link", FOLDER, 0, *p.path("f"), FOLDER, *p.path("hard"))
    p.call("path_link", FOLDER, 0, *p.path("missing"), FOLDER, *p.path("hard2"), wanted=NOENT)
    for n in 0, 1, 10:
        p.call("path_readlink", FOLDER, *p.path("l"), p.slot(n), n, p.slot(4))
    p.call("path_readlink", FOLDER, *p.path("f"), p.slot(9), 9, p.slot(4), wanted=INVAL)
    p.call("path_symlink", *p.path("s/there"), FOLDER, *p.path("link"))
    p.call("path_readlink", FOLDER, *p.path("link"), p.slot(4), 4, p.slot(4))
    p.call("path_rename", FOLDER, *p.path("hard"), FOLDER, *p.path("harder"))
    p.call("path_remove_directory", FOLDER, *p.path("new"))
    p.call("path_unlink_file", FOLDER, *p.path("harder"))
    p.call("path_unlink_file", FOLDER, *p.path(b"\xff"), wanted=ILSEQ)
    p.call("path_open", FILE, 0, *p.path("f"), 0, 2, 2, 0, p.slot(4), wanted=NOTDIR)


def polling(p):
    # of several that are ready, the engine says by chance how many are
    for subs in ([clock(7, 0)], [clock(7, 0, flags=1)], [ready(9, 2, 1)], [ready(9, 1, 0)], [ready(9, 1, FILE)], [ready(8, 2, FILE)],
                 [clock(1, 10 ** 18), clock(2, 10 ** 18), ready(3, 2, 2)]):
        p.call("poll_oneoff", p.put(b"".join(subs)), p.slot(32 * len(subs)), len(subs), p.slot(4))
    p.call("poll_oneoff", p.slot(48), p.slot(32), 0, p.slot(4), wanted=INVAL)
    for subs, errno in ([ready(9, 7, 1)], INVAL), ([ready(9, 2, 99)], BADF), ([clock(1, 0), ready(9, 2, 99)], BADF):
        p.call("poll_oneoff", p.put(b"".join(subs)), p.slot(32 * len(subs)), len(subs), p.slot(4), wanted=errno)


def sockets(p):
    table = p.put(iovecs((p.slot(8), 8)))
    p.call("sock_accept", 1, 0, p.slot(4), wanted=NOTSOCK)
    p.call("sock_recv", 1, table, 1, 0, p.slot(4), p.slot(2), wanted=NOTSOCK)
    p.call("sock_send", 1, table, 1, 0, p.slot(4), wanted=NOTSOCK)
    p.call("sock_shutdown", 1, 1, wanted=NOTSOCK)


def closing(p):
    p.call("fd_renumber", FOLDER, FILE)
    p.call("fd_prestat_dir_name", FILE, p.slot(30), 30)
    p.call("fd_prestat_dir_name", FOLDER, p.slot(30), 30, wanted=BADF)
    p.call("fd_close", FILE)
    p.call("fd_close", FILE, wanted=BADF)
    p.call("proc_exit", 0)


def everything(pattern):
    p = Probe(pattern)
    for part in surroundings, descriptors, reading, writing, paths, polling, sockets, closing:
        part(p)
    return p


def first_clock(userdata, timeout, id=1, flags=0):
    return struct.pack("<QB7xQI4xQQH6x", userdata, 0, 77, id, timeout, 5, flags)


def first_ready(userdata, tag, fd):
    return ready(userdata, tag, fd) + bytes(8)


def first_snapshot(pattern):
    """the functions of `wasi_unstable` that differ; what memory has to hold then, and what they read"""
    p = Probe(pattern, snapshot="wasi_unstable")
    holds, reads = [], []
    open_file(p)
    for function, path in ("fd_filestat_get", [FILE]), ("path_filestat_get", [FOLDER, 1, *p.path("l")]):
        stat = p.slot(56)
        p.call(function, *path, stat)
        holds += [(stat + 16, b"\4"), (stat + 20, struct.pack("<IQ", 1, 100))]  # a file, of one link and 100 bytes
    p.call("fd_filestat_get", 99, p.slot(56), wanted=BADF)
    p.call("path_filestat_get", FOLDER, 1, *p.path("missing"), p.slot(56), wanted=NOENT)
    for offset, whence, reached in (7, 2, 7), (5, 0, 12), (-10, 1, 90):
        at = p.slot(8)
        p.call("fd_seek", FILE, offset, whence, at)
        holds.append((at, struct.pack("<Q", reached)))
    p.call("fd_seek", FILE, -200, 0, p.slot(8), wanted=INVAL)

    never, due, out, bad_fd = first_clock(1, 10 ** 18), first_clock(2, 0), first_ready(3, 2, 1), first_ready(4, 1, 99)
    for subs, errno, read, event in (
            ([due], 0, 1, (2, 0, 0)), ([never, due], 0, 2, (2, 0, 0)), ([never, never, out], 0, 3, (3, 0, 2)),
            ([out, bad_fd, due], BADF, 3, None), ([due, first_ready(5, 7, 1), due], INVAL, 2, None),
            ([due, first_clock(6, 0, id=9), due], INVAL, 2, None), ([due, first_clock(6, 0, flags=2)], INVAL, 2, None),
            ([due, first_clock(6, 0, id=3)], INVAL, 2, None)):
        at, events = p.put(b"".join(subs)), p.slot(32 * len(subs))
        call = p.call("poll_oneoff", at, events, len(subs), p.slot(4), wanted=errno)
        want = []
        for i, sub in enumerate(subs[:read]):
            want.append((at + 56 * i, 9))
            if sub[8] == 0:
                want.append((at + 56 * i + 16, 12))
                want += [(at + 56 * i + 32, 18)] if sub[24] < 4 else []
            elif sub[8] < 3:
                want.append((at + 56 * i + 16, 4))
        reads.append((call, want))
        holds += [(events, struct.pack("<QHB", *event))] if event else []
    return p, {"holds": holds, "reads": reads}
