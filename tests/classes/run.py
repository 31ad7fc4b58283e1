#!/usr/bin/env python3
"""run.py MEM_TRACER: classes, marks and constants of pairs, against what each program in cases/ says of itself.

A case is a module in the text format; its lines

    ;; expect: KIND FIRST -> SECOND CLASS [mark=M] [constant=C] [span=S] [places=N] [base=…]

are all the pairs that it makes: FIRST and SECOND are functions' names, or `init` or `host`.  `base=` is that of the second side, to the line's
end, and is only compared where a line has it.  `span=` is the one that most bytes are in, of one pair that is otherwise alike, as it was found out by trace; an estimate may not say another.
`places=` is how many addresses it loads from.  A pair that is missing, is too much, or is of another class fails the case.
The last line is `N passed, N failed`.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

CASES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cases")
SPANS = ("same_round", "between_rounds", "far")
EXPECT = re.compile(r";; expect: (\S+) (\S+) -> (\S+) (\S+)(?: mark=(\S+))?(?: constant=(\S+))?(?: span=(\S+))?(?: places=(\d+))?(?: base=(.*))?$")


def expected(text):
    out, bases, spans = [], [], []
    for line in text.split("\n"):
        m = EXPECT.match(line)
        if m:
            kind, first, second, what, mark, constant, span, places, base = m.groups()
            out.append((kind, first, second, what, mark, constant))
            bases.append(base)
            spans.append((span, int(places or 0)))
        elif "expect" in line:
            raise ValueError("not understood: " + line)
    return out, bases, spans


def name(side):
    return side.get("origin") or side["function"]


def seen(pair):
    return (pair["kind"], name(pair["first"]), name(pair["second"]), pair.get("class", "none"),
            ",".join(pair["marks"]) if "marks" in pair else None, pair.get("constant"))


def fits(pair, span, places, measured):
    """what the report says of how far the sides are apart"""
    d = pair.get("distance")
    if measured != bool(d and d["exact"]):
        return False
    if not d:
        # not measured, nothing is said of what goes over memory, and of two functions
        return span == "far" or pair["first"]["function"] != pair["second"]["function"]
    if sum(d[s] for s in SPANS) != pair["bytes"] or span != max(SPANS, key=lambda s: d[s]):
        return False
    if not d["exact"]:
        return True
    many = pair["advice"].startswith("Scans about ") if span == "far" else "again and again" not in pair.get("advice", "")
    return sum(d["buckets"]) == pair["bytes"] and many and (not places or abs(d["places"] / places - 1) < 0.4)


def check(tracer, path, folder):
    with open(path) as f:
        text = f.read()
    module = os.path.join(folder, "case.wasm")
    subprocess.run(["wat2wasm", "--debug-names", "--enable-threads", path, "-o", module], check=True)
    faults = []
    for options in [[], ["--distances"]] if any(s for s, _ in expected(text)[2]) else [[]]:
        r = subprocess.run([tracer, "--run", "--no-cache", *options, "--format", "json", "-o", os.path.join(folder, "out.wasm"), module],
                           stdout=subprocess.PIPE)
        faults += faults_of(json.loads(r.stdout), text, bool(options))
    return faults


def faults_of(report, text, measured):
    want, bases, spans = expected(text)
    have = [seen(p) for p in report["pairs"]]
    faults = ["missing: %s" % (w,) for w in want if want.count(w) > have.count(w)]
    faults += ["not expected: %s" % (h,) for h in have if have.count(h) > want.count(h)]
    for w, base in zip(want, bases):
        if base and base not in [p["second"].get("base") for p, h in zip(report["pairs"], have) if h == w]:
            faults.append("no base %r: %s" % (base, [p["second"].get("base") for p in report["pairs"]]))
    for w, (span, places) in zip(want, spans):
        alike = [p for p, h in zip(report["pairs"], have) if h == w]
        if span and not any(fits(p, span, places, measured) for p in alike):
            faults.append("no span %r of %d places: %s" % (span, places, [(p.get("distance"), p.get("advice")) for p in alike]))
    for p in report["pairs"]:
        if "class" not in p and p["kind"] == "silent_load_after_load":
            if ("distance" in p and "marks" not in p) != ("advice" in p):
                faults.append("distance and advice do not go together: %s" % p)
            continue
        helps = p.get("class", "same_value") not in ("same_value", "overlap") or (p.get("class") == "same_value" and ("constant" in p or p["first"].get("origin") == "init"))
        if helps != ("advice" in p) or (helps and not p["advice"].endswith(".")):
            faults.append("class and advice do not go together: %s" % p)
    sums = {(c["class"], c["kind"]): c for c in report["classes"]}
    for (what, kind), c in sums.items():
        mine = [p for p in report["pairs"] if p.get("class", "none") == what and p["kind"] == kind]
        if [c["pairs"], c["bytes"]] != [len(mine), sum(p["bytes"] for p in mine)]:
            faults.append("sums of %s %s" % (what, kind))
    if sum(c["pairs"] for c in sums.values()) != len(have):
        faults.append("sums do not cover all pairs")
    if (";; unoptimised" in text) != report["unoptimised"]:
        faults.append("unoptimised: %s" % report["unoptimised"])
    return faults


def main():
    tracer = os.path.abspath(sys.argv[1])
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for case in sorted(os.listdir(CASES)):
            faults = check(tracer, os.path.join(CASES, case), folder)
            passed += not faults
            failed += bool(faults)
            if faults:
                print("FAIL %s\n  %s" % (case, "\n  ".join(sorted(set(faults)))))
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
