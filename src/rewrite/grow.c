/* Under --max-memory: functions in the place of memory.grow, which count in a global how often it was the limit that refused. */
#include "rewrite/emit.h"
#include "wasm/types.h"

#include <stdio.h>
#include <stdlib.h>

enum { LOCAL_DELTA, LOCAL_RESULT }; /* both of the memory's address type */

static void put_pages(struct buf *b, const struct wasm_memory *m, bool size, uint32_t memory)
{
    if (size)
        wasm_put_op_u32(b, WASM_OP_MEMORY_SIZE, memory);
    else
        put_get(b, LOCAL_DELTA);
    if (!m->is_64)
        wasm_put_op(b, WASM_OP_I64_EXTEND_I32_U);
}

/* Whether it asks for more than what is left up to so many pages; the size is never above them. */
static void put_asks_more(struct buf *b, const struct wasm_memory *m, uint32_t memory, uint64_t pages)
{
    put_pages(b, m, false, memory);
    wasm_put_i64_const(b, (int64_t)pages);
    put_pages(b, m, true, memory);
    wasm_put_op(b, WASM_OP_I64_SUB);
    wasm_put_op(b, WASM_OP_I64_GT_U);
}

static bool add_func(struct rewriter *rw, uint32_t memory, uint64_t own, uint64_t limit)
{
    const struct wasm_memory *m = &rw->in->memories[memory];
    const char *type = m->is_64 ? "l" : "i";
    char name[sizeof((struct added_func *)0)->name];
    struct buf *b;
    snprintf(name, sizeof name, "_trace_grow_%u", memory);
    if (!rewriter_add_func(rw, type, type, name, &rw->grows[memory], &b))
        return false;
    wasm_put_u32(b, 1);
    wasm_put_u32(b, 1);
    buf_put_u8(b, m->is_64 ? WASM_TYPE_I64 : WASM_TYPE_I32);
    put_get(b, LOCAL_DELTA);
    wasm_put_op_u32(b, WASM_OP_MEMORY_GROW, memory);
    put_tee(b, LOCAL_RESULT);
    if (m->is_64)
        wasm_put_i64_const(b, -1);
    else
        wasm_put_i32_const(b, -1);
    wasm_put_op(b, m->is_64 ? WASM_OP_I64_EQ : WASM_OP_I32_EQ);
    put_asks_more(b, m, memory, limit);
    wasm_put_op(b, WASM_OP_I32_AND);
    put_asks_more(b, m, memory, own); /* then it would have been refused anyway */
    wasm_put_op(b, WASM_OP_I32_EQZ);
    wasm_put_op(b, WASM_OP_I32_AND);
    put_global_get(b, rw->refused);
    wasm_put_op(b, WASM_OP_I32_ADD);
    put_global_set(b, rw->refused);
    put_get(b, LOCAL_RESULT);
    wasm_put_op(b, WASM_OP_END);
    return true;
}

bool grow_add_runtime(struct rewriter *rw)
{
    const struct wasm_module *in = rw->in;
    rw->grows = calloc(in->memory_count + 1, sizeof *rw->grows);
    if (!rw->grows)
        return error_no_memory(rw->err);
    for (size_t i = rewriter_first_own_memory(rw); i < in->memory_count; i++) {
        const struct wasm_memory *m = &in->memories[i];
        uint64_t own = rewriter_most_pages(m), limit = rw->options->max_memory >> m->page_size_log2;
        own = m->has_max && m->max < own ? m->max : own;
        if (limit < own && own <= INT64_MAX && !add_func(rw, (uint32_t)i, own, limit))
            return false;
    }
    return true;
}
