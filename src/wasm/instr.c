#include "wasm/instr.h"

#include "wasm/types.h"

/* Flags of a memarg: the low six bits are the alignment, bit 6 says that a memory index follows (multi-memory). */
enum { MEMARG_HAS_MEMORY = 0x40 };

static bool read_memarg(struct cursor *c, struct wasm_instr *instr)
{
    uint64_t at = cursor_offset(c);
    uint32_t flags;
    if (!cursor_leb_u32(c, "memarg", &flags))
        return false;
    if (flags & MEMARG_HAS_MEMORY && !cursor_leb_u32(c, "memarg", &instr->memory))
        return false;
    flags &= ~(uint32_t)MEMARG_HAS_MEMORY;
    if (flags > 31)
        return error_at(c->err, ERROR_INPUT, at, "malformed memarg flags");
    instr->align_log2 = (uint8_t)flags;
    return cursor_leb_u64(c, "memarg", &instr->static_offset);
}

static bool skip_labels(struct cursor *c)
{
    uint32_t count, label;
    if (!cursor_count(c, "br_table", 1, &count))
        return false;
    for (uint64_t i = 0; i <= count; i++) /* the default label stands behind the vector */
        if (!cursor_leb_u32(c, "br_table", &label))
            return false;
    return true;
}

static bool skip_value_types(struct cursor *c, struct wasm_type_use *use)
{
    uint32_t count;
    if (!cursor_count(c, "select", 1, &count))
        return false;
    while (count--)
        if (!wasm_skip_value_type(c, use))
            return false;
    return true;
}

/* Catch clauses: 0 catch and 1 catch_ref have a tag and a label, 2 catch_all and 3 catch_all_ref a label. */
static bool skip_try_table(struct cursor *c, struct wasm_type_use *use)
{
    uint32_t count, index;
    if (!wasm_skip_block_type(c, use) || !cursor_count(c, "try_table", 2, &count))
        return false;
    while (count--) {
        uint64_t at = cursor_offset(c);
        uint8_t form;
        if (!cursor_u8(c, "catch clause", &form))
            return false;
        if (form > 3)
            return error_at(c->err, ERROR_INPUT, at, "unknown catch clause 0x%02x", form);
        if ((form < 2 && !cursor_leb_u32(c, "catch clause", &index)) || !cursor_leb_u32(c, "catch clause", &index))
            return false;
    }
    return true;
}

static bool read_const(struct cursor *c, enum wasm_imm imm)
{
    int32_t s32;
    int64_t s64;
    switch (imm) {
    case IMM_I32:
        return cursor_leb_s32(c, "i32.const", &s32);
    case IMM_I64:
        return cursor_leb_s64(c, "i64.const", &s64);
    case IMM_F32:
        return cursor_skip(c, 4, "f32.const");
    case IMM_F64:
        return cursor_skip(c, 8, "f64.const");
    default: /* v128.const and i8x16.shuffle */
        return cursor_skip(c, 16, "a 16-byte immediate");
    }
}

static bool read_two(struct cursor *c, uint32_t *first, uint32_t *second)
{
    return cursor_leb_u32(c, "index", first) && cursor_leb_u32(c, "index", second);
}

static bool read_zero(struct cursor *c)
{
    uint64_t at = cursor_offset(c);
    uint8_t byte;
    if (!cursor_u8(c, "atomic.fence", &byte))
        return false;
    return byte == 0 || error_at(c->err, ERROR_INPUT, at, "zero byte expected");
}

/* Handlers: 0 has a tag and a label, 1 (switch) a tag. */
static bool skip_handlers(struct cursor *c)
{
    uint32_t count, index;
    if (!cursor_count(c, "resume", 2, &count))
        return false;
    while (count--) {
        uint64_t at = cursor_offset(c);
        uint8_t form;
        if (!cursor_u8(c, "handler", &form))
            return false;
        if (form > 1)
            return error_at(c->err, ERROR_INPUT, at, "unknown handler 0x%02x", form);
        if (!cursor_leb_u32(c, "handler", &index) || (form == 0 && !cursor_leb_u32(c, "handler", &index)))
            return false;
    }
    return true;
}

static bool read_ordered(struct cursor *c, enum wasm_imm imm, struct wasm_instr *instr)
{
    uint64_t at = cursor_offset(c);
    uint8_t order;
    if (!cursor_u8(c, "memory ordering", &order))
        return false;
    if (order > 1)
        return error_at(c->err, ERROR_INPUT, at, "unknown memory ordering 0x%02x", order);
    return cursor_leb_u32(c, "index", &instr->index) &&
           (imm != IMM_ORDER_FIELD || cursor_leb_u32(c, "index", &instr->second));
}

static bool read_cast_branch(struct cursor *c, struct wasm_instr *instr)
{
    return cursor_skip(c, 1, "cast flags") && cursor_leb_u32(c, "label", &instr->index) &&
           wasm_skip_heap_type(c, &instr->types) && wasm_skip_heap_type(c, &instr->types);
}

static bool read_immediates(struct cursor *c, enum wasm_imm imm, struct wasm_instr *instr)
{
    switch (imm) {
    case IMM_NONE:
        return true;
    case IMM_BLOCK:
        return wasm_skip_block_type(c, &instr->types);
    case IMM_LABEL:
    case IMM_FUNC:
    case IMM_TYPE:
    case IMM_LOCAL:
    case IMM_GLOBAL:
    case IMM_TABLE:
    case IMM_TAG:
    case IMM_DATA:
    case IMM_ELEM:
        return cursor_leb_u32(c, "index", &instr->index);
    case IMM_MEMORY:
        return cursor_leb_u32(c, "memory index", &instr->memory);
    case IMM_BR_TABLE:
        return skip_labels(c);
    case IMM_MEMARG:
        return read_memarg(c, instr);
    case IMM_MEMARG_LANE:
        return read_memarg(c, instr) && cursor_u8(c, "lane", &instr->lane);
    case IMM_LANE:
        return cursor_u8(c, "lane", &instr->lane);
    case IMM_MEMORY_MEMORY:
        return read_two(c, &instr->memory, &instr->memory_from);
    case IMM_DATA_MEMORY:
        return read_two(c, &instr->index, &instr->memory);
    case IMM_CALL_INDIRECT:
    case IMM_ELEM_TABLE:
    case IMM_TABLE_TABLE:
    case IMM_TYPE_FIELD:
    case IMM_TYPE_U32:
    case IMM_TYPE_DATA:
    case IMM_TYPE_ELEM:
    case IMM_TYPE_TYPE:
    case IMM_TYPE_TAG:
        return read_two(c, &instr->index, &instr->second);
    case IMM_RESUME:
        return cursor_leb_u32(c, "index", &instr->index) && skip_handlers(c);
    case IMM_RESUME_THROW:
        return read_two(c, &instr->index, &instr->second) && skip_handlers(c);
    case IMM_ORDER_GLOBAL:
    case IMM_ORDER_TABLE:
    case IMM_ORDER_TYPE:
    case IMM_ORDER_FIELD:
        return read_ordered(c, imm, instr);
    case IMM_SELECT_T:
        return skip_value_types(c, &instr->types);
    case IMM_HEAPTYPE:
        return wasm_skip_heap_type(c, &instr->types);
    case IMM_TRY_TABLE:
        return skip_try_table(c, &instr->types);
    case IMM_CAST_BRANCH:
        return read_cast_branch(c, instr);
    case IMM_FENCE:
        return read_zero(c);
    default:
        return read_const(c, imm);
    }
}

static bool unknown_opcode(struct cursor *c, const uint8_t *start, uint8_t prefix, uint32_t code)
{
    uint64_t at = (uint64_t)(start - c->start);
    return prefix ? error_at(c->err, ERROR_INPUT, at, "unknown opcode 0x%02x 0x%02x", prefix, code)
                  : error_at(c->err, ERROR_INPUT, at, "unknown opcode 0x%02x", code);
}

bool wasm_instr_read(struct cursor *c, struct wasm_instr *instr)
{
    struct cursor before = *c;
    uint8_t byte;
    if (!cursor_u8(c, "code", &byte))
        return false;
    instr->start = before.at;
    int op = wasm_opcode_plain(byte);
    if (op < 0) { /* a prefix, or nothing */
        uint32_t code = byte;
        bool prefixed = wasm_opcode_is_prefix(byte);
        if (prefixed && !cursor_leb_u32(c, "opcode", &code)) {
            *c = before;
            return false;
        }
        op = prefixed ? wasm_opcode_find(byte, code) : -1;
        if (op < 0) {
            *c = before;
            return unknown_opcode(c, before.at, prefixed ? byte : 0, code);
        }
    }
    instr->op = (enum wasm_opcode)op;
    instr->imm = c->at;
    instr->memory = 0;
    instr->types = (struct wasm_type_use){0};
    enum wasm_imm imm = (enum wasm_imm)wasm_opcode_info((enum wasm_opcode)op)->imm;
    if (imm != IMM_NONE && !read_immediates(c, imm, instr)) {
        *c = before;
        return false;
    }
    instr->end = c->at;
    return true;
}

bool wasm_opens_block(enum wasm_opcode op)
{
    switch (op) {
    case WASM_OP_BLOCK:
    case WASM_OP_LOOP:
    case WASM_OP_IF:
    case WASM_OP_TRY:
    case WASM_OP_TRY_TABLE:
        return true;
    default:
        return false;
    }
}

bool wasm_switches_stacks(enum wasm_opcode op)
{
    switch (op) {
    case WASM_OP_SUSPEND:
    case WASM_OP_RESUME:
    case WASM_OP_RESUME_THROW:
    case WASM_OP_RESUME_THROW_REF:
    case WASM_OP_SWITCH:
        return true;
    default:
        return false;
    }
}

bool wasm_expr_walk(struct cursor *c, bool (*visit)(void *self, const struct wasm_instr *instr), void *self)
{
    uint64_t depth = 1;
    while (depth) {
        struct wasm_instr instr = {0};
        if (!wasm_instr_read(c, &instr))
            return false;
        if (wasm_opens_block(instr.op))
            depth++;
        else if (instr.op == WASM_OP_END || instr.op == WASM_OP_DELEGATE)
            depth--;
        if (visit && !visit(self, &instr))
            return false;
    }
    return true;
}
