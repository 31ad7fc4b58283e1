#!/usr/bin/env python3
"""identity.py MEM_TRACER: which function is which: two of one name, one that a rebuild gives another name, names in any language.

Needs clang-19 and wasm-ld-19; what is about Rust needs rustc with wasm32-unknown-unknown.  The last line is `N passed, N failed`."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

from commands import read, run, write
from surroundings import lacks

TOOL = os.path.abspath(sys.argv[1])
WASM = ("--target=wasm32", "-nostdlib", "-Wl,--no-entry", "-fno-builtin", "-O1")

# Two units with a static function of one name, line for line the same.
UNIT = """unsigned {0}_buf[32];
__attribute__((noinline)) static void reset(void) {{
    for (int i = 0; i < 32; i++)
        {0}_buf[i] = 0;
}}
void {0}_round(unsigned v) {{
    reset();
    {0}_buf[v & 31] = v;
}}
"""
MAIN = """void net_round(unsigned v); void disk_round(unsigned v);
__attribute__((export_name("_start"))) void entry(void) {
    for (unsigned i = 0; i < NET; i++) net_round(i);
    for (unsigned i = 0; i < DISK; i++) disk_round(i);
}
"""


def compile_to(wasm, sources, *flags, cwd=None, language="clang-19"):
    status, _, err = run(language, *WASM, *flags, *sources, "-o", wasm, cwd=cwd)
    assert status == 0, err
    return wasm


def two_units(root, net, disk, *flags):
    """The module of both units in a folder of its own."""
    for name in ("net", "disk"):
        os.makedirs(os.path.join(root, name), exist_ok=True)
        write(os.path.join(root, name, "buf.c"), UNIT.format(name))
    write(os.path.join(root, "both.c"), MAIN)
    return compile_to(os.path.join(root, f"{net}_{disk}.wasm"), ("net/buf.c", "disk/buf.c", "both.c"), f"-DNET={net}", f"-DDISK={disk}", *flags, cwd=root)


def report(wasm, *options, form="json"):
    path = wasm + ".report"
    status, _, err = run(TOOL, "--run", wasm, "-o", wasm + ".out", *options, "--format", form, "--report", path)
    assert status in (0, 3), err
    with open(path, encoding="utf-8") as f:
        return json.load(f) if form in ("json", "sarif") else f.read()


def saved(wasm, *options):
    path = wasm[:-5] + ".json"
    status, _, err = run(TOOL, "--run", wasm, "-o", wasm + ".out", *options, "--format", "json", "--report", path)
    assert status == 0, err
    return path


def diff(old, new):
    status, out, err = run(TOOL, "diff", old, new, "--format", "json")
    assert status == 0, err
    return json.loads(out)["pairs"]


def fingerprints(wasm):
    """What a viewer knows results by, and the file of each."""
    found = {}
    for r in report(wasm, form="sarif")["runs"][0]["results"]:
        (key,) = r["partialFingerprints"].values()
        assert key not in found
        found[key] = r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    return found


def only_same(pairs):
    return [p for p in pairs if p["change"] != "same"]


def check_homonyms(folder):
    a, b = (two_units(os.path.join(folder, "here"), *n, "-g") for n in ((200, 10), (10, 200)))
    groups = report(a, "--by", "function")["groups"]["list"]
    assert sum(g["name"] == "reset" for g in groups) == 2, groups
    net, disk = (next(g for g in groups if g["name"] == "reset" and f"{d}/buf.c" in g["file"]) for d in ("net", "disk"))
    assert (net["waste_bytes"], disk["waste_bytes"]) == (50280, 2400)
    text = report(a, "--by", "function", form="text")
    assert "reset (net/buf.c)\n" in text and "reset (disk/buf.c)\n" in text and "  net_round\n" in text, text
    folded = report(a, form="folded")
    assert "dead_store;reset (net/buf.c);[overwritten by];reset (net/buf.c) 24676\n" in folded and ";net_round " in folded, folded
    functions = set(re.findall(r"^c?fn=\(\d+\) (.*)$", report(a, form="callgrind"), re.M))
    assert {"reset (net/buf.c)", "reset (disk/buf.c)", "net_round"} <= functions, functions
    frames = {f["name"] for f in json.loads(report(a, form="speedscope"))["shared"]["frames"]}
    assert any(f.startswith("reset (net/buf.c)") for f in frames), frames
    # not without lines either: then the index says which
    bare = two_units(os.path.join(folder, "here"), 201, 9)
    groups = [g for g in report(bare, "--by", "function")["groups"]["list"] if g["name"] == "reset"]
    assert len(groups) == 2 and len({g["func"] for g in groups}) == 2 and not any("file" in g for g in groups), groups
    assert re.search(r"reset \(func\[\d+\]\)\n", report(bare, "--by", "function", form="text"))
    # across builds
    old, new = saved(a), saved(b)
    change = {}
    for p in diff(old, new):
        f = p["second"]["file"].rsplit("/", 2)[-2]
        if p["second"]["line"] == 4:
            change[f] = change.get(f, 0) + p["new"]["bytes"] - p["old"]["bytes"]
    assert change == {"net": -47880, "disk": 47880}, change
    text = run(TOOL, "diff", old, new)[1]
    assert "reset (net/buf.c:4), the same line again" in text and "reset (disk/buf.c:4), the same line again" in text, text
    return a, b


def check_moved(folder, a):
    """The same in another folder, and a file that has another name."""
    there = two_units(os.path.join(folder, "there", "again"), 200, 10, "-g")
    old, new = saved(a), saved(there)
    assert read(old)["pairs"][0]["second"]["frames"][0]["file"] != read(new)["pairs"][0]["second"]["frames"][0]["file"]
    assert only_same(diff(old, new)) == []
    assert sorted(fingerprints(a)) == sorted(fingerprints(there))
    root = os.path.join(folder, "renamed")
    renamed = two_units(root, 200, 10, "-g")
    os.rename(os.path.join(root, "net", "buf.c"), os.path.join(root, "net", "ring.c"))
    compile_to(renamed, ("net/ring.c", "disk/buf.c", "both.c"), "-DNET=200", "-DDISK=10", "-g", cwd=root)
    assert only_same(diff(old, saved(renamed))) == []
    # only one is left of two: the other's function of that name is not its successor
    one, other = (two_units(os.path.join(folder, "here"), *n, "-g") for n in ((150, 0), (0, 150)))
    changes = {p["change"] for p in diff(saved(one), saved(other)) if p["second"]["function"] == "reset"}
    assert changes == {"gone", "appeared"}, changes
    # as older versions wrote reports: without indices of functions and their files
    text = json.dumps([{k: v for k, v in read(old).items()}])
    text = re.sub(r'"func": \d+, |"function_file": "[^"]*", ', "", text)
    older = write(os.path.join(folder, "older.json"), text[1:-1])
    assert '"func"' not in open(older).read()
    assert only_same(diff(older, old)) == [] and only_same(diff(old, older)) == []
    assert run(TOOL, "merge", older, old, "--format", "json")[0] == 0


def check_fingerprints(a, b):
    found = fingerprints(a)
    assert sorted(found) == sorted(fingerprints(b))
    assert {f.rsplit("/", 2)[-2] for f in found.values()} >= {"net", "disk"}


def check_known(folder, a, b):
    """Of two functions of one name, what is known of one says nothing of the other."""
    c = two_units(os.path.join(folder, "here"), 200, 1, "-g")
    new = report(b, "--baseline", saved(c))["pairs"]
    assert sorted(p["bytes"] for p in new) == [4, 796, 24676, 24676], new
    assert report(b, "--baseline", saved(b))["pairs"] == []
    supp = os.path.join(folder, "one.supp")
    status, out, _ = run(TOOL, "merge", saved(a), "--gen-suppressions")
    entries = [e for e in out.split("\n\n") if "net/buf.c:4" in e]
    assert status == 0 and entries, out
    write(supp, "\n\n".join(entries))
    left = report(a, "--suppressions", supp)["pairs"]
    files = {s["frames"][0]["file"].rsplit("/", 2)[-2] for p in left for s in (p["first"], p["second"]) if s.get("frames") and s["frames"][0]["function"] == "reset"}
    assert files == {"disk"}, files
    write(supp, "[one]\nfunction = reset\nline = disk/buf.c\n")
    left = report(a, "--suppressions", supp)["pairs"]
    assert left and not any("disk" in s["frames"][0]["file"] for p in left for s in (p["first"], p["second"]) if s.get("frames")), left
    # suppressed bytes do not count as an increase, in either report
    part = a[:-5] + ".part.json"
    status, _, _ = run(TOOL, "merge", saved(a), "--suppressions", supp, "--format", "json", "-o", part)
    assert status == 0
    whole = saved(a)
    assert run(TOOL, "diff", part, whole, "--fail-on-increase")[0] == 3
    assert run(TOOL, "diff", whole, part, "--fail-on-increase")[0] == 0
    more = two_units(os.path.join(folder, "here"), 200, 60, "-g")  # more waste, but only what is suppressed
    status, _, _ = run(TOOL, "merge", saved(more), "--suppressions", supp, "--format", "json", "-o", more + ".part.json")
    assert status == 0 and run(TOOL, "diff", part, more + ".part.json", "--fail-on-increase")[0] == 0
    assert run(TOOL, "diff", whole, saved(more), "--fail-on-increase")[0] == 3


LABELS = """__attribute__((noinline)) void a(int *p) __asm__("{0}");
__attribute__((noinline)) void b(int *p) __asm__("{1}");
int cells[9];
void a(int *p) {{ p[1] = 2; __asm__ volatile("" ::: "memory"); p[1] = 3; }}
void b(int *p) {{ p[2] = 2; __asm__ volatile("" ::: "memory"); p[2] = 3; }}
__attribute__((export_name("_start"))) void entry(void) {{ for (int i = 0; i < {2}; i++) {{ a(cells); b(cells + 3); }} }}
"""


def labelled(folder, name, a, b, times=5):
    source = write(os.path.join(folder, name + ".c"), LABELS.format(a, b, times))
    return compile_to(os.path.join(folder, name + ".wasm"), (source,))


def check_rebuilt(folder):
    """What compilers put into names, other in each build."""
    for i, (one, other, plain) in enumerate((("push.llvm.111", "push.llvm.222", "push"), ("push.3", "push.12", "push"),
                                             ("a::push::h0123456789abcdef", "a::push::hfedcba9876543210", "a::push"),
                                             ("<a[1f]::T as b[2e]::U>::push", "<a[3d]::T as b[4c]::U>::push", "<a::T as b::U>::push"),
                                             ("_ZN1a4pushEPi.llvm.5", "_ZN1a4pushEPi.llvm.67", "a::push(int*)"),
                                             ("_ZN1a4push17h0123456789abcdefE.llvm.9", "_ZN1a4push17hfedcba9876543210E.llvm.8", "a::push"),
                                             ("push.isra.0.constprop.1", "push.part.0", "push"), ("mem.push__anon_12", "mem.push__anon_907", "mem.push__anon_"))):
        old, new = (labelled(folder, f"{n}{i}", label, "same") for n, label in (("old", one), ("new", other)))
        assert only_same(diff(saved(old), saved(new))) == [], one
        assert sorted(fingerprints(old)) == sorted(fingerprints(new)), one
        assert report(new, "--baseline", saved(old))["pairs"] == [], one
        supp = os.path.join(folder, "gen.supp")
        assert run(TOOL, "merge", saved(old), "--gen-suppressions", "-o", supp)[0] == 0
        assert report(new, "--suppressions", supp)["pairs"] == [], one
        groups = report(new, "--by", "function")["groups"]["list"]
        assert {g["name"] for g in groups} == {plain, "same"}, groups
        for pattern in (other if not other.startswith("_Z") else plain, plain):  # as it is shown, and as it stays
            kept = report(new, "--focus", pattern)["pairs"]
            assert kept and not any(s.get("function") == "same" for p in kept for s in (p["first"], p["second"])), (pattern, kept)
            assert report(new, "--ignore", pattern, "--ignore", "same")["pairs"] == [], pattern


def check_long(folder):
    """Names that differ behind their 256th byte, or their 4,096th."""
    for i, size in enumerate((300, 5000)):
        one, other = "x" * size + "1", "x" * size + "2"
        wasm = labelled(folder, f"long{i}", one, other)
        path = saved(wasm)
        names = {s["function"] for p in read(path)["pairs"] for s in (p["first"], p["second"]) if "function" in s}
        assert {one, other} <= names
        assert {one, other} == {g["name"] for g in report(wasm, "--by", "function")["groups"]["list"]}
        merged = os.path.join(folder, "merged.json")
        assert run(TOOL, "merge", path, path, "--format", "json", "-o", merged)[0] == 0
        assert {one, other} <= {s["function"] for p in read(merged)["pairs"] for s in (p["first"], p["second"]) if "function" in s}
        supp = write(os.path.join(folder, "long.supp"), f"[a]\nfunction = {one}\n")
        left = report(wasm, "--suppressions", supp)["pairs"]
        assert left and {s["function"] for p in left for s in (p["first"], p["second"]) if "function" in s} == {other}
        assert {s["function"] for p in report(wasm, "--focus", one)["pairs"] for s in (p["first"], p["second"]) if "function" in s} == {one}
        _, text, _ = run(TOOL, "--run", wasm, "-o", wasm + ".out", "-f")
        assert max(map(len, text.splitlines())) < 800  # what people read is cut


CXX = """struct V { int x, y; V &operator*(int k); V &operator+(int k); V &operator()(int k); V &operator[](int k); void set(int a); void set(char *a); };
#define TWICE(at) at = k; __asm__ volatile("" ::: "memory"); at = k + 1; return *this
__attribute__((noinline)) V &V::operator*(int k) { TWICE(x); }
__attribute__((noinline)) V &V::operator+(int k) { TWICE(x); }
__attribute__((noinline)) V &V::operator()(int k) { TWICE(x); }
__attribute__((noinline)) V &V::operator[](int k) { TWICE(x); }
__attribute__((noinline)) void V::set(int a) { y = a; __asm__ volatile("" ::: "memory"); y = a + 1; }
__attribute__((noinline)) void V::set(char *a) { y = *a; __asm__ volatile("" ::: "memory"); y = *a + 1; }
template <typename T> __attribute__((noinline)) void put(T *at, T v) { *at = v; __asm__ volatile("" ::: "memory"); *at = v; }
namespace { __attribute__((noinline)) void hidden(int *p) { *p = 1; __asm__ volatile("" ::: "memory"); *p = 2; } }
V v; char c; int n;
extern "C" __attribute__((export_name("_start"))) void entry() { v * 1; v + 2; v(3); v[4]; v.set(5); v.set(&c); put<char>(&c, 1); put<int>(&n, 2); hidden(&n); }
"""


def check_cxx(folder):
    source = write(os.path.join(folder, "v.cc"), CXX)
    for name, flags in (("debug", ("-g",)), ("bare", ())):
        wasm = compile_to(os.path.join(folder, name + ".wasm"), (source,), *flags, language="clang++-19")
        r = report(wasm)
        shown = {s["frames"][0]["function"] if s.get("frames") else s["function"] for p in r["pairs"] for s in (p["first"], p["second"]) if "function" in s}
        assert {"V::operator*(int)", "V::set(int)", "V::set(char*)", "(anonymous namespace)::hidden(int*)"} <= shown, shown
        for pattern, wanted in [(n, {n}) for n in shown] + [
                ("V::operator*", {"V::operator*(int)"}), ("V::operator()", {"V::operator()(int)"}), ("V::operator[]", {"V::operator[](int)"}),
                ("V::set", {"V::set(int)", "V::set(char*)"}), ("V::set(char*)", {"V::set(char*)"}), ("put", {n for n in shown if "put<" in n}),
                ("put<char>", {n for n in shown if "put<char>" in n}), ("V::operator?", {"V::operator+(int)", "V::operator*(int)"}),
                ("(anonymous namespace)::hidden", {"(anonymous namespace)::hidden(int*)"}), ("V::*", {n for n in shown if n.startswith("V::")})]:
            functions = lambda s: {s.get("function")} | {f["function"] for f in s.get("frames", [])}
            pairs = report(wasm, "--focus", pattern)["pairs"]
            assert pairs == [p | {"cumulative": q["cumulative"]} for p, q in
                             zip([p for p in r["pairs"] if (functions(p["first"]) | functions(p["second"])) & wanted], pairs)], (pattern, pairs)
            file = write(os.path.join(folder, "cxx.supp"), f"[a]\nfunction = {pattern}\n")
            left = report(wasm, "--suppressions", file)["pairs"]
            assert len(left) + len(pairs) == len(r["pairs"]) and not any((functions(p["first"]) | functions(p["second"])) & wanted for p in left), (pattern, left)


RUST = """#![no_std]
#[panic_handler] fn panic(_: &core::panic::PanicInfo) -> ! { loop {} }
pub mod pool {
    pub static mut AT: [u32; 64] = [0; 64];
    pub trait Grab { fn take(&mut self, n: usize) -> *mut u32; }
    pub struct Pool(pub usize);
    impl Grab for Pool {
        #[inline(never)] fn take(&mut self, n: usize) -> *mut u32 { self.0 += n; unsafe { core::ptr::addr_of_mut!(AT).cast::<u32>().add(self.0 - n) } }
    }
    #[inline(never)] pub fn fill<T: Copy>(p: *mut T, v: T) { unsafe { core::ptr::write_volatile(p, v); core::ptr::write_volatile(p, v); } }
}
use pool::Grab;
#[no_mangle] pub extern "C" fn run() { let mut p = pool::Pool(0); for i in 0..9 { pool::fill(p.take(1), i as u32); pool::fill(p.take(1) as *mut u8, 3u8); } }
"""


def check_rust(folder):
    source = write(os.path.join(folder, "grab.rs"), RUST)
    for form in ("legacy", "v0"):
        reports = []
        for build in ("one", "two"):
            wasm = os.path.join(folder, f"{form}_{build}.wasm")
            flags = ["-C", f"symbol-mangling-version={form}"] + (["-Z", "unstable-options"] if form == "legacy" else [])
            r = subprocess.run(["rustc", "--edition=2021", "--crate-type=cdylib", "--target=wasm32-unknown-unknown", "-Cpanic=abort", "-O", "-g",
                                "-C", f"metadata={build}", *flags, source, "-o", wasm], capture_output=True, text=True, env={**os.environ, "RUSTC_BOOTSTRAP": "1"})
            assert r.returncode == 0, r.stderr
            reports.append(saved(wasm, "--invoke", "run"))
        assert read(reports[0])["pairs"] and only_same(diff(*reports)) == [], form
        name = "<grab::pool::Pool as grab::pool::Grab>::take"
        with open(wasm, "rb") as f:
            mangled = re.search(rb"_[RZ][\w.$]*4take\w*", f.read())
        for alloc in (name, mangled[0].decode()):
            objects = report(wasm, "--invoke", "run", "--objects", "--alloc", alloc)["objects"]
            assert sum(o.get("blocks", 0) for o in objects) == 18, (form, alloc, objects)
        assert report(wasm, "--invoke", "run", "--focus", name)["pairs"], form
        left = report(wasm, "--invoke", "run", "--ignore", "grab::pool::*", "--ignore", name)["pairs"]
        assert {s["function"] for p in left for s in (p["first"], p["second"]) if "function" in s} <= {"run"}, (form, left)


def check_allocs(folder):
    """--alloc takes names as reports show them."""
    source = write(os.path.join(folder, "alloc.cc"), """namespace pool { char at[4096]; unsigned long used;
        __attribute__((noinline)) void *operator_new(unsigned long n) { used += n; return at + used - n; }
        struct P { int y; void *operator*(unsigned long n); }; __attribute__((noinline)) void *P::operator*(unsigned long n) { used += n; return at + used - n; } }
        pool::P p;
        extern "C" __attribute__((export_name("_start"))) void entry() { for (int i = 0; i < 5; i++) { volatile int *a = (int *)pool::operator_new(4), *b = (int *)(p * 4); *a = 1; *a = 2; *b = 1; *b = 2; } }""")
    wasm = compile_to(os.path.join(folder, "alloc.wasm"), (source,), language="clang++-19")
    for name in ("pool::operator_new(unsigned long)", "pool::operator_new", "pool::P::operator*", "pool::P::operator*(unsigned long)=malloc"):
        objects = [o for o in report(wasm, "--objects", "--alloc", name)["objects"] if o["kind"] == "heap"]
        assert sum(o["blocks"] for o in objects) == 5, (name, objects)
    bare = os.path.join(folder, "stripped.wasm")
    status, _, err = run("clang++-19", *WASM, "-Wl,--strip-all", source, "-o", bare)
    assert status == 0, err
    counts = []
    for func in range(2):
        objects = [o for o in report(bare, "--objects", "--alloc", f"func[{func}]")["objects"] if o["kind"] == "heap"]
        counts.append(sum(o["blocks"] for o in objects))
    assert 5 in counts, counts
    assert run(TOOL, "--run", wasm, "-o", wasm + ".out", "--objects", "--alloc", "pool::op*")[0] == 2  # no patterns here: a slip would be silent


def main():
    if not shutil.which("clang-19") or not shutil.which("wasm-ld-19"):
        return lacks("no clang-19 or wasm-ld-19")
    with tempfile.TemporaryDirectory() as folder:
        a, b = check_homonyms(folder)
        check_fingerprints(a, b)
        check_moved(folder, a)
        check_known(folder, a, b)
        check_rebuilt(folder)
        check_long(folder)
        check_cxx(folder)
        check_allocs(folder)
        if shutil.which("rustc"):
            check_rust(folder)
    print("1 passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
