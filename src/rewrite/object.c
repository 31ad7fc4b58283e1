/* Records of allocations and of the stack pointer (trace/object.h).
 *
 * Functions that allocate have wrappers, as imports do, which know the call's site and see what goes in and comes out.  One may
 * call another: only the outermost call is told of, so a global counts how many are running. */
#include "rewrite/context.h"
#include "trace/record.h"
#include "wasm/types.h"

#include <string.h>

enum { RECORD_SIZE = 32, STACK_RECORD_SIZE = 16 };

/* Locals of a wrapper, behind its parameters. */
struct locals {
    uint32_t site, context, record, depth, result;
};

static bool is_integer(uint8_t type)
{
    return type == WASM_TYPE_I32 || type == WASM_TYPE_I64;
}

/* The number of a parameter from the first. */
static uint32_t param_at(const struct wasm_type *type, const struct alloc_shape *s, uint8_t param)
{
    return s->from_end ? type->param_count - 1 - param : param;
}

static bool has_integer(const struct wasm_type *type, const struct alloc_shape *s, uint8_t param)
{
    return param == ALLOC_NO_PARAM || (param < type->param_count && is_integer(type->params[param_at(type, s, param)]));
}

/* Whether the parameter that says where the block's address goes is an address. */
static bool has_out(const struct rewriter *rw, const struct wasm_type *type, const struct alloc_shape *s)
{
    return rw->in->memory_count &&
           type->params[param_at(type, s, s->out)] == (memory_is_64(rw, 0) ? WASM_TYPE_I64 : WASM_TYPE_I32);
}

/* Whether a function's type is one that the shape can be of. */
static bool type_fits(const struct rewriter *rw, const struct wasm_type *type, const struct alloc_shape *s)
{
    if (!type->params || type->param_bytes != type->param_count)
        return false;
    if (s->via)
        return true;
    if (type->result_bytes != type->result_count || type->result_count > 1 ||
        (type->result_count && !is_integer(type->results[0])))
        return false;
    return has_integer(type, s, s->size) && has_integer(type, s, s->count) && has_integer(type, s, s->old) &&
           has_integer(type, s, s->out) && (type->result_count || s->result == ALLOC_RESULT_NOTHING) &&
           (s->out == ALLOC_NO_PARAM || has_out(rw, type, s));
}

/* Leaves a parameter as an i64; 0 for none. */
static void put_param(struct buf *b, const struct wasm_type *type, const struct alloc_shape *s, uint8_t param)
{
    if (param == ALLOC_NO_PARAM) {
        wasm_put_i64_const(b, 0);
        return;
    }
    put_get(b, param_at(type, s, param));
    if (type->params[param_at(type, s, param)] == WASM_TYPE_I32)
        wasm_put_op(b, WASM_OP_I64_EXTEND_I32_U);
}

/* Leaves the block whose address the function put into memory. */
static void put_out(struct rewriter *rw, struct buf *b, const struct wasm_type *type, const struct alloc_shape *s)
{
    put_get(b, param_at(type, s, s->out));
    wasm_put_op(b, memory_is_64(rw, 0) ? WASM_OP_I64_LOAD : WASM_OP_I64_LOAD32_U);
    wasm_put_memarg(b, 0, 0, s->out_offset);
}

/* Opens an `if` that leaves an i64, on whether the result is not 0. */
static void put_if_result(struct buf *b, const struct wasm_type *type, const struct locals *l)
{
    put_get(b, l->result);
    if (type->results[0] == WASM_TYPE_I64) {
        wasm_put_i64_const(b, 0);
        wasm_put_op(b, WASM_OP_I64_NE);
    }
    wasm_put_op(b, WASM_OP_IF);
    buf_put_u8(b, WASM_TYPE_I64);
}

/* Leaves the block that the call gave, as an i64. */
static void put_block(struct rewriter *rw, struct buf *b, const struct wasm_type *type, const struct alloc_shape *s,
                      const struct locals *l)
{
    switch (s->result) {
    case ALLOC_RESULT_BLOCK:
        put_get(b, l->result);
        if (type->results[0] == WASM_TYPE_I32)
            wasm_put_op(b, WASM_OP_I64_EXTEND_I32_U);
        return;
    case ALLOC_RESULT_ERROR:
        put_if_result(b, type, l);
        wasm_put_i64_const(b, 0);
        wasm_put_op(b, WASM_OP_ELSE);
        put_out(rw, b, type, s);
        wasm_put_op(b, WASM_OP_END);
        return;
    case ALLOC_RESULT_DONE:
        put_if_result(b, type, l);
        put_param(b, type, s, s->old);
        wasm_put_op(b, WASM_OP_ELSE);
        wasm_put_i64_const(b, 0);
        wasm_put_op(b, WASM_OP_END);
        return;
    default:
        if (s->out == ALLOC_NO_PARAM)
            wasm_put_i64_const(b, 0);
        else
            put_out(rw, b, type, s);
    }
}

static void put_record(struct rewriter *rw, struct buf *b, const struct wasm_type *type, const struct alloc_shape *s,
                       const struct locals *l)
{
    if (rw->options->contexts)
        context_emit_wrapper_check(rw, b, l->context);
    emit_check(rw, b);
    put_global_get(b, rw->pointer);
    put_tee(b, l->record);
    wasm_put_i32_const(b, (int32_t)record_head(SITE_OBJECT, RECORD_SIZE / RECORD_UNIT, 0));
    emit_trace_op(rw, b, WASM_OP_I32_STORE, 2, 0);
    put_get(b, l->record);
    put_get(b, l->site);
    emit_trace_op(rw, b, WASM_OP_I32_STORE, 2, 4);
    put_get(b, l->record);
    put_block(rw, b, type, s, l);
    emit_trace_op(rw, b, WASM_OP_I64_STORE, 3, 8);
    put_get(b, l->record);
    put_param(b, type, s, s->size);
    if (s->count != ALLOC_NO_PARAM) {
        put_param(b, type, s, s->count);
        wasm_put_op(b, WASM_OP_I64_MUL);
    }
    emit_trace_op(rw, b, WASM_OP_I64_STORE, 3, 16);
    put_get(b, l->record);
    put_param(b, type, s, s->old);
    emit_trace_op(rw, b, WASM_OP_I64_STORE, 3, 24);
    put_get(b, l->record);
    wasm_put_i32_const(b, RECORD_SIZE);
    wasm_put_op(b, WASM_OP_I32_ADD);
    put_global_set(b, rw->pointer);
}

static void put_depth(struct rewriter *rw, struct buf *b, uint32_t depth)
{
    put_get(b, depth);
    put_global_set(b, rw->alloc_depth);
}

/* The record, if the call is the outermost one, or is told of wherever it is. */
static void put_outermost(struct rewriter *rw, struct buf *b, const struct wasm_type *type, const struct alloc_shape *s,
                          const struct locals *l)
{
    if (!s->nested) {
        put_get(b, l->depth);
        wasm_put_op(b, WASM_OP_I32_EQZ);
        put_open(b, WASM_OP_IF);
    }
    put_record(rw, b, type, s, l);
    if (!s->nested)
        wasm_put_op(b, WASM_OP_END);
}

/* Contexts show the callers of functions that take their blocks from others anyway, and a site has to be of its context. */
static void put_start(struct rewriter *rw, struct buf *b, const struct locals *l)
{
    if (!rw->options->contexts) {
        put_global_get(b, rw->alloc_via);
        put_global_get(b, rw->call_site);
        put_global_get(b, rw->alloc_via);
        wasm_put_op(b, WASM_OP_SELECT);
    } else {
        put_global_get(b, rw->call_site);
    }
    put_set(b, l->site);
    if (rw->options->contexts)
        context_emit_wrapper(rw, b, l->site, l->context);
    put_global_get(b, rw->alloc_depth);
    put_tee(b, l->depth);
    wasm_put_i32_const(b, 1);
    wasm_put_op(b, WASM_OP_I32_ADD);
    put_global_set(b, rw->alloc_depth);
}

/* What frees is told of before it does: from then on the block is the allocator's. */
static void put_wrapper(struct rewriter *rw, struct buf *b, uint32_t func, const struct wasm_type *type,
                        const struct alloc_shape *s)
{
    uint32_t params = type->param_count;
    const struct locals l = {params, params + 1, params + 2, params + 3, params + 4};
    bool before = s->result == ALLOC_RESULT_NOTHING && s->out == ALLOC_NO_PARAM;
    wasm_put_u32(b, type->result_count ? 2 : 1);
    wasm_put_u32(b, 4);
    buf_put_u8(b, WASM_TYPE_I32);
    if (type->result_count) {
        wasm_put_u32(b, 1);
        buf_put_u8(b, type->results[0]);
    }
    put_start(rw, b, &l);
    if (before)
        put_outermost(rw, b, type, s, &l);
    emit_try(rw, b);
    for (uint32_t i = 0; i < params; i++)
        put_get(b, i);
    wasm_put_op_u32(b, WASM_OP_CALL, func);
    if (type->result_count)
        put_set(b, l.result);
    put_depth(rw, b, l.depth);
    if (!before)
        put_outermost(rw, b, type, s, &l);
    if (type->result_count)
        put_get(b, l.result);
    if (emit_catch(rw, b)) {
        put_depth(rw, b, l.depth);
        emit_rethrow(rw, b);
    }
    wasm_put_op(b, WASM_OP_END);
}

/* While it runs, its call is the one that allocates; of several such functions that is the outermost's. */
static void put_via(struct rewriter *rw, struct buf *b, uint32_t func, const struct wasm_type *type)
{
    const uint32_t saved = type->param_count;
    wasm_put_u32(b, 1);
    wasm_put_u32(b, 1);
    buf_put_u8(b, WASM_TYPE_I32);
    put_global_get(b, rw->alloc_via);
    put_tee(b, saved);
    put_global_get(b, rw->call_site);
    put_get(b, saved);
    wasm_put_op(b, WASM_OP_SELECT);
    put_global_set(b, rw->alloc_via);
    emit_try(rw, b);
    for (uint32_t i = 0; i < type->param_count; i++)
        put_get(b, i);
    wasm_put_op_u32(b, WASM_OP_CALL, func);
    put_get(b, saved);
    put_global_set(b, rw->alloc_via);
    if (emit_catch(rw, b)) {
        put_get(b, saved);
        put_global_set(b, rw->alloc_via);
        emit_rethrow(rw, b);
    }
    wasm_put_op(b, WASM_OP_END);
}

static bool add_wrapper(struct rewriter *rw, uint32_t func, const struct alloc_shape *shape)
{
    uint32_t index = rw->in->func_types[func];
    const struct wasm_type *type = &rw->in->types[index];
    struct buf *b;
    if (!type_fits(rw, type, shape) || (shape->via && rw->options->contexts))
        return true; /* a function that only bears the name */
    if (!rewriter_add_func_of_type(rw, index, "_trace_allocation", &rw->wrappers[func], &b))
        return false;
    if (shape->via)
        put_via(rw, b, func, type);
    else
        put_wrapper(rw, b, func, type, shape);
    rw->wraps = rw->context.bare[func] = true;
    return (!b->failed || error_no_memory(rw->err)) && host_add_entry(rw, func, index);
}

/* note_stack(function) */
static bool add_note_stack(struct rewriter *rw)
{
    enum { FUNC, RECORD };
    struct buf *b;
    if (!rewriter_add_func(rw, "i", "", "_trace_stack", &rw->note_stack, &b))
        return false;
    wasm_put_u32(b, 1);
    wasm_put_u32(b, 1);
    buf_put_u8(b, WASM_TYPE_I32);
    emit_check(rw, b);
    put_global_get(b, rw->pointer);
    put_tee(b, RECORD);
    wasm_put_i32_const(b, (int32_t)record_head(SITE_OBJECT, STACK_RECORD_SIZE / RECORD_UNIT, 0));
    emit_trace_op(rw, b, WASM_OP_I32_STORE, 2, 0);
    put_get(b, RECORD);
    put_get(b, FUNC);
    emit_trace_op(rw, b, WASM_OP_I32_STORE, 2, 4);
    put_get(b, RECORD);
    put_global_get(b, rw->options->objects->stack_global);
    if (!memory_is_64(rw, 0))
        wasm_put_op(b, WASM_OP_I64_EXTEND_I32_U);
    emit_trace_op(rw, b, WASM_OP_I64_STORE, 3, 8);
    put_get(b, RECORD);
    wasm_put_i32_const(b, STACK_RECORD_SIZE);
    wasm_put_op(b, WASM_OP_I32_ADD);
    put_global_set(b, rw->pointer);
    wasm_put_op(b, WASM_OP_END);
    return true;
}

bool object_add_runtime(struct rewriter *rw)
{
    const struct object_layout *o = rw->options->objects;
    for (uint32_t i = (uint32_t)rw->in->func_imports; i < rw->in->func_count; i++)
        if (o->allocs[i] && !add_wrapper(rw, i, o->allocs[i]))
            return false;
    return o->stack_global == UINT32_MAX || add_note_stack(rw);
}
