"""What tests take of the machine that they run on: how long a command may last before it hangs for sure, and what becomes of a test that lacks something.
"""
import os
import re

PATIENCE = 900  # seconds by the clock: wide, since others may keep the processors busy meanwhile
IN_CI = bool(os.environ.get("CI"))
DISTANCE_ADVICE = "Scans |Loaded twice within|The round or call before"
SKIPPED = 77  # as cmake/Tests.cmake has it


def without_distances(text):
    """of a report as text what both analyses say alike: how far apart the sides of pairs are, and what to do about that, only one of them knows"""
    text = re.sub(r', "distance": \{[^{}]*\}', "", text)
    text = re.sub(r', "advice": "(%s)[^"]*"' % DISTANCE_ADVICE, "", text)
    return re.sub(r"\n      advice (%s).*(\n             .*)*" % DISTANCE_ADVICE, "", text)


def known_to_both(text):
    """of a report in JSON what both analyses say alike: no distances, nor effects and advice of loads in loops, which go by them"""
    text = re.sub(r', "advice": "Load it once in front[^"]*"', "", text)
    return re.sub(r', "effect": [-\d.e+]+, "effect_share": [-\d.e+]+, "effect_grade": "\w+"', "", without_distances(text))


def lacks(what):
    """the exit status of a test that can't run here; in CI, where everything is to be had, it has failed"""
    print("%s: %s" % ("FAILED" if IN_CI else "skipped", what), flush=True)
    return 1 if IN_CI else SKIPPED


def result(passed, failed, skipped=0):
    """prints the last line of a test that had several parts; its exit status"""
    print("%d passed, %d failed, %d skipped" % (passed, failed, skipped), flush=True)
    if failed or (skipped and IN_CI):
        return 1
    return 0 if passed else SKIPPED

