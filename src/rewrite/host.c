/* Wrappers of imports: functions of the module that call an import and record what the host did to memory.
 *
 * They stand in the module, since the host's WASI functions look for the memory in the instance that called them, and
 * in the way however the import is entered: every mention of the import's index is replaced by the wrapper's.  The
 * instruction that entered the import is known from a global that the code sets before it. */
#include "rewrite/context.h"
#include "rewrite/online.h"
#include "rewrite/wasi.h"
#include "trace/record.h"
#include "wasm/types.h"

#include <stdio.h>
#include <string.h>

static void put_locals(struct buf *b, uint32_t i32s, uint32_t i64s)
{
    wasm_put_u32(b, (i32s ? 1u : 0u) + (i64s ? 1u : 0u));
    if (i32s) {
        wasm_put_u32(b, i32s);
        buf_put_u8(b, WASM_TYPE_I32);
    }
    if (i64s) {
        wasm_put_u32(b, i64s);
        buf_put_u8(b, WASM_TYPE_I64);
    }
}

/* Leaves 1 when a range that ends at the i64 on the stack does not lie in the host's memory. */
static void put_out_of_bounds(struct rewriter *rw, struct buf *b)
{
    uint32_t memory = rw->sites->host_memory;
    wasm_put_op_u32(b, WASM_OP_MEMORY_SIZE, memory);
    if (!memory_is_64(rw, memory))
        wasm_put_op(b, WASM_OP_I64_EXTEND_I32_U);
    wasm_put_i64_const(b, rw->in->memories[memory].page_size_log2);
    wasm_put_op(b, WASM_OP_I64_SHL);
    wasm_put_op(b, WASM_OP_I64_GT_U);
}

/* Loads from the host's memory at the i32 on the stack. */
static void put_host_load(struct rewriter *rw, struct buf *b, uint32_t offset)
{
    uint32_t memory = rw->sites->host_memory;
    if (memory_is_64(rw, memory))
        wasm_put_op(b, WASM_OP_I64_EXTEND_I32_U);
    wasm_put_op(b, WASM_OP_I32_LOAD);
    wasm_put_memarg(b, 0, memory, offset);
}

/* range(head, call site, address: i32, length: i64): one host access.  Nothing is recorded of a range that is empty or
 * lies outside (the host cannot have touched it). */
static bool add_range(struct rewriter *rw)
{
    enum { HEAD, SITE, ADDRESS, LENGTH, RECORD };
    struct buf *b;
    if (!rewriter_add_func(rw, "iiil", "", "_trace_host_range", &rw->host_range, &b))
        return false;
    put_locals(b, 1, 0);
    put_get(b, LENGTH);
    wasm_put_op(b, WASM_OP_I64_EQZ);
    put_open(b, WASM_OP_IF);
    wasm_put_op(b, WASM_OP_RETURN);
    wasm_put_op(b, WASM_OP_END);
    put_get(b, ADDRESS);
    wasm_put_op(b, WASM_OP_I64_EXTEND_I32_U);
    put_get(b, LENGTH);
    wasm_put_op(b, WASM_OP_I64_ADD);
    put_out_of_bounds(rw, b);
    put_open(b, WASM_OP_IF);
    wasm_put_op(b, WASM_OP_RETURN);
    wasm_put_op(b, WASM_OP_END);
    emit_check(rw, b);
    put_global_get(b, rw->pointer);
    put_tee(b, RECORD);
    put_get(b, HEAD);
    emit_trace_op(rw, b, WASM_OP_I32_STORE, 2, 0);
    put_get(b, RECORD);
    put_get(b, SITE);
    emit_trace_op(rw, b, WASM_OP_I32_STORE, 2, 4);
    put_get(b, RECORD);
    put_get(b, ADDRESS);
    wasm_put_op(b, WASM_OP_I64_EXTEND_I32_U);
    emit_trace_op(rw, b, WASM_OP_I64_STORE, 3, 8);
    put_get(b, RECORD);
    put_get(b, LENGTH);
    emit_trace_op(rw, b, WASM_OP_I64_STORE, 3, 16);
    put_get(b, RECORD);
    wasm_put_i32_const(b, 24);
    wasm_put_op(b, WASM_OP_I32_ADD);
    put_global_set(b, rw->pointer);
    if (rw->options->online)
        online_emit_flush(rw, b);
    wasm_put_op(b, WASM_OP_END);
    return true;
}

/* peek(address: i32) -> i32: what stands there, 0 outside of memory. */
static bool add_peek(struct rewriter *rw)
{
    struct buf *b;
    if (!rewriter_add_func(rw, "i", "i", "_trace_host_peek", &rw->host_peek, &b))
        return false;
    put_locals(b, 0, 0);
    put_get(b, 0);
    wasm_put_op(b, WASM_OP_I64_EXTEND_I32_U);
    wasm_put_i64_const(b, 4);
    wasm_put_op(b, WASM_OP_I64_ADD);
    put_out_of_bounds(rw, b);
    put_open(b, WASM_OP_IF);
    wasm_put_i32_const(b, 0);
    wasm_put_op(b, WASM_OP_RETURN);
    wasm_put_op(b, WASM_OP_END);
    put_get(b, 0);
    put_host_load(rw, b, 0);
    wasm_put_op(b, WASM_OP_END);
    return true;
}

/* snapshot(table: i32, entries: i32) -> i32: copies an iovec table to the scratch space before the call, which may
 * overwrite it; 1 when it could. */
static bool add_snapshot(struct rewriter *rw)
{
    enum { TABLE, ENTRIES };
    struct buf *b;
    if (!rewriter_add_func(rw, "ii", "i", "_trace_host_snapshot", &rw->host_snapshot, &b))
        return false;
    put_locals(b, 0, 0);
    put_get(b, ENTRIES);
    wasm_put_i32_const(b, SCRATCH_IOVECS_MAX);
    wasm_put_op(b, WASM_OP_I32_GT_U);
    put_open(b, WASM_OP_IF);
    wasm_put_i32_const(b, 0);
    wasm_put_op(b, WASM_OP_RETURN);
    wasm_put_op(b, WASM_OP_END);
    put_get(b, TABLE);
    wasm_put_op(b, WASM_OP_I64_EXTEND_I32_U);
    put_get(b, ENTRIES);
    wasm_put_op(b, WASM_OP_I64_EXTEND_I32_U);
    wasm_put_i64_const(b, 3);
    wasm_put_op(b, WASM_OP_I64_SHL);
    wasm_put_op(b, WASM_OP_I64_ADD);
    put_out_of_bounds(rw, b);
    put_open(b, WASM_OP_IF);
    wasm_put_i32_const(b, 0);
    wasm_put_op(b, WASM_OP_RETURN);
    wasm_put_op(b, WASM_OP_END);
    wasm_put_i32_const(b, SCRATCH_IOVECS);
    put_get(b, TABLE);
    if (memory_is_64(rw, rw->sites->host_memory))
        wasm_put_op(b, WASM_OP_I64_EXTEND_I32_U);
    put_get(b, ENTRIES);
    wasm_put_i32_const(b, 3);
    wasm_put_op(b, WASM_OP_I32_SHL);
    wasm_put_op_u32(b, WASM_OP_MEMORY_COPY, rw->trace_memory);
    wasm_put_u32(b, rw->sites->host_memory);
    wasm_put_i32_const(b, 1);
    wasm_put_op(b, WASM_OP_END);
    return true;
}

/* Leaves an iovec's field: 0 the buffer, 4 its length. */
static void put_iovec_field(struct rewriter *rw, struct buf *b, uint32_t saved, uint32_t at, uint32_t field)
{
    put_get(b, saved);
    wasm_put_op(b, WASM_OP_IF);
    buf_put_u8(b, WASM_TYPE_I32);
    put_get(b, at);
    emit_trace_op(rw, b, WASM_OP_I32_LOAD, 2, field);
    wasm_put_op(b, WASM_OP_ELSE);
    put_get(b, at);
    wasm_put_i32_const(b, (int32_t)field);
    wasm_put_op(b, WASM_OP_I32_ADD);
    wasm_put_op_u32(b, WASM_OP_CALL, rw->host_peek);
    wasm_put_op(b, WASM_OP_END);
}

/* iovecs(head, call site, table, entries, total, saved): host accesses to `total` bytes over the buffers in their
 * order; the table is read from the scratch space if it was saved there. */
static bool add_iovecs(struct rewriter *rw)
{
    enum { HEAD, SITE, AT, ENTRIES, TOTAL, SAVED, PART };
    struct buf *b;
    if (!rewriter_add_func(rw, "iiiiii", "", "_trace_host_iovecs", &rw->host_iovecs, &b))
        return false;
    put_locals(b, 1, 0);
    wasm_put_i32_const(b, SCRATCH_IOVECS);
    put_get(b, AT);
    put_get(b, SAVED);
    wasm_put_op(b, WASM_OP_SELECT);
    put_set(b, AT);
    put_open(b, WASM_OP_BLOCK);
    put_open(b, WASM_OP_LOOP);
    put_get(b, TOTAL);
    wasm_put_op(b, WASM_OP_I32_EQZ);
    wasm_put_op_u32(b, WASM_OP_BR_IF, 1);
    put_get(b, ENTRIES);
    wasm_put_op(b, WASM_OP_I32_EQZ);
    wasm_put_op_u32(b, WASM_OP_BR_IF, 1);
    put_iovec_field(rw, b, SAVED, AT, 4);
    put_tee(b, PART);
    put_get(b, TOTAL);
    put_get(b, PART);
    put_get(b, TOTAL);
    wasm_put_op(b, WASM_OP_I32_LT_U);
    wasm_put_op(b, WASM_OP_SELECT);
    put_set(b, PART);
    put_get(b, HEAD);
    put_get(b, SITE);
    put_iovec_field(rw, b, SAVED, AT, 0);
    put_get(b, PART);
    wasm_put_op(b, WASM_OP_I64_EXTEND_I32_U);
    wasm_put_op_u32(b, WASM_OP_CALL, rw->host_range);
    put_get(b, TOTAL);
    put_get(b, PART);
    wasm_put_op(b, WASM_OP_I32_SUB);
    put_set(b, TOTAL);
    put_get(b, AT);
    wasm_put_i32_const(b, 8);
    wasm_put_op(b, WASM_OP_I32_ADD);
    put_set(b, AT);
    put_get(b, ENTRIES);
    wasm_put_i32_const(b, 1);
    wasm_put_op(b, WASM_OP_I32_SUB);
    put_set(b, ENTRIES);
    wasm_put_op_u32(b, WASM_OP_BR, 0);
    wasm_put_op(b, WASM_OP_END);
    wasm_put_op(b, WASM_OP_END);
    wasm_put_op(b, WASM_OP_END);
    return true;
}

/* Leaves a WASI_COUNTED range's or an iovec payload's number: what the call left where the parameter points. */
static void put_peek(struct rewriter *rw, struct buf *b, uint32_t param, uint32_t offset)
{
    put_get(b, param);
    if (offset) {
        wasm_put_i32_const(b, (int32_t)offset);
        wasm_put_op(b, WASM_OP_I32_ADD);
    }
    wasm_put_op_u32(b, WASM_OP_CALL, rw->host_peek);
}

/* Leaves the length of a range in bytes, as an i64. */
static void put_length(struct rewriter *rw, struct buf *b, const struct wasi_range *range)
{
    uint8_t scale = range->scale;
    switch (range->shape) {
    case WASI_FIXED:
        wasm_put_i64_const(b, scale);
        return;
    case WASI_SCALED:
        put_get(b, range->length);
        break;
    case WASI_COUNTED:
        put_peek(rw, b, range->count, 0);
        break;
    case WASI_ARG_PTRS:
    case WASI_ENV_PTRS:
        put_global_get(b, range->shape == WASI_ARG_PTRS ? rw->arg_count : rw->env_count);
        scale = 4;
        break;
    case WASI_ARG_BYTES:
    case WASI_ENV_BYTES:
        put_global_get(b, range->shape == WASI_ARG_BYTES ? rw->arg_bytes : rw->env_bytes);
        break;
    default: /* WASI_PRESTAT: the smaller of the two lengths, if the known one is this descriptor's (parameter 0) */
        put_global_get(b, rw->prestat_size);
        put_get(b, range->length);
        put_global_get(b, rw->prestat_fd);
        put_get(b, 0);
        wasm_put_op(b, WASM_OP_I32_EQ);
        put_global_get(b, rw->prestat_size);
        put_get(b, range->length);
        wasm_put_op(b, WASM_OP_I32_LT_U);
        wasm_put_op(b, WASM_OP_I32_AND);
        wasm_put_op(b, WASM_OP_SELECT);
    }
    wasm_put_op(b, WASM_OP_I64_EXTEND_I32_U);
    if (scale != 1) {
        wasm_put_i64_const(b, scale);
        wasm_put_op(b, WASM_OP_I64_MUL);
    }
}

/* Locals of a wrapper, behind its parameters. */
struct wrapper_locals {
    uint32_t site, error, saved, context;
};

static void put_range(struct rewriter *rw, struct buf *b, const struct wasi_range *range, struct wrapper_locals l)
{
    site_id pseudo = range->writes ? SITE_HOST_WRITE : SITE_HOST_READ;
    wasm_put_i32_const(b, (int32_t)record_head(pseudo, 3, 0));
    put_get(b, l.site);
    put_get(b, range->pointer);
    if (range->shape == WASI_IOVECS) {
        put_get(b, range->length);
        put_peek(rw, b, range->count, 0);
        put_get(b, l.saved);
        wasm_put_op_u32(b, WASM_OP_CALL, rw->host_iovecs);
        return;
    }
    put_length(rw, b, range);
    wasm_put_op_u32(b, WASM_OP_CALL, rw->host_range);
}

/* What a successful call tells is kept in globals. */
static void put_note(struct rewriter *rw, struct buf *b, uint8_t note)
{
    switch (note) {
    case WASI_NOTE_ARGS:
    case WASI_NOTE_ENVIRON:
        put_peek(rw, b, 0, 0);
        put_global_set(b, note == WASI_NOTE_ARGS ? rw->arg_count : rw->env_count);
        put_peek(rw, b, 1, 0);
        put_global_set(b, note == WASI_NOTE_ARGS ? rw->arg_bytes : rw->env_bytes);
        return;
    case WASI_NOTE_PRESTAT:
        put_get(b, 0);
        put_global_set(b, rw->prestat_fd);
        put_peek(rw, b, 1, 4); /* behind the tag: the length of the name */
        put_global_set(b, rw->prestat_size);
        return;
    default:
        return;
    }
}

/* Sets the locals `site` and, where contexts are followed, `context`. */
static void put_caller(struct rewriter *rw, struct buf *b, uint32_t site, uint32_t context)
{
    put_global_get(b, rw->call_site);
    put_set(b, site);
    if (rw->options->contexts)
        context_emit_wrapper(rw, b, site, context);
}

static void put_wasi_wrapper(struct rewriter *rw, struct buf *b, uint32_t func, const struct wasi_func *wasi)
{
    uint32_t params = (uint32_t)strlen(wasi->params);
    struct wrapper_locals l = {params, params + 1, params + 2, params + 3};
    put_locals(b, 4, 0);
    put_caller(rw, b, l.site, l.context);
    if (rw->options->contexts)
        context_emit_used(rw, b);
    for (unsigned i = 0; i < wasi->range_count; i++)
        if (wasi->ranges[i].shape == WASI_IOVECS) {
            put_get(b, wasi->ranges[i].pointer);
            put_get(b, wasi->ranges[i].length);
            wasm_put_op_u32(b, WASM_OP_CALL, rw->host_snapshot);
            put_set(b, l.saved);
        }
    for (uint32_t i = 0; i < params; i++)
        put_get(b, i);
    wasm_put_op_u32(b, WASM_OP_CALL, func);
    put_set(b, l.error);
    if (rw->options->contexts)
        context_emit_wrapper_check(rw, b, l.context);
    unsigned i = 0;
    for (; i < wasi->range_count && wasi->ranges[i].always; i++)
        put_range(rw, b, &wasi->ranges[i], l);
    put_get(b, l.error);
    wasm_put_op(b, WASM_OP_I32_EQZ);
    put_open(b, WASM_OP_IF);
    for (; i < wasi->range_count; i++)
        put_range(rw, b, &wasi->ranges[i], l);
    put_note(rw, b, wasi->note);
    wasm_put_op(b, WASM_OP_END);
    put_get(b, l.error);
    wasm_put_op(b, WASM_OP_END);
}

static void put_barrier(struct rewriter *rw, struct buf *b, site_id pseudo, uint32_t func, uint32_t site,
                        uint32_t record)
{
    emit_check(rw, b);
    put_global_get(b, rw->pointer);
    put_tee(b, record);
    wasm_put_i32_const(b, (int32_t)record_head(pseudo, 2, 0));
    emit_trace_op(rw, b, WASM_OP_I32_STORE, 2, 0);
    put_get(b, record);
    put_get(b, site);
    emit_trace_op(rw, b, WASM_OP_I32_STORE, 2, 4);
    put_get(b, record);
    wasm_put_i64_const(b, func);
    emit_trace_op(rw, b, WASM_OP_I64_STORE, 3, 8);
    put_get(b, record);
    wasm_put_i32_const(b, 16);
    wasm_put_op(b, WASM_OP_I32_ADD);
    put_global_set(b, rw->pointer);
}

static void put_opaque_end(struct rewriter *rw, struct buf *b, uint32_t func, uint32_t site, uint32_t record,
                           uint32_t saved)
{
    if (rw->options->contexts)
        context_emit_import_end(rw, b, saved);
    put_barrier(rw, b, SITE_OPAQUE_LEAVE, func, site, record);
}

/* An import that nobody knows stands between two barriers.  Where exceptions exist, it may leave by one: the second
 * barrier is then put down before the exception goes on. */
static void put_opaque_wrapper(struct rewriter *rw, struct buf *b, uint32_t func, uint32_t params)
{
    uint32_t site = params, record = params + 1, saved = params + 2;
    put_locals(b, 3, 0);
    put_global_get(b, rw->call_site);
    put_set(b, site);
    if (rw->options->contexts)
        context_emit_import(rw, b, func, saved);
    put_barrier(rw, b, SITE_OPAQUE_ENTER, func, site, record);
    emit_try(rw, b);
    for (uint32_t i = 0; i < params; i++)
        put_get(b, i);
    wasm_put_op_u32(b, WASM_OP_CALL, func);
    put_opaque_end(rw, b, func, site, record, saved);
    if (emit_catch(rw, b)) {
        put_opaque_end(rw, b, func, site, record, saved);
        emit_rethrow(rw, b);
    }
    wasm_put_op(b, WASM_OP_END);
}

/* An import that touches nothing, where contexts are followed: it uses up the call site. */
static void put_bare_wrapper(struct rewriter *rw, struct buf *b, uint32_t func, uint32_t params)
{
    put_locals(b, 0, 0);
    context_emit_used(rw, b);
    for (uint32_t i = 0; i < params; i++)
        put_get(b, i);
    wasm_put_op_u32(b, WASM_OP_CALL, func);
    wasm_put_op(b, WASM_OP_END);
}

static bool types_match(const uint8_t *types, uint32_t bytes, const char *letters)
{
    if (strlen(letters) != bytes)
        return false;
    for (uint32_t i = 0; i < bytes; i++)
        if (types[i] != (letters[i] == 'i' ? WASM_TYPE_I32 : WASM_TYPE_I64))
            return false;
    return true;
}

/* The WASI function that an import is, if it has its name and its type and nobody else provides that module. */
static const struct wasi_func *known_import(const struct wasm_module *in, const struct wasm_import *import,
                                            const struct rewrite_options *options)
{
    if (!wasm_name_is(import->module, WASI_MODULE))
        return NULL;
    for (size_t i = 0; i < options->opaque_module_count; i++)
        if (wasm_name_is(import->module, options->opaque_modules[i]))
            return NULL;
    const struct wasi_func *wasi = wasi_find(import->name.bytes, import->name.size);
    const struct wasm_type *type = &in->types[import->type];
    if (!wasi || !type->params || !types_match(type->params, type->param_bytes, wasi->params) ||
        !types_match(type->results, type->result_bytes, wasi->has_errno ? "i" : ""))
        return NULL;
    return wasi;
}

bool rewrite_import_is_known(const struct wasm_module *module, uint32_t func, const struct rewrite_options *options)
{
    const struct wasm_import *import = wasm_module_import_func(module, func);
    return import && known_import(module, import, options);
}

static bool is_exported(const struct rewriter *rw, uint32_t func)
{
    for (size_t i = 0; i < rw->in->export_count; i++)
        if (rw->in->exports[i].kind == WASM_EXTERN_FUNC && rw->in->exports[i].index == func)
            return true;
    return false;
}

/* What an export of the function becomes: no instruction entered it then. */
bool host_add_entry(struct rewriter *rw, uint32_t func, uint32_t type)
{
    struct buf *b;
    if (!is_exported(rw, func))
        return true;
    if (!rewriter_add_func_of_type(rw, type, "_trace_host_entry", &rw->entries[func], &b))
        return false;
    put_locals(b, 0, 0);
    context_emit_used(rw, b);
    for (uint32_t i = 0; i < rw->in->types[type].param_count; i++)
        put_get(b, i);
    wasm_put_op_u32(b, WASM_OP_CALL, rw->wrappers[func]);
    wasm_put_op(b, WASM_OP_END);
    return true;
}

static bool has_host_memory(const struct rewriter *rw)
{
    const struct wasm_export *memory = wasm_module_export(rw->in, "memory");
    return memory && memory->kind == WASM_EXTERN_MEMORY;
}

static bool add_wrapper(struct rewriter *rw, uint32_t func, const struct wasm_import *import,
                        const struct wasi_func *wasi)
{
    char name[sizeof((struct added_func *)0)->name];
    bool printable = true;
    for (uint32_t i = 0; i < import->name.size && i < 40; i++)
        printable = printable && import->name.bytes[i] > ' ' && import->name.bytes[i] < 0x7f;
    int size = printable ? (int)(import->name.size < 40 ? import->name.size : 40) : 0;
    snprintf(name, sizeof name, "_trace_host_%.*s", size, import->name.bytes);
    struct buf *b;
    if (!rewriter_add_func_of_type(rw, import->type, name, &rw->wrappers[func], &b))
        return false;
    rw->context.bare[func] = wasi && !(wasi->range_count && has_host_memory(rw));
    if (rw->context.bare[func])
        put_bare_wrapper(rw, b, func, rw->in->types[import->type].param_count);
    else if (wasi)
        put_wasi_wrapper(rw, b, func, wasi);
    else
        put_opaque_wrapper(rw, b, func, rw->in->types[import->type].param_count);
    if (b->failed)
        return error_no_memory(rw->err);
    rw->wraps = true;
    return host_add_entry(rw, func, import->type);
}

bool host_add_wrappers(struct rewriter *rw)
{
    bool has_memory = has_host_memory(rw);
    rw->sites->host_memory = has_memory ? wasm_module_export(rw->in, "memory")->index : 0;
    bool helpers = false;
    uint32_t func = 0;
    for (size_t i = 0; i < rw->in->import_count; i++) {
        const struct wasm_import *import = &rw->in->imports[i];
        if (import->kind != WASM_EXTERN_FUNC)
            continue;
        const struct wasi_func *wasi = known_import(rw->in, import, rw->options);
        bool wrap = !wasi || (has_memory && wasi->range_count > 0);
        if (wrap && wasi && !helpers) {
            if (!add_range(rw) || !add_peek(rw) || !add_snapshot(rw) || !add_iovecs(rw))
                return false;
            helpers = true;
        }
        if ((wrap || rw->options->contexts) && !add_wrapper(rw, func, import, wasi))
            return false;
        func++;
    }
    return true;
}
