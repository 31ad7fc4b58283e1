"""LEB128 integers, as WebAssembly, DWARF and protobuf have them."""


def read(data, at):
    """the unsigned integer that begins there, and where it ends"""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def write(value):
    """the bytes of an unsigned integer"""
    out = bytearray()
    while True:
        out.append(value & 127 | (128 if value > 127 else 0))
        value >>= 7
        if not value:
            return bytes(out)
