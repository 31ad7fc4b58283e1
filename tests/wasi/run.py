#!/usr/bin/env python3
"""run.py MEM_TRACER [--verbose]

What the host touches, held against what is said of it.  Modules that call the functions of WASI preview 1 (probe.py) run on the bare
engine (tests/support/plain.c), in memory filled with one pattern after another, and by --run -fff:

 - calls: every function, with success where the engine has it.  The bytes that changed are those of the trace's host writes, one by
   one; the -o file alone records the same host accesses, and both analyses report the same.
 - ends: each input lies at the end of memory.  With no byte behind the last one that the trace says is read, the call does the same;
   with one byte less it ends the program.
 - flips: one bit of an input is another.  Where the outcome is, too, the trace says that the byte is read.
 - large: inputs of which the engine refuses to take so many bytes (errno 48).
 - first: the functions of `wasi_unstable` that differ from preview 1's do what that snapshot says, and touch what the trace says.
 - others: a host that uses all iovecs, as an engine may (plain --gather): the -o file says which it used.
"""
import json
import os
import struct
import subprocess
import sys
import tempfile

from inputs import AT, FLIPPED, INPUTS
from probe import CONTROL, FUNCTIONS, Probe, iovecs
import calls

sys.path[:0] = [os.path.dirname(os.path.dirname(os.path.abspath(__file__)))]

import standalone  # noqa: E402
from surroundings import known_to_both  # noqa: E402

# What the host writes may differ from run to run (inodes, times, random bytes) and be the pattern by chance: 2 ** -32 for a byte.
PATTERNS = 0xAA, 0x55, 0xC3, 0x3C


class Bench:
    def __init__(self, tool, tmp):
        self.tool, self.tmp, self.n = os.path.abspath(tool), tmp, 0
        self.plain = os.path.join(os.path.dirname(self.tool), "tests", "plain")

    def fresh(self, name):
        self.n += 1
        path = os.path.join(self.tmp, "%s%d" % (name, self.n))
        os.mkdir(path)
        return path

    def execute(self, command, module, ok=True):
        """runs it with the same surroundings, whatever has been run before; the exit status"""
        w = self.fresh("w")
        with open(os.path.join(w, "f"), "wb") as f:
            f.write(bytes(range(100)))
        os.symlink("f", os.path.join(w, "l"))
        os.mkdir(os.path.join(w, "s"))
        args = [command[0], "--dir", w + "::/w", "--env", "A=bc", "--env", "LONGER=", *command[1:], module, "--", *calls.ARGS]
        r = subprocess.run(args, input=calls.STDIN, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)
        assert not ok or r.returncode == 0, "%s: status %d: %s" % (
            os.path.basename(command[0]), r.returncode, r.stderr.decode()[-300:])
        self.stdout = r.stdout
        return r.returncode

    def write(self, content):
        path = os.path.join(self.fresh("m"), "probe.wasm")
        with open(path, "wb") as f:
            f.write(content)
        return path

    def on_engine(self, module, memory="memory", ok=True, options=()):
        """the exit status, and what the memory holds at the end"""
        out = os.path.join(self.tmp, "dump")
        status = self.execute([self.plain, *options, "--dump", memory, out], module, ok)
        with open(out, "rb") as f:
            return status, f.read()

    def by_trace(self, module):
        """the trace's host accesses: (HostRead or HostWrite, loc, None, address, length)"""
        listing = os.path.join(self.tmp, "listing")
        self.execute([self.tool, "-r", "-fff", "--report", listing, "-o", os.path.join(self.tmp, "out.wasm")], module)
        return host(standalone.printed(listing))

    def recorded(self, module, options=()):
        """the same from the -o file alone"""
        out = self.write(b"")
        subprocess.run([self.tool, "-o", out, module], check=True, stdout=subprocess.DEVNULL)
        with open(out, "rb") as f:
            table = standalone.sites(f.read())
        trace = self.on_engine(out, "_trace_memory", options=options)[1][1 << 16:]
        return host(standalone.decode(whole(trace), table))

    def report(self, module, analysis):
        path = os.path.join(self.tmp, "report.json")
        self.execute([self.tool, "-r", "--analysis", analysis, "--format", "json", "--report", path, "-o",
                      os.path.join(self.tmp, "out.wasm")], module)
        with open(path) as f:
            return {k: v for k, v in json.loads(known_to_both(f.read())).items() if k in ("run", "totals", "pairs")}


def host(records):
    return [r for r in records if r[0].startswith("Host")]


def whole(trace):
    """records up to the first that is none"""
    at = 0
    while at < len(trace) and struct.unpack_from("<I", trace, at)[0]:
        at += 8 * ((trace[at] >> 1 & 7) + 1)
    return trace[:at]


def covered(ranges):
    return {a for at, length in ranges for a in range(at, at + length)}


def touched(records, kind):
    return covered(r[3:] for r in records if r[0] == kind)


def of(call, records):
    return [r for r in records if r[1] == call.loc]


def shown(addresses):
    out = []
    for a in sorted(addresses):
        if out and out[-1][1] == a - 1:
            out[-1][1] = a
        else:
            out.append([a, a])
    return " ".join("%d" % a if a == b else "%d-%d" % (a, b) for a, b in out) or "nothing"


def check_calls(b):
    p = calls.everything(PATTERNS[0])
    assert set(p.used) == set(FUNCTIONS), "not called: %s" % (set(FUNCTIONS) - set(p.used))
    assert {c.function for c in p.calls if c.wanted == 0} == set(FUNCTIONS) - calls.NEVER, "some are not called with success"
    changed = set()
    for pattern in PATTERNS:
        p = calls.everything(pattern)
        module = b.write(p.encode())
        memory = b.on_engine(module)[1]
        for n, (call, got) in enumerate(zip(p.calls, p.errnos(memory))):
            assert call.wanted in (None, got), "call %d, %s: errno %d, not %s" % (n, call.function, got, call.wanted)
        changed |= {a for a in range(CONTROL, p.size) if memory[a] != p.model[a]}
    trace = b.by_trace(module)
    for call in p.calls:
        own = touched(of(call, trace), "HostWrite")
        assert own <= changed | p.poked, "%s writes %s, the trace says %s too" % (
            call.function, shown(own & changed), shown(own - changed))
    more = changed - touched(trace, "HostWrite")
    assert not more, "written, which the trace does not say: %s" % shown(more)
    assert trace == b.recorded(module), "the -o file alone says something else"
    reports = [b.report(module, analysis) for analysis in ("online", "trace")]
    assert reports[0] == reports[1], "the analyses differ"
    assert reports[0]["run"]["host_writes"] == sum(r[0] == "HostWrite" for r in trace), "host_writes"
    return len(p.calls)


def check_end(b, case):
    def run(size, traced):
        p, call = case.probe(size)
        module = b.write(p.encode())
        status, memory = b.on_engine(module, ok=False)
        outcome = (status, p.errnos(memory)[-1])
        reads = of(call, b.by_trace(module)) if traced else []
        return outcome, [r[3:] for r in reads if r[0] == "HostRead"]

    end = AT + len(case.content)
    outcome, trace = run(end, True)
    assert outcome[0] == 0, "it ends the program"
    last = max([a + 1 for a in covered(trace) if a >= AT], default=AT)
    if last < end:
        shorter = run(last, True)
        assert shorter == (outcome, trace), "without the bytes from %d on: %s, %s; with them: %s, %s" % (
            last - AT, *shorter, outcome, trace)
    if last > AT and not case.doubt:
        assert run(last - 1, False)[0][0] != 0, "reads less than %d bytes" % (last - AT)


def check_flips(b, case):
    """each call has its own place for results; the input is the same one, put there again"""
    p, flipped = case.probe()
    module = b.write(p.encode())
    memory = b.on_engine(module)[1]
    trace = b.by_trace(module)
    outcomes = [(errno, *(memory[a:a + n] for a, n in results))
                for errno, (_, _, results) in zip(p.errnos(memory)[-len(flipped):], flipped)]
    same = next(o for o, (byte, _, _) in zip(outcomes, flipped) if byte is None)
    found = set()
    for outcome, (byte, call, _) in zip(outcomes, flipped):
        if byte is None or outcome == same:
            continue
        found.add(byte)
        assert AT + byte in touched(of(call, trace), "HostRead"), "byte %d matters, the trace says that it is not read" % byte
    assert found >= case.matter, "only bytes %s matter" % shown(found)


def check_large(b):
    """134,217,728 bytes are the most"""
    most, part = 1 << 27, 100 << 20
    p = Probe(size=4096 << 16, fill=False)
    table, long = p.put(iovecs((0, 0), (4096, most - 15))), p.put(iovecs((0, 0), (4096, most - 16)))
    cases = [(p.call("path_create_directory", 3, 4096, n, wanted=errno), reads) for n, errno, reads in (
        (most, 28, [(4096, most)]), (most + 1, 48, []))]
    cases += [(p.call("path_link", 3, 0, 4096, part, 3, 8192, n, wanted=errno), reads) for n, errno, reads in (
        (part, 48, [(4096, part)]), (most - part + 1, 48, [(4096, part)]))]
    cases += [(p.call("fd_write", fd, at, n, 1000, wanted=errno), reads) for fd, at, n, errno, reads in (
        (1, table, 2, 48, [(table, 16)]), (0, long, 2, 8, [(long, 16)]), (1, 4096, most // 8 + 1, 48, []))]
    cases += [(p.call("poll_oneoff", 4096, 4096, n, 1000, wanted=48), []) for n in (most // 64 + 1, most // 48 + 1)]
    module = b.write(p.encode())
    memory = b.on_engine(module)[1]
    trace = b.by_trace(module)
    for (call, reads), errno in zip(cases, p.errnos(memory)):
        assert errno == call.wanted, "%s: errno %d, not %d" % (call.function, errno, call.wanted)
        got = [r[3:] for r in of(call, trace)]
        assert got == reads, "%s: reads %s, not %s" % (call.function, got, reads)


def check_first(b):
    """the bare engine has no such functions, so the program says itself what its memory holds"""
    changed = set()
    for pattern in PATTERNS:
        p, results = calls.first_snapshot(pattern)
        size = p.size
        table = p.put(iovecs((0, size)))
        p.call("fd_write", 1, table, 1, p.slot(4))
        module = b.write(p.encode())
        trace = b.by_trace(module)
        memory = b.stdout
        for n, (call, got) in enumerate(zip(p.calls, p.errnos(memory))):
            assert call.wanted in (None, got), "call %d, %s: errno %d, not %s" % (n, call.function, got, call.wanted)
        changed |= {a for a in range(CONTROL, size) if memory[a] != p.model[a]}
    written = touched([r for r in trace if r[1] != p.calls[-1].loc], "HostWrite")
    assert changed == written, "writes %s, the trace says %s" % (shown(changed - written), shown(written - changed))
    for at, content in results["holds"]:
        assert memory[at:at + len(content)] == content, "at %d: %s, not %s" % (at, memory[at:at + len(content)], content)
    for call, reads in results["reads"]:
        got = [r[3:] for r in of(call, trace) if r[0] == "HostRead"]
        assert got == reads, "%s reads %s, not %s" % (call.function, got, reads)


def check_first_ends(b):
    """sockets; a result outside of memory; a descriptor that is looked at first"""
    for function, args, ends in (("sock_send", (1, 4096, 1, 0, 1024), True), ("fd_filestat_get", (3, 65536 - 48), True),
                                 ("fd_filestat_get", (3, 65536 - 56), False), ("fd_filestat_get", (3, 4100), True),
                                 ("fd_seek", (calls.FILE, 0, 3, 4096), True), ("path_filestat_get", (99, 0, 65535, 2, 4096), False),
                                 ("path_filestat_get", (3, 0, 65535, 2, 4096), True)):
        p = Probe(snapshot="wasi_unstable")
        calls.open_file(p)
        p.call(function, *args, wanted=None)
        status = b.execute([b.tool, "-r", "-o", os.path.join(b.tmp, "out.wasm")], b.write(p.encode()), ok=False)
        assert (status == 134) == ends, "%s %s: status %d" % (function, args, status)


def gathered(parts, table):
    """what a host that uses all buffers does with a table: the part of it that it needs, and the buffers"""
    total, used, reached = sum(n for _, n in parts), 0, 0
    while used < len(parts) and reached < max(total, 1):
        reached += parts[used][1]
        used += 1
    return [("HostRead", table, 8 * used)] if used else [], [(a, n) for a, n in parts if n]


def check_others(b):
    """tables of some iovecs and of more than are kept, and one that the call overwrites"""
    many = [(30000 + 8 * (n % 1000), n % 3) for n in range(3000)]
    for parts in [(9000, 5), (0, 0), (9010, 3)], [(0, 0), (9000, 0)], [], many:
        for function in "fd_write", "fd_read":
            p = Probe(size=1 << 17)
            table = p.put(iovecs(*parts))
            call = p.call(function, 1, table, len(parts), 1000)
            reads, buffers = gathered(parts, table)
            kind = "HostRead" if function == "fd_write" else "HostWrite"
            want = reads + [(kind, a, n) for a, n in buffers] + [("HostWrite", 1000, 4)]
            got = [(r[0], *r[3:]) for r in of(call, b.recorded(b.write(p.encode()), ["--gather"]))]
            assert got == want, "%s of %d buffers: %s, not %s" % (function, len(parts), got[:9], want[:9])
    p = Probe()
    table = p.put(iovecs((9000, 4), (0, 8), (9008, 4)))
    p.poke(table + 12, struct.pack("<I", 8))
    p.poke(table + 8, struct.pack("<I", table + 16))  # the second one overwrites the third
    call = p.call("fd_read", 0, table, 3, 1000)
    got = [(r[0], *r[3:]) for r in of(call, b.recorded(b.write(p.encode()), ["--gather"]))]
    assert got == [("HostRead", table, 24), ("HostWrite", 9000, 4), ("HostWrite", table + 16, 8), ("HostWrite", 9008, 4),
                   ("HostWrite", 1000, 4)], got


def main():
    verbose = "--verbose" in sys.argv
    passed = failed = 0
    with tempfile.TemporaryDirectory() as tmp:
        b = Bench(sys.argv[1], tmp)
        plan = [("calls", check_calls, ()), ("large", check_large, ()), ("first", check_first, ()),
                ("first: ends", check_first_ends, ()), ("others", check_others, ())]
        plan += [("ends: " + c.name, check_end, (c,)) for c in INPUTS] + [("flips: " + c.name, check_flips, (c,)) for c in FLIPPED]
        for name, check, args in plan:
            try:
                check(b, *args)
                passed += 1
                if verbose:
                    print("ok   " + name)
            except (AssertionError, ValueError, OSError, struct.error, subprocess.SubprocessError) as e:
                failed += 1
                print("FAIL %s: %s" % (name, e), flush=True)
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
