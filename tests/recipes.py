#!/usr/bin/env python3
"""recipes.py MEM_TRACER: the recipes of docs/ci.md, as far as a shell can run them: each job's lines, but for those that install, in a folder with
a program that stays the same, gets worse, and is accepted; and the README's way to be cargo's runner.  Needs cargo with wasm32-wasip1 for that.

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


CRATE = {
    "Cargo.toml": '[package]\nname = "sums"\nversion = "0.1.0"\nedition = "2021"\n\n[[bench]]\nname = "rounds"\nharness = false\n',
    "src/lib.rs": """pub fn sum(cells: &[u32]) -> u32 {
    cells.iter().sum()
}
#[cfg(test)]
mod tests {
    #[test]
    fn adds() {
        assert_eq!(super::sum(&[1, 2, 3]), 6);
    }
}
""",
    "src/main.rs": """fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    println!("words {} {}", words.join(" "), sums::sum(&[words.len() as u32; 4]));
}
""",
    "benches/rounds.rs": """fn main() {
    let mut cells = vec![0u32; 64];
    for round in 0..100 {
        cells.fill(round);
        std::hint::black_box(&mut cells);
    }
    println!("rounds {}", sums::sum(&cells));
}
""",
}


def check_cargo(tool):
    """cargo run, test and bench with the README's runner: the program's words and output, then the report; nothing is left beside the module"""
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as f:
        runner = re.search(r'(CARGO_TARGET_WASM32_WASIP1_RUNNER)="(mem-tracer --run --)" cargo test', f.read())
    path = os.path.dirname(tool) + os.pathsep + os.environ["PATH"]
    env = {**os.environ, "PATH": path, runner[1]: runner[2], "CARGO_NET_OFFLINE": "true", "CARGO_PROFILE_BENCH_DEBUG": "line-tables-only"}
    with tempfile.TemporaryDirectory() as folder:
        for name, text in CRATE.items():
            os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
            write(os.path.join(folder, name), text)
        for words, said in ((["run", "--", "-f", "--report", "mine"], "words -f --report mine 12"), (["test", "--lib"], "1 passed"),
                            (["bench", "--bench", "rounds"], "rounds 6336")):
            r = subprocess.run(["cargo", words[0], "--target", "wasm32-wasip1", *words[1:]], cwd=folder, env=env, capture_output=True,
                               text=True, timeout=PATIENCE)
            assert r.returncode == 0 and said in r.stdout, (words, r.returncode, r.stdout, r.stderr)
            assert "The program ended by itself, with exit status 0." in r.stdout.split(said)[1], r.stdout
        assert "cells.fill(round);" in r.stdout, r.stdout  # the line that is to be mended
        assert not os.path.exists(os.path.join(folder, "mine"))
        left = [name for _, _, names in os.walk(folder) for name in names if "instrumented" in name]
        assert not left, left


def has_cargo():
    if not shutil.which("cargo") or not shutil.which("rustc"):
        return False
    r = subprocess.run(["rustc", "--print", "target-libdir", "--target", "wasm32-wasip1"], capture_output=True, text=True)
    return r.returncode == 0 and os.path.isdir(r.stdout.strip())


def main():
    tool = os.path.abspath(sys.argv[1])
    once, recipes = text_of_recipes()
    assert len(recipes) == 2 and once.count("\n") == 2, (once, recipes)
    check(run_github, recipes[0], once, ["new.json", "new.sarif"], tool)
    check(run_gitlab, recipes[1], once, ["new.json", "new.html"], tool)
    if has_cargo():
        check_cargo(tool)
    else:
        print("left out: no cargo with wasm32-wasip1")
    print("2 passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
