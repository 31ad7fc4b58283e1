#!/usr/bin/env python3
"""findings.py MEM_TRACER: what the case studies of docs/findings found is still on top, by the expected effect, with smaller inputs.

Builds each program from its package as the page says, runs it, and sums the effect up by the own function and line of each pair's second side.  The time that a change gained is no part of this; where the order of effects is not that of gains, the page says so, and what stands below is what it
says.  The last line is `N passed, N failed, N skipped`.
"""
import bz2
import collections
import glob
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "programs"))
sys.path.insert(0, HERE)
import sources  # noqa: E402
from surroundings import PATIENCE, result  # noqa: E402

WORDS = "the of and memory store load value report line function object context".split()
CLANG = sources.CLANG + ["-g"]


def words(count):
    return " ".join(random.choice(WORDS) for _ in range(count))


def yaml_program():
    src = sources.debian_source("libyaml", "0.2.5")
    flags = ["-I" + src + "/include", "-DYAML_VERSION_MAJOR=0", "-DYAML_VERSION_MINOR=2", "-DYAML_VERSION_PATCH=5", '-DYAML_VERSION_STRING="0.2.5"']
    text = "".join("- name: %s\n  id: %d\n  tags: [%s, %s]\n  text: \"%s\"\n  nested:\n    a: %s\n    b: {x: 1, y: '%s'}\n"
                   % (words(2), i, words(1), words(1), words(12), words(8), words(3)) for i in range(200))
    return "libyaml-0.2.5-g", sorted(glob.glob(src + "/src/*.c")) + [src + "/tests/run-parser.c"], flags, ["in.yaml"], text.encode(), "in.yaml"


def jansson_program():
    src = sources.debian_source("jansson", "2.14")
    config = sources.built("jansson-2.14-config", lambda folder: configure(src, folder))
    flags = ["-I" + config, "-I" + src + "/src", "-DINITIAL_HASHTABLE_ORDER=3"]
    flags += ["-DHAVE_" + w for w in "STDINT_H UNISTD_H SYS_TIME_H GETTIMEOFDAY LOCALE_H OPEN READ CLOSE".split()]
    items = [{"name": words(2), "id": i, "tags": [words(1)], "text": words(12), "nested": {"a": words(8), "b": None}} for i in range(400)]
    files = sorted(glob.glob(src + "/src/*.c")) + [src + "/test/bin/json_process.c"]
    return "jansson-2.14-g", files, flags, ["--env"], json.dumps(items).encode(), None


def configure(src, folder):
    with open(src + "/src/jansson_config.h.in") as f:
        text = f.read().replace("@json_inline@", "inline")
    for word in ("long_long", "localeconv", "atomic_builtins", "sync_builtins"):
        text = text.replace("@json_have_%s@" % word, "1")
    with open(folder + "/jansson_config.h", "w") as f:
        f.write(text)
    open(folder + "/jansson_private_config.h", "w").close()


def bzip2_program():
    src = sources.debian_source("bzip2", "1.0.8")
    names = "blocksort huffman crctable randtable compress decompress bzlib dlltest".split()
    text = b"".join(open(p, "rb").read() for p in sorted(glob.glob(src + "/*.c")))
    return "bzip2-1.0.8-g", [src + "/%s.c" % n for n in names], ["-I" + src], ["-d", "in.bz2", "out"], bz2.compress(text), "in.bz2"


def zlib_program():
    src = sources.debian_source("zlib", "1.2.13")
    flags = ["-I" + src, "-DHAVE_UNISTD_H", "-Wno-implicit-function-declaration"]
    text = b"".join(open(p, "rb").read() for p in sorted(glob.glob(src + "/*.c")))
    return "minigzip-1.2.13-g", sorted(glob.glob(src + "/*.c")) + [src + "/test/minigzip.c"], flags, [], text, None


def kinds_program():
    return None, [os.path.join(HERE, "..", "docs", "findings", "kinds.c")], ["-mbulk-memory", "-DROUNDS=100"], [], b"", None


def report_of(tracer, program, folder):
    name, files, flags, args, text, path = program()
    if name:
        module = sources.built("findings-" + name, lambda f: sources.compile_c(f, "a.wasm", files, flags, CLANG)) + "/a.wasm"
    else:  # one of ours may change
        sources.compile_c(folder, "a.wasm", files, flags, CLANG)
        module = os.path.join(folder, "a.wasm")
    with open(os.path.join(folder, path or "stdin"), "wb") as f:
        f.write(text)
    with open(os.path.join(folder, path or "stdin"), "rb") as stdin:
        r = subprocess.run([tracer, "--run", "--no-cache", "--env", "HASHSEED=1", "--dir", ".", "-o", "out.wasm", "--report", "r.json", module, "--", *args],
                           cwd=folder, stdin=stdin, stdout=subprocess.DEVNULL, timeout=PATIENCE)
    assert r.returncode == 0, "%s ended with %d" % (module, r.returncode)
    with open(os.path.join(folder, "r.json")) as f:
        return json.load(f)


def sums(report):
    """effects by the places of the program's own files: by function and by file and line"""
    functions, lines = collections.Counter(), collections.Counter()
    for p in report["pairs"]:
        own = [f for f in p["second"].get("frames", []) if f["file"] and "libc-" not in f["file"] and "musl" not in f["file"]]
        if own:
            functions[own[0]["function"]] += p["effect"]
            lines["%s:%s" % (os.path.basename(own[0]["file"]), own[0]["line"])] += p["effect"]
    return functions, lines


def check_yaml(functions, lines):
    assert functions.most_common(1)[0][0] == "yaml_parser_update_buffer", functions.most_common(3)
    scan = functions["yaml_parser_scan_plain_scalar"] + functions["yaml_parser_scan_flow_scalar"]
    # what was gained: 8 %, 5.5 % and 3 %
    assert functions["yaml_parser_update_buffer"] > functions["yaml_parser_scan_plain_scalar"] > functions["yaml_parser_parse"], functions
    assert scan > 2 * functions["yaml_parser_parse"], functions


def check_jansson(functions, lines):
    assert [f for f, _ in functions.most_common(2)] == ["stream_get", "strbuffer_append_bytes"], functions.most_common(4)


def check_bzip2(functions, lines):
    assert [line for line, _ in lines.most_common(2)] == ["decompress.c:489", "decompress.c:400"], lines.most_common(4)


def check_zlib(functions, lines):
    assert functions.most_common(1)[0][0] == "deflate_slow", functions.most_common(3)
    assert lines.most_common(1)[0][0] == "deflate.c:2057", lines.most_common(4)


def check_kinds(functions, lines):
    functions["render"] += functions.pop("blank")
    order = [f for f, _ in functions.most_common() if f in ("length_of", "read_bytes", "render", "look_up", "add_forces")]
    assert order == ["length_of", "read_bytes", "render", "look_up", "add_forces"], functions.most_common(6)


def main():
    tracer = os.path.abspath(sys.argv[1])
    passed = failed = skipped = 0
    for program, check in ((yaml_program, check_yaml), (jansson_program, check_jansson), (bzip2_program, check_bzip2), (zlib_program, check_zlib),
                           (kinds_program, check_kinds)):
        random.seed(1)
        folder = tempfile.mkdtemp()
        try:
            check(*sums(report_of(tracer, program, folder)))
            passed += 1
        except sources.Missing as e:
            print("skipped: %s: %s" % (program.__name__, e))
            skipped += 1
        except AssertionError as e:
            print("FAILED: %s: %s" % (program.__name__, e))
            failed += 1
        finally:
            shutil.rmtree(folder)
    return result(passed, failed, skipped)


sys.exit(main())
