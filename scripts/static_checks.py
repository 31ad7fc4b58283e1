#!/usr/bin/env python3
"""static_checks.py [BUILD]    clang-tidy, gcc -fanalyzer and cppcheck over src/, with the flags of BUILD (default: build/release)

A file in which a tool found nothing is not looked at again by it until the file, a header of it, the flags, the tool or its settings
change: what says so lies in the per-user cache.  A tool that is not installed is skipped, and said.  The exit status is 1 if
something was found.
"""
import concurrent.futures
import functools
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "mem-tracer", "lint")
KEPT = 30 * 86400  # seconds that an entry outlives its last use

# gcc 12 takes an allocation for lost as soon as it is stored in a struct that a caller handed in.  Leaks are looked for when the
# tests run: by LeakSanitizer, in every one of them, and with each allocation failing in turn.
ANALYZER = ["-fanalyzer", "-Wno-analyzer-malloc-leak"]
# Style and what only may be a fault is clang-tidy's business.
CPPCHECK = ["--quiet", "--std=c11", "--enable=warning,portability,performance", "--inline-suppr", "--error-exitcode=1",
            "--template={file}:{line}: {id}: {message}", "-Isrc", "-Iinclude"]


def read(path):
    with open(path, "rb") as f:
        return f.read()


@functools.cache
def version(tool):
    return subprocess.run([tool, "--version"], stdout=subprocess.PIPE, check=True).stdout


class Source:
    def __init__(self, path, directory, command):
        words = shlex.split(command)
        at = words.index("-o")
        self.path, self.directory = path, directory
        self.flags = [w for w in words[1:at] + words[at + 2:] if w not in ("-c", path)]

    def preprocessed(self):
        """with comments, in which exceptions stand"""
        return subprocess.run(["gcc", *self.flags, "-E", "-C", self.path], cwd=self.directory, stdout=subprocess.PIPE,
                              check=True).stdout


def sources(build):
    out = {}
    for entry in json.loads(read(os.path.join(build, "compile_commands.json"))):
        if entry["file"].startswith(os.path.join(ROOT, "src") + os.sep):
            out.setdefault(entry["file"], Source(entry["file"], entry["directory"], entry["command"]))
    return [out[path] for path in sorted(out)]


def tidy(build, source):
    return ["clang-tidy-19", "-p", build, "--quiet", "--warnings-as-errors=*", source.path]


def analyzer(build, source):
    return ["gcc", *source.flags, *ANALYZER, "-c", source.path, "-o", os.devnull]


TOOLS = [("clang-tidy", "clang-tidy-19", tidy, lambda: read(os.path.join(ROOT, ".clang-tidy"))),
         ("gcc -fanalyzer", "gcc", analyzer, lambda: " ".join(ANALYZER).encode())]


def check(build, source):
    """what the tools that are there found in it, by name: text, or None where it was known to be nothing"""
    found, content = {}, None
    for name, program, command, settings in TOOLS:
        if not shutil.which(program):
            continue
        content = content or source.preprocessed()
        key = hashlib.sha256(b"\0".join([name.encode(), version(program), settings(), " ".join(source.flags).encode(), content]))
        stamp = os.path.join(CACHE, key.hexdigest())
        if os.path.exists(stamp):
            os.utime(stamp)
            found[name] = None
            continue
        r = subprocess.run(command(build, source), cwd=source.directory, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, text=True, errors="replace")
        found[name] = "" if r.returncode == 0 else r.stdout + ("" if name == "clang-tidy" and r.stdout else r.stderr)
        if not found[name]:
            open(stamp, "wb").close()
    return found


def forget():
    for name in os.listdir(CACHE):
        path = os.path.join(CACHE, name)
        if re.fullmatch("[0-9a-f]{64}", name) and os.path.getmtime(path) < time.time() - KEPT:
            os.unlink(path)


def cppcheck():
    """the exit status"""
    if not shutil.which("cppcheck"):
        print("cppcheck: is not there")
        return 0
    r = subprocess.run(["cppcheck", *CPPCHECK, "src"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    print("cppcheck: nothing found" if r.returncode == 0 else r.stdout.strip())
    return r.returncode != 0


def main():
    build = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(ROOT, "build", "release"))
    os.makedirs(CACHE, exist_ok=True)
    files = sources(build)
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        results = list(pool.map(lambda source: check(build, source), files))
    failed = cppcheck()
    for name, program, _, _ in TOOLS:
        texts = [r[name] for r in results if name in r]
        if not texts:
            print("%s: is not there" % name)
        elif not any(texts):
            print("%s: %d files, nothing found; %d were looked at" % (name, len(texts), sum(t is not None for t in texts)))
        else:
            failed = 1
            print("\n".join(t for t in texts if t))
            print("%s: found something in %d files of %d" % (name, sum(bool(t) for t in texts), len(texts)))
    forget()
    return failed


if __name__ == "__main__":
    sys.exit(main())
