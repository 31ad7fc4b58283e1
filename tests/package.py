#!/usr/bin/env python3
"""package.py MEM_TRACER BUILD [--quick]: the Debian packages.

cpack makes them; each has what it should, where it should, and depends on what it needs, as this system could install it; unpacked
into a folder the program runs, and a program that was built against the library does.  --quick: without the -dev package, whose
archives are large.  The last line is `N passed, N failed`.
"""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

from checks import run as run_checks
from surroundings import PATIENCE, lacks

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD, QUICK = os.path.abspath(sys.argv[2]), "--quick" in sys.argv
PROGRAM = os.path.join(ROOT, "examples", "dead_stores.wasm")
USER = '#include <mem_tracer.h>\n#include <stdio.h>\nint main(void) { puts(mem_tracer_version()); return 0; }\n'


def run(*words, env=None, cwd=None):
    r = subprocess.run(words, env=dict(os.environ, **(env or {})), cwd=cwd, stdin=subprocess.DEVNULL,
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PATIENCE)
    assert r.returncode == 0, "%s: status %d\n%s%s" % (" ".join(words)[:300], r.returncode, r.stdout.decode()[-1000:],
                                                       r.stderr.decode()[-1500:])
    return r.stdout.decode()


class Packages:
    def __init__(self, folder):
        self.folder = folder
        components = "program;runtime" if QUICK else "program;runtime;library"
        run("cpack", "-G", "DEB", "--config", os.path.join(BUILD, "CPackConfig.cmake"), "-B", folder,
            "-D", "CPACK_COMPONENTS_ALL=" + components, cwd=folder)
        self.files = {re.match(r"([a-z0-9-]+)_", os.path.basename(p)).group(1): p for p in glob.glob(folder + "/*.deb")}
        self.root = os.path.join(folder, "root")
        for path in self.files.values():
            run("dpkg-deb", "-x", path, self.root)

    def field(self, package, name):
        return run("dpkg-deb", "-f", self.files[package], name).strip()

    def names(self, package):
        return {line.split()[5].lstrip(".") for line in run("dpkg-deb", "-c", self.files[package]).splitlines()}


def check_packages(p):
    assert set(p.files) == {"mem-tracer", "libmemtracer0"} | (set() if QUICK else {"libmemtracer-dev"}), p.files
    version = run(os.path.join(p.root, "usr/bin/mem-tracer"), "--version").split()[1]
    for package in p.files:
        assert p.field(package, "Version") == version
        assert p.field(package, "Architecture") == run("dpkg", "--print-architecture").strip()
        assert len(p.field(package, "Description").split("\n")) > 1
        assert "/usr/share/doc/%s/copyright" % package in p.names(package), p.names(package)
        assert all(n.startswith(("/usr", "/")) and not n.startswith("/usr/local") for n in p.names(package))


def check_contents(p):
    for name in ("/usr/bin/mem-tracer", "/usr/share/man/man1/mem-tracer.1", "/usr/share/doc/mem-tracer/semantics.md",
                 "/usr/share/doc/mem-tracer/README.md"):
        assert name in p.names("mem-tracer"), name
    assert not [n for n in p.names("mem-tracer") if "memtracer" in n]
    assert [n for n in p.names("libmemtracer0") if n.endswith("/libmemtracer.so.0")], p.names("libmemtracer0")
    assert "ldconfig" in run("dpkg-deb", "-I", p.files["libmemtracer0"], "postinst")
    if not QUICK:
        names = " ".join(p.names("libmemtracer-dev"))
        for name in ("mem_tracer.h", "libmemtracer.so", "libmemtracer.a", "memtracer.pc", "memtracer-config.cmake"):
            assert "/" + name in names, name
    with open(os.path.join(p.root, "usr/share/doc/mem-tracer/copyright"), encoding="utf-8") as f:
        text = f.read()
    assert "wasmtime" in text and "libiberty" in text and "Permission is hereby granted" in text


def check_dependencies(p):
    for package in ("mem-tracer", "libmemtracer0"):
        depends = {d.split()[0].removesuffix("t64") for d in p.field(package, "Depends").split(",")}  # as Debian 13 has some names
        assert {"libc6", "libdw1", "libjansson4", "libzstd1"} <= depends, depends
        binary = "usr/bin/mem-tracer" if package == "mem-tracer" else os.path.relpath(
            glob.glob(p.root + "/usr/lib/**/libmemtracer.so.0", recursive=True)[0], p.root)
        assert ".debug_info" not in run("readelf", "-S", os.path.join(p.root, binary)), "not stripped"
        dynamic = run("readelf", "-d", os.path.join(p.root, binary))
        assert "RUNPATH" not in dynamic and "RPATH" not in dynamic
    if shutil.which("apt-get"):
        order = [p.files[n] for n in ("mem-tracer", "libmemtracer0")]
        simulated = run("apt-get", "-s", "-o", "Debug::NoLocking=1", "install", "--no-install-recommends", *order)
        assert "Inst mem-tracer" in simulated and "Inst libmemtracer0" in simulated, simulated


def check_runs(p):
    tool = os.path.join(p.root, "usr/bin/mem-tracer")
    out = run(tool, "--run", "-o", "out.wasm", "-f", "--trace-out", "trace", PROGRAM, cwd=p.folder)
    again = run(tool, "analyze", "-f", PROGRAM, "trace", cwd=p.folder)
    assert out.endswith(again) and "dead_store_pairs (0" not in again and "dead_store_pairs" in again


def check_library(p):
    lib = os.path.dirname(glob.glob(p.root + "/usr/lib/**/libmemtracer.so.0", recursive=True)[0])
    source = os.path.join(p.folder, "user.c")
    with open(source, "w", encoding="utf-8") as f:
        f.write(USER)
    flags = ["-I", os.path.join(ROOT, "include"), os.path.join(lib, "libmemtracer.so.0")]
    if not QUICK:
        flags = run("pkg-config", "--cflags", "--libs", "memtracer", env={"PKG_CONFIG_PATH": lib + "/pkgconfig"}).split()
    run("cc", source, *flags, "-o", source[:-2])
    version = run(source[:-2], env={"LD_LIBRARY_PATH": lib}).strip()
    assert version == run(os.path.join(p.root, "usr/bin/mem-tracer"), "--version").split()[1]


def main():
    if not shutil.which("dpkg-deb") or not shutil.which("dpkg-shlibdeps"):
        return lacks("no dpkg-deb or dpkg-shlibdeps")
    checks = (check_packages, check_contents, check_dependencies, check_runs, check_library)
    with tempfile.TemporaryDirectory() as folder:
        packages = Packages(folder)
        return run_checks(checks, packages)


if __name__ == "__main__":
    sys.exit(main())
