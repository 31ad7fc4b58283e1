/* Word of an access that reaches beyond memory, left before it traps (trace/guest.h), where the engine tells of no address: of fills, copies
 * and inits, and where it guards no bounds by pages: in 64-bit memories, and of static offsets beyond its guard. */
#include "rewrite/emit.h"

static void put_bytes(const struct rewriter *rw, struct buf *out, uint32_t memory)
{
    wasm_put_op_u32(out, WASM_OP_MEMORY_SIZE, memory);
    if (!memory_is_64(rw, memory))
        wasm_put_op(out, WASM_OP_I64_EXTEND_I32_U);
    wasm_put_i64_const(out, rw->in->memories[memory].page_size_log2);
    wasm_put_op(out, WASM_OP_I64_SHL);
}

static void put_base(struct buf *out, const struct reach *r)
{
    put_get(out, r->base);
    if (r->is_narrow)
        wasm_put_op(out, WASM_OP_I64_EXTEND_I32_U);
}

static void put_first(struct buf *out, const struct reach *r)
{
    put_base(out, r);
    wasm_put_i64_const(out, (int64_t)r->offset);
    wasm_put_op(out, WASM_OP_I64_ADD);
}

/* How far the access reaches from its base; the greatest number where the sum of constants is no number. */
static void put_reach(struct buf *out, const struct reach *r)
{
    if (r->has_length)
        put_get(out, r->length);
    else
        wasm_put_i64_const(out, r->offset > UINT64_MAX - r->width ? -1 : (int64_t)(r->offset + r->width));
}

void emit_outside(struct rewriter *rw, struct buf *out, const struct reach *r)
{
    put_bytes(rw, out, r->memory);
    put_reach(out, r);
    wasm_put_op(out, WASM_OP_I64_LT_U);
    put_base(out, r);
    put_bytes(rw, out, r->memory);
    put_reach(out, r);
    wasm_put_op(out, WASM_OP_I64_SUB);
    wasm_put_op(out, WASM_OP_I64_GT_U);
    wasm_put_op(out, WASM_OP_I32_OR);
    put_open(out, WASM_OP_IF);
    wasm_put_i32_const(out, 0);
    put_first(out, r);
    emit_trace_op(rw, out, WASM_OP_I64_STORE, 3, GUEST_OUTSIDE_AT);
    wasm_put_i32_const(out, 0);
    put_bytes(rw, out, r->memory);
    emit_trace_op(rw, out, WASM_OP_I64_STORE, 3, GUEST_OUTSIDE_AT + 8);
    wasm_put_i32_const(out, 0);
    wasm_put_i32_const(out, 1);
    emit_trace_op(rw, out, WASM_OP_I32_STORE, 2, GUEST_OUTSIDE_AT + 16);
    wasm_put_op(out, WASM_OP_END);
}
