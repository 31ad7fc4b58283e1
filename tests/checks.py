"""Runs the checks of a test script, and says how many passed."""
import subprocess


def run(checks, *arguments):
    """the exit status"""
    failed = 0
    for check in checks:
        try:
            check(*arguments)
        except (AssertionError, subprocess.TimeoutExpired, ValueError, OSError, IndexError) as e:
            failed += 1
            print("FAILED %s: %s" % (check.__name__, str(e)[:3000]), flush=True)
    print("%d passed, %d failed" % (len(checks) - failed, failed))
    return 1 if failed else 0
