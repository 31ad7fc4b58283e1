#!/usr/bin/env python3
"""Bundles the HTML report's page into a C file: bundle_page.py FOLDER OUT.c

FOLDER/page.html names what goes where: {{policy}}, {{style}}, {{script}}, and {{data}}, where the page is cut in two.  The
scripts become one, in the order of their names.  The policy allows this very style and script, by their hashes, and
nothing else; so nothing is ever loaded, and no name in the data can become code.
"""
import base64
import hashlib
import pathlib
import sys


def digest(text):
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def bundle(folder):
    scripts = [path.read_text() for path in sorted(folder.glob("*.js"))]
    script = '"use strict";\n(() => {\n' + "\n".join(scripts) + "\n})();\n"
    style = (folder / "style.css").read_text()
    if "</script" in script or "</style" in style:
        raise SystemExit("bundle_page: the script or style would end itself")
    policy = (f"default-src 'none'; script-src {digest(script)}; style-src {digest(style)}; img-src data:; "
              "base-uri 'none'; form-action 'none'")
    page = (folder / "page.html").read_text()
    for name, text in (("policy", policy), ("style", style), ("script", script)):
        assert page.count("{{" + name + "}}") == 1, name
        page = page.replace("{{" + name + "}}", text)
    before, after = page.split("{{data}}")
    return before, after


def array(name, text):
    data = text.encode()
    rows = [", ".join(str(byte) for byte in data[at:at + 32]) for at in range(0, len(data), 32)]
    return (f"const unsigned char {name}[] = {{\n    " + ",\n    ".join(rows) + "\n};\n"
            f"const size_t {name}_size = {len(data)};\n")


def main():
    before, after = bundle(pathlib.Path(sys.argv[1]))
    text = ('#include "render/html_page.h"\n\n' + array("html_page_before", before) + "\n" +
            array("html_page_after", after))
    pathlib.Path(sys.argv[2]).write_text(text)


main()
