#!/usr/bin/env python3
"""What the command does at a terminal: terminal.py MEM-TRACER

Colour on a pseudo-terminal and off it, with NO_COLOR, TERM=dumb and --color; --quiet; suggestions for slips; the shells'
completions against the command itself.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))
import screen_picture  # noqa: E402

MODULE = ROOT / "examples/dead_stores.wasm"
STYLE = re.compile(rb"\x1b\[[0-9;]*m")


def check(condition, message):
    if not condition:
        raise SystemExit(f"terminal: {message}")


def run_command(tracer, folder, *options):
    return [tracer, "--run", "--no-cache", "-o", os.path.join(folder, "out.wasm"), *options, MODULE]


def on_terminal(words, columns=0, **environment):
    """Standard output of a command that runs on a pseudo-terminal, without carriage returns."""
    env = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "TERM", "COLUMNS")} | environment
    data, status = screen_picture.on_terminal(words, 30, columns, env, stderr=subprocess.DEVNULL, cwd=ROOT)
    check(status == 0, f"{words}: exit status {status}")
    return data


def off_terminal(words):
    return subprocess.run(words, stdout=subprocess.PIPE, check=True, cwd=ROOT).stdout


def check_colour(tracer, folder):
    """The program, too, may do otherwise at a terminal, so reports are only compared with those of the same kind."""
    def command(tracer, folder, *options):
        return run_command(tracer, folder, "--details", *options)

    plain = on_terminal(command(tracer, folder, "--color=never"), TERM="xterm")
    coloured = on_terminal(command(tracer, folder, "--color", "always"))
    check(b"Memory use" in plain and STYLE.sub(b"", coloured) == STYLE.sub(b"", plain), "colour changes the text")
    check(coloured.count(b"\x1b[") > plain.count(b"\x1b[") + 20, "hardly any colour with --color always")
    check(on_terminal(command(tracer, folder), TERM="xterm") == coloured, "no colour on a terminal")
    check(on_terminal(command(tracer, folder), TERM="xterm", NO_COLOR="") == coloured, "an empty NO_COLOR counts")
    for environment in ({"TERM": "xterm", "NO_COLOR": "1"}, {"TERM": "dumb"}, {}):
        check(on_terminal(command(tracer, folder), **environment) == plain, f"colour with {environment}")
    off = off_terminal(command(tracer, folder))
    check(off == off_terminal(command(tracer, folder, "--color", "never")), "colour off a terminal")
    check(off != off_terminal(command(tracer, folder, "--color", "always")), "no colour with --color always off a terminal")


def check_width(tracer, folder):
    """The table of kinds has a column less on narrow terminals; a name that is too long shows that a width is known."""
    name = "n" * 200
    module = os.path.join(folder, name[:100] + ".wasm")
    shutil.copyfile(MODULE, module)
    words = [tracer, "--run", "--no-cache", "-o", os.path.join(folder, "out.wasm"), "--color", "never", "--details", module]
    for columns, environment, width in ((0, {}, 0), (80, {}, 80), (120, {}, 120), (120, {"COLUMNS": "80"}, 80), (80, {"COLUMNS": "x"}, 80),
                                        (200, {}, 200), (0, {"COLUMNS": "120"}, 120)):
        text = on_terminal(words, columns, **environment).decode()
        check(("a million*\n" in text) == (width != 80), f"{columns} {environment}: the table")
        head = re.search(r"Memory use of (.*) \(", text)[1]
        room = 70 + width - 100  # as render/details.c has it
        want = os.path.basename(module) if not width or room >= 105 else None
        check(head == want if want else len(head) == room and "…" in head and head.endswith(".wasm"), f"{columns} {environment}: {head}")
    text = subprocess.run(words, stdout=subprocess.PIPE, check=True, env=os.environ | {"COLUMNS": "80"}).stdout.decode()
    check(os.path.basename(module) in text and "a million*\n" in text, "no terminal, but a width")


def columns_of(line):
    """an ellipsis is one, whatever the renderer takes it for"""
    return len(line.expandtabs())


def screen_of(text):
    """what the first screen of a report printed, without what the program wrote"""
    return text[text.index("Memory use of "):].splitlines()


def check_first_screen(tracer, folder):
    """24 lines of 80 columns, with a name that fits no line; --details, files and the options that ask for more have the rest."""
    module = os.path.join(folder, "n" * 100 + ".wasm")
    shutil.copyfile(MODULE, module)
    run = [tracer, "--run", "--no-cache", "-o", os.path.join(folder, "out.wasm"), "--color", "never"]
    for options in ([], ["--by", "line"], ["--by", "pair"], ["--by", "object", "--objects"], ["--contexts"], ["--only", "dead_store"], ["--focus", "nobody"]):
        lines = screen_of(on_terminal([*run, *options, module], 80, TERM="xterm").decode())
        check(len(lines) <= 24 and max(map(columns_of, lines)) <= 80 and "…" in lines[0], f"{options}: {lines}")
        check(len(screen_of(off_terminal([*run, *options, module]).decode())) <= 24, f"{options}: off a terminal")
    first = screen_of(off_terminal([*run, module]).decode())
    row = next(i for i, line in enumerate(first) if line.startswith(" 1. high") and line.endswith("render, examples/dead_stores.c:25"))
    source, mark = first[row + 1:row + 3]
    check(source.strip() == "cells[i] = i < level ? '#' : '.';" and mark.split("^")[0] == " " * source.index("=") and "dead store, " in mark, f"{first}")
    words = " ".join(line.strip() for line in first[row + 3:row + 5])
    check(words == "It overwrites what clear (dead_stores.c:18) stored. Leave out the initialisation of what is written before it is read.", f"{first}")
    check(sum(line[:4].strip() in ("1.", "2.", "3.", "4.", "5.") for line in first) == 5, f"not five functions: {first}")
    check(os.path.basename(module) in first[0] and "--details" in first[-1] and "--report x.html" in first[-1], f"{first}")
    report = os.path.join(folder, "report.txt")
    off_terminal([*run, "--report", report, module])
    details = off_terminal([*run, "--details", module]).decode()
    check("The worst pairs" in details and details.endswith(pathlib.Path(report).read_text()), "a file has no details")
    by_line = off_terminal([*run, "--details", "--by", "line", module]).decode()
    check("By line of" in by_line and "by the place that loads again" not in by_line, "--by is appended")


def readme_block(command):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.search(r"```\n\$ " + re.escape(command) + r"\n(.*?)```", text, re.S)[1]


def check_readme(tracer, folder):
    """the first page shows what the command prints"""
    got = screen_of(off_terminal([tracer, "--run", "--no-cache", "-o", os.path.join(folder, "out.wasm"), "examples/dead_stores.wasm"]).decode())
    want = screen_of(readme_block("mem-tracer --run examples/dead_stores.wasm"))
    check(got == want, f"README has {want}, but it is {got}")


def check_quiet(tracer, folder):
    out = subprocess.run(run_command(tracer, folder, "--quiet"), capture_output=True, check=True)
    check(b"Memory use" not in out.stdout and not out.stderr, f"--quiet says something: {out.stderr}")
    report = os.path.join(folder, "report.json")
    subprocess.run(run_command(tracer, folder, "-q", "--format", "json", "--report", report), capture_output=True, check=True)
    check(os.path.getsize(report) > 100, "--quiet writes no report")


def check_verbose(tracer, folder):
    report = os.path.join(folder, "report.json")
    for options, why in (([], "the program kept the analysis itself"), (["--analysis", "trace"], "by trace, since --analysis trace asks for it"),
                         (["--contexts"], "by trace, since calling contexts are asked for"), (["-ff"], "by trace, since the report goes by trace index")):
        out = subprocess.run(run_command(tracer, folder, "-v", *options, "--format", "json", "--report", report), capture_output=True, text=True, check=True)
        data = json.loads(pathlib.Path(report).read_text())
        said = out.stderr.splitlines()
        check(all(line.startswith("mem-tracer: ") for line in said) and why in out.stderr, f"{options}: {said}")
        for words in (f"{data['run']['accesses']:,} accesses, {len(data['pairs'])} pairs", "source lines: dwarf", f"json goes to '{report}'",
                      f"read '{MODULE}'", f"the module for '{folder}/out.wasm'", "compiled in "):
            check(words in out.stderr, f"--verbose does not say '{words}': {said}")
    out = subprocess.run(run_command(tracer, folder, "-v", "-q"), capture_output=True, check=True)
    check(not out.stderr, "--quiet --verbose says something")


def check_suggestions(tracer):
    for word, meant in (("--fromat", "--format"), ("--invok", None), ("--cotnexts", "--contexts"), ("--timeuot=3", "--timeout"),
                        ("--xyzzy", None), ("--keep-debgu", "--keep-debug")):
        said = subprocess.run([tracer, word, "x.wasm"], capture_output=True, text=True)
        check(said.returncode == 2 and said.stderr.count("\n") == 1, f"{word}: {said}")
        check((f"did you mean '{meant}'?" if meant else "did you mean") in said.stderr if meant else "did you mean" not in said.stderr,
              f"{word}: {said.stderr}")


def check_completions(tracer, folder):
    subprocess.run([sys.executable, ROOT / "scripts/completions.py", ROOT, folder], check=True)
    bash = os.path.join(folder, "mem-tracer")
    script = f"""source {bash}; COMP_WORDS=(mem-tracer "$@"); COMP_CWORD=$#; _mem_tracer; printf '%s\\n' "${{COMPREPLY[@]}}\""""

    def complete(*words):
        return subprocess.run(["bash", "-c", script, "bash", *words], capture_output=True, text=True, check=True).stdout.split()

    options = [word for word in complete("--") if word.startswith("--")]
    check(len(options) > 20, f"few options: {options}")
    words = subprocess.run([tracer, "--help"], capture_output=True, text=True).stdout
    known = set(re.findall(r"--[a-z][a-z-]+", re.sub("(?m)^.*mem-tracer diff.*$", "", words)))
    told = subprocess.run([tracer, "diff", "--help"], capture_output=True, text=True).stdout
    check(set(complete("diff", "--")) == set(re.findall(r"(?m)(?:^  |, )(--[a-z][a-z-]+)", told)), "diff's options are not completed")
    for option in ("format", "by"):
        said = subprocess.run([tracer, "diff", f"--{option}", "x"], capture_output=True, text=True).stderr
        check(", ".join(complete("diff", f"--{option}", "")) in said, f"diff --{option} is completed otherwise: {said}")
    check(known <= set(options), f"the help has what the completion has not: {known - set(options)}")
    for option in options:  # each is one that the command knows
        said = subprocess.run([tracer, option], capture_output=True, text=True).stderr
        check("unknown option" not in said, f"{option}: {said}")
    for option in ("format", "analysis", "inline", "stub-imports", "color"):
        words = complete(f"--{option}", "")
        check(len(words) > 1, f"no words for --{option}")
        for word in words:
            said = subprocess.run([tracer, f"--{option}", word], capture_output=True, text=True).stderr
            check("unknown word" not in said, f"--{option} {word}: {said}")
    check("analyze" in complete("an"), "commands are not completed")
    for shell, name in (("zsh", "_mem-tracer"), ("fish", "mem-tracer.fish")):
        if shutil.which(shell):
            subprocess.run([shell, "-n", os.path.join(folder, name)], check=True)


def main():
    tracer = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        check_colour(tracer, folder)
        check_width(tracer, folder)
        check_first_screen(tracer, folder)
        check_readme(tracer, folder)
        check_quiet(tracer, folder)
        check_verbose(tracer, folder)
        check_suggestions(tracer)
        check_completions(tracer, folder)
    print("terminal: all is well")


main()
