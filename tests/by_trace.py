#!/usr/bin/env python3
"""by_trace.py MEM_TRACER ARGS...: stands for mem-tracer in tests that are run a second time with the other analysis: adds
`--analysis trace` wherever the program is run and nothing is said about the analysis.  What is expected stays the same."""
import os
import sys


def main():
    tool, args = sys.argv[1], sys.argv[2:]
    own = args[:args.index("--")] if "--" in args else args
    runs = any(a == "--run" or (a.startswith("-") and not a.startswith("--") and "r" in a) for a in own)
    if runs and not any(a.startswith("--analysis") for a in own):
        args = ["--analysis", "trace"] + args
    os.execv(tool, [tool] + args)


if __name__ == "__main__":
    main()
