#!/usr/bin/env python3
"""repeatable.py MEM_TRACER: --seed and --clock.  Random bytes against a splitmix64 of its own, clocks against what docs/ci.md says, errors
against the engine's own clocks; and a program with a hash table of random seed, whose reports are to be equal.

Needs clang-19 with WASI.  The last line is `N passed, N failed`."""
import json
import os
import sys
import tempfile

from commands import compile_c, read, run

HASHING = """
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
static uint64_t keys[1024]; static uint32_t values[1024];
int main(int argc, char **argv)
{
    uint64_t seed; struct timespec t;
    (void)argv;
    if (getentropy(&seed, sizeof seed) != 0 || clock_gettime(CLOCK_MONOTONIC, &t) != 0) return 1;
    if (argc > 1) seed += (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
    for (uint64_t i = 1; i <= 3000; i++) {
        uint64_t key = i % 700 + 1, at = (key ^ seed) * 0x9e3779b97f4a7c15u >> 54;
        while (keys[at] && keys[at] != key) at = (at + 1) % 1024;
        keys[at] = key; values[at] += (uint32_t)(key & 1);
    }
    char *text = malloc(seed % 4096 + 1);
    for (unsigned i = 0; i <= seed % 4096; i++) text[i] = (char)(seed >> i % 8);
    printf("%u %d\\n", values[7], text[0]);
}
"""
# Prints each answer as it is: errno and bytes.
ASKING = """
#include <stdint.h>
#include <stdio.h>
#include <wasi/api.h>
static void show(const char *what, int error, uint64_t value) { printf("%s %d %llu\\n", what, error, (unsigned long long)value); }
int main(void)
{
    unsigned char random[33] = {0};
    for (unsigned size = 0; size < 30; size += 13) {
        int error = __wasi_random_get(random, size);
        printf("random %d ", error);
        for (unsigned i = 0; i < sizeof random; i++) printf("%02x", random[i]);
        printf("\\n");
    }
    for (int round = 0; round < 3; round++)
        for (unsigned id = 0; id < 4; id++) {
            uint64_t value = 77;
            show("time", __wasi_clock_time_get((__wasi_clockid_t)id, 1, &value), value);
            value = 77;
            show("resolution", __wasi_clock_res_get((__wasi_clockid_t)id, &value), value);
        }
}
"""
OUTSIDE = """
#include <wasi/api.h>
int main(int argc, char **argv)
{
    (void)argv;
    static _Alignas(8) __wasi_timestamp_t t[2];
    switch (argc) {
    case 1: return __wasi_random_get((unsigned char *)0xfffffff0, 64);
    case 2: return __wasi_clock_time_get(0, 1, (__wasi_timestamp_t *)0xfffffff8);
    case 3: return __wasi_clock_time_get(0, 1, (__wasi_timestamp_t *)((char *)t + 4));
    case 4: return __wasi_clock_time_get((__wasi_clockid_t)4, 1, t);
    default: return __wasi_clock_res_get((__wasi_clockid_t)255, t);
    }
}
"""
ANALYSES = ("online", "trace")
DAY, STEP, MASK = 946684800 * 10**9, 10**6, (1 << 64) - 1


class Splitmix:
    def __init__(self, seed):
        self.state = seed

    def take(self, size):
        data = b""
        while len(data) < size:
            self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
            z = self.state
            z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & MASK
            z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
            data += (z ^ z >> 31).to_bytes(8, "little")
        return data[:size]


def wanted(seed, clock, errors):
    """What the asking program prints; `errors` are those of the engine's clocks, by number."""
    numbers, held, lines, now = Splitmix(seed), bytearray(33), [], 0
    for size in (0, 13, 26):
        held[:size] = numbers.take(size)
        lines.append("random 0 " + held.hex())
    for _ in range(3):
        for clock_id in range(4):
            for what in ("time", "resolution"):
                value = 77 if errors[clock_id] else STEP if what == "resolution" else (DAY, 10**9)[clock_id] + now
                lines.append(f"{what} {errors[clock_id]} {value}")
                now += STEP if what == "time" and clock == "ticking" else 0
    return lines


def check_answers(tool, folder):
    wasm = os.path.join(folder, "asking.wasm")
    compile_c(ASKING, os.path.join(folder, "asking.c"), wasm)
    status, text, err = run(tool, "--run", "-q", wasm)
    assert status == 0, err
    own = [line.split() for line in text.splitlines() if not line.startswith("random")]
    errors = [int(own[2 * i][1]) for i in range(4)]
    assert errors[:2] == [0, 0] and 0 not in errors[2:], errors
    for seed, clock, analysis in ((0, "fixed", "online"), (1, "ticking", "trace"), (MASK, "ticking", "online")):
        status, text, err = run(tool, "--run", "-q", "--seed", str(seed), "--clock", clock, "--analysis", analysis, wasm)
        assert status == 0 and text.splitlines() == wanted(seed, clock, errors), (seed, clock, text, err)
    # each option alone leaves the other as it is
    lines = run(tool, "--run", "-q", "--seed", "5", wasm)[1].splitlines()
    assert lines[:3] == wanted(5, "fixed", errors)[:3] and int(lines[3].split()[2]) > DAY + 10**17
    lines = run(tool, "--run", "-q", "--clock", "fixed", wasm)[1].splitlines()
    assert lines[3:] == wanted(5, "fixed", errors)[3:] and lines[2] != wanted(0, "fixed", errors)[2]
    assert run(tool, "--run", "-q", "--clock", "real", wasm)[1].splitlines()[:3] != lines[:3]


def check_outside(tool, folder):
    """A buffer that is not in memory, or not aligned, and an unknown clock trap, as in the engine."""
    wasm = os.path.join(folder, "outside.wasm")
    compile_c(OUTSIDE, os.path.join(folder, "outside.c"), wasm)
    for words in ([], *(["--"] + n * ["x"] for n in range(1, 5))):
        for analysis in ANALYSES:
            base = (tool, "--run", "-q", "--analysis", analysis, wasm)
            assert run(*base, *words)[0] == run(*base, "--seed", "1", "--clock", "fixed", *words)[0] == 134, words


def check_reports(tool, folder):
    """Two runs give the same but for what they took; with another seed, another clock or neither, they do not."""
    wasm = os.path.join(folder, "hashing.wasm")
    compile_c(HASHING, os.path.join(folder, "hashing.c"), wasm)

    def report(*words, guest=()):
        path = os.path.join(folder, "r.json")
        status, _, err = run(tool, "--run", wasm, "--format", "json", "--report", path, *words, "--", *guest)
        assert status == 0, err
        report = read(path)
        for key in [k for k in report["run"] if "seconds" in k]:
            del report["run"][key]
        return report

    for analysis in ANALYSES:
        words = ("--analysis", analysis, "--clock", "fixed")
        first = report(*words, "--seed", "1")
        assert first["totals"]["dead_store"]["bytes"] > 0
        assert json.dumps(first) == json.dumps(report(*words, "--seed", "1"))
        assert first["totals"] != report(*words, "--seed", "2")["totals"]
        assert report(*words)["totals"] != report(*words)["totals"]  # which is what the options are for
        by_clock = [report("--analysis", analysis, "--seed", "1", *c, guest=("x",))["totals"] for c in (("--clock", "fixed"), ("--clock", "ticking"), ())]
        assert by_clock[0] == by_clock[1] and by_clock[0] != by_clock[2], "the first call gets the start"
        old = os.path.join(folder, "old.json")
        run(tool, "--run", "-q", wasm, *words, "--seed", "1", "--format", "json", "--report", old)
        assert run(tool, "--run", "-q", wasm, *words, "--seed", "1", "--fail-on-increase", old)[0] == 0
    text = [run(tool, "--run", "--details", wasm, "--seed", "3", "--clock", "ticking")[1] for _ in range(2)]
    assert text[0] == text[1] and "dead stores" in text[0]
    return wasm


def main():
    tool = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        check_answers(tool, folder)
        check_outside(tool, folder)
        wasm = check_reports(tool, folder)
        for words in (("--seed", "x"), ("--seed", ""), ("--seed", "-1"), ("--seed", "1x"), ("--seed", str(MASK + 1)), ("--clock", "slow")):
            status, text, err = run(tool, "--run", wasm, *words)
            assert status == 2 and not text and err.count("\n") == 1 and words[0] in err, (words, err)
        for words in (("--seed", "1"), ("--clock", "fixed")):
            assert run(tool, wasm, *words)[0] == 2, words
    print("1 passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
