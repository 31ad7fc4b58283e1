"""What other people wrote to read our reports, from packages (scripts/fetch.py).  What can't be had is added to `absent`."""
import functools
import glob
import importlib.util
import json
import os
import subprocess
import sys
import xml.etree.ElementTree

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
absent = set()


@functools.cache
def package(name):
    """its folder in the user's cache, or None"""
    r = subprocess.run([sys.executable, os.path.join(ROOT, "scripts", "fetch.py"), name], stdout=subprocess.PIPE,
                       stderr=subprocess.DEVNULL, text=True)
    if r.returncode:
        absent.add(name)
        return None
    return r.stdout.strip().split("\n")[-1]


@functools.cache
def validator(name, path):
    """fails on a document that the package's schema does not allow; None where it can't be had"""
    library, folder = package("fastjsonschema"), package(name)
    if not library or not folder:
        return None
    if library not in sys.path:
        sys.path.insert(0, library)
    import fastjsonschema
    with open(os.path.join(folder, "node_modules", path), encoding="utf-8") as f:
        return fastjsonschema.compile(json.load(f), use_default=False)


def validate(document, name, path):
    check = validator(name, path)
    if check:
        check(document)


@functools.cache
def inferno():
    folder = package("pyinferno")
    if not folder:
        return None
    try:  # it is built for one Python, and its __init__.py wants a profiler
        found = glob.glob(os.path.join(folder, "pyinferno", "*.so"))[0]
        spec = importlib.util.spec_from_file_location("pyinferno", found)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
    except (ImportError, IndexError):
        absent.add("pyinferno")
        return None


def flame_graph(path):
    """Titles of the boxes that inferno draws of a file of folded stacks, or None."""
    module = inferno()
    if not module:
        return None
    with open(path, encoding="utf-8", newline="\n") as f:
        lines = f.read().split("\n")[:-1]
    svg = xml.etree.ElementTree.fromstring(module.flamegraph_from_lines(lines))
    assert svg.tag == "{http://www.w3.org/2000/svg}svg", svg.tag
    return [t.text for t in svg.iter("{http://www.w3.org/2000/svg}title")]
