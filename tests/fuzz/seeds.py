#!/usr/bin/env python3
"""seeds.py MEM_TRACER FOLDER

Writes seeds for the fuzz targets to FOLDER/TARGET: the tests' own small modules, what the tool makes of them, and words.
"""
import glob
import os
import subprocess
import sys
import tempfile

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SMALL = 4096
WORDS = [["--run", "a.wasm"], ["-rfff", "a.wasm", "--", "x", "-y"], ["-o", "out.wasm", "a.wasm"],
         ["--run", "--format", "json", "--report", "r", "a.wasm"], ["--dir", "a::b", "--dir=c", "--env", "A=b", "a"],
         ["--invoke", "f", "--preload", "m=m.wasm", "--stub-imports", "default", "a", "--", "1", "0x2"],
         ["--timeout", "1.5", "--run", "a"], ["--trace-memory", "64", "--inline", "never", "a"], ["--help"], ["--version"],
         ["--analysis", "trace", "--hot-after", "1", "--no-cache", "--times", "--run", "a"], ["a.wasm", "trace"],
         ["--contexts", "3", "--objects", "--alloc", "f", "--run", "a"], ["--trace-out", "t", "--run", "a"],
         ["--debug-file", "d", "--source-map", "a=b", "--run", "a"], ["--rnu", "a"], ["--dir"], []]
SUPPRESSIONS = ["# known\n[memset before copy]\nkind = dead_store\nfunction = deflate*\nsecond.line = a?c:1-20\n",
                "[one]\nclass = housekeeping\nfirst.function = a\\*b\nfirst.line = x.c:7\n\n[two]\nline = *.c\nsecond.function = f\n"]


def put(folder, target, name, content):
    os.makedirs(os.path.join(folder, target), exist_ok=True)
    with open(os.path.join(folder, target, name), "wb") as f:
        f.write(content)


def read(path):
    with open(path, "rb") as f:
        return f.read()


def modules():
    for path in sorted(glob.glob(TESTS + "/**/*.wasm", recursive=True)):
        if os.path.getsize(path) <= SMALL:
            yield os.path.relpath(path, TESTS).replace("/", "-"), path


def reports(tool, folder, name, path):
    for n, options in enumerate(([], ["--contexts", "--objects"])):
        shown = subprocess.run([tool, "--run", "--timeout", "1", "--no-cache", "--stub-imports", "default", "--format", "json", "-o", os.devnull, *options,
                                os.path.relpath(path, TESTS)], stdin=subprocess.DEVNULL, capture_output=True, timeout=60, cwd=TESTS).stdout
        if shown.startswith(b"{") and len(shown) <= SMALL:
            put(folder, "report", "%s-%d" % (name, n), shown)


def traces(tool, folder, name, path):
    path, folder = os.path.relpath(path, TESTS), os.path.abspath(folder)  # a trace names its module
    with tempfile.TemporaryDirectory() as work:
        trace, cache = os.path.join(work, "trace"), os.path.join(work, "cache")
        subprocess.run([tool, "--run", "--timeout", "1", "--stub-imports", "default", "--hot-after", "1", "-o", os.path.join(work, "out.wasm"), path],
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60, cwd=TESTS,
                       env=dict(os.environ, XDG_CACHE_HOME=cache))
        for kept in glob.glob(cache + "/mem-tracer/habits/*"):
            put(folder, "habits", name, read(kept))
        subprocess.run([tool, "--run", "--timeout", "1", "--no-cache", "--stub-imports", "default", "--trace-out", trace, "-o",
                        os.path.join(work, "out.wasm"), path], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, timeout=60, cwd=TESTS)
        if os.path.exists(trace) and os.path.getsize(trace) <= SMALL:
            put(folder, "trace", name, b"\0" + read(trace))


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    tool, folder = os.path.abspath(sys.argv[1]), sys.argv[2]
    for n, (name, path) in enumerate(modules()):
        content = read(path)
        put(folder, "module", name, content)
        put(folder, "symbols", name, content)
        put(folder, "rewrite", name, content + bytes([n % 16]))
        put(folder, "validate", name, content + bytes([n % 48]))
        if n % 4 == 0:
            traces(tool, folder, name, path)
            reports(tool, folder, name, path)
    for path in sorted(glob.glob(TESTS + "/**/*.map", recursive=True)):
        put(folder, "symbols", os.path.basename(path), read(path)[:SMALL])
    for n, name in enumerate([b"_ZN3fooC1EiPKc", b"_RNvC6_123foo3bar", b"_ZN4core3fmt9Formatter9write_str17h0123456789abcdefE"]):
        put(folder, "symbols", "name%d" % n, name)
    put(folder, "symbols", "map", b'{"version":3,"sources":["a.c"],"names":["f"],"mappings":"AAAA,CAAC;EAEA"}')
    for n, text in enumerate(SUPPRESSIONS):
        put(folder, "report", "suppressions%d" % n, text.encode())
    for n, words in enumerate(WORDS):
        put(folder, "options", "words%d" % n, b"".join(w.encode() + b"\0" for w in words))


if __name__ == "__main__":
    main()
