"""The specification's test scripts: from .wast to the lines that spec_host reads (script.c), and what is expected of each."""
import json
import os
import struct
import subprocess

LANES = {"i8": "B", "i16": "H", "i32": "I", "i64": "Q", "f32": "I", "f64": "Q"}


def split(wasm_tools, path, folder):
    """the script's commands, its modules written to `folder`; None where wasm-tools does not take the file"""
    out = os.path.join(folder, "script.json")
    r = subprocess.run([wasm_tools, "json-from-wast", "--wasm-dir", folder, "-o", out, path], stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if r.returncode:
        return None
    with open(out, encoding="utf-8") as f:
        return json.load(f)["commands"]


def word(name):
    return "x" + name.encode("utf-8").hex()


def vector(value):
    code = LANES[value["lane_type"]]
    return struct.pack("<%d%s" % (len(value["value"]), code),
                       *(int(lane) % (1 << 8 * struct.calcsize(code)) for lane in value["value"])).hex()


def argument(value):
    kind = value["type"]
    if kind == "v128":
        return "v128:" + vector(value)
    if kind in ("i32", "i64"):
        return "%s:%d" % (kind, int(value["value"]) % (1 << int(kind[1:])))
    return "%s:%s" % (kind, value.get("value", "null"))


class Command:
    """A line for the host, and how its outcome is judged: `kind` is the .wast command's name."""

    def __init__(self, kind, number, line, expected=None, file=None):
        self.kind, self.number, self.line, self.expected, self.file = kind, number, line, expected, file


def module_file(c, folder):
    """the binary module that a command names; None where it has text alone"""
    name = c.get("binary_filename") or (c["filename"] if c.get("module_type") == "binary" else None)
    return name and os.path.join(folder, name)


def act(action):
    instance = word(action["module"]) if "module" in action else "-"
    if action["type"] == "get":
        return "get %s %s" % (instance, word(action["field"]))
    return " ".join(["invoke", instance, word(action["field"])] + [argument(a) for a in action["args"]])


def translate(commands, folder):
    """the script as Commands, and how many assertions are about the text format alone"""
    out, text = [], 0
    for c in commands:
        kind, number = c["type"], c["line"]
        file = module_file(c, folder) if "filename" in c else None
        if "filename" in c and not file:
            text += 1
        elif kind in ("module", "module_definition"):
            verb = "module" if kind == "module" else "define"
            out.append(Command(kind, number, "%s %s %s" % (verb, word(c.get("name", "")), file), file=file))
            if verb == "define":  # it may never get an instance
                out.append(Command("check", number, "check " + file, file=file))
        elif kind == "module_instance":
            out.append(Command(kind, number, "instance %s %s" % (word(c.get("instance") or ""), word(c.get("module") or ""))))
        elif kind == "register":
            out.append(Command(kind, number, "register %s %s" % (word(c["as"]), word(c["name"]) if "name" in c else "-")))
        elif kind in ("assert_invalid", "assert_malformed"):
            out.append(Command(kind, number, "check " + file, file=file))
        elif kind in ("assert_unlinkable", "assert_uninstantiable"):
            out.append(Command(kind, number, "try " + file, file=file))
        else:
            out.append(Command(kind, number, act(c["action"]), c.get("expected", []), None))
    return out, text


def is_nan(bits, width, canonical):
    exponent, fraction = (8, 23) if width == 32 else (11, 52)
    magnitude = bits & ((1 << (width - 1)) - 1)
    quiet = (1 << exponent) - 1 << fraction | 1 << (fraction - 1)
    return magnitude == quiet if canonical else magnitude & quiet == quiet


def number_fits(want, bits, width):
    if want in ("nan:canonical", "nan:arithmetic"):
        return is_nan(bits, width, want == "nan:canonical")
    return int(want) % (1 << width) == bits


def value_fits(want, got):
    """whether a value, as the host prints it, is what the script wants"""
    kind, _, rest = got.partition(":")
    wanted = want["type"]
    if wanted == "either":
        return any(value_fits(w, got) for w in want["values"])
    if wanted == "v128":
        code = LANES[want["lane_type"]]
        width = 8 * struct.calcsize(code)
        lanes = struct.unpack("<%d%s" % (128 // width, code), bytes.fromhex(rest)) if kind == "v128" else ()
        return len(lanes) == len(want["value"]) and all(number_fits(w, g, width) for w, g in zip(want["value"], lanes))
    if wanted in ("i32", "i64", "f32", "f64"):
        return kind == wanted and number_fits(want["value"], int(rest), int(wanted[1:]))
    return reference_fits(wanted, want.get("value"), kind, rest)


FAMILIES = {"i31ref": "anyref", "structref": "anyref", "arrayref": "anyref", "eqref": "anyref", "anyref": "anyref",
            "nullref": "anyref", "nullfuncref": "funcref", "nullexternref": "externref", "nullexnref": "exnref"}


def reference_fits(wanted, value, kind, rest):
    if wanted == "refnull":
        return rest == "null"
    if wanted.startswith("null"):
        return rest == "null" and kind == FAMILIES[wanted]
    if value == "null":
        return rest == "null" and FAMILIES.get(wanted, wanted) == FAMILIES.get(kind, kind)
    if rest == "null":
        return False
    if wanted == "anyref" or wanted == "eqref" and kind != "anyref":
        return FAMILIES.get(kind) == "anyref"
    return kind == wanted and (wanted != "externref" or value is None or rest == value)


def fits(command, outcome):
    """whether a script's command came out as it should"""
    verb, _, rest = outcome.partition(" ")
    if command.kind in ("assert_invalid", "assert_malformed"):
        return verb in ("refused", "invalid")
    if command.kind == "assert_unlinkable":
        return verb == "unlinkable"
    if command.kind in ("assert_uninstantiable", "assert_trap", "assert_exhaustion"):
        return verb == "trap"
    if command.kind == "assert_exception":
        return verb == "exception"
    if command.kind == "assert_return":
        values = rest.split()
        return (verb == "ok" and len(values) == len(command.expected) and
                all(value_fits(w, g) for w, g in zip(command.expected, values)))
    return verb == "ok"
