#!/usr/bin/env python3
"""speedscope.py MEM_TRACER [--keep FOLDER]: reports opened in speedscope itself, in Chromium.

Its speedscope JSON and its folded stacks, as the viewer's own program opens them: a script beside the page that hands over the file.
The sandwich view's table is read: its functions and their bytes are those of the JSON report.
"""
import base64
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import browser

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import readers  # noqa: E402
from surroundings import PATIENCE, lacks  # noqa: E402


def open_in_viewer(b, viewer, path, folder):
    text = base64.b64encode(path.read_bytes()).decode()
    script = folder / (path.name + ".js")
    script.write_text(f"speedscope.loadFileFromBase64({json.dumps(path.name)}, {json.dumps(text)})")
    b.open(viewer / "index.html", f"#localProfilePath={script}")


def wait_for(b, words):
    """the page's text, when the words are there"""
    until = time.monotonic() + PATIENCE
    while True:
        text = b.run("document.body ? document.body.innerText : ''")
        if words in text:
            return text
        assert time.monotonic() < until, f"the viewer does not show {words!r}: {text[:1000]}"
        time.sleep(0.1)


def check_quiet(b):
    """nothing was fetched from elsewhere, and no error was shown"""
    wrong = [c for c in b.complaints() if c.startswith("http") or "rror" in c]
    assert not wrong, wrong


def size_words(n):
    """as the viewer has them"""
    for unit in ("B", "KB", "MB", "GB"):
        if n < 1024 or unit == "GB":
            return f"{n} B" if unit == "B" else f"{n:.2f} {unit}"
        n /= 1024
    return ""


def kinds_of(report):
    """the kinds that there are, and their bytes"""
    sums = {}
    for p in report["pairs"]:
        sums[p["kind"]] = sums.get(p["kind"], 0) + p["bytes"]
    return sums


def check_profile(b, report):
    """The kind with most bytes is shown first, and all can be chosen."""
    sums = kinds_of(report)
    most = max(sums, key=sums.get)
    text = wait_for(b, most + " (")
    assert re.search(re.escape(most) + r" \(\d/%d\)" % len(sums), text), text
    b.frame()


def check_table(b, report):
    """The table by function: its own bytes are those of the pairs that end there."""
    sums = kinds_of(report)
    most = max(sums, key=sums.get)
    b.key("3", "3")
    words = wait_for(b, "Symbol Name")
    own = {}
    for p in report["pairs"]:
        if p["kind"] == most:
            frame = p["second"]["frames"][0]
            name = f"{frame['function']} ({frame['file'].rpartition('/')[2]}:{frame['line']})"
            own[name] = own.get(name, 0) + p["bytes"]
    for name, bytes in sorted(own.items(), key=lambda o: -o[1])[:3]:
        row = re.search(r"([^\n]*)\s+([\d.]+ [KMG]?B) [^\n]*\s+" + re.escape(name), words)
        assert row and row[2] == size_words(bytes), (name, bytes, words[:600])


def main():
    path, package = browser.find(), readers.package("speedscope")
    if not path or not package:
        return lacks("no Chromium, or no package of speedscope")
    tracer = pathlib.Path(sys.argv[1]).resolve()
    viewer = pathlib.Path(package) / "node_modules" / "speedscope" / "dist" / "release"
    with tempfile.TemporaryDirectory() as temporary, browser.Browser(path, 1200, 700) as b:
        folder = pathlib.Path(sys.argv[3] if "--keep" in sys.argv else temporary).resolve()
        names = {f: folder / ("report." + f) for f in ("json", "speedscope", "folded")}
        command = [tracer, "--run", "-o", folder / "out.wasm", "--contexts", HERE.parent.parent / "examples" / "spills.wasm"]
        for f, to in names.items():
            command += ["--format", f, "--report", to]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        report = json.loads(names["json"].read_text())
        open_in_viewer(b, viewer, names["speedscope"], folder)
        check_profile(b, report)
        b.screenshot(folder / "speedscope.png")
        check_table(b, report)
        b.screenshot(folder / "speedscope-table.png")
        open_in_viewer(b, viewer, names["folded"], folder)
        words = wait_for(b, "report.folded")
        assert "Sandwich" in words, words
        b.key("2", "2")
        b.screenshot(folder / "speedscope-folded.png")
        b.key("3", "3")
        functions = {p["second"]["frames"][0]["function"] for p in report["pairs"]} | {"[stored again by]", "silent_store"}
        shown = wait_for(b, "Symbol Name")
        assert all(f in shown for f in functions), (functions, shown)
        check_quiet(b)
    print("speedscope: it reads both")
    return 0


sys.exit(main())
