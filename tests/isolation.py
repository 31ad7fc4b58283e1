#!/usr/bin/env python3
"""isolation.py MEM_TRACER

A program that tries to reach what it was not granted: by `..`, absolute paths, links that are there and links that it makes, renames and
hard links, other descriptors, the environment. Every attempt has to fail, nothing outside may change, and the instrumented program has to
get the same answers as the plain one, call by call."""
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "limits"))
import build  # noqa: E402
from build import name, u32  # noqa: E402
from surroundings import PATIENCE  # noqa: E402

TOOL = os.path.abspath(sys.argv[1])
PLAIN = os.path.join(os.path.dirname(TOOL), "tests", "plain")
ERRNOS, OUT, IOVEC, DATA = 1024, 10000, 11000, 12000
SIGNATURES = {"path_open": "iiiiillii", "path_create_directory": "iii", "path_symlink": "iiiii", "path_rename": "iiiiii", "path_link": "iiiiiii",
              "path_unlink_file": "iii", "path_remove_directory": "iii", "path_filestat_get": "iiiii", "path_readlink": "iiiiii",
              "path_filestat_set_times": "iiiilli", "fd_prestat_get": "ii", "fd_read": "iiii", "fd_readdir": "iiili", "environ_sizes_get": "ii",
              "fd_write": "iiii"}
PATHS = ["../secret", "../outside/secret", "sub/../../secret", "./.././secret", "link", "far", "deep/up/secret", "loop", "/etc/passwd",
         "//etc/passwd", "..", "sub/../..", "../granted/../secret", "folder/secret", "/", "", ".\\..\\secret", "sub/..//..//secret"]


def s32(n):
    out = bytearray()
    while True:
        byte, n = n & 0x7F, n >> 7
        if (n == 0 and not byte & 0x40) or (n == -1 and byte & 0x40):
            return bytes(out) + bytes([byte])
        out.append(byte | 0x80)


class Program:
    """calls with constants; the errno of each goes to a byte of ERRNOS, and all to standard output in the end"""

    def __init__(self):
        self.text, self.code, self.count, self.tries = b"", b"", 0, []

    def string(self, text):
        at = DATA + len(self.text)
        self.text += text.encode() + b"\0"
        return [at, len(text)]

    def call(self, function, *args, what=None):
        code = b""
        for letter, arg in zip(SIGNATURES[function].lower(), args):
            code += (b"\x41" if letter == "i" else b"\x42") + s32(arg)
        self.code += b"\x41" + s32(ERRNOS + self.count) + code + b"\x10" + u32(list(SIGNATURES).index(function)) + b"\x3a\x00\x00"
        self.tries.append((function, what))
        self.count += 1

    def module(self):
        types = b"".join(b"\x60" + name(bytes(0x7F if c == "i" else 0x7E for c in s.lower())) + b"\x01\x7f" for s in SIGNATURES.values())
        imports = b"".join(name("wasi_snapshot_preview1") + name(f) + b"\0" + u32(i) for i, f in enumerate(SIGNATURES))
        store = lambda at, value: b"\x41" + s32(at) + b"\x41" + s32(value) + b"\x36\x02\x00"
        end = (store(IOVEC, ERRNOS) + store(IOVEC + 4, self.count) + b"\x41\x01\x41" + s32(IOVEC) + b"\x41\x01\x41" + s32(IOVEC + 8) + b"\x10"
               + u32(list(SIGNATURES).index("fd_write")) + build.DROP)
        n = len(SIGNATURES)
        return build.module(types=(n + 1, types + build.VOID), imports=(n, imports), funcs=(1, u32(n)),
                            memories=(1, b"\x00\x02"), exports=(2, name("_start") + b"\0" + u32(n) + name("memory") + b"\2\0"),
                            codes=(1, build.body(self.code + end)), data=(1, b"\0\x41" + s32(DATA) + b"\x0b" + name(self.text)))


def attempts():
    p = Program()
    for fd in [3, 4, 5, 6, 99, -1]:
        for path in PATHS:
            for follow in (0, 1):
                for flags in (0, 1, 9):  # as it is; create; create and truncate
                    p.call("path_open", fd, follow, *p.string(path), flags, 66, 66, 0, OUT, what=path)
                what = "a link itself" if path in ("link", "far") and not follow else path
                p.call("path_filestat_get", fd, follow, *p.string(path), OUT, what=what)
                p.call("path_filestat_set_times", fd, follow, *p.string(path), 0, 0, 5, what=what)
            if fd == 3:
                continue
            p.call("path_unlink_file", fd, *p.string(path), what=path)
    for path in PATHS[:4] + PATHS[7:10]:
        p.call("path_create_directory", 3, *p.string(path + "x"), what=path)
        p.call("path_unlink_file", 3, *p.string(path), what=path)
        p.call("path_remove_directory", 3, *p.string(path), what=path)
        p.call("path_rename", 3, *p.string(path), 3, *p.string("mine"), what=path)
        p.call("path_rename", 3, *p.string("own"), 3, *p.string(path), what=path)
        p.call("path_link", 3, 1, *p.string(path), 3, *p.string("mine"), what=path)
        p.call("path_link", 3, 0, *p.string("own"), 3, *p.string(path), what=path)
    for target in ("/etc/passwd", "/"):
        p.call("path_symlink", *p.string(target), 3, *p.string("made"), what=target)
        p.call("path_open", 3, 1, *p.string("made"), 0, 2, 0, 0, OUT, what="a link of its own")
    p.call("path_symlink", *p.string("../secret"), 3, *p.string("made2"), what="may be made")
    p.call("path_open", 3, 1, *p.string("made2"), 0, 2, 0, 0, OUT, what="a link of its own")
    for fd in (4, 5, 6, 7, 100):
        p.call("fd_prestat_get", fd, OUT, what="another descriptor")
        p.call("fd_readdir", fd, OUT, 10, 0, IOVEC, what="another descriptor")
    return p


def inside(what):
    """what is no harm: names of something in the granted folder"""
    return what in ("may be made", "a link itself", "loop", "", ".\\..\\secret")


def lay_out(folder):
    os.makedirs(os.path.join(folder, "granted", "sub"))
    os.makedirs(os.path.join(folder, "granted", "deep"))
    os.makedirs(os.path.join(folder, "outside"))
    for path in ("secret", "outside/secret", "granted/own"):
        with open(os.path.join(folder, path), "w") as f:
            f.write("of " + path)
    for target, link in (("../secret", "link"), (os.path.join(folder, "secret"), "far"), ("../..", "deep/up"), ("loop", "loop"), ("../outside", "folder")):
        os.symlink(target, os.path.join(folder, "granted", link))


def outside_of(folder):
    found = {}
    for base, folders, files in os.walk(folder):
        if base == folder:
            folders.remove("granted")
            files = [f for f in files if f == "secret" or not f.endswith(".wasm")]
        for f in files:
            with open(os.path.join(base, f), "rb") as stream:
                found[os.path.relpath(os.path.join(base, f), folder)] = stream.read()
        found[os.path.relpath(base, folder)] = sorted(folders)
    return found


def run(words, module):
    with tempfile.TemporaryDirectory() as folder:
        lay_out(folder)
        before = outside_of(folder)
        with open(os.path.join(folder, "p.wasm"), "wb") as f:
            f.write(module)
        r = subprocess.run(words, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PATIENCE,
                           env=dict(os.environ, SECRET="x", MEM_SECRET="y"))
        if r.returncode:
            sys.exit("%s: %d %r" % (words, r.returncode, r.stderr[:400]))
        return r.stdout, before == outside_of(folder)


def main():
    p = attempts()
    module = p.module()
    ours = [TOOL, "--run", "-q", "--no-cache", "-o", "o.wasm", "--dir", "granted"]
    plain, _ = run([PLAIN, "--dir", "granted", "p.wasm"], module)
    failures = 0
    for form in (["--analysis", "online"], ["--analysis", "trace"], ["--contexts", "--objects"]):
        errnos, untouched = run(ours + form + ["p.wasm"], module)
        if errnos != plain:
            failures += 1
            print("FAILED %s: other answers than the plain program's" % form)
        if not untouched:
            failures += 1
            print("FAILED %s: something outside has changed" % form)
        for (function, what), errno in zip(p.tries, errnos):
            if errno == 0 and not inside(what):
                failures += 1
                print("FAILED %s: %s %r" % (form, function, what))
    print("%d attempts in 3 forms, %d failures" % (p.count, failures))
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
