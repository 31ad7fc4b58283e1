#!/usr/bin/env python3
"""split.py MEM_TRACER: debug information in files of its own (-gsplit-dwarf).

A program of several units, each compiled in its way, is compiled twice: with all debug information in the module, and with most of it in
.dwo files.  The reports must be the same, frames and objects too, wherever those files or a package of them (llvm-dwp) are found; where one is
not found, or is of another build, that must be said.  The last line is `N passed, N failed, N skipped`.
"""
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import forms  # noqa: E402
from forms import HERE, Missing, whole_report  # noqa: E402
from surroundings import lacks  # noqa: E402

TABLES = os.path.join(os.path.dirname(HERE), "symbols", "data")
UNITS = [("forms.cpp", "first", ["clang++-19", "-fno-exceptions", "-fno-rtti", "-O1"]), ("leaf.c", "second", ["clang-19", "-O0"]),
         ("pieces.c", "third", ["clang-19", "-O2"]), ("inlined.c", "fourth", ["clang-19", "-O2"])]
MAIN = "void first(void), second(void), third(void), fourth(void); void _start(void) { first(); second(); third(); fourth(); }\n"
WANT = {**forms.FORMS, **forms.LEAF, **forms.PIECES}


def run(command, **more):
    try:
        r = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300, **more)
    except OSError as e:
        raise Missing(str(e))
    assert r.returncode == 0, "%s: %s" % (command, r.stdout.decode("utf-8", "replace"))


def link(flags, folder):
    """the program in the folder, with its objects and .dwo files"""
    os.makedirs(folder)
    objects = []
    for source, start, command in UNITS:
        objects.append(source.split(".")[0] + ".o")
        shutil.copy(os.path.join(HERE, source), folder)
        run([*command, "-w", "-D_start=" + start, *flags, "-c", source, "-o", objects[-1]], cwd=folder)
    with open(os.path.join(folder, "main.c"), "w") as f:
        f.write(MAIN)
    run(["clang-19", *flags, "-c", "main.c", "-o", "main.o"], cwd=folder)
    run(["clang-19", *flags[:1], "-nostdlib", *objects, "main.o", "-o", "program.wasm"], cwd=folder)
    return os.path.join(folder, "program.wasm")


def look(tool, module, tmp, *options):
    """what must be the same: pairs with their frames, objects; and the warning"""
    r = whole_report(tool, module, tmp, "--objects", "--source-map", "=" + os.path.dirname(module), *options)
    for p in r["pairs"]:
        for side in (p["first"], p["second"]):
            for f in side.get("frames", []):
                f["file"] = f["file"] and os.path.basename(f["file"])
    return {"pairs": r["pairs"], "objects": r["objects"], "found": r["lines"]["found"]}, r["lines"]["warning"]


def check_same(got, want, what):
    got, warning = got
    assert not warning, "%s: %s" % (what, warning)
    for key in want:
        if got[key] != want[key] and isinstance(want[key], list):
            k = next((i for i in range(min(len(got[key]), len(want[key]))) if got[key][i] != want[key][i]), 0)
            raise AssertionError("%s: %s: want %s, got %s" % (what, key, want[key][k:k + 1], got[key][k:k + 1]))
        assert got[key] == want[key], "%s: %s: want %s, got %s" % (what, key, want[key], got[key])


def dwo_files(folder):
    return sorted(f for f in os.listdir(folder) if f.endswith(".dwo"))


def check(tool, flags, package, tmp):
    want, warning = look(tool, link(flags, os.path.join(tmp, "whole")), tmp)
    assert not warning, warning
    names = {o["name"]: o["totals"]["dead_store"]["bytes"] for o in want["objects"] if o["name"] in WANT}
    assert names == WANT, "want %s, got %s" % (WANT, names)
    assert any(len(s.get("frames", [])) > 1 for p in want["pairs"] for s in (p["first"], p["second"])), "nothing was inlined"

    built = os.path.join(tmp, "split")
    module = link([*flags, "-gsplit-dwarf"], built)
    check_same(look(tool, module, tmp), want, "where it was built")
    moved = os.path.join(tmp, "moved")
    os.mkdir(moved)
    for name in dwo_files(built):
        os.rename(os.path.join(built, name), os.path.join(moved, name))
    shutil.copy(module, moved)
    check_same(look(tool, os.path.join(moved, "program.wasm"), tmp), want, "beside the module")
    check_lost(tool, module, want, tmp)
    os.mkdir(os.path.join(built, "old"))
    check_other_build(tool, flags, module, moved, tmp)
    if package:
        check_package(tool, module, moved, want, tmp)


def check_lost(tool, module, want, tmp):
    got, warning = look(tool, module, tmp)
    assert warning and "forms.dwo" in warning and "is not there" in warning and "4 " in warning, "got %r" % warning
    assert got["found"] == want["found"], "lines need no other file"
    assert not any(o["kind"] == "variable" for o in got["objects"]), "variables from nowhere"


def check_other_build(tool, flags, module, moved, tmp):
    """the parts of a program that is another one by a macro"""
    other = os.path.join(tmp, "other")
    link([*flags, "-gsplit-dwarf", "-DOTHER=1"], other)
    folder = os.path.dirname(module)
    for name in dwo_files(moved):
        shutil.copy(os.path.join(moved, name), folder)
    shutil.copy(os.path.join(other, "inlined.dwo"), folder)
    _, warning = look(tool, module, tmp)
    assert warning and "inlined.dwo" in warning and "no part of this build" in warning, "got %r" % warning
    for name in dwo_files(folder):
        os.unlink(os.path.join(folder, name))


def check_shared_types(tool, version, tmp):
    """a type that units share is in a package once, with the strings of one of them: the others' variables are said to lack it"""
    flags = ["--target=wasm32", "-O1", "-gdwarf-" + version, "-gsplit-dwarf", "-fdebug-types-section"]
    for name, start, more in (("one", "_start", "void two();"), ("two", "two", "")):
        with open(os.path.join(tmp, name + ".cpp"), "w") as f:
            f.write("struct point { int x, y; }; struct line { point from, to; }; %s\nline %s_lines[20];\n"
                    'extern "C" void %s() { for (auto &l : %s_lines) { volatile int *p = &l.to.y; *p = 1; *p = 2; (void)*p; } %s }\n'
                    % ('extern "C" ' + more if more else "", name, start, name, "two();" if more else ""))
        run(["clang++-19", *flags, "-w", "-c", name + ".cpp", "-o", name + ".o"], cwd=tmp)
    run(["wasm-ld-19", "--no-entry", "--export=_start", "one.o", "two.o", "-o", "program.wasm"], cwd=tmp)
    module = os.path.join(tmp, "program.wasm")
    names, warning = forms.report(tool, module, tmp)
    assert names == {"one_lines[].to.y": 80, "two_lines[].to.y": 80} and not warning, "got %s, %s" % (names, warning)
    run(["llvm-dwp-19", "one.dwo", "two.dwo", "-o", "all.dwp"], cwd=tmp)
    for name in dwo_files(tmp):
        os.unlink(os.path.join(tmp, name))
    names, warning = forms.report(tool, module, tmp, "--debug-file", os.path.join(tmp, "all.dwp"))
    assert names.get("one_lines[].to.y") == 80 and not set(names) - {"one_lines[].to.y", "two_lines"}, "got %s" % names
    assert warning and "type of a variable" in warning, "got %r" % warning


def check_package(tool, module, moved, want, tmp):
    path = os.path.join(tmp, "all.dwp")
    run(["llvm-dwp-19", *dwo_files(moved), "-o", path], cwd=moved)
    check_same(look(tool, module, tmp, "--debug-file", path), want, "a package by --debug-file")
    for name in ("program.wasm.dwp", "program.dwp"):
        beside = os.path.join(os.path.dirname(module), name)
        shutil.copy(path, beside)
        check_same(look(tool, module, tmp), want, name)
        os.unlink(beside)
    run(["llvm-dwp-19", *dwo_files(moved)[1:], "-o", path], cwd=moved)
    _, warning = look(tool, module, tmp, "--debug-file", path)
    assert warning and "forms.dwo" in warning, "got %r" % warning


def main():
    tool = os.path.abspath(sys.argv[1])
    if not shutil.which("clang-19"):
        sys.exit(lacks("no clang-19"))
    checks = []
    for target in ("wasm32", "wasm64"):
        for dwarf in forms.DWARF:
            flags = ["--target=" + target, *dwarf]
            checks.append((" ".join(flags), lambda tmp, f=flags, p=target == "wasm32": check(tool, f, p, tmp)))
    for version in ("4", "5"):
        checks.append(("types that units share, DWARF " + version, lambda tmp, v=version: check_shared_types(tool, v, tmp)))
    sys.exit(forms.run_checks(checks))


if __name__ == "__main__":
    main()
