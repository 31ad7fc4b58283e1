#!/usr/bin/env python3
"""smith.py MEM_TRACER [COUNT] [FIRST_SEED]

Valid modules from a generator, wasm-smith (COUNT, default 300): each is instrumented in every form; the output has to be valid for
wasm-tools.  Where the engine takes the module and nothing is missing that it imports, all exported functions are called until
one traps, in the plain module and in every form: same results, same trap, same exports in the end; and the analyses, online, by
trace and naive, have to find the same.  A seed gives the same module again, whose profile it chooses, too.  A module that fails is
left as smith_SEED.wasm in the current folder.  The last line is `N passed, N failed`.
"""
import collections
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE), os.path.join(os.path.dirname(HERE), "programs")]

import run as suite  # noqa: E402
import wasm_tools  # noqa: E402
import wast  # noqa: E402
from surroundings import lacks  # noqa: E402

# Without such bounds the generator spends a seed on types and segments, and no function is left with code worth the name.
COMMON = """--ensure-termination --fuel 1000 --canonicalize-nans true --export-everything true --max-type-size 200
    --max-types 16 --min-funcs 4 --max-funcs 12 --max-globals 8 --max-elements 5 --max-element-segments 3
    --max-data-segments 3 --max-tables 3 --max-tags 3 --min-memories 1"""
ENGINE = """--custom-descriptors-enabled false --compact-imports-enabled false --max-imports 0 --wide-arithmetic-enabled true
    --max-instructions 600 --memory-max-size-required true --table-max-size-required true --max-table-elements 1000
    --max-memory32-bytes 200000 --max-memory64-bytes 200000 --memory-offset-choices 96,3,1"""
ONE = ENGINE + " --max-memories 1 --memory64-enabled false --threads-enabled false --gc-enabled false --min-types 8"
PLAIN_CODE = " --allowed-instructions memory,variable,parametric,numeric,vector"
# What each profile asks of the generator.  A function that is shared, of shared-everything threads, cannot record.
PROFILES = {
    # one memory of the module's own: the analysis is online
    "one memory": ONE,
    "no traps": ONE + " --disallow-traps true",
    "straight": ONE + PLAIN_CODE,
    "straight, no traps": ONE + PLAIN_CODE + " --disallow-traps true",
    # several memories, shared ones, 64-bit ones, small pages
    "memories": ENGINE + " --max-memories 5 --memory64-enabled true --threads-enabled true --custom-page-sizes-enabled true"
                         " --gc-enabled false --min-types 8",
    "memories, no traps": ENGINE + PLAIN_CODE + " --max-memories 5 --memory64-enabled true --disallow-traps true"
                                   " --gc-enabled false --min-types 8",
    # objects, exceptions, references
    "objects": ENGINE + " --max-memories 1 --min-types 12 --memory64-enabled false",
    # anything, imported too: mostly it cannot run
    "all": "--min-types 10 --wide-arithmetic-enabled true --custom-page-sizes-enabled true --max-memories 10"
           " --memory64-enabled true --generate-custom-sections true --compact-imports-enabled true --max-imports 20",
}


def make(tools, seed, path):
    """the profile's name; None where the generator gives up"""
    r = random.Random(seed)
    profile = list(PROFILES)[seed % len(PROFILES)]
    size = r.choice([1000, 10000, 30000, 30000])
    p = subprocess.run([tools, "smith", *COMMON.split(), *PROFILES[profile].split(), "-o", path], input=r.randbytes(size),
                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    return profile if p.returncode == 0 else None


class Checker:
    def __init__(self, tool):
        self.tools = wasm_tools.find()
        self.host = os.path.join(os.path.dirname(os.path.abspath(tool)), "tests", "spec_host")
        self.counts = collections.defaultdict(collections.Counter)

    def validate(self, path):
        r = subprocess.run([self.tools, "validate", "--features", "all", path], stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        return None if r.returncode == 0 else r.stderr.decode("utf-8", "replace").strip()

    def check_end(self, form, wanted, got, plain_ran):
        """calls and exports line by line"""
        want = [line for line in wanted if line.startswith(("call ", "export "))]
        lines = [line for line in got if line.startswith(("call ", "export "))]
        if plain_ran and any("call stack exhausted" in line for line in want):
            self.count["stack"] += 1  # how deep it is differs
            return
        for a, b in zip(want, lines):
            assert a == b, "%s: %s, plain: %s" % ("/".join(form), b[:150], a[:150])
        assert len(want) == len(lines), "%s: %d lines, plain: %d" % ("/".join(form), len(lines), len(want))

    def check_reports(self, ends):
        reports = [(form, line.split(" ", 3)) for form, end in ends.items() for line in end if line.startswith("report ")]
        sure = [(form, r[3], r[2]) for form, r in reports if not r[2].endswith(",cut")]
        for form, text, how in sure:
            assert text.startswith("{"), "%s: %s" % ("/".join(form), text[:200])
            assert text == sure[0][1], "%s (%s): the report is not that of %s" % ("/".join(form), how, "/".join(sure[0][0]))
        self.count["accesses"] += max((json.loads(text)["run"]["accesses"] for _, text, _ in sure), default=0)
        self.count["online"] += any(r[2].startswith("online") for _, r in reports)
        self.count["online, compared"] += any(how.startswith("online") for _, _, how in sure)

    def check(self, profile, path, folder):
        self.count = self.counts[profile]
        self.count["modules"] += 1
        assert self.validate(path) is None, "the generator's module is not valid"
        script = [wast.Command("module", 1, "module x6d " + path), wast.Command("until", 2, "until x6d")]
        prefix, ends = os.path.join(folder, "out-"), {}
        plain, plain_end = suite.run_host(self.host, ("plain", "auto"), script, folder)
        runs = plain[0] == "ok" or plain[0].startswith("trap")
        self.count["run"] += runs
        self.count["trap"] += any(" trap " in line for line in [plain[1]] + plain_end)
        self.count["calls"] += sum(line.startswith("call ") for line in plain + plain_end)
        for form in suite.FORMS:
            outcomes, ends[form] = suite.run_host(self.host, form, script, folder, prefix)
            assert not outcomes[0].startswith("refused"), "%s: %s" % ("/".join(form), outcomes[0])
            assert suite.same(script[0], plain[0], outcomes[0]), "%s: %s, plain: %s" % ("/".join(form), outcomes[0][:200], plain[0][:200])
            words = self.validate(prefix + "0.wasm")
            assert words is None, "%s: the output is not valid: %s" % ("/".join(form), words[:300])
            self.check_end(form, plain[1:] + plain_end, outcomes[1:] + ends[form], runs)
        if runs:
            self.check_reports(ends)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    count, first = int(sys.argv[2]) if len(sys.argv) > 2 else 300, int(sys.argv[3]) if len(sys.argv) > 3 else 1
    checker = Checker(sys.argv[1])
    if not checker.tools:
        sys.exit(lacks("no wasm-tools"))
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "module.wasm")
        for seed in range(first, first + count):
            profile = make(checker.tools, seed, path)
            if not profile:
                continue
            try:
                checker.check(profile, path, folder)
                passed += 1
            except AssertionError as e:
                failed += 1
                shutil.copy(path, "smith_%d.wasm" % seed)
                print("FAIL smith_%d.wasm (%s): %s" % (seed, profile, e), flush=True)
    for profile, counter in checker.counts.items():
        print("%s: %s" % (profile, ", ".join("%d %s" % (n, what) for what, n in counter.items())))
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
