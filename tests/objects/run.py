#!/usr/bin/env python3
"""run.py MEM_TRACER: objects of pairs against a program's own log.

program.wasm (build.sh) logs what it allocates and frees, its static data and its stack frames, each with a store that shows in the
trace when that was.  From that log, the trace (-fff) and the pairs by index (-ff), which know nothing of objects, follows what
--objects should report of each logged object, and of the fields of one.  fields.wasm: names of fields.  Then: functions that allocate, by all the names that they may have, in modules
made here.  The last line is `N passed, N failed`.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "contexts"))
from wasm import I32, Code, func_type, leb, module, name, section, vector  # noqa: E402
from surroundings import PATIENCE  # noqa: E402


def run(tool, module_path, folder, *options):
    """(what the program printed, report)"""
    out = os.path.join(folder, "report")
    if os.path.exists(out):
        os.unlink(out)
    r = subprocess.run([tool, module_path, "--run", "--report", out, "-o", os.path.join(folder, "o.wasm"), *options],
                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=PATIENCE)
    if not os.path.exists(out):
        raise AssertionError("no report, status %d: %s" % (r.returncode, r.stderr.strip()))
    with open(out) as f:
        return r.stdout, f.read()


def read_log(text):
    """the address of event_number, and the events"""
    lines = text.split("\n")
    events = []
    for line in lines[1:]:
        if line:
            what, address, size, label = line.split()
            events.append((what, int(address), int(size), what + " " + label))
    return int(lines[0]), events


WIDTHS = dict(zip(range(0x28, 0x3F), (4, 8, 4, 8, 1, 1, 2, 2, 1, 1, 2, 2, 4, 4, 4, 8, 4, 8, 1, 2, 1, 2, 4)))  # i32.load to i64.store32
ACCESS = re.compile(r"\[(\d+)\] (\w+)Record \{ (.*) \}")


def read_full(text):
    """accesses: (kind, loc, address, value, bytes); pairs by index: (kind, first, second, bytes)"""
    accesses, pairs, kind = [], [], None
    for line in text.split("\n"):
        found = ACCESS.match(line)
        if found:
            fields = dict(f.split(": ", 1) for f in found.group(3).split(", "))
            address = int(fields["addr"]) + int(fields.get("offset", 0))
            value = re.match(r"I32\((-?\d+)\)", fields.get("value", ""))
            accesses.append((found.group(2), int(fields["loc"], 16), address, int(value.group(1)) if value else None,
                             int(fields.get("length", 0)) or WIDTHS.get(int(fields.get("code", "0"), 16), 0)))
            continue
        if line.startswith("DedupDefects"):
            break
        found = re.match(r"  (\w+)_pairs ", line)
        if found:
            kind = found.group(1)
        found = re.match(r"    \((\w+), (\d+)\)  // (?:after (load|store), )?(\d+) bytes", line)
        if found:
            first, second, after, size = found.groups()
            pairs.append((kind + ("_after_" + after if after else ""), first, int(second), int(size)))
    return accesses, pairs


def expected(accesses, pairs, marker, events):
    """{(kind, first, second, label): [instances, bytes]}, of what is in logged objects"""
    live, out, seen = {}, {}, set()     # live: address of a byte: label
    starts, at, done = {}, 0, 0
    owner = [None] * len(accesses)
    for i, (kind, _, address, value, _) in enumerate(accesses):
        if kind == "Store" and address == marker and value:
            assert value == done + 1, "an event is missing from the trace"
            what, start, size, label = events[done]
            done += 1
            if what == "free":
                for a in starts.pop(start, ()):
                    live.pop(a, None)
            else:
                starts[start] = range(start, start + size)
                for a in starts[start]:
                    live[a] = label
        owner[i] = live.get(address)
    assert done == len(events), "only %d of %d events are in the trace" % (done, len(events))
    for kind, first, second, size in pairs:
        label = owner[second]
        if not label:
            continue
        first = accesses[int(first)][1] if first.isdigit() else first
        count = out.setdefault((kind, first, accesses[second][1], label), [0, 0])
        count[1] += size
        if (kind, first, second) not in seen:
            seen.add((kind, first, second))
            count[0] += 1
    return out


class Use:
    """of one label, as JSON has it; what is not said of variables stays 0"""

    def __init__(self):
        self.loads = self.stores = self.bytes_loaded = self.bytes_stored = self.never_read = self.never_read_blocks = 0
        self.freed = self.live_blocks = self.live_bytes = self.peak_blocks = self.peak_bytes = 0

    def add(self, start, size):
        self.live_blocks += 1
        self.live_bytes += size
        if self.live_bytes > self.peak_bytes:
            self.peak_bytes, self.peak_blocks = self.live_bytes, self.live_blocks

    def end(self, start, size, read, freed):
        unread = sum(a // 4 not in read for a in range(start, start + size))
        self.never_read += unread
        self.never_read_blocks += unread == size
        if freed:
            self.freed += 1
            self.live_blocks -= 1
            self.live_bytes -= size


def expected_use(accesses, marker, events):
    """{label: Use} of what is logged, but for frames of the stack, which come and go without a word"""
    live, uses, blocks, read, done = {}, {}, {}, set(), 0
    for kind, _, address, value, size in accesses:
        if kind == "Store" and address == marker and value:
            what, start, length, label = events[done]
            done += 1
            if what == "free" and start in blocks:
                length, label = blocks.pop(start)
                uses[label].end(start, length, read, True)
                for a in range(start, start + length):
                    live.pop(a, None)
            elif what in ("heap", "static"):
                uses.setdefault(label, Use())
                live.update((a, label) for a in range(start, start + length))
                if what == "heap":
                    blocks[start] = length, label
                    uses[label].add(start, length)
                    read.difference_update(range(start // 4, (start + length + 3) // 4))
        loads = "Load" in kind or kind == "HostRead"
        if loads:
            read.update(range(address // 4, (address + size + 3) // 4))
        if address in live:
            use = uses[live[address]]
            use.loads += loads
            use.bytes_loaded += size * loads
            use.stores += not loads
            use.bytes_stored += size * (not loads)
    for start, (length, label) in blocks.items():
        uses[label].end(start, length, read, False)
    return uses


def check_use(r, uses):
    objects = r["objects"] + r["objects_without_pairs"]
    assert [o["id"] for o in objects] == list(range(1, len(objects) + 1)), "ids are not in order"
    run = r["run"]
    sums = {k: sum(o["use"][k] for o in objects) for k in ("loads", "stores", "bytes_loaded", "bytes_stored")}
    assert sums["loads"] == run["loads"] + run["rmws"] + run["waits"] + run["copies"] + run["host_reads"], "loads do not add up"
    assert sums["stores"] == sum(run[k] for k in ("stores", "rmws", "fills", "copies", "inits", "host_writes")), "stores do not add up"
    assert sums["bytes_loaded"] >= run["bytes_loaded"] and sums["bytes_stored"] >= run["bytes_stored"], "bytes do not add up"
    blocks = {label: use for label, use in uses.items() if label.startswith("heap")}  # of statics the log does not have the beginning
    assert len(blocks) > 3 and sum(use.never_read for use in blocks.values()), "the log has no blocks"
    for label, use in blocks.items():
        got = {}
        for o in objects:
            if o["kind"] == "heap" and label_of(o) == label:
                for k, n in o["use"].items():
                    got[k] = got.get(k, 0) + n
        for k, n in vars(use).items():
            assert got[k] == n, "%s of %s: %d, not %d" % (k, label, got[k], n)
        assert 0 < got["lifetime"] < run["accesses"] * (use.freed + use.live_blocks), label


def label_of(o, fields=False):
    if o["kind"] == "heap":
        return "heap " + o["call"]["function"]
    name = o["name"] if fields else o.get("whole", o["name"])
    return "%s %s" % ("static" if o["kind"] == "variable" else o["kind"], name)


def found(r, labels, fields=False):
    out = {}
    objects = {o["id"]: o for o in r["objects"]}
    assert sorted(objects) == list(range(1, len(objects) + 1)), "ids are not ranks"
    sums = {}
    for p in r["pairs"]:
        first = p["first"].get("origin", p["first"].get("loc"))
        for field in ("instances", "bytes"):
            assert sum(o[field] for o in p["objects"]) == p[field], "%s do not add up: %s" % (field, p)
        for o in p["objects"]:
            total = sums.setdefault((o["object"], p["kind"]), [0, 0])
            total[0] += o["instances"]
            total[1] += o["bytes"]
            label = label_of(objects[o["object"]], fields)
            if label in labels:
                count = out.setdefault((p["kind"], first, p["second"]["loc"], label), [0, 0])
                count[0] += o["instances"]
                count[1] += o["bytes"]
    for o in objects.values():
        for kind, t in o["totals"].items():
            assert sums.get((o["id"], kind), [0, 0]) == [t["instances"], t["bytes"]], "object %d: totals" % o["id"]
    waste = [sum(t["bytes"] for k, t in o["totals"].items() if k != "silent_load_after_store") for o in r["objects"]]
    assert waste == sorted(waste, reverse=True), "objects are not in order"
    return out


def fields_of_records(events):
    """as events: the fields of `records` (program.c)"""
    (start, size), = [e[1:3] for e in events if e[3] == "static records"]
    assert size == 8 * 32
    return [("static", start + 32 * i + at, n, "static records[%d].%s" % (i, name))
            for i in range(8) for at, n, name in ((0, 24, "name"), (24, 8, "value"))]


def expected_fields(accesses, pairs, events):
    """of each field of records; which live from the start to the end, so it doesn't matter when they were logged"""
    fields = fields_of_records(events)
    live = {a: label for _, start, size, label in fields for a in range(start, start + size)}
    out, seen = {}, set()
    for kind, first, second, size in pairs:
        label = live.get(accesses[second][2])
        if not label:
            continue
        first_loc = accesses[int(first)][1] if first.isdigit() else first
        count = out.setdefault((kind, first_loc, accesses[second][1], label), [0, 0])
        count[1] += size
        if (kind, first, second) not in seen:
            seen.add((kind, first, second))
            count[0] += 1
    return out, {f[3] for f in fields}


def check_log(tool, folder, *options):
    path = os.path.join(HERE, "program.wasm")
    printed, full = run(tool, path, folder, "-fff")
    marker, events = read_log(printed)
    accesses, pairs = read_full(full)
    labels = {e[3] for e in events if e[0] != "free"}
    assert len(labels) == 12, "labels: %s" % labels
    again, text = run(tool, path, folder, "--objects", "--format", "json", *options)
    assert again == printed, "the program does something else"
    r = json.loads(text)
    want, got = expected(accesses, pairs, marker, events), found(r, labels)
    for key in sorted(set(want) | set(got), key=str):
        assert want.get(key) == got.get(key), "%s: want %s, got %s" % (key, want.get(key), got.get(key))
    if not options:
        check_use(r, expected_use(accesses, marker, events))
    want_fields, names = expected_fields(accesses, pairs, events)
    assert len({k[3] for k in want_fields}) > 10, "nothing was wasted on most fields"
    assert want_fields == found(r, names, True), "fields"
    assert {k[3] for k in want} == labels, "nothing was wasted on %s" % (labels - {k[3] for k in want})
    sizes = {label_of(o): o for o in r["objects"]}
    for label in labels:
        logged = [e[2] for e in events if e[3] == label]
        if sizes[label]["kind"] == "heap" and not options:
            assert sizes[label]["size"] == sum(logged) and sizes[label]["blocks"] == len(logged), label
        if sizes[label]["kind"] == "variable":
            assert sizes[label]["size"] == logged[0], label
    _, plain = run(tool, path, folder, "--format", "json", "--analysis", "trace")  # which knows of distances, too
    plain = json.loads(plain)
    assert plain["totals"] == r["totals"], "totals differ from those without objects"
    bare = [{k: v for k, v in p.items() if k not in ("objects", "contexts")} for p in r["pairs"]]
    assert plain["pairs"] == bare, "pairs differ from those without objects"


FIELDS = {  # of fields.c: dead bytes, bytes of the field, of the variable
    "table[].value": (4000, 8000, 40000), "table[].name": (1000, 24000, 40000), "config.version": (4, 4, 144),
    "config.pos.y": (4, 4, 144), "config.items[1].value": (4, 8, 144), "config.items[2].name": (1, 24, 144),
    "config.items[0].a, .items[0].b": (1, 4, 144), "config.items[0].c, .items[0].flag, .items[0].other": (1, 3, 144),
    "config.either": (4, 4, 144), "config.next": (4, 4, 144), "config.kind, .mode": (2, 2, 144),
    "nest.in[1].deep[].value": (4, 160, 1600), "plain": (4, None, 100), "number": (4, None, 4), "narrow": (1, None, 150)}
FRAMES = {"frame: mine.version": (12, 4), "frame: mine.items[1].value": (12, 8), "frame: text": (3, 20),
          "moving: fixed": (16, 16), "moving": (4, None), "one_after_another": (8, None)}


def check_fields(tool, folder):
    path = os.path.join(HERE, "fields.wasm")
    _, text = run(tool, path, folder, "--by", "object", "--format", "json")
    r = json.loads(text)
    got = {o["name"]: (o["totals"]["dead_store"]["bytes"], o.get("field_size"), o["size"]) for o in r["objects"]
           if o["kind"] == "variable"}
    for name in sorted(set(FIELDS) | set(got)):
        assert got.get(name) == FIELDS.get(name), "%s: want %s, got %s" % (name, FIELDS.get(name), got.get(name))
    frames = {o["name"]: (o["totals"]["dead_store"]["bytes"], o.get("field_size")) for o in r["objects"] if o["kind"] == "stack"}
    assert {k: v for k, v in frames.items() if v[0]} == FRAMES, "frames: %s" % frames
    for o in r["objects"]:
        if o["kind"] == "stack":
            continue
        variable = o["name"] and o["name"].split("[")[0].split(".")[0]
        assert o.get("whole", variable) == variable, o
    groups = {g["name"]: g["dead_store"] for g in r["groups"]["list"]}
    want = {}
    for name, (dead, _, _) in FIELDS.items():
        variable = "variable " + name.split("[")[0].split(".")[0]
        want[variable] = want.get(variable, 0) + dead
    assert {k: v for k, v in groups.items() if k.startswith("variable")} == want, "groups: %s" % groups
    config, = [g for g in r["groups"]["list"] if g["name"] == "variable config"]
    assert config["pairs"] == 4, "a pair counts once, in however many fields it is: %s" % config


def allocator(func_name, shape, folder, indirect):
    """a module in which `site` calls a function of that name, whose block begins at 4096 and has 16 bytes, and stores to it
    twice; then frees it by `free`, if that is in its name, and stores again"""
    params, args, result = {"malloc": ([I32], [16], "block"), "two": ([I32] * 2, [16, 4], "block"),
                            "calloc": ([I32] * 2, [2, 8], "block"), "realloc": ([I32] * 2, [0, 16], "block"),
                            "aligned": ([I32] * 2, [16, 16], "block"), "posix": ([I32] * 3, [64, 16, 16], "error"),
                            "rust_realloc": ([I32] * 4, [0, 8, 4, 16], "block"), "zig": ([I32] * 4, [8, 16, 2, 0], "block"),
                            "zig_debug": ([I32] * 5, [0, 8, 16, 2, 0], "block"),
                            "third": ([I32] * 3, [99, 98, 16], "block"), "out": ([I32] * 2, [60, 16], None)}[shape]
    types = [func_type(params, [I32] if result else []), func_type([], [])]
    alloc, site = Code(), Code()
    if result == "error":
        alloc.put(0x20, 0), alloc.const(4096), alloc.put(0x36, 2, 0), alloc.const(0), alloc.put(0x0B)
    elif not result:                             # behind 4 bytes of something else
        alloc.put(0x20, 0), alloc.const(4096), alloc.put(0x36, 2, 4), alloc.put(0x0B)
    else:
        alloc.const(4096), alloc.put(0x0B)
    for a in args:
        site.const(a)
    if indirect:
        site.const(0)
        site.put(0x11, 0, 0)
    else:
        site.put(0x10, 0)
    if result:
        site.put(0x1A)
    for address in (4096, 4111, 4112):           # the last is behind the block
        for value in (1, 2):
            site.const(address), site.const(value), site.put(0x3A, 0, 0)
    site.put(0x0B)
    names = section(1, vector([leb(0) + name(func_name), leb(1) + name("site")]))
    path = os.path.join(folder, "alloc.wasm")
    with open(path, "wb") as f:
        f.write(module([(1, vector(types)), (3, vector([leb(0), leb(1)])), (4, vector([b"\x70\0\x01"])),
                        (5, vector([b"\0\x01"])), (7, vector([name("_start") + b"\0\x01"])),
                        (9, vector([leb(0) + b"\x41\0\x0b" + vector([leb(0)])])), (0, name("name") + names)],
                       [(b"\0", alloc), (b"\0", site)]))
    return path


NAMES = [("malloc", "malloc"), ("dlmalloc", "malloc"), ("calloc", "calloc"), ("realloc", "realloc"),
         ("aligned_alloc", "aligned"), ("posix_memalign", "posix"), ("_Znwm", "malloc"), ("_Znaj", "malloc"),
         ("_ZnwmSt11align_val_t", "two"), ("operator new(unsigned long)", "malloc"), ("operator new[](unsigned long)", "malloc"),
         ("__rust_alloc", "two"), ("__rust_alloc_zeroed", "two"), ("__rust_realloc", "rust_realloc"), ("__rdl_alloc", "two"),
         ("_RNvCs5MjUbLyG3u_7___rustc10___rg_alloc", "two"), ("__rdl_realloc", "rust_realloc"),
         ("_RNvCs5MjUbLyG3u_7___rustc12___rust_alloc", "two"), ("~lib/rt/itcms/__new", "two"),
         ("~lib/rt/tcms/__new", "two"), ("~lib/rt/stub/__new", "two"), ("~lib/rt/stub/__alloc", "malloc"),
         ("~lib/rt/tlsf/__alloc", "malloc"), ("~lib/rt/tcms/__renew", "realloc"), ("~lib/rt/tlsf/__realloc", "realloc"),
         ("__new", "two"), ("heap.WasmAllocator.alloc", "zig"), ("heap.ArenaAllocator.alloc", "zig_debug"),
         ("heap.debug_allocator.DebugAllocator(.{ .safety = true }).alloc", "zig")]

DESCRIBED = [("mine", "posix", "mine=out,align,size:error"), ("mine", "third", "mine=-,-,size"), ("mine", "third", "mine=*,size"),
             ("mine", "calloc", "mine=count,size"), ("mine", "realloc", "mine=block,size"), ("mine", "out", "mine=out+4,size"),
             ("mine", "zig_debug", "mine=zig_alloc"), ("Pool(.a = 1).get", "malloc", "Pool(.a = 1).get"),
             ("Pool(.a = 1).get", "calloc", "Pool(.a = 1).get=calloc")]


def check_name(tool, folder, func_name, shape, options=(), known=True, indirect=False):
    _, text = run(tool, allocator(func_name, shape, folder, indirect), folder, "--objects", "--format", "json", *options)
    got = {(o["kind"], o["call"]["function"] if o.get("call") else None, o.get("size"), o.get("blocks")):
           o["totals"]["dead_store"]["bytes"] for o in json.loads(text)["objects"]}
    want = {("heap", "site", 16, 1): 2, ("unallocated", None, None, None): 1} if known else \
        {("unallocated", None, None, None): 3}
    assert got == want, "want %s, got %s" % (want, got)


def check_nested(tool, folder, *options):
    """`operator new` calls malloc, which throws the first time, and writes to the block before it gives it away"""
    malloc, new, site = Code(), Code(), Code()
    malloc.put(0x23, 0, 0x45, 0x04, 0x40)       # if it is the first time
    malloc.const(1), malloc.put(0x24, 0, 0x08, 0, 0x0B)
    malloc.const(4096), malloc.put(0x0B)
    new.put(0x20, 0, 0x10, 0, 0x1A)
    for value in (1, 2):
        new.const(4096), new.const(value), new.put(0x3A, 0, 0)
    new.const(4096), new.put(0x0B)
    site.put(0x02, 0x40, 0x1F, 0x40, 1, 2, 0)   # block, try_table (catch_all 0)
    site.const(16), site.put(0x10, 1, 0x1A, 0x0B, 0x0B)
    site.const(16), site.put(0x10, 1, 0x1A)
    for address in (4096, 4111, 4112):
        for value in (1, 2):
            site.const(address), site.const(value), site.put(0x3A, 0, 0)
    site.put(0x0B)
    names = section(1, vector([leb(0) + name("malloc"), leb(1) + name("operator new(unsigned long)"), leb(2) + name("site")]))
    path = os.path.join(folder, "nested.wasm")
    with open(path, "wb") as f:
        f.write(module([(1, vector([func_type([I32], [I32]), func_type([], [])])), (3, vector([leb(0), leb(0), leb(1)])),
                        (5, vector([b"\0\x01"])), (13, vector([b"\0\x01"])), (6, vector([I32 + b"\x01\x41\0\x0b"])),
                        (7, vector([name("_start") + b"\0\x02"])), (0, name("name") + names)],
                       [(b"\0", malloc), (b"\0", new), (b"\0", site)]))
    _, text = run(tool, path, folder, "--objects", "--format", "json", *options)
    got = {(o["kind"], o["call"]["function"] if o.get("call") else None, o.get("size"), o.get("blocks")):
           o["totals"]["dead_store"]["bytes"] for o in json.loads(text)["objects"]}
    want = {("heap", "site", 16, 1): 3, ("unallocated", None, None, None): 2}
    assert got == want, "want %s, got %s" % (want, got)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    tool = os.path.abspath(sys.argv[1])
    checks = [("log", check_log, ()), ("log with contexts", check_log, ("--contexts",))]
    checks += [(n, check_name, (n, s)) for n, s in NAMES]
    checks += [("a name that is none", check_name, ("mallocate", "malloc", (), False)),
               ("--alloc", check_name, ("mallocate", "malloc", ("--alloc", "mallocate"))),
               ("--alloc with a kind", check_name, ("mine", "calloc", ("--alloc", "mine=calloc"))),
               *[("--alloc " + how, check_name, (n, s, ("--alloc", how))) for n, s, how in DESCRIBED],
               ("fields", check_fields, ()), ("nested", check_nested, ()), ("nested with contexts", check_nested, ("--contexts",)),
               ("through a table", check_name, ("malloc", "malloc", (), True, True)),
               ("through a table with contexts", check_name, ("malloc", "malloc", ("--contexts",), True, True))]
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for what, check, args in checks:
            try:
                check(tool, folder, *args)
                passed += 1
            except AssertionError as e:
                failed += 1
                print("FAIL %s: %s" % (what, str(e)[:600]))
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
