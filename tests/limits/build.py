"""Modules at the limits that engines have, a function for each limit: the bytes of a module with n of something."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from leb128 import write as u32  # noqa: E402


VOID, I32, I64 = b"\x60\x00\x00", 0x7F, 0x7E
END, NOP, DROP = b"\x0b", b"\x01", b"\x1a"
LOAD = b"\x41\x00\x28\x02\x00\x1a"  # i32.const 0, i32.load, drop


def section(number, count, items):
    content = (u32(count) if count is not None else b"") + items
    return bytes([number]) + u32(len(content)) + content


def name(n):
    text = n.encode() if isinstance(n, str) else n
    return u32(len(text)) + text


def body(code, groups=b"\x00"):
    content = groups + code + END
    return u32(len(content)) + content


START = name("_start") + b"\x00\x00"
MEMORY = b"\x00\x01"


def module(**parts):
    """types, imports, funcs, tables, memories, tags, globals, exports, elements, data_count, codes, data: (count, items)"""
    given = {"types": (1, VOID), "funcs": (1, b"\x00"), "memories": (1, MEMORY), "exports": (1, START), "codes": (1, body(b""))}
    given.update(parts)
    order = [("types", 1), ("imports", 2), ("funcs", 3), ("tables", 4), ("memories", 5), ("tags", 13), ("globals", 6),
             ("exports", 7), ("elements", 9), ("data_count", 12), ("codes", 10), ("data", 11)]
    out = b"\0asm\1\0\0\0"
    for key, number in order:
        if given.get(key):
            out += section(number, *given[key])
    return out


def functions(n):
    return module(funcs=(n, b"\0" * n), codes=(n, body(LOAD) * n))


def body_plain(n):
    """one body of n bytes without accesses"""
    return module(codes=(1, body(NOP * (n - 2))))


def body_loads(n):
    return module(codes=(1, body(LOAD * ((n - 2) // len(LOAD)) + NOP * ((n - 2) % len(LOAD)))))


def body_mixed(n):
    """one body of n bytes, 1,000 loads among them"""
    return module(codes=(1, body(LOAD * 1000 + NOP * (n - 2 - 1000 * len(LOAD)))))


def local_variables(n):
    return module(codes=(1, body(LOAD, b"\x01" + u32(n) + bytes([I32]))))


def local_groups(n):
    """as many groups of one local each"""
    return module(codes=(1, body(LOAD, u32(n) + (b"\x01" + bytes([I32])) * n)))


def parameters(n):
    """an import, a function and an export with n parameters"""
    call = b"".join(b"\x41" + u32(i % 64) for i in range(n)) + b"\x10\x00"
    pass_on = b"".join(b"\x20" + u32(i) for i in range(n)) + b"\x10\x00"
    return module(types=(2, VOID + b"\x60" + u32(n) + bytes([I32]) * n + b"\x00"), imports=(1, name("a") + name("b") + b"\x00\x01"),
                  funcs=(2, b"\x00\x01"), exports=(2, name("_start") + b"\x00\x01" + name("f") + b"\x00\x02"),
                  codes=(2, body(LOAD + call) + body(LOAD + pass_on)))


def results(n):
    give = LOAD + b"".join(b"\x41" + u32(i % 64) for i in range(n))
    return module(types=(2, VOID + b"\x60\x00" + u32(n) + bytes([I32]) * n), imports=(1, name("a") + name("b") + b"\x00\x01"),
                  funcs=(2, b"\x00\x01"), exports=(2, name("_start") + b"\x00\x01" + name("f") + b"\x00\x02"),
                  codes=(2, body(b"\x10\x02" + DROP * n + b"\x10\x00" + DROP * n) + body(give)))


def memories(n):
    touch = b"".join(b"\x41\x00\x28\x42" + u32(i) + b"\x00" + DROP for i in range(n))
    return module(memories=(n, MEMORY * n), codes=(1, body(touch)))


def types(n):
    return module(types=(n, VOID * n))


def type_group(n):
    """one group of n types"""
    return module(types=(2, VOID + b"\x4e" + u32(n - 1) + VOID * (n - 1)))


def imports(n):
    return module(imports=(n, (name("a") + name("b") + b"\x03\x7f\x00") * n), codes=(1, body(LOAD)))


def import_functions(n):
    return module(imports=(n, (name("a") + name("b") + b"\x00\x00") * n), codes=(1, body(LOAD)), exports=(1, name("_start") + b"\0" + u32(n)))


def globals_(n):
    return module(globals=(n, b"\x7f\x00\x41\x00\x0b" * n), codes=(1, body(LOAD)))


def exports(n):
    return module(exports=(n, START + b"".join(name("%x" % i) + b"\x00\x00" for i in range(n - 1))))


def export_globals(n):
    """n exports: a function, whose type counts twice, and a global"""
    return module(globals=(1, b"\x7f\x00\x41\x00\x0b"), codes=(1, body(LOAD)),
                  exports=(n, START + b"".join(name("%x" % i) + b"\x03\x00" for i in range(n - 1))))


def tags(n):
    return module(tags=(n, b"\x00\x00" * n), codes=(1, body(LOAD)))


def tables(n):
    return module(tables=(n, b"\x70\x00\x01" * n))


def table_entries(n):
    return module(tables=(1, b"\x70\x00" + u32(n)))


def elements(n):
    return module(tables=(1, b"\x70\x00\x01"), elements=(n, b"\x00\x41\x00\x0b\x01\x00" * n))


def declared(n):
    """n element segments, and an import that a reference is taken of: a wrapper needs one segment more"""
    return module(imports=(1, name("a") + name("b") + b"\x00\x00"), tables=(1, b"\x70\x00\x01"),
                  elements=(n, b"\x00\x41\x00\x0b\x01\x00" * n), exports=(1, name("_start") + b"\0\1"),
                  codes=(1, body(LOAD + b"\xd2\x00" + DROP)))


def data(n):
    return module(data=(n, b"\x00\x41\x00\x0b\x01x" * n), codes=(1, body(LOAD)))


def passive_data(n):
    init = b"\x41\x00\x41\x00\x41\x00\xfc\x08" + u32(n - 1) + b"\x00"
    return module(data=(n, b"\x01\x01x" * n), data_count=(None, u32(n)), codes=(1, body(init)))


def br_table(n):
    return module(codes=(1, body(b"\x41\x00\x0e" + u32(n) + b"\x00" * n + b"\x00")))


def nested(open_, before=b"", after=b""):
    def make(n):
        return module(codes=(1, body((before + open_) * n + LOAD + (END + after) * n)))
    return make


def constant_expression(n):
    return module(globals=(1, b"\x7f\x00" + b"\x41\x01" * (n + 1) + b"\x6a" * n + END), codes=(1, body(LOAD)))


def operand_stack(n):
    """n values at a time, with loads in between"""
    return module(codes=(1, body(b"\x41\x00\x28\x02\x00" * n + DROP * n)))


def catches(n):
    return module(tags=(1, b"\x00\x00"), codes=(1, body(b"\x1f\x40" + u32(n) + b"\x00\x00\x00" * n + LOAD + END)))


def import_name(n):
    return module(imports=(1, name(b"m" * n) + name(b"n" * n) + b"\x00\x00"), exports=(1, name("_start") + b"\0\1"),
                  codes=(1, body(b"\x10\x00" + LOAD)))


def export_name(n):
    return module(exports=(2, START + name(b"e" * n) + b"\x00\x00"), codes=(1, body(LOAD)))


def function_name(n):
    """in the name section, where there is no limit"""
    sub = b"\x01" + name(u32(1) + u32(0) + name(b"f" * n))
    return module(codes=(1, body(LOAD))) + section(0, None, name("name") + sub)


def bomb(n):
    """n functions that claim 50,000 locals each in four bytes"""
    return module(funcs=(n, b"\0" * n), codes=(n, body(LOAD, b"\x01" + u32(50000) + bytes([I32])) * n))


def claims():
    """sections that claim 2^32 - 1 items in a few bytes; vectors within them, too"""
    most = b"\xff\xff\xff\xff\x0f"
    for number in range(1, 14):
        yield "section %d" % number, b"\0asm\1\0\0\0" + section(number, None, most)
        yield "section %d with an item" % number, b"\0asm\1\0\0\0" + section(number, None, most + b"\x00" * 40)
    yield "parameters", module(types=(1, b"\x60" + most))
    yield "results", module(types=(1, b"\x60\x00" + most))
    yield "group", module(types=(1, b"\x4e" + most))
    yield "fields", module(types=(1, b"\x5f" + most))
    yield "locals", module(codes=(1, body(LOAD, most)))
    yield "one group of locals", module(codes=(1, body(LOAD, b"\x01" + most + b"\x7f")))
    yield "br_table", module(codes=(1, body(b"\x41\x00\x0e" + most)))
    yield "catches", module(codes=(1, body(b"\x1f\x40" + most)))
    yield "select", module(codes=(1, body(b"\x1c" + most)))
    yield "element items", module(elements=(1, b"\x01\x00" + most))
    yield "data bytes", module(data=(1, b"\x01" + most))
    yield "data count", module(data_count=(None, most))
    yield "body", module(codes=(1, most))
    yield "name", module() + section(0, None, most)
    for kind in (1, 2, 7, 9):
        yield "names %d" % kind, module() + section(0, None, name("name") + bytes([kind]) + name(most))
    yield "names of locals", module() + section(0, None, name("name") + b"\x02" + name(b"\x01\x00" + most))
    yield "producers", module() + section(0, None, name("producers") + most)
