#!/usr/bin/env bash
# Guess: a component that componentize-py makes of a Python program holds the interpreter as one core module, with its code and its data, beside
# the two or three small ones that every component has (an adapter, a shim, its fix-ups).
#
# Found: it holds one core module for each shared library (libpython, libc, libc++, the runtime, and so on), which share a memory: 14 in all.
# And code and data lie apart: the interpreter was run when the component was made, and what its memory held then, of all libraries, is the data of a module that
# has 5 KB of code; the interpreter's module, with 6 MB of code, has no data at all.  Who asks the interpreter's module for its static data finds nothing.
#
# componentize-py 0.25.1 on PyPI; 2026-12-01.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check componentize-py==0.25.1
mkdir world
cat >world/app.wit <<'EOF'
package local:app;
world app {
  export double: func(n: u32) -> u32;
}
EOF
cat >app.py <<'EOF'
import wit_world


class WitWorld(wit_world.WitWorld):
    def double(self, n: int) -> int:
        return 2 * n
EOF
python/bin/componentize-py -d world -w app componentize app -o app.wasm
cat >modules.py <<'EOF'
import sys


def number(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def sections(data):
    at = 8
    while at < len(data):
        size, start = number(data, at + 1)
        yield data[at], data[start:start + size]
        at = start + size


with open("app.wasm", "rb") as f:
    modules = [dict(sections(content)) for kind, content in sections(f.read()) if kind == 1]
sizes = [(len(m.get(10, b"")), len(m.get(11, b""))) for m in modules]
for code, data in sizes:
    print("code %8d bytes, data %8d" % (code, data))
largest = max(sizes)
as_found = len(sizes) == 14 and largest[0] > 5e6 and largest[1] == 0 and max(d for c, d in sizes if c < 10000) > 1e7
print("as found" if as_found else "not as found")
sys.exit(not as_found)
EOF
python3 modules.py
