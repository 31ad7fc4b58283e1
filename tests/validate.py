#!/usr/bin/env python3
"""validate.py MEM_TRACER: every instrumented module is valid, says an independent validator (wasm-tools, else wabt).

Inputs: all .wasm files of tests/ and examples/ that the validator itself takes, but for the component.  Exit status 77 where there is none.
"""
import glob
import os
import shutil
import subprocess
import sys
import tempfile

import wasm_tools
from surroundings import lacks

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def valid(validator, path):
    r = subprocess.run([*validator, path], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    return r.returncode == 0, r.stderr.decode("utf-8", "replace").strip()


def find_validator():
    tools = wasm_tools.find()
    if tools:
        return [tools, "validate", "-f", "all"]
    wabt = shutil.which("wasm-validate")
    return [wabt, "--enable-all"] if wabt else None


def main():
    validator = find_validator()
    if not validator:
        sys.exit(lacks("neither wasm-tools nor wasm-validate"))
    passed = failed = skipped = 0
    with tempfile.TemporaryDirectory() as tmp:
        out = os.path.join(tmp, "out.wasm")
        for path in sorted(glob.glob(ROOT + "/tests/**/*.wasm", recursive=True) + glob.glob(ROOT + "/examples/*.wasm")):
            if path.endswith("/component.wasm") or not valid(validator, path)[0]:
                skipped += 1
                continue
            for how in ("always", "never"):
                subprocess.run([sys.argv[1], "--inline", how, "-o", out, path], check=True)
                ok, words = valid(validator, out)
                passed += ok
                failed += not ok
                if not ok:
                    print("FAIL %s (--inline %s): %s" % (os.path.relpath(path, ROOT), how, words[:300]))
    print("%d passed, %d failed, %d skipped" % (passed, failed, skipped))
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
