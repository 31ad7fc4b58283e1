/* The function that makes room for records: see trace/guest.h for what it promises. */
#include "rewrite/emit.h"
#include "trace/record.h"
#include "wasm/types.h"

enum { LOCAL_AT, LOCAL_SITE }; /* locals of the function, both i32 */

/* With a host: it takes what is there and says where to go on. */
static bool put_host_call(struct rewriter *rw, struct buf *b)
{
    put_open(b, WASM_OP_BLOCK);
    wasm_put_i32_const(b, 0);
    wasm_put_op_u32(b, WASM_OP_TABLE_GET, rw->host_table);
    wasm_put_op(b, WASM_OP_REF_IS_NULL);
    wasm_put_op_u32(b, WASM_OP_BR_IF, 0);
    put_global_get(b, rw->pointer);
    if (!emit_host_call(rw, b, 0))
        return false;
    put_tee(b, LOCAL_AT);
    put_global_set(b, rw->pointer);
    put_get(b, LOCAL_AT);
    wasm_put_i32_const(b, GUEST_BUFFER - GUEST_SLACK);
    wasm_put_op(b, WASM_OP_I32_ADD);
    put_global_set(b, rw->limit);
    wasm_put_op(b, WASM_OP_RETURN);
    wasm_put_op(b, WASM_OP_END);
    return true;
}

/* Without a host, as long as the memory grows: it doubles, or takes what is left up to its maximum. */
static void put_growth(struct rewriter *rw, struct buf *b, uint32_t max_pages)
{
    put_global_get(b, rw->kept);
    wasm_put_op(b, WASM_OP_I32_EQZ);
    put_open(b, WASM_OP_IF);
    wasm_put_op_u32(b, WASM_OP_MEMORY_SIZE, rw->trace_memory);
    put_tee(b, LOCAL_AT);
    wasm_put_i32_const(b, (int32_t)max_pages);
    put_get(b, LOCAL_AT);
    wasm_put_op(b, WASM_OP_I32_SUB);
    put_get(b, LOCAL_AT);
    wasm_put_i32_const(b, (int32_t)(max_pages / 2));
    wasm_put_op(b, WASM_OP_I32_LE_U);
    wasm_put_op(b, WASM_OP_SELECT);
    put_tee(b, LOCAL_SITE);
    put_open(b, WASM_OP_IF);
    put_get(b, LOCAL_SITE);
    wasm_put_op_u32(b, WASM_OP_MEMORY_GROW, rw->trace_memory);
    wasm_put_i32_const(b, -1);
    wasm_put_op(b, WASM_OP_I32_NE);
    put_open(b, WASM_OP_IF);
    wasm_put_op_u32(b, WASM_OP_MEMORY_SIZE, rw->trace_memory);
    wasm_put_i32_const(b, 16);
    wasm_put_op(b, WASM_OP_I32_SHL);
    wasm_put_i32_const(b, 2 * GUEST_SLACK); /* a record that was under way may have used the first half */
    wasm_put_op(b, WASM_OP_I32_SUB);
    put_global_set(b, rw->limit);
    wasm_put_op(b, WASM_OP_RETURN);
    wasm_put_op(b, WASM_OP_END);
    wasm_put_op(b, WASM_OP_END);
    put_global_get(b, rw->pointer);
    put_global_set(b, rw->kept);
    wasm_put_i32_const(b, 0); /* from now on every check comes here */
    put_global_set(b, rw->limit);
    wasm_put_op(b, WASM_OP_RETURN);
    wasm_put_op(b, WASM_OP_END);
}

/* The memory is full: counts the accesses behind what is kept, and gives their room away again. */
static void put_loss(struct rewriter *rw, struct buf *b)
{
    put_global_get(b, rw->kept);
    wasm_put_op_u32(b, WASM_OP_LOCAL_SET, LOCAL_AT);
    put_open(b, WASM_OP_BLOCK);
    put_open(b, WASM_OP_LOOP);
    put_get(b, LOCAL_AT);
    put_global_get(b, rw->pointer);
    wasm_put_op(b, WASM_OP_I32_GE_U);
    wasm_put_op_u32(b, WASM_OP_BR_IF, 1);
    put_get(b, LOCAL_AT);
    emit_trace_op(rw, b, WASM_OP_I32_LOAD, 2, 0);
    put_tee(b, LOCAL_SITE);
    wasm_put_i32_const(b, RECORD_SITE_SHIFT);
    wasm_put_op(b, WASM_OP_I32_SHR_U);
    wasm_put_i32_const(b, SITE_OPAQUE_ENTER); /* barriers are no accesses */
    wasm_put_op(b, WASM_OP_I32_SUB);
    wasm_put_i32_const(b, SITE_OPAQUE_LEAVE - SITE_OPAQUE_ENTER);
    wasm_put_op(b, WASM_OP_I32_GT_U);
    wasm_put_op(b, WASM_OP_I64_EXTEND_I32_U);
    put_global_get(b, rw->lost);
    wasm_put_op(b, WASM_OP_I64_ADD);
    put_global_set(b, rw->lost);
    put_get(b, LOCAL_SITE);
    wasm_put_i32_const(b, RECORD_UNITS_SHIFT);
    wasm_put_op(b, WASM_OP_I32_SHR_U);
    wasm_put_i32_const(b, RECORD_MAX_UNITS - 1);
    wasm_put_op(b, WASM_OP_I32_AND);
    wasm_put_i32_const(b, 1);
    wasm_put_op(b, WASM_OP_I32_ADD);
    wasm_put_i32_const(b, 3); /* units of 8 bytes */
    wasm_put_op(b, WASM_OP_I32_SHL);
    put_get(b, LOCAL_AT);
    wasm_put_op(b, WASM_OP_I32_ADD);
    wasm_put_op_u32(b, WASM_OP_LOCAL_SET, LOCAL_AT);
    wasm_put_op_u32(b, WASM_OP_BR, 0);
    wasm_put_op(b, WASM_OP_END);
    wasm_put_op(b, WASM_OP_END);
    wasm_put_i32_const(b, 0);
    put_global_get(b, rw->lost);
    emit_trace_op(rw, b, WASM_OP_I64_STORE, 3, GUEST_LOST_AT);
    put_global_get(b, rw->kept);
    put_global_set(b, rw->pointer);
}

bool runtime_add(struct rewriter *rw)
{
    struct buf *b;
    if (!rewriter_add_func(rw, "", "", "_trace_make_room", &rw->flush, &b))
        return false;
    wasm_put_u32(b, 1);
    wasm_put_u32(b, 2);
    buf_put_u8(b, WASM_TYPE_I32);
    if (!put_host_call(rw, b))
        return false;
    put_growth(rw, b, rw->options->trace_pages);
    put_loss(rw, b);
    wasm_put_op(b, WASM_OP_END);
    return true;
}
