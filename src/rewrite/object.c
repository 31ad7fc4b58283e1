/* Records of allocations and of the stack pointer (trace/object.h).
 *
 * Functions that allocate have wrappers, as imports do, which know the call's site and see what goes in and comes out.  One may
 * call another: only the outermost call is told of, so a global counts how many are running. */
#include "rewrite/context.h"
#include "trace/record.h"
#include "wasm/types.h"

#include <string.h>

enum { NO_PARAM = 255, RECORD_SIZE = 32, STACK_RECORD_SIZE = 16 };

/* Which parameters of a function that allocates say what. */
static const struct alloc_shape {
    uint8_t size, count, old, out;
    bool gives; /* its result is the block */
} shapes[ALLOC_KINDS] = {
    [ALLOC_MALLOC] = {0, NO_PARAM, NO_PARAM, NO_PARAM, true},
    [ALLOC_CALLOC] = {1, 0, NO_PARAM, NO_PARAM, true},
    [ALLOC_REALLOC] = {1, NO_PARAM, 0, NO_PARAM, true},
    [ALLOC_ALIGNED] = {1, NO_PARAM, NO_PARAM, NO_PARAM, true},
    [ALLOC_POSIX_MEMALIGN] = {2, NO_PARAM, NO_PARAM, 0, false},
    [ALLOC_FREE] = {NO_PARAM, NO_PARAM, 0, NO_PARAM, false},
    [ALLOC_RUST_REALLOC] = {3, NO_PARAM, 0, NO_PARAM, true},
};

/* Locals of a wrapper, behind its parameters. */
struct locals {
    uint32_t site, context, record, depth, result;
};

static bool is_integer(uint8_t type)
{
    return type == WASM_TYPE_I32 || type == WASM_TYPE_I64;
}

static bool has_integer(const struct wasm_type *type, uint8_t param)
{
    return param == NO_PARAM || (param < type->param_count && is_integer(type->params[param]));
}

/* Whether a function's type is that of its kind. */
static bool type_fits(const struct wasm_type *type, const struct alloc_shape *s)
{
    if (!type->params || type->param_bytes != type->param_count || type->result_bytes != type->result_count ||
        type->result_count > 1 || (type->result_count && !is_integer(type->results[0])))
        return false;
    return has_integer(type, s->size) && has_integer(type, s->count) && has_integer(type, s->old) &&
           has_integer(type, s->out) && (type->result_count || (!s->gives && s->out == NO_PARAM));
}

/* Leaves a parameter as an i64; 0 for none. */
static void put_param(struct buf *b, const struct wasm_type *type, uint8_t param)
{
    if (param == NO_PARAM) {
        wasm_put_i64_const(b, 0);
        return;
    }
    put_get(b, param);
    if (type->params[param] == WASM_TYPE_I32)
        wasm_put_op(b, WASM_OP_I64_EXTEND_I32_U);
}

/* Leaves the block that the call gave, as an i64. */
static void put_block(struct rewriter *rw, struct buf *b, const struct wasm_type *type, const struct alloc_shape *s,
                      const struct locals *l)
{
    if (s->gives) {
        put_get(b, l->result);
        if (type->results[0] == WASM_TYPE_I32)
            wasm_put_op(b, WASM_OP_I64_EXTEND_I32_U);
    } else if (s->out != NO_PARAM) {
        bool wide = memory_is_64(rw, 0);
        put_get(b, l->result);
        if (type->results[0] == WASM_TYPE_I64)
            wasm_put_op(b, WASM_OP_I32_WRAP_I64);
        wasm_put_op(b, WASM_OP_IF);
        buf_put_u8(b, WASM_TYPE_I64);
        wasm_put_i64_const(b, 0);
        wasm_put_op(b, WASM_OP_ELSE);
        put_get(b, s->out);
        wasm_put_op(b, wide ? WASM_OP_I64_LOAD : WASM_OP_I64_LOAD32_U);
        wasm_put_memarg(b, 0, 0, 0);
        wasm_put_op(b, WASM_OP_END);
    } else {
        wasm_put_i64_const(b, 0);
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
    put_param(b, type, s->size);
    if (s->count != NO_PARAM) {
        put_param(b, type, s->count);
        wasm_put_op(b, WASM_OP_I64_MUL);
    }
    emit_trace_op(rw, b, WASM_OP_I64_STORE, 3, 16);
    put_get(b, l->record);
    put_param(b, type, s->old);
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

/* The record, if the call is the outermost one. */
static void put_outermost(struct rewriter *rw, struct buf *b, const struct wasm_type *type, const struct alloc_shape *s,
                          const struct locals *l)
{
    put_get(b, l->depth);
    wasm_put_op(b, WASM_OP_I32_EQZ);
    put_open(b, WASM_OP_IF);
    put_record(rw, b, type, s, l);
    wasm_put_op(b, WASM_OP_END);
}

static void put_start(struct rewriter *rw, struct buf *b, const struct locals *l)
{
    put_global_get(b, rw->call_site);
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
    bool before = !s->gives && s->out == NO_PARAM;
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

/* Whether posix_memalign's first parameter is an address. */
static bool has_out(const struct rewriter *rw, const struct wasm_type *type)
{
    return rw->in->memory_count && type->params[0] == (memory_is_64(rw, 0) ? WASM_TYPE_I64 : WASM_TYPE_I32);
}

static bool add_wrapper(struct rewriter *rw, uint32_t func, enum alloc_kind kind)
{
    uint32_t index = rw->in->func_types[func];
    const struct wasm_type *type = &rw->in->types[index];
    struct buf *b;
    if (!type_fits(type, &shapes[kind]) || (kind == ALLOC_POSIX_MEMALIGN && !has_out(rw, type)))
        return true; /* a function that only bears the name */
    if (!rewriter_add_func_of_type(rw, index, "_trace_allocation", &rw->wrappers[func], &b))
        return false;
    put_wrapper(rw, b, func, type, &shapes[kind]);
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
        if (o->allocs[i] && !add_wrapper(rw, i, (enum alloc_kind)o->allocs[i]))
            return false;
    return o->stack_global == UINT32_MAX || add_note_stack(rw);
}
