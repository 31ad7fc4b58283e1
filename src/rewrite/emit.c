#include "rewrite/emit.h"

#include "wasm/types.h"

void emitter_init(struct emitter *e, struct rewriter *rw, struct buf *out, uint32_t first_local)
{
    *e = (struct emitter){.rw = rw, .out = out, .next_local = first_local};
    for (unsigned i = 0; i < TEMP_COUNT; i++)
        e->index[i] = UINT32_MAX;
}

void emitter_bind(struct emitter *e, enum temp temp, uint32_t local)
{
    e->index[temp] = local;
}

uint32_t emit_local(struct emitter *e, enum temp temp)
{
    if (e->index[temp] == UINT32_MAX) {
        e->index[temp] = e->next_local++;
        e->order[e->count++] = (uint8_t)temp;
    }
    return e->index[temp];
}

void emit_get(struct emitter *e, enum temp temp)
{
    wasm_put_op_u32(e->out, WASM_OP_LOCAL_GET, emit_local(e, temp));
}

void emit_set(struct emitter *e, enum temp temp)
{
    wasm_put_op_u32(e->out, WASM_OP_LOCAL_SET, emit_local(e, temp));
}

void emit_tee(struct emitter *e, enum temp temp)
{
    wasm_put_op_u32(e->out, WASM_OP_LOCAL_TEE, emit_local(e, temp));
}

uint8_t temp_type(enum temp temp)
{
    switch (temp) {
    case TEMP_ADDR64:
    case TEMP_I64:
    case TEMP_SECOND_I64:
    case TEMP_TIMEOUT:
    case TEMP_RESULT_I64:
    case TEMP_OLD_I64:
    case TEMP_MET64:
        return WASM_TYPE_I64;
    case TEMP_F32:
    case TEMP_RESULT_F32:
        return WASM_TYPE_F32;
    case TEMP_F64:
    case TEMP_RESULT_F64:
        return WASM_TYPE_F64;
    case TEMP_V128:
    case TEMP_RESULT_V128:
    case TEMP_OLD_V128:
    case TEMP_MET128:
    case TEMP_ROW:
    case TEMP_ROW_MORE:
        return WASM_TYPE_V128;
    default:
        return WASM_TYPE_I32;
    }
}

unsigned emitter_put_locals(const struct emitter *e, struct buf *out)
{
    for (unsigned i = 0; i < e->count; i++) {
        wasm_put_u32(out, 1);
        buf_put_u8(out, temp_type((enum temp)e->order[i]));
    }
    return e->count;
}

void emit_hint(struct emitter *e, bool likely)
{
    if (!e->hints)
        return;
    struct branch_hint hint = {(uint32_t)e->out->size, likely};
    buf_put(e->hints, &hint, sizeof hint);
}

void emit_check(struct rewriter *rw, struct buf *out)
{
    wasm_put_op_u32(out, WASM_OP_GLOBAL_GET, rw->pointer);
    wasm_put_op_u32(out, WASM_OP_GLOBAL_GET, rw->limit);
    wasm_put_op(out, WASM_OP_I32_GT_U);
    wasm_put_op(out, WASM_OP_IF);
    buf_put_u8(out, WASM_TYPE_EMPTY);
    wasm_put_op_u32(out, WASM_OP_CALL, rw->flush);
    wasm_put_op(out, WASM_OP_END);
}

void emit_trace_op(struct rewriter *rw, struct buf *out, enum wasm_opcode op, unsigned align_log2, uint32_t offset)
{
    wasm_put_op(out, op);
    wasm_put_memarg(out, align_log2, rw->trace_memory, offset);
}

void emit_try(const struct rewriter *rw, struct buf *out)
{
    if (rw->throws_legacy) {
        put_open(out, WASM_OP_TRY);
    } else if (rw->throws) {
        wasm_put_op(out, WASM_OP_BLOCK);
        buf_put_u8(out, WASM_TYPE_EXNREF);
        wasm_put_op(out, WASM_OP_TRY_TABLE);
        buf_put_u8(out, WASM_TYPE_EMPTY);
        wasm_put_u32(out, 1);
        buf_put_u8(out, 3); /* catch_all_ref */
        wasm_put_u32(out, 0);
    }
}

bool emit_catch(const struct rewriter *rw, struct buf *out)
{
    if (!rw->throws && !rw->throws_legacy)
        return false;
    wasm_put_op(out, WASM_OP_RETURN);
    wasm_put_op(out, rw->throws_legacy ? WASM_OP_CATCH_ALL : WASM_OP_END);
    if (!rw->throws_legacy) {
        wasm_put_op(out, WASM_OP_UNREACHABLE);
        wasm_put_op(out, WASM_OP_END);
    }
    return true;
}

void emit_rethrow(const struct rewriter *rw, struct buf *out)
{
    if (!rw->throws_legacy) {
        wasm_put_op(out, WASM_OP_THROW_REF);
        return;
    }
    wasm_put_op_u32(out, WASM_OP_RETHROW, 0);
    wasm_put_op(out, WASM_OP_END);
    wasm_put_op(out, WASM_OP_UNREACHABLE);
}

bool emit_host_call(struct rewriter *rw, struct buf *out, unsigned slot)
{
    uint32_t type;
    if (!rewriter_type(rw, "i", "i", &type))
        return false;
    wasm_put_i32_const(out, (int32_t)slot);
    wasm_put_op_u32(out, WASM_OP_CALL_INDIRECT, type);
    wasm_put_u32(out, rw->host_table);
    return true;
}
