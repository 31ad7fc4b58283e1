#!/usr/bin/env python3
"""halves.py MEM_TRACER: a long program runs in halves by itself, once earlier runs have shown where its middle is (trace/halves.h), and the
report and what it prints and reads are the same as always; nor does it where that is not wanted, or there is one processor.  An interrupt
amid of it leaves a true report.
"""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from commands import compile_c

# Some 300 million accesses in many calls, with input and output between them.
SOURCE = r"""
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
static unsigned char *text;
static unsigned counts[4096];
static struct timespec times[64];
__attribute__((noinline)) static unsigned hash(const unsigned char *p, unsigned n) {
    unsigned h = 0;
    for (unsigned i = 0; i < n; i++)
        h = h * 31 + p[i];
    return h;
}
__attribute__((noinline)) static void note(unsigned h) { counts[h % 4096]++; }
static int (*volatile compare)(const void *, const void *);
static int by_value(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }
int main(int argc, char **argv) {
    unsigned size = 1 << 16, rounds = atoi(argv[1]);
    compare = by_value;
    for (unsigned round = 0; round < rounds; round++) {
        FILE *f = fopen("/in/text", "rb");
        text = malloc(size);
        unsigned n = fread(text, 1, size, f);
        fclose(f);
        for (unsigned i = 0; i + 16 < n; i += 3)
            note(hash(text + i, 16));
        int values[512];
        for (int i = 0; i < 512; i++)
            values[i] = (int)(counts[(i * 37 + round) % 4096] & 0xffff);
        qsort(values, 512, sizeof *values, compare);
        clock_getres(CLOCK_MONOTONIC, &times[round % 64]);
        printf("%u %d\n", round, values[100]);
        free(text);
    }
    return 3;
}
"""


def words(tool, wasm, folder, rounds, *options):
    return [tool, "-v", "--run", "--dir", folder + "::/in", "--format", "json", "--report", os.path.join(folder, "r.json"),
            "-o", os.path.join(folder, "o.wasm"), *options, wasm, "--", str(rounds)]


def report(folder):
    with open(os.path.join(folder, "r.json"), encoding="utf-8") as f:
        return json.load(f)


def run(tool, wasm, folder, rounds, *options, prefix=()):
    environment = dict(os.environ, XDG_CACHE_HOME=os.path.join(folder, "cache"))
    r = subprocess.run([*prefix, *words(tool, wasm, folder, rounds, *options)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, env=environment, timeout=250)
    assert r.returncode == 3, r.stderr.decode()
    return r.stdout, report(folder), b"each run saw to a part" in r.stderr


def interrupt(tool, wasm, folder, after):
    environment = dict(os.environ, XDG_CACHE_HOME=os.path.join(folder, "cache"))
    p = subprocess.Popen(words(tool, wasm, folder, 1000000), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                         env=environment)
    time.sleep(after)
    p.send_signal(signal.SIGINT)
    _, err = p.communicate(timeout=20)
    assert p.returncode == 128 + signal.SIGINT, (p.returncode, err.decode())
    assert b"each run saw to a part" in err, err.decode()
    got = report(folder)["run"]
    assert got["trap"] == "interrupt" and got["stores"] > 1000, got


def main():
    tool = os.path.abspath(sys.argv[1])
    if not shutil.which("clang-19"):
        print("no clang-19")
        return 77
    several = len(os.sched_getaffinity(0)) > 1
    with tempfile.TemporaryDirectory() as folder:
        wasm = os.path.join(folder, "a.wasm")
        compile_c(SOURCE, os.path.join(folder, "a.c"), wasm, ("-O2",))
        with open(os.path.join(folder, "text"), "wb") as f:
            f.write(bytes(i * i * 7 % 251 for i in range(1 << 16)))
        want = run(tool, wasm, folder, 700, "--analysis", "trace")[:2]
        halves = []
        for n in range(5):
            out, got, in_halves = run(tool, wasm, folder, 700)
            assert out == want[0], "run %d printed something else" % n
            assert got == want[1], "run %d: the reports differ" % n
            halves.append(in_halves)
        assert halves[0] is False and halves[-1] is several, halves
        assert run(tool, wasm, folder, 700, "--second-from", "0") == (*want, False)
        assert run(tool, wasm, folder, 700, "--no-cache") == (*want, False)
        if several:
            assert run(tool, wasm, folder, 100)[2] is True  # over before the second run's part begins
            assert run(tool, wasm, folder, 100)[1] == run(tool, wasm, folder, 100, "--analysis", "trace")[1]
            for after in (0.1, 0.4, 1.2):
                interrupt(tool, wasm, folder, after)
    print("1 passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
