/* The hooks of memory.fill, memory.copy and memory.init: whether the bytes change anything is found out beforehand by a
 * loop that stops at the first difference; it runs into the same trap as the instruction where a range lies outside. */
#include "rewrite/online.h"
#include "trace/record.h"
#include "wasm/types.h"

/* Parameters and locals of every bulk hook.  The 64-bit ones are the operands, extended. */
enum {
    P_TO,
    P_FROM, /* copy: source address · init: offset in the segment · fill: value */
    P_LENGTH,
    P_HEAD,
    L_TO,
    L_FROM,
    L_LENGTH,
    L_I,
    L_WORD,  /* fill: the value in all eight bytes */
    L_DONE,  /* init: bytes of earlier pieces */
    L_PIECE, /* bytes of this piece; L_LENGTH where there is only one */
    L_FLAG,
    L_RECORD,
};

enum { I64_LOCALS = L_PIECE - L_TO + 1, I32_LOCALS = L_RECORD - L_FLAG + 1 };

/* memory.copy takes a 64-bit length only when both memories are 64-bit. */
static bool length_is_64(const struct rewriter *rw, const struct wasm_instr *instr)
{
    if (instr->op == WASM_OP_MEMORY_INIT)
        return false;
    return memory_is_64(rw, instr->memory) &&
           (instr->op == WASM_OP_MEMORY_FILL || memory_is_64(rw, instr->memory_from));
}

static bool from_is_64(const struct rewriter *rw, const struct wasm_instr *instr)
{
    return instr->op == WASM_OP_MEMORY_COPY && memory_is_64(rw, instr->memory_from);
}

void bulk_hook_params(const struct rewriter *rw, const struct wasm_instr *instr, char params[4])
{
    params[0] = memory_is_64(rw, instr->memory) ? 'l' : 'i';
    params[1] = from_is_64(rw, instr) ? 'l' : 'i';
    params[2] = length_is_64(rw, instr) ? 'l' : 'i';
    params[3] = '\0';
}

static void put_extended(struct buf *b, uint32_t from, uint32_t to, bool is_64)
{
    put_get(b, from);
    if (!is_64)
        wasm_put_op(b, WASM_OP_I64_EXTEND_I32_U);
    put_set(b, to);
}

/* Loads at base + i; a sum beyond 2^32 wraps in a 32-bit memory, but then the instruction itself will trap. */
static void put_load(struct rewriter *rw, struct buf *b, uint32_t memory, uint32_t base, enum wasm_opcode op)
{
    put_get(b, base);
    put_get(b, L_I);
    wasm_put_op(b, WASM_OP_I64_ADD);
    if (!memory_is_64(rw, memory))
        wasm_put_op(b, WASM_OP_I32_WRAP_I64);
    wasm_put_op(b, op);
    wasm_put_memarg(b, 0, memory, 0);
}

/* What will be written at i: eight bytes or one, as an i64. */
static void put_expected(struct rewriter *rw, const struct wasm_instr *instr, struct buf *b, bool eight)
{
    enum wasm_opcode load = eight ? WASM_OP_I64_LOAD : WASM_OP_I64_LOAD8_U;
    switch (instr->op) {
    case WASM_OP_MEMORY_COPY:
        put_load(rw, b, instr->memory_from, L_FROM, load);
        return;
    case WASM_OP_MEMORY_INIT:
        put_get(b, L_I);
        wasm_put_op(b, WASM_OP_I32_WRAP_I64);
        emit_trace_op(rw, b, load, 0, SCRATCH_INIT);
        return;
    default:
        put_get(b, L_WORD);
        if (!eight) {
            wasm_put_i64_const(b, 0xff);
            wasm_put_op(b, WASM_OP_I64_AND);
        }
    }
}

/* One step of the comparison; leaves the block that lies `out` labels outside when the bytes differ. */
static void put_step(struct rewriter *rw, const struct wasm_instr *instr, struct buf *b, bool eight, uint32_t out)
{
    put_load(rw, b, instr->memory, L_TO, eight ? WASM_OP_I64_LOAD : WASM_OP_I64_LOAD8_U);
    put_expected(rw, instr, b, eight);
    wasm_put_op(b, WASM_OP_I64_NE);
    wasm_put_op_u32(b, WASM_OP_BR_IF, out);
    put_get(b, L_I);
    wasm_put_i64_const(b, eight ? 8 : 1);
    wasm_put_op(b, WASM_OP_I64_ADD);
    put_set(b, L_I);
    wasm_put_op_u32(b, WASM_OP_BR, 0);
}

/* Compares L_PIECE bytes; goes on behind when they are equal, else leaves `out` labels. */
static void put_compare(struct rewriter *rw, const struct wasm_instr *instr, struct buf *b, uint32_t out)
{
    wasm_put_i64_const(b, 0);
    put_set(b, L_I);
    for (int eight = 1; eight >= 0; eight--) {
        put_open(b, WASM_OP_BLOCK);
        put_open(b, WASM_OP_LOOP);
        put_get(b, L_PIECE);
        put_get(b, L_I);
        wasm_put_op(b, WASM_OP_I64_SUB);
        wasm_put_i64_const(b, eight ? 8 : 1);
        wasm_put_op(b, WASM_OP_I64_LT_U);
        wasm_put_op_u32(b, WASM_OP_BR_IF, 1);
        put_step(rw, instr, b, eight, out + 2);
        wasm_put_op(b, WASM_OP_END);
        wasm_put_op(b, WASM_OP_END);
    }
}

/* Fetches the next piece of the segment into the scratch space; leaves `out` labels when there is none. */
static void put_next_piece(struct rewriter *rw, const struct wasm_instr *instr, struct buf *b)
{
    put_get(b, L_LENGTH);
    put_get(b, L_DONE);
    wasm_put_op(b, WASM_OP_I64_SUB);
    put_tee(b, L_PIECE);
    wasm_put_i64_const(b, SCRATCH_INIT_SIZE);
    put_get(b, L_PIECE);
    wasm_put_i64_const(b, SCRATCH_INIT_SIZE);
    wasm_put_op(b, WASM_OP_I64_LT_U);
    wasm_put_op(b, WASM_OP_SELECT);
    put_set(b, L_PIECE);
    wasm_put_i32_const(b, SCRATCH_INIT);
    put_get(b, L_FROM);
    put_get(b, L_DONE);
    wasm_put_op(b, WASM_OP_I64_ADD);
    wasm_put_op(b, WASM_OP_I32_WRAP_I64);
    put_get(b, L_PIECE);
    wasm_put_op(b, WASM_OP_I32_WRAP_I64);
    wasm_put_op_u32(b, WASM_OP_MEMORY_INIT, instr->index);
    wasm_put_u32(b, rw->trace_memory);
}

/* memory.init: piece after piece; L_TO moves along, and is set back by the caller. */
static void put_compare_segment(struct rewriter *rw, const struct wasm_instr *instr, struct buf *b)
{
    put_open(b, WASM_OP_LOOP);
    put_next_piece(rw, instr, b);
    put_compare(rw, instr, b, 1);
    put_get(b, L_TO);
    put_get(b, L_PIECE);
    wasm_put_op(b, WASM_OP_I64_ADD);
    put_set(b, L_TO);
    put_get(b, L_DONE);
    put_get(b, L_PIECE);
    wasm_put_op(b, WASM_OP_I64_ADD);
    put_tee(b, L_DONE);
    put_get(b, L_LENGTH);
    wasm_put_op(b, WASM_OP_I64_LT_U);
    wasm_put_op_u32(b, WASM_OP_BR_IF, 0);
    wasm_put_op(b, WASM_OP_END);
}

/* Sets L_FLAG when there is at least one byte and every byte is there already. */
static void put_flag(struct rewriter *rw, const struct wasm_instr *instr, struct buf *b)
{
    put_open(b, WASM_OP_BLOCK);
    put_get(b, L_LENGTH);
    wasm_put_op(b, WASM_OP_I64_EQZ);
    wasm_put_op_u32(b, WASM_OP_BR_IF, 0);
    if (instr->op == WASM_OP_MEMORY_FILL) {
        put_get(b, P_FROM);
        wasm_put_op(b, WASM_OP_I64_EXTEND_I32_U);
        wasm_put_i64_const(b, 0xff);
        wasm_put_op(b, WASM_OP_I64_AND);
        wasm_put_i64_const(b, 0x0101010101010101);
        wasm_put_op(b, WASM_OP_I64_MUL);
        put_set(b, L_WORD);
    }
    if (instr->op == WASM_OP_MEMORY_INIT) {
        put_compare_segment(rw, instr, b);
    } else {
        put_get(b, L_LENGTH);
        put_set(b, L_PIECE);
        put_compare(rw, instr, b, 0);
    }
    wasm_put_i32_const(b, RECORD_FLAG);
    put_set(b, L_FLAG);
    wasm_put_op(b, WASM_OP_END);
}

static void put_field(struct rewriter *rw, struct buf *b, uint32_t local, uint32_t offset)
{
    put_get(b, L_RECORD);
    put_get(b, local);
    emit_trace_op(rw, b, WASM_OP_I64_STORE, 3, offset);
}

static void put_record(struct rewriter *rw, const struct wasm_instr *instr, struct buf *b)
{
    bool copy = instr->op == WASM_OP_MEMORY_COPY;
    wasm_put_op_u32(b, WASM_OP_GLOBAL_GET, rw->pointer);
    put_tee(b, L_RECORD);
    put_get(b, P_HEAD);
    put_get(b, L_FLAG);
    wasm_put_op(b, WASM_OP_I32_OR);
    emit_trace_op(rw, b, WASM_OP_I32_STORE, 2, 0);
    put_get(b, L_RECORD);
    if (copy)
        wasm_put_i32_const(b, 0);
    else
        put_get(b, P_FROM);
    emit_trace_op(rw, b, WASM_OP_I32_STORE, 2, 4);
    put_field(rw, b, L_TO, 8);
    if (copy)
        put_field(rw, b, L_FROM, 16);
    put_field(rw, b, L_LENGTH, copy ? 24 : 16);
    put_get(b, L_RECORD);
    wasm_put_i32_const(b, copy ? 32 : 24);
    wasm_put_op(b, WASM_OP_I32_ADD);
    put_global_set(b, rw->pointer);
}

static void put_outside(struct rewriter *rw, struct buf *b, uint32_t memory, uint32_t base)
{
    emit_outside(rw, b, &(struct reach){.memory = memory, .base = base, .has_length = true, .length = L_LENGTH});
}

/* Does what a record would have the host do; goes on in a block where that is the host's business nevertheless. */
static void put_range(struct rewriter *rw, const struct wasm_instr *instr, struct buf *b)
{
    for (uint32_t p = P_TO; p <= P_HEAD; p++)
        put_get(b, p);
    wasm_put_i32_const(b, instr->op == WASM_OP_MEMORY_COPY);
    put_get(b, L_FLAG);
    wasm_put_op_u32(b, WASM_OP_CALL, rw->online_range);
    wasm_put_op(b, WASM_OP_I32_EQZ);
    put_open(b, WASM_OP_IF);
}

void bulk_hook_body(struct rewriter *rw, const struct wasm_instr *instr, const struct site *site, struct buf *b)
{
    (void)site;
    wasm_put_u32(b, 2);
    wasm_put_u32(b, I64_LOCALS);
    buf_put_u8(b, WASM_TYPE_I64);
    wasm_put_u32(b, I32_LOCALS);
    buf_put_u8(b, WASM_TYPE_I32);
    emit_check(rw, b);
    bool to_64 = memory_is_64(rw, instr->memory);
    put_extended(b, P_TO, L_TO, to_64);
    put_extended(b, P_FROM, L_FROM, from_is_64(rw, instr));
    put_extended(b, P_LENGTH, L_LENGTH, length_is_64(rw, instr));
    if (instr->op == WASM_OP_MEMORY_COPY)
        put_outside(rw, b, instr->memory_from, L_FROM);
    put_outside(rw, b, instr->memory, L_TO);
    put_flag(rw, instr, b);
    if (instr->op == WASM_OP_MEMORY_INIT)
        put_extended(b, P_TO, L_TO, to_64);
    for (uint32_t p = P_TO; p <= P_LENGTH; p++)
        put_get(b, p);
    buf_put(b, instr->start, (size_t)(instr->end - instr->start));
    bool in_code = rw->options->online && instr->op != WASM_OP_MEMORY_INIT;
    if (in_code)
        put_range(rw, instr, b);
    put_record(rw, instr, b);
    if (rw->options->online)
        online_emit_flush(rw, b);
    if (in_code)
        wasm_put_op(b, WASM_OP_END);
    wasm_put_op(b, WASM_OP_END);
}
