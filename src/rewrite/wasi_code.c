#include "rewrite/wasi_code.h"

#include "rewrite/emit.h"
#include "rewrite/online.h"
#include "trace/record.h"
#include "wasm/types.h"

#include <string.h>

enum { BADF = 8 };

static void put_call(struct rewriter *rw, struct buf *b, enum wasi_fn func)
{
    wasm_put_op_u32(b, WASM_OP_CALL, rw->host.functions[func]);
}

/* Leaves the number that the call left where the parameter points, plus an offset. */
static void put_peek(struct rewriter *rw, struct buf *b, uint32_t param, uint32_t offset)
{
    put_get(b, param);
    if (offset) {
        wasm_put_i32_const(b, (int32_t)offset);
        wasm_put_op(b, WASM_OP_I32_ADD);
    }
    wasm_put_op_u32(b, WASM_OP_CALL, rw->host.peek[2]);
}

static void put_extra(struct buf *b, enum wasi_shape shape)
{
    wasm_put_i32_const(b, shape == WASI_FIRST_SUBSCRIPTIONS ? 8 : 0);
}

void wasi_put_before(struct rewriter *rw, struct buf *b, const struct wasi_func *func)
{
    const struct wasi_range *r = &func->ranges[0]; /* what needs a note comes first */
    if (!func->range_count ||
        (r->shape != WASI_TABLE && r->shape != WASI_SUBSCRIPTIONS && r->shape != WASI_FIRST_SUBSCRIPTIONS))
        return;
    put_get(b, r->pointer);
    put_get(b, r->length);
    if (r->shape != WASI_TABLE)
        put_extra(b, (enum wasi_shape)r->shape);
    put_call(rw, b, r->shape == WASI_TABLE ? WASI_FN_IOVECS : WASI_FN_SUBS);
}

/* Locals of a wrapper. */
struct locals {
    uint32_t site, error;
};

/* Leaves the bytes of a call's paths before the one. */
static void put_paths_before(struct buf *b, const struct wasi_func *func, const struct wasi_range *path)
{
    if (path == func->ranges)
        wasm_put_i32_const(b, 0);
    else
        put_get(b, func->ranges[0].length);
}

static void put_input(struct rewriter *rw, struct buf *b, const struct wasi_func *func, const struct wasi_range *r,
                      struct locals l)
{
    put_get(b, l.site);
    put_get(b, l.error);
    put_get(b, r->pointer);
    switch (r->shape) {
    case WASI_PATH:
        put_get(b, r->length);
        put_paths_before(b, func, r);
        put_call(rw, b, WASI_FN_PATH);
        return;
    case WASI_TABLE:
        put_get(b, r->length);
        wasm_put_i32_const(b, 0);
        put_peek(rw, b, r->count, 0);
        put_get(b, l.error);
        wasm_put_op(b, WASM_OP_SELECT);
        put_call(rw, b, WASI_FN_TABLE);
        return;
    default:
        put_extra(b, (enum wasi_shape)r->shape);
        put_call(rw, b, WASI_FN_POLLED);
    }
}

/* Leaves 1 when a time is to be both a value and now: when two adjacent bits of the flags are set, the lower one an even bit. */
static void put_both_times(struct buf *b, uint32_t flags)
{
    put_get(b, flags);
    put_get(b, flags);
    wasm_put_i32_const(b, 1);
    wasm_put_op(b, WASM_OP_I32_SHR_U);
    wasm_put_op(b, WASM_OP_I32_AND);
    wasm_put_i32_const(b, 5);
    wasm_put_op(b, WASM_OP_I32_AND);
}

/* Leaves 0 when the inputs were not read. */
static void put_inputs_read(struct buf *b, const struct wasi_func *func, struct locals l)
{
    put_get(b, l.error);
    if (func->failure == WASI_READS_NOTHING) {
        wasm_put_op(b, WASM_OP_I32_EQZ);
        return;
    }
    wasm_put_i32_const(b, BADF);
    wasm_put_op(b, WASM_OP_I32_NE);
    if (func->failure != WASI_ASKS_TIMES)
        return;
    put_both_times(b, func->flags);
    wasm_put_op(b, WASM_OP_I32_EQZ);
    put_get(b, l.error);
    wasm_put_op(b, WASM_OP_I32_EQZ);
    wasm_put_op(b, WASM_OP_I32_OR);
    wasm_put_op(b, WASM_OP_I32_AND);
}

/* Returns how many of the function's ranges are inputs. */
static unsigned put_inputs(struct rewriter *rw, struct buf *b, const struct wasi_func *func, struct locals l)
{
    unsigned count = 0;
    while (count < func->range_count && func->ranges[count].shape < WASI_FIXED)
        count++;
    bool asks = count && func->failure != WASI_READS;
    if (asks) {
        put_inputs_read(b, func, l);
        put_open(b, WASM_OP_IF);
    }
    for (unsigned i = 0; i < count; i++)
        put_input(rw, b, func, &func->ranges[i], l);
    if (asks)
        wasm_put_op(b, WASM_OP_END);
    return count;
}

/* Leaves the length of a range in bytes, as an i64. */
static void put_length(struct rewriter *rw, struct buf *b, const struct wasi_range *r)
{
    switch (r->shape) {
    case WASI_FIXED:
        wasm_put_i64_const(b, r->size);
        return;
    case WASI_SIZED:
        put_get(b, r->length);
        break;
    case WASI_COUNTED:
        put_peek(rw, b, r->count, 0);
        break;
    case WASI_ARG_PTRS:
    case WASI_ENV_PTRS:
        put_global_get(b, r->shape == WASI_ARG_PTRS ? rw->arg_count : rw->env_count);
        wasm_put_op(b, WASM_OP_I64_EXTEND_I32_U);
        wasm_put_i64_const(b, 4);
        wasm_put_op(b, WASM_OP_I64_MUL);
        return;
    case WASI_ARG_BYTES:
    case WASI_ENV_BYTES:
        put_global_get(b, r->shape == WASI_ARG_BYTES ? rw->arg_bytes : rw->env_bytes);
        break;
    default: /* WASI_NAME, of the descriptor in parameter 0 */
        put_get(b, 0);
        put_call(rw, b, WASI_FN_NAME);
        put_get(b, r->length);
        put_get(b, 0);
        put_call(rw, b, WASI_FN_NAME);
        put_get(b, r->length);
        wasm_put_op(b, WASM_OP_I32_LT_U);
        wasm_put_op(b, WASM_OP_SELECT);
    }
    wasm_put_op(b, WASM_OP_I64_EXTEND_I32_U);
}

static void put_parts(struct rewriter *rw, struct buf *b, const struct wasi_range *r, struct locals l)
{
    const struct wasi_part *parts = NULL;
    size_t count = wasi_parts((enum wasi_shape)r->shape, &parts);
    for (size_t i = 0; i < count; i++) {
        wasm_put_i32_const(b, (int32_t)record_head(SITE_HOST_WRITE, 3, 0));
        put_get(b, l.site);
        put_get(b, r->pointer);
        wasm_put_i32_const(b, parts[i].offset);
        wasm_put_op(b, WASM_OP_I32_ADD);
        wasm_put_i64_const(b, parts[i].size);
        put_call(rw, b, WASI_FN_RANGE);
    }
}

/* What a call that succeeded touched. */
static void put_output(struct rewriter *rw, struct buf *b, const struct wasi_range *r, struct locals l)
{
    switch (r->shape) {
    case WASI_FDSTAT:
    case WASI_FILESTAT:
    case WASI_FIRST_FILESTAT:
    case WASI_PRESTAT:
        put_parts(rw, b, r, l);
        return;
    case WASI_EVENTS:
        put_get(b, l.site);
        put_get(b, r->pointer);
        put_peek(rw, b, r->count, 0);
        put_call(rw, b, WASI_FN_EVENTS);
        return;
    default:
        break;
    }
    wasm_put_i32_const(b, (int32_t)record_head(r->shape == WASI_GATHERED ? SITE_HOST_READ : SITE_HOST_WRITE, 3, 0));
    put_get(b, l.site);
    put_get(b, r->pointer);
    if (r->shape == WASI_GATHERED || r->shape == WASI_SCATTERED) {
        put_get(b, r->length);
        put_peek(rw, b, r->count, 0);
        put_call(rw, b, WASI_FN_BUFFERS);
        return;
    }
    put_length(rw, b, r);
    put_call(rw, b, WASI_FN_RANGE);
}

/* The two numbers that parameters 0 and 1 point to; where they overlap, one of them is lost. */
static void put_note_sizes(struct rewriter *rw, struct buf *b, uint32_t count, uint32_t bytes)
{
    put_get(b, 1);
    put_get(b, 0);
    wasm_put_op(b, WASM_OP_I32_SUB);
    wasm_put_i32_const(b, 3);
    wasm_put_op(b, WASM_OP_I32_ADD);
    wasm_put_i32_const(b, 6);
    wasm_put_op(b, WASM_OP_I32_GT_U);
    put_open(b, WASM_OP_IF);
    put_peek(rw, b, 0, 0);
    put_global_set(b, count);
    put_peek(rw, b, 1, 0);
    put_global_set(b, bytes);
    wasm_put_op(b, WASM_OP_END);
}

/* What a successful call tells. */
static void put_note(struct rewriter *rw, struct buf *b, enum wasi_note note)
{
    switch (note) {
    case WASI_NOTE_ARGS:
        put_note_sizes(rw, b, rw->arg_count, rw->arg_bytes);
        return;
    case WASI_NOTE_ENVIRON:
        put_note_sizes(rw, b, rw->env_count, rw->env_bytes);
        return;
    case WASI_NOTE_PRESTAT:
        put_get(b, 0);
        put_peek(rw, b, 1, 4); /* behind the tag: the length of the name */
        put_call(rw, b, WASI_FN_NOTE_NAME);
        return;
    case WASI_NOTE_RENUMBER: /* the second descriptor is what the first one was */
        put_get(b, 1);
        put_get(b, 0);
        put_call(rw, b, WASI_FN_NAME);
        put_call(rw, b, WASI_FN_NOTE_NAME);
        return;
    default:
        return;
    }
}

void wasi_put_after(struct rewriter *rw, struct buf *b, const struct wasi_func *func, uint32_t site, uint32_t error)
{
    struct locals l = {site, error};
    unsigned inputs = put_inputs(rw, b, func, l);
    if (inputs < func->range_count || func->note) {
        put_get(b, error);
        wasm_put_op(b, WASM_OP_I32_EQZ);
        put_open(b, WASM_OP_IF);
        for (unsigned i = inputs; i < func->range_count; i++)
            put_output(rw, b, &func->ranges[i], l);
        put_note(rw, b, (enum wasi_note)func->note);
        wasm_put_op(b, WASM_OP_END);
    }
    if (rw->options->online && func->range_count)
        online_emit_flush(rw, b);
}
