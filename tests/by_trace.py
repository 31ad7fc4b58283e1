#!/usr/bin/env python3
"""by_trace.py [--apart] MEM_TRACER ARGS...: stands for mem-tracer in tests that are run a second time with another
analysis: adds `--analysis trace`, or `--contexts --objects`, wherever the program is run and nothing is said about the analysis.  What
is expected stays the same."""
import os
import sys


def main():
    argv, added = sys.argv[1:], ["--analysis", "trace"]
    if argv[0] == "--apart":
        argv.pop(0)
        added = ["--contexts", "--objects"]
    tool, args = argv[0], argv[1:]
    own = args[:args.index("--")] if "--" in args else args
    runs = any(a == "--run" or (a.startswith("-") and not a.startswith("--") and "r" in a) for a in own)
    if runs and not any(a.startswith("--analysis") for a in own):
        args = added + args
    os.execv(tool, [tool] + args)


if __name__ == "__main__":
    main()
