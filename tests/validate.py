#!/usr/bin/env python3
"""validate.py MEM_TRACER: every instrumented module is valid, says an independent validator (wabt's wasm-validate).

Inputs: all .wasm files of tests/ and examples/ that the validator itself takes.  Exit status 77 where there is none.
"""
import glob
import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def valid(validator, path):
    r = subprocess.run([validator, "--enable-all", path], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    return r.returncode == 0, r.stderr.decode("utf-8", "replace").strip()


def main():
    validator = shutil.which("wasm-validate")
    if not validator:
        print("skipped: no wasm-validate (Debian package wabt)")
        sys.exit(77)
    passed = failed = skipped = 0
    with tempfile.TemporaryDirectory() as tmp:
        out = os.path.join(tmp, "out.wasm")
        for path in sorted(glob.glob(ROOT + "/tests/**/*.wasm", recursive=True) + glob.glob(ROOT + "/examples/*.wasm")):
            if not valid(validator, path)[0]:
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
