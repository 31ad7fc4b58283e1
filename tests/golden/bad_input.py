#!/usr/bin/env python3
"""bad_input.py MEM_TRACER: modules that are cut off after any byte, or have any byte changed, and files that may not
be read or written: one line on standard error, the documented exit status, nothing on standard output, and no file
left behind.
"""
import os
import shutil
import stat
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import leb128  # noqa: E402
from surroundings import PATIENCE, result  # noqa: E402

INPUTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "inputs")
SETPRIV = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
FAILURE = 125


def boundaries(module):
    """where sections end: a file that is cut there may be a module"""
    ends, at = {8}, 8
    while at < len(module):
        size, at = leb128.read(module, at + 1)
        at += size
        ends.add(at)
    return ends


def instrument(tool, folder, prefix=()):
    """-> (problem or None, exit status)"""
    before = set(os.listdir(folder))
    r = subprocess.run([*prefix, tool, "in.wasm", "-o", "out.wasm"], cwd=folder, stdin=subprocess.DEVNULL,
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PATIENCE)
    words, added = r.stderr.decode("utf-8", "replace"), set(os.listdir(folder)) - before
    if r.stdout:
        return "standard output: %r" % r.stdout, r.returncode
    if r.returncode == 0:
        return None if not words and added == {"out.wasm"} else "said %r, made %s" % (words, added), 0
    if r.returncode != FAILURE:
        return "exit status %d: %s" % (r.returncode, words), r.returncode
    if not words.startswith("mem-tracer: error: ") or words.count("\n") != 1 or words[-1] != "\n":
        return "not one line: %r" % words, FAILURE
    return "made %s" % added if added else None, FAILURE


def put(path, data):
    with open(path, "wb") as f:
        f.write(data)


def remove_output(folder):
    path = os.path.join(folder, "out.wasm")
    if os.path.exists(path):
        os.remove(path)


def check_cuts(tool, module, folder):
    """cut off after any byte"""
    whole = boundaries(module)
    for size in range(len(module) + 1):
        put(os.path.join(folder, "in.wasm"), module[:size])
        problem, status = instrument(tool, folder)
        if not problem and status == 0 and size not in whole:
            problem = "taken"
        remove_output(folder)
        if problem:
            return "cut to %d bytes: %s" % (size, problem)
    return "taken whole: no" if status else None


def check_changes(tool, module, folder):
    """any byte changed; whether the module is still one is the engine's to say, but nothing may break"""
    refused = 0
    for at in range(len(module)):
        for change in (0x80, 0x01) if at % 2 else (0xFF, 0x40):
            damaged = bytearray(module)
            damaged[at] ^= change
            put(os.path.join(folder, "in.wasm"), damaged)
            problem, status = instrument(tool, folder)
            refused += status == FAILURE
            remove_output(folder)
            if problem:
                return "byte %d ^ 0x%x: %s" % (at, change, problem)
    return None if refused > len(module) // 4 else "only %d refused" % refused


def may_run_as_other(tool, folder):
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        return False
    return subprocess.run([*SETPRIV, tool, "--version"], cwd=folder, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL).returncode == 0


def check_permissions(tool, module, folder):
    """unreadable input; a folder and a file that may not be written"""
    prefix = () if os.geteuid() else SETPRIV
    path = os.path.join(folder, "in.wasm")
    put(path, module)
    os.chmod(folder, 0o777)
    os.chmod(path, 0)
    problem, status = instrument(tool, folder, prefix)
    if problem or status != FAILURE:
        return "unreadable: %s" % (problem or status)
    os.chmod(path, 0o644)
    os.chmod(folder, 0o555)
    problem, status = instrument(tool, folder, prefix)
    os.chmod(folder, 0o777)
    if problem or status != FAILURE:
        return "a folder that may not be written: %s" % (problem or status)
    out = os.path.join(folder, "out.wasm")
    put(out, b"precious")
    os.chmod(out, 0o444)
    problem, status = instrument(tool, folder, prefix)
    with open(out, "rb") as f:
        if problem or status != FAILURE or f.read() != b"precious":
            return "a file that may not be written: %s" % (problem or status)
    os.chmod(out, 0o600)
    if not os.geteuid():
        os.chown(out, 65534, 65534)
    problem, status = instrument(tool, folder, prefix)
    with open(out, "rb") as f:
        if status != 0 or f.read(4) != b"\0asm" or stat.S_IMODE(os.stat(out).st_mode) != 0o600:
            return "a file that was there: %s" % status
    return None


def main():
    tool = os.path.abspath(sys.argv[1])
    passed = failed = skipped = 0
    with open(os.path.join(INPUTS, "kinds.wasm"), "rb") as f:
        module = f.read()
    for check in (check_cuts, check_changes, check_permissions):
        with tempfile.TemporaryDirectory() as folder:
            if check is check_permissions and not (os.geteuid() or may_run_as_other(tool, folder)):
                skipped += 1
                continue
            problem = check(tool, module, folder)
            passed += problem is None
            failed += problem is not None
            if problem:
                print("FAIL %s: %s" % (check.__doc__, problem))
    sys.exit(result(passed, failed, skipped))


if __name__ == "__main__":
    main()
