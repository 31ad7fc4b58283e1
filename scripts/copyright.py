#!/usr/bin/env python3
"""copyright.py OUT: writes what a package says of copyrights: of mem-tracer, and of all that is linked into it.

The engine's crates are those that cargo resolves for this platform; each with its licence, and the texts that its archive holds, every
text once.  Where cargo has no sources at hand (an engine from a cache), there are names and versions alone.
"""
import glob
import json
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ENGINE = os.path.join(ROOT, "engine")
FRONT = """This is mem-tracer, packaged from its own sources.

Files: *
Copyright: the authors of mem-tracer
License: MIT

%s

What is linked into it:

libiberty (of binutils): demanglers, copyright the Free Software Foundation, Inc., GPL-2+ with the exception that they may be
linked with anything, or LGPL-2+; on Debian systems the texts are in /usr/share/common-licenses.

wasmtime's C API and what it consists of, as crates of Rust:
"""


def metadata():
    """cargo's packages that are linked, by name; None where it cannot tell"""
    command = ["cargo", "metadata", "--format-version", "1", "--offline", "--locked", "--manifest-path",
               os.path.join(ENGINE, "Cargo.toml"), "--filter-platform", "x86_64-unknown-linux-gnu"]
    try:
        r = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, timeout=120)
    except (OSError, subprocess.TimeoutExpired):
        return None
    if r.returncode:
        return None
    data = json.loads(r.stdout)
    nodes = {n["id"]: n for n in data["resolve"]["nodes"]}
    linked, left = set(), [data["resolve"]["root"]]
    while left:
        here = left.pop()
        if here in linked:
            continue
        linked.add(here)
        for dep in nodes[here]["deps"]:
            if any(kind["kind"] is None for kind in dep["dep_kinds"]):
                left.append(dep["pkg"])
    linked.discard(data["resolve"]["root"])
    return sorted((p for p in data["packages"] if p["id"] in linked), key=lambda p: (p["name"], p["version"]))


def texts(package):
    folder = os.path.dirname(package["manifest_path"])
    for path in sorted(glob.glob(os.path.join(folder, "*"))):
        if re.match(r"(licen[sc]e|copying|notice|copyright)", os.path.basename(path), re.I) and os.path.isfile(path):
            with open(path, encoding="utf-8", errors="replace") as f:
                yield f.read().strip()


def of_crates(packages, out):
    seen = {}
    for p in packages:
        for text in texts(p):
            seen.setdefault(" ".join(text.split()), (text, []))[1].append(p["name"])
        out.append("  %s %s: %s" % (p["name"], p["version"], p["license"] or "see its text below"))
    for text, names in seen.values():
        out += ["", "-" * 78, "Of " + ", ".join(sorted(set(names))) + ":", "", text]


def of_lock(out):
    with open(os.path.join(ENGINE, "Cargo.lock"), encoding="utf-8") as f:
        for name, version in re.findall(r'name = "(.*)"\nversion = "(.*)"', f.read()):
            if name != "mem-tracer-engine":
                out.append("  %s %s" % (name, version))
    out += ["", "Their licences are with their sources, which this build did not have."]


def main():
    with open(os.path.join(ROOT, "LICENSE"), encoding="utf-8") as f:
        text = f.read().partition("\n\n")[2].strip()
    out, packages = [FRONT.rstrip() % text], metadata()
    if packages:
        of_crates(packages, out)
    else:
        of_lock(out)
    with open(sys.argv[1], "w", encoding="utf-8") as f:
        f.write("\n".join(out) + "\n")


if __name__ == "__main__":
    main()
