#!/usr/bin/env python3
"""coverage.py [--lines FOLDER|FILE]    how many lines of each folder of src/ ran in build/coverage, from what gcc's counters say

`make coverage` builds that, runs tests in it and calls this.  --lines prints the lines that did not run, of a part of src/.
A line counts once, however many programs hold it, and has run if it did in one of them.
"""
import collections
import glob
import json
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(ROOT, "build", "coverage")


def counters():
    """file below src/ -> line -> how often it ran"""
    lines = collections.defaultdict(lambda: collections.defaultdict(int))
    for folder in ("mem-tracer-lib", "mem-tracer-engine-station", "mem-tracer-cli", "mem-tracer"):
        notes = glob.glob("%s/CMakeFiles/%s.dir/**/*.gcno" % (BUILD, folder), recursive=True)
        if not notes:
            continue
        r = subprocess.run(["gcov", "--json-format", "--stdout", *notes], cwd=BUILD, stdout=subprocess.PIPE,
                           stderr=subprocess.DEVNULL, check=True)
        for text in r.stdout.splitlines():
            for entry in json.loads(text)["files"]:
                path = os.path.relpath(os.path.join(BUILD, entry["file"]), os.path.join(ROOT, "src"))
                for line in entry["lines"] if not path.startswith("..") else ():
                    lines[path][line["line_number"]] += line["count"]
    return lines


def print_missing(lines, part):
    for path in sorted(p for p in lines if p == part or p.startswith(part.rstrip("/") + "/")):
        with open(os.path.join(ROOT, "src", path), encoding="utf-8") as f:
            text = f.read().split("\n")
        missing = sorted(n for n, count in lines[path].items() if not count)
        print("%s: %d of %d" % (path, len(missing), len(lines[path])))
        for number in missing:
            print("%6d %s" % (number, text[number - 1]))


def main():
    lines = counters()
    if sys.argv[1:2] == ["--lines"] and len(sys.argv) == 3:
        print_missing(lines, sys.argv[2])
        return
    folders = collections.defaultdict(lambda: [0, 0])
    for path, counts in lines.items():
        for folder in (path.split("/")[0], "all"):
            folders[folder][0] += sum(1 for count in counts.values() if count)
            folders[folder][1] += len(counts)
    for folder in sorted(folders, key=lambda f: (f == "all", f)):
        ran, of = folders[folder]
        print("%-10s %6d of %6d lines  %5.1f %%" % (folder, ran, of, 100.0 * ran / of))


if __name__ == "__main__":
    main()
