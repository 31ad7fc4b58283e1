#!/usr/bin/env python3
"""check_references.py [ROOT]: checks that the files and sections which comments and pages name are there.

Looked at are Markdown links (and their anchors), names of files with a folder, pages, and after a page `section N` or a title in quotes:
in comments and strings of C, in scripts, and in pages.  A name counts from the folder of the file that has it, from the root, or from
one of its main folders.  Prints one line for each that leads nowhere; exit status 1 if there is one.
"""
import os
import re
import subprocess
import sys

BASES = ["", "src", "tests", "docs", "scripts", "include", "src/render", "tests/modules", "tests/golden"]
CHECKED = (".c", ".h", ".py", ".md", ".sh", ".cmake", ".txt", ".mjs", ".1")
# Not ours: fixtures, copies, what tests make while they run, and pages about other people's programs.
SKIPPED = re.compile(r"^(docs/findings/|tests/(golden/(cases|inputs)|conformance/[^/]*$|fuzz/corpus|modules/proposals|spec/[^/]*\.json)|src/render/html/vendor|LICEN[CS]E)")
FOLDERS = r"(?:src|tests|docs|scripts|include|examples|cmake|base|wasm|trace|tracefile|rewrite|engine|analyze|symbol|facts|report|render|api|cli)"
NAME = re.compile(r"(?<![\w/.$*<>{}~%\\-])(" + FOLDERS + r"/[\w./-]*\w\.(?:c|h|py|md|sh|mjs|json|cmake|wat|def)|[a-z_]+\.md|\.\./[\w./-]+\.md)(?![\w*/{<]|\.in\b)")
LINK = re.compile(r"\]\(([^)\s]+)\)")
SECTION = re.compile(r"([\w-]+\.md),? (?:sections? (\d+)|\"([A-Z][^\"\n]+)\")")


def slug(title):
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


class Tree:
    def __init__(self, root):
        self.root = root
        git = subprocess.run(["git", "-C", root, "ls-files", "--cached", "--others", "--exclude-standard"], capture_output=True, text=True)
        if git.returncode:  # an archive
            listed = (os.path.relpath(os.path.join(at, n), root) for at, _, names in os.walk(root) for n in names if not at.startswith(os.path.join(root, "build")))
        else:
            listed = git.stdout.splitlines()
        self.files = {f for f in listed if os.path.exists(os.path.join(root, f))}

    def read(self, name):
        with open(os.path.join(self.root, name), encoding="utf-8", errors="replace") as f:
            return f.read()

    def find(self, name, at):
        """the file that is meant, or None"""
        for base in [os.path.dirname(at)] + BASES:
            path = os.path.normpath(os.path.join(base, name))
            if path in self.files or os.path.isdir(os.path.join(self.root, path)) and not path.startswith(".."):
                return path
        return None

    def headings(self, page):
        return re.findall(r"^#+ (.+?)\s*$", self.read(page), re.M)


def faults(tree, name):
    text = tree.read(name)
    if name.endswith(".md"):
        plain = re.sub(r"^```.*?^```", lambda m: "\n" * m[0].count("\n"), text, flags=re.M | re.S)
        for m in LINK.finditer(plain):
            target, _, anchor = m[1].partition("#")
            if ":" in target:
                continue
            page = os.path.normpath(os.path.join(os.path.dirname(name), target)) if target else name
            if page not in tree.files and not os.path.isdir(os.path.join(tree.root, page)):
                yield m.start(), f"the link {m[1]}"
            elif anchor and anchor not in map(slug, tree.headings(page)):
                yield m.start(), f"the anchor {m[1]}"
    for m in NAME.finditer(text):
        if not tree.find(m[1], name):
            yield m.start(), m[1]
    for m in SECTION.finditer(text):
        page = tree.find(m[1], name)
        titles = tree.headings(page) if page else []
        if m[2] and not any(re.match(rf"{m[2]}\b", t) for t in titles) or m[3] and m[3] not in titles:
            yield m.start(), m[0]


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
    tree = Tree(root)
    found = files = 0
    for name in sorted(tree.files):
        if not name.endswith(CHECKED) or SKIPPED.match(name):
            continue
        files += 1
        for at, what in faults(tree, name):
            print(f"{name}:{tree.read(name)[:at].count(chr(10)) + 1}: {what} is not there")
            found += 1
    if found:
        return 1
    print(f"references: {files} files, all they name is there")
    return 0


if __name__ == "__main__":
    sys.exit(main())
