"""A small writer of DWARF 4, for modules whose debug information holds any bytes for names.

`sections(starts, ends, names)` gives custom sections for three functions (where each body starts and ends, from the start of the code
section's content): one with a plain name, one with a mangled one, and one with code that is inlined from a fourth.  Beside them stand a
variable at address 16 and the fields of its type."""
import struct

import leb128

ADDR, STRP, DATA1, DATA4, REF4, SEC_OFFSET, EXPRLOC = 0x01, 0x0E, 0x0B, 0x06, 0x13, 0x17, 0x18
LOCATION, NAME, BYTE_SIZE, STMT_LIST, LOW, HIGH, LANGUAGE, COMP_DIR, INLINE = 0x02, 0x03, 0x0B, 0x10, 0x11, 0x12, 0x13, 0x1B, 0x20
ORIGIN, MEMBER_AT, ENCODING, TYPE, CALL_FILE, CALL_LINE, LINKAGE = 0x31, 0x38, 0x3E, 0x49, 0x58, 0x59, 0x6E
# code: tag, whether it has children, attributes
ABBREVIATIONS = {
    1: (0x11, True, [(NAME, STRP), (COMP_DIR, STRP), (STMT_LIST, SEC_OFFSET), (LOW, ADDR), (HIGH, DATA4), (LANGUAGE, DATA1)]),
    2: (0x2E, True, [(NAME, STRP), (LOW, ADDR), (HIGH, DATA4)]),
    3: (0x2E, True, [(NAME, STRP), (LINKAGE, STRP), (LOW, ADDR), (HIGH, DATA4)]),
    4: (0x2E, False, [(NAME, STRP), (INLINE, DATA1)]),
    5: (0x1D, False, [(ORIGIN, REF4), (LOW, ADDR), (HIGH, DATA4), (CALL_FILE, DATA1), (CALL_LINE, DATA1)]),
    6: (0x34, False, [(NAME, STRP), (TYPE, REF4), (LOCATION, EXPRLOC)]),
    7: (0x13, True, [(NAME, STRP), (BYTE_SIZE, DATA1)]),
    8: (0x0D, False, [(NAME, STRP), (TYPE, REF4), (MEMBER_AT, DATA1)]),
    9: (0x24, False, [(NAME, STRP), (BYTE_SIZE, DATA1), (ENCODING, DATA1)]),
}


def custom(name, payload):
    body = leb128.write(len(name)) + name.encode() + payload
    return b"\0" + leb128.write(len(body)) + body


def abbreviations():
    out = b""
    for code, (tag, children, attributes) in ABBREVIATIONS.items():
        out += leb128.write(code) + leb128.write(tag) + bytes([children])
        out += b"".join(leb128.write(a) + leb128.write(f) for a, f in attributes) + b"\0\0"
    return out + b"\0"


class Info:
    def __init__(self):
        self.data, self.strings = b"", b"\0"

    def text(self, bytes_):
        at = len(self.strings)
        self.strings += bytes_.split(b"\0")[0] + b"\0"
        return at

    def entry(self, code, *values):
        """where it stands; a text is a STRP's value"""
        at = 11 + len(self.data)  # behind the unit's header
        self.data += leb128.write(code)
        for (_, form), value in zip(ABBREVIATIONS[code][2], values, strict=True):
            value = self.text(value) if form == STRP else value
            if form == EXPRLOC:
                self.data += leb128.write(len(value)) + value
            else:
                self.data += struct.pack("<B" if form == DATA1 else "<I", value)
        return at

    def end(self):
        self.data += b"\0"

    def section(self):
        return struct.pack("<IHIB", len(self.data) + 7, 4, 0, 4) + self.data


def lines(starts, ends, folder, file):
    """a row for each function, of line 1, 2 …"""
    zero = lambda b: b.split(b"\0")[0] or b"x"  # an empty one ends the list
    program = b""
    for i, (start, end) in enumerate(zip(starts, ends)):
        program += b"\0\5\2" + struct.pack("<I", start) + b"\3" + leb128.write(i) + b"\1"  # set_address, advance_line, copy
        program += b"\2" + leb128.write(end - start) + b"\0\1\1"  # advance_pc, end_sequence
    header = struct.pack("<BBBbBB", 1, 1, 1, -5, 14, 10) + bytes([0, 1, 1, 1, 1, 0, 0, 0, 1])
    header += zero(folder) + b"\0\0" + zero(file) + b"\0\1\0\0" + b"\0"
    rest = struct.pack("<HI", 4, len(header)) + header + program
    return struct.pack("<I", len(rest)) + rest


def sections(starts, ends, text, mangled):
    info = Info()
    info.entry(1, text, text, 0, starts[0], ends[-1] - starts[0], 0x0C)  # C99
    int_ = info.entry(9, text, 4, 5)
    structure = info.entry(7, text, 8)
    info.entry(8, text, int_, 0)
    info.entry(8, b"b" + text, int_, 4)
    info.end()
    info.entry(6, text, structure, b"\3" + struct.pack("<I", 16))
    inlined = info.entry(4, b"inlined " + text, 1)
    info.entry(2, text, starts[0], ends[0] - starts[0])
    info.end()
    info.entry(3, text, mangled, starts[1], ends[1] - starts[1])
    info.end()
    info.entry(2, b"outer " + text, starts[2], ends[2] - starts[2])
    info.entry(5, inlined, starts[2], ends[2] - starts[2], 1, 77)
    info.end()
    info.end()
    return (custom(".debug_info", info.section()) + custom(".debug_abbrev", abbreviations()) + custom(".debug_str", info.strings) +
            custom(".debug_line", lines(starts, ends, text, text)))
