#!/usr/bin/env python3
"""cases.py MEM_TRACER: objects of modules, against what each module in cases/ says of itself.

A case is a module in the text format.  Its lines

    ;; options: OPTION…
    ;; expect: KIND NAME BLOCKS SIZE DEAD

are the options and all objects that have dead stores: NAME is that of the object, or of the function that allocated it, BLOCKS and SIZE are a
heap object's (- for none), DEAD is how many bytes of dead stores there are in it.  The last line is `N passed, N failed`.
"""
import json
import os
import subprocess
import sys
import tempfile

CASES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cases")


def text_of(value):
    return "-" if value is None else str(value)


def check(tool, path, folder):
    with open(path) as f:
        lines = f.read().split("\n")
    options = [o for line in lines if line.startswith(";; options: ") for o in line[len(";; options: "):].split()]
    want = sorted(line[len(";; expect: "):] for line in lines if line.startswith(";; expect: "))
    module, report = os.path.join(folder, "case.wasm"), os.path.join(folder, "report.json")
    subprocess.run(["wat2wasm", "--debug-names", "--enable-memory64", path, "-o", module], check=True)
    subprocess.run([tool, module, "--run", "--objects", "-q", "--format", "json", "--report", report, "-o", os.path.join(folder, "o.wasm"),
                    *options], check=True, timeout=100)
    with open(report) as f:
        objects = json.load(f)["objects"]
    have = []
    for o in objects:
        dead, heap = o["totals"]["dead_store"]["bytes"], o["kind"] == "heap"
        if dead:
            name = o["call"]["function"] if heap else o["name"]
            have.append(" ".join([o["kind"], text_of(name), text_of(o["blocks"] if heap else None), text_of(o["size"] if heap else None),
                                  str(dead)]))
    assert want and sorted(have) == want, "want %s, got %s" % (want, sorted(have))


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    tool = os.path.abspath(sys.argv[1])
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in sorted(os.listdir(CASES)):
            try:
                check(tool, os.path.join(CASES, name), folder)
                passed += 1
            except (AssertionError, subprocess.CalledProcessError) as e:
                failed += 1
                print("FAIL %s: %s" % (name, str(e)[:600]))
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
