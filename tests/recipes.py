#!/usr/bin/env python3
"""recipes.py MEM_TRACER: the recipes of docs/ci.md, as far as a shell can run them: each job's lines, but for those that install, in a folder with
a program that stays the same, gets worse, and is accepted.

The last line is `N passed, N failed`."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

from commands import read, write
from surroundings import PATIENCE

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")


def text_of_recipes():
    with open(os.path.join(ROOT, "docs", "ci.md"), encoding="utf-8") as f:
        part = f.read().split("\n## Recipes\n")[1].split("\n## ")[0]
    once = "".join(re.findall(r"(?m)^    (.*\n)", part.split("```")[0]))
    return once, re.findall(r"(?s)```yaml\n(.*?)```", part)


def github_steps(text):
    """names and lines"""
    return re.findall(r"(?m)^      - name: (.*)\n        run: \|\n((?:          .*\n)+)", text)


def gitlab_lines(text):
    return re.findall(r"(?m)^    - (.*)\n", re.search(r"(?m)^  script:\n((?:    - .*\n)+)", text)[1])


def shell(words, text, folder, tool):
    path = os.path.dirname(tool) + os.pathsep + os.environ["PATH"]
    return subprocess.run([*words, text], cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True, timeout=PATIENCE)


def run_github(text, folder, tool):
    """as GitHub does: each step in a shell of its own, up to the first that fails"""
    steps = [s for s in github_steps(text) if s[0] != "Install"]
    assert [name for name, _ in steps] == ["Build", "Measure", "Compare"], steps
    for _, lines in steps:
        r = shell(("bash", "-eo", "pipefail", "-c"), re.sub(r"(?m)^ {10}", "", lines), folder, tool)
        if r.returncode:
            break
    return r


def run_gitlab(text, folder, tool):
    lines = gitlab_lines(text)
    assert len(lines) == 3, lines
    return shell(("sh", "-ec"), "\n".join(lines), folder, tool)


def check(run, text, once, written, tool):
    with tempfile.TemporaryDirectory() as folder:
        def put(name):
            shutil.copy(os.path.join(ROOT, "examples", name), os.path.join(folder, "source.wasm"))
        write(os.path.join(folder, "Makefile"), ".PHONY: app.wasm\napp.wasm:\n\tcp source.wasm app.wasm\n")
        put("silent_loads.wasm")
        r = run(text, folder, tool)
        assert r.returncode == 125 and "memory.json" in r.stderr, (r.returncode, r.stderr)  # nobody has made one
        r = shell(("sh", "-ec"), once, folder, tool)
        assert r.returncode == 0, r.stderr
        r = run(text, folder, tool)
        assert r.returncode == 0, (r.returncode, r.stdout, r.stderr)
        assert read(os.path.join(folder, "new.json"))["totals"] == read(os.path.join(folder, "memory.json"))["totals"]
        put("dead_stores.wasm")
        for name in written:
            os.remove(os.path.join(folder, name))
        r = run(text, folder, tool)
        assert r.returncode == 3 and "appeared" in r.stdout, (r.returncode, r.stdout, r.stderr)
        assert all(os.path.getsize(os.path.join(folder, name)) for name in written)
        shutil.copy(os.path.join(folder, "new.json"), os.path.join(folder, "memory.json"))
        assert run(text, folder, tool).returncode == 0


def main():
    tool = os.path.abspath(sys.argv[1])
    once, recipes = text_of_recipes()
    assert len(recipes) == 2 and once.count("\n") == 2, (once, recipes)
    check(run_github, recipes[0], once, ["new.json", "new.sarif"], tool)
    check(run_gitlab, recipes[1], once, ["new.json", "new.html"], tool)
    print("2 passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
