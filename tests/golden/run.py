#!/usr/bin/env python3
"""run.py MEM_TRACER [--update] [--only GLOB] [--skip GLOB]

Golden cases of the command line.  A case is a file cases/NAME.case:

    $ shell command                     one line; $MT is mem-tracer, $IN the folder inputs/, the current folder is an empty one
    status 2
    --- stdout
    what it prints, to the next line that starts with ---
    --- stderr
    …

Missing parts mean empty output and status 0.  Lines are compared exactly, but for `…`, which stands for anything within
a line, and for $IN in the output, which stands for that folder's path.  --update writes what was seen into the
cases.  The last line is `N passed, N failed`.
"""
import fnmatch
import glob
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from surroundings import PATIENCE, without_distances  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))


def load(path):
    case = {"status": 0, "stdout": "", "stderr": ""}
    part = None
    with open(path, encoding="utf-8") as f:
        for line in f:
            if line.startswith("--- "):
                part = line[4:].strip()
            elif part:
                case[part] += line
            elif line.startswith("$ "):
                case["command"] = line[2:].rstrip("\n")
            elif line.startswith("status "):
                case["status"] = int(line.split()[1])
    return case


def store(path, case):
    with open(path, "w", encoding="utf-8") as f:
        f.write("$ %s\n" % case["command"])
        if case["status"]:
            f.write("status %d\n" % case["status"])
        for part in ("stdout", "stderr"):
            if case[part]:
                f.write("--- %s\n%s" % (part, case[part]))


def run(tool, case):
    env = dict(os.environ, MT=tool, IN=os.path.join(HERE, "inputs"))
    env.pop("RUST_BACKTRACE", None)
    with tempfile.TemporaryDirectory() as folder:
        r = subprocess.run(["bash", "-c", case["command"]], cwd=folder, env=env, stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PATIENCE)
    text = lambda b: b.decode("utf-8", "replace").replace(env["IN"], "$IN")
    return {"command": case["command"], "status": r.returncode, "stdout": text(r.stdout), "stderr": text(r.stderr)}


def matches(want, got):
    want, got = without_distances(want), without_distances(got)
    pattern = "".join("[^\n]*" if part == "…" else re.escape(part) for part in re.split("(…)", want))
    return re.fullmatch(pattern, got) is not None


def main():
    args = [a for a in sys.argv[1:] if not a.startswith("--")]
    update = "--update" in sys.argv
    only, skip = "*", ""
    if "--only" in sys.argv:
        only = sys.argv[sys.argv.index("--only") + 1]
        args.remove(only)
    if "--skip" in sys.argv:
        skip = sys.argv[sys.argv.index("--skip") + 1]
        args.remove(skip)
    if len(args) != 1:
        sys.exit(__doc__)
    tool = os.path.abspath(args[0])
    passed = failed = 0
    for path in sorted(glob.glob(os.path.join(HERE, "cases", "*.case"))):
        name = os.path.basename(path)[:-5]
        if not fnmatch.fnmatch(name, only) or fnmatch.fnmatch(name, skip):
            continue
        want = load(path)
        got = run(tool, want)
        bad = [p for p in ("stdout", "stderr") if not matches(want[p], got[p])]
        bad += ["status"] if want["status"] != got["status"] else []
        if not bad:
            passed += 1
        elif update:
            store(path, got)
            print("updated %s" % name)
            passed += 1
        else:
            failed += 1
            print("FAIL %s: %s" % (name, ", ".join(bad)))
            for p in bad:
                print("  want %s: %r\n  got  %s: %r" % (p, want[p], p, got[p]))
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
