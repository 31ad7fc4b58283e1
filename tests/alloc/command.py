#!/usr/bin/env python3
"""command.py ALLOC_COMMAND [--full] [--part I/N] [SCENARIO ...]

Whole commands with allocations that fail (command.c): the N-th alone, and the N-th with all behind it.  Each must end in one of these
ways: with the result of a run in which none fails; with status 125, one error line, and old files as they were; or with
all files, a warning, and the status of the good run.  Nothing may leak, crash, or stay behind.

Without --full, one allocation of each place in the code is made to fail, in the first scenario that comes there; with it, in each
scenario one of each place and way to it, all of the first 3,000, and every 37th of the rest.  --part: of all those, every N-th, from the I-th on.  Prints what it did, and what was wrong."""
import glob
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")
INPUTS = os.path.join(ROOT, "tests", "golden", "inputs")
OLD = b"what was there\n"
FAILURE, USAGE = 125, 2
ALL, STEP = 3000, 37

# name, words, files that it writes, whether it is quick
FORMATS = "json html pprof speedscope folded callgrind sarif csv".split()
EACH = " ".join("--format %s --report %s" % (f, f) for f in FORMATS)
SCENARIOS = [
    ("instrument", "prog.wasm -o out.wasm", ["out.wasm"], True),
    ("help", "--help", [], True),
    ("slip", "--runn prog.wasm", [], True),
    ("bad_input", "bad.wasm -o out.wasm", ["out.wasm"], True),
    ("analyze", "analyze --format json --report r prog.wasm prog.trace", ["r"], True),
    ("analyze_full", "analyze -fff --report r small.wasm small.trace", ["r"], True),
    ("analyze_formats", "analyze --by function --top 5 apart.wasm apart.trace " + EACH, FORMATS, True),
    ("dump", "trace dump --format jsonl small.trace", [], True),
    ("dump_csv", "trace dump --format csv small.trace", [], True),
    ("diff", "diff old.json new.json", [], True),
    ("diff_by", "diff --by function --focus * --format csv old.json new.json", [], True),
    ("diff_json", "diff --format json old.json new.json", [], True),
    ("diff_objects", "diff --by object --format json apart.json apart.json", [], True),
    ("merge_other", "merge old.json new.json --format json --report r", ["r"], True),
    ("diff_limit", "diff --fail-on dead_store>1G old.json new.json", [], True),
    ("merge", "merge apart.json apart.json --format json -o r", ["r"], True),
    ("merge_html", "merge --source-map examples=src new.json --format html -o r", ["r"], True),
    ("known", "merge new.json new.json --suppressions known.supp --baseline old.json -v --fail-on-increase new.json --fail-on dead_store>1G "
     "--format json -o r", ["r"], True),
    ("gen_suppressions", "merge new.json --gen-suppressions -o r", ["r"], True),
    ("by_trace", "--run --no-cache --analysis trace -f small.wasm -o out.wasm", ["out.wasm"], True),
    ("save", "--run --no-cache -q --trace-out t --trace-values small.wasm -o out.wasm", ["out.wasm"], True),
    ("surroundings", "--run --no-cache --dir .::/x --env A=b --env HOME --max-memory 1M --timeout 60 --alloc put=malloc "
     "--objects --contexts --ignore zzz --report r small.wasm -o out.wasm -- one two", ["out.wasm", "r"], True),
    ("preload", "--run --no-cache --preload provider=provider.wasm --report r opaque.wasm -o out.wasm", ["out.wasm", "r"], True),
    ("by_object", "--run --no-cache --objects --by object --format json --report r apart.wasm -o out.wasm", ["out.wasm", "r"], True),
    ("trap", "--run --no-cache --format json --report r trap.wasm -o out.wasm", ["out.wasm", "r"], True),
    ("text", "--run small.wasm -o out.wasm", ["out.wasm"], False),
    ("online", "--run --no-cache --analysis online prog.wasm -o out.wasm", ["out.wasm"], False),
    ("json", "--run --no-cache --format json --report r prog.wasm -o out.wasm", ["out.wasm", "r"], False),
    ("html", "--run --no-cache --format html --report r --source-map examples=src prog.wasm -o out.wasm", ["out.wasm", "r"], False),
    ("full", "--run --no-cache -fff small.wasm -o out.wasm", ["out.wasm"], False),
    ("formats", "--run --no-cache --contexts --objects --by function --top 5 small.wasm -o out.wasm " + EACH,
     ["out.wasm"] + FORMATS, False),
]


def prepare(tool, folder):
    """the files that scenarios read, made by the program itself"""
    for name in ("opaque", "provider", "trap"):
        shutil.copy(os.path.join(INPUTS, name + ".wasm"), folder)
    shutil.copy(os.path.join(INPUTS, "objects.wasm"), os.path.join(folder, "small.wasm"))
    shutil.copy(os.path.join(INPUTS, "objects.wasm"), os.path.join(folder, "apart.wasm"))
    shutil.copy(os.path.join(ROOT, "examples", "dead_stores.wasm"), os.path.join(folder, "prog.wasm"))
    os.makedirs(os.path.join(folder, "src"))
    shutil.copy(os.path.join(ROOT, "examples", "dead_stores.c"), os.path.join(folder, "src"))
    with open(os.path.join(folder, "bad.wasm"), "wb") as f:
        f.write(b"\0asm\1\0\0\0\1\x7f")
    with open(os.path.join(folder, "known.supp"), "w", encoding="utf-8") as f:
        f.write("[a]\nclass = housekeeping\n[b]\nfunction = clear\nline = dead_stores.c:10-40\n[c]\nfunction = nobody\n")
    for words in ("--run -q -o made.wasm --trace-out prog.trace prog.wasm", "--run -q -o made.wasm --trace-out small.trace small.wasm",
                  "--run -q -o made.wasm --contexts --objects --trace-out apart.trace apart.wasm",
                  "--run --contexts --objects --format json --report apart.json -o made.wasm apart.wasm",
                  "--run --format json --report old.json -o made.wasm small.wasm", "--run --format json --report new.json -o made.wasm prog.wasm"):
        subprocess.run([tool] + words.split(), cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    os.unlink(os.path.join(folder, "made.wasm"))


def read(path):
    try:
        with open(path, "rb") as f:
            return f.read()
    except FileNotFoundError:
        return None


class Scenario:
    def __init__(self, tool, folder, scenario):
        self.name, words, self.files, _ = scenario
        self.folder = folder
        env = dict(os.environ, ASAN_OPTIONS="detect_leaks=1:abort_on_error=0:exitcode=99", HOME=folder, XDG_CACHE_HOME=folder,
                   UBSAN_OPTIONS="print_stacktrace=1", LANG="C")
        env.pop("RUST_BACKTRACE", None)
        self.server = subprocess.Popen([tool] + words.split(), cwd=folder, env=env, stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, text=True)
        self.problems, self.runs, self.errors, self.warned = [], 0, 0, 0

    def path(self, name):
        return os.path.join(self.folder, name)

    def run(self, number, mode):
        """the process's status, its allocations, where one failed, what it left"""
        for name in self.files:
            with open(self.path(name), "wb") as f:
                f.write(OLD)
        self.server.stdin.write("%d %s stdout stderr\n" % (number, mode))
        self.server.stdin.flush()
        answer = self.server.stdout.readline().split()
        status = os.waitstatus_to_exitcode(int(answer[0]))
        left = {name: read(self.path(name)) for name in self.files}
        return status, int(answer[1]), " < ".join(answer[2:]), left, read(self.path("stdout")), read(self.path("stderr"))

    def judge(self, number, mode):
        status, count, place, left, out, err = self.run(number, mode)
        self.runs += 1
        lines = err.decode("utf-8", "replace").splitlines()
        wrong = None
        if status in (FAILURE, USAGE) and (status != self.good[0] or lines != self.good[3]):
            self.errors += 1
            said = lines
            lines = [line for line in lines if line not in self.good[3] or "error" in line]
            if len(lines) != 1 or not lines[0].startswith("mem-tracer: error: "):
                wrong, lines = "not one error line", said
            elif status == USAGE:
                wrong = "called a wrong usage"
            elif "memory" not in lines[0] and "temporarily unavailable" not in lines[0]:
                wrong = "says nothing of memory"
            elif any(left[name] not in (OLD, self.good[1][name]) for name in self.files):
                wrong = "a file is neither old nor whole"
        elif status != self.good[0]:
            wrong = "status %d" % status
        elif lines != self.good[3]:
            extra = [line for line in lines if line not in self.good[3]]
            self.warned += 1
            if not extra or not all(line.startswith("mem-tracer: warning: ") for line in extra):
                wrong = "other messages"
            elif any(left[name] == OLD or not left[name] for name in self.files):
                wrong = "a file is missing"
        elif left != self.good[1] or out != self.good[2]:
            wrong = "another result, and no word about it"
        stray = [n for n in os.listdir(self.folder) if ".mem-tracer-" in n]
        for name in stray:
            os.unlink(self.path(name))
        if stray:
            wrong = "a temporary file stays"
        if wrong:
            self.problems.append("%s %s %d: %s (status %d)\n      at %s\n      %s" % (
                self.name, mode, number, wrong, status, place or "?", "\n      ".join(lines[:40])))
        return status, count

    def everything(self, full, seen, part, parts):
        self.run(0, "one")  # what it keeps for the next time is there then
        status, count, _, left, out, err = self.run(0, "log")
        self.good = status, left, out, err.decode().splitlines()
        places = [line.split()[full] for line in read(self.path("log")).splitlines()]
        last = {}
        for i, place in enumerate(places):
            last.setdefault(place, i + 1)
        numbers = sorted(n for place, n in last.items() if full or place not in seen)
        seen.update(last)
        if full:
            numbers = sorted(set(numbers) | set(range(1, min(count, ALL) + 1)) | set(range(ALL, count + 1, STEP)))
        numbers = numbers[part - 1::parts]
        for number in numbers:
            for mode in ("one", "later"):
                self.judge(number, mode)
        self.server.stdin.close()
        self.server.wait()
        return count, len(last), len(numbers)


def main():
    args = sys.argv[2:]
    full = "--full" in args
    part, parts = 1, 1
    if "--part" in args:
        at = args.index("--part")
        part, parts = map(int, args[at + 1].split("/"))
        del args[at:at + 2]
    only = [a for a in args if not a.startswith("--")]
    tool = os.path.abspath(sys.argv[1])
    problems = runs = 0
    seen = set()
    with tempfile.TemporaryDirectory() as folder:
        prepare(os.path.join(os.path.dirname(tool), "..", "mem-tracer"), folder)
        for scenario in SCENARIOS:
            if only and scenario[0] not in only or not (full or only or scenario[3]):
                continue
            start = time.time()
            s = Scenario(tool, folder, scenario)
            count, places, numbers = s.everything(full, seen, part, parts)
            print("%-17s %6d allocations in %4d places: %5d runs, %5d errors, %4d with a warning, %3d wrong, %5.1f s" % (
                s.name, count, places, s.runs, s.errors, s.warned, len(s.problems), time.time() - start), flush=True)
            for p in s.problems[:60]:
                print("   ", p, flush=True)
            problems += len(s.problems)
            runs += s.runs
    print("%d runs, %d wrong" % (runs, problems))
    return problems != 0


if __name__ == "__main__":
    sys.exit(main())
