"""What the tests of commands share: running them, JSON reports, and C programs that are compiled for WASI by clang-19."""
import json
import subprocess

from surroundings import PATIENCE

DEBUG = ("-std=c17", "-O1", "-g", "-fno-builtin")


def run(*words, cwd=None):
    """status, standard output, standard error"""
    r = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PATIENCE, cwd=cwd)
    return r.returncode, r.stdout.decode(), r.stderr.decode()


def read(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def write(path, text):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


def compile_c(text, source, wasm, flags=DEBUG):
    """The text of a program becomes the file `source`, and that a module."""
    status, _, err = run("clang-19", "--target=wasm32-wasi", "--sysroot=/usr", *flags, write(source, text), "-o", wasm)
    assert status == 0, err
