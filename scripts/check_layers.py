#!/usr/bin/env python3
"""check_layers.py [SRC]: checks that each station under src/ includes only what stands before it.

Prints one line for each include that breaks the table below; exit status 1 if there is one.
"""
import os
import re
import sys

STATIONS = ["base", "wasm", "trace", "tracefile", "rewrite", "engine", "analyze", "symbol", "facts", "report", "render", "api", "cli"]
MAY_INCLUDE = {
    "base": set(),
    "wasm": {"base"},
    "trace": {"base"},
    "tracefile": {"wasm", "trace", "base"},
    "rewrite": {"wasm", "trace", "base"},
    "engine": {"trace", "base"},
    "analyze": {"trace", "base"},
    "symbol": {"wasm", "base"},
    "facts": {"wasm", "trace", "base"},
    "report": {"facts", "analyze", "trace", "base"},
    "render": {"facts", "report", "analyze", "trace", "base"},
    "api": set(STATIONS) - {"cli"},
    "cli": set(STATIONS),
}
# Headers of the engine, which only src/engine may know.
ENGINE_HEADER = re.compile(r"((wasm|wasi|wasmtime)\.h|wasmtime/.*)$")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]')


def offence(station, bracket, target):
    """why a file of `station` may not include `target`, or None"""
    if ENGINE_HEADER.match(target):
        return None if station == "engine" else "only engine may include the engine's headers"
    first = target.split("/")[0]
    if bracket == '"' and "/" not in target:
        return "write the station in front of the name"
    if "/" not in target or first not in MAY_INCLUDE:
        return None
    if first != station and first not in MAY_INCLUDE[station]:
        return "%s may include only: %s" % (station, ", ".join(sorted(MAY_INCLUDE[station])) or "nothing")
    return None


def check_file(path, station):
    found = []
    with open(path, encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            m = INCLUDE.match(line)
            why = m and offence(station, m.group(1), m.group(2))
            if why:
                found.append("%s:%d: %s: %s" % (path, number, m.group(2), why))
    return found


def main():
    src = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "src")
    src = os.path.relpath(src)
    found, files = [], 0
    for station in sorted(os.listdir(src)):
        folder = os.path.join(src, station)
        if not os.path.isdir(folder):
            found.append("%s: only stations belong directly under src/" % folder)
            continue
        if station not in MAY_INCLUDE:
            found.append("%s: not a station" % folder)
            continue
        for where, _, names in sorted(os.walk(folder)):
            for name in sorted(names):
                if name.endswith((".c", ".h", ".def", ".inc")):
                    files += 1
                    found += check_file(os.path.join(where, name), station)
    if found:
        print("\n".join(found))
        return 1
    print("layers: %d files, every include is allowed" % files)
    return 0


if __name__ == "__main__":
    sys.exit(main())
