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
