/* Wrappers of imports: functions of the module that call an import and record what the host did to memory.
 *
 * They stand in the module, since the host's WASI functions look for the memory in the instance that called them, and
 * in the way however the import is entered: every mention of the import's index is replaced by the wrapper's.  The
 * instruction that entered the import is known from a global that the code sets before it. */
#include "rewrite/context.h"
#include "rewrite/online.h"
#include "rewrite/wasi_code.h"
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
    uint32_t params = (uint32_t)strlen(wasi->params), site = params, error = params + 1, context = params + 2;
    put_locals(b, 3, 0);
    put_caller(rw, b, site, context);
    if (rw->options->contexts)
        context_emit_used(rw, b);
    wasi_put_before(rw, b, wasi);
    for (uint32_t i = 0; i < params; i++)
        put_get(b, i);
    wasm_put_op_u32(b, WASM_OP_CALL, func);
    put_set(b, error);
    if (rw->options->contexts)
        context_emit_wrapper_check(rw, b, context);
    wasi_put_after(rw, b, wasi, site, error);
    put_get(b, error);
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
    bool first = wasm_name_is(import->module, WASI_FIRST_MODULE);
    if (!first && !wasm_name_is(import->module, WASI_MODULE))
        return NULL;
    for (size_t i = 0; i < options->opaque_module_count; i++)
        if (wasm_name_is(import->module, options->opaque_modules[i]))
            return NULL;
    const struct wasi_func *wasi = wasi_find(first, import->name.bytes, import->name.size);
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

/* Whether the function has ranges, or tells of others'. */
static bool touches(const struct rewriter *rw, const struct wasi_func *wasi)
{
    return (wasi->range_count || wasi->note) && has_host_memory(rw);
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
    rw->context.bare[func] = wasi && !touches(rw, wasi);
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
    rw->sites->host_memory = has_host_memory(rw) ? wasm_module_export(rw->in, "memory")->index : 0;
    bool helpers = false;
    uint32_t func = 0;
    for (size_t i = 0; i < rw->in->import_count; i++) {
        const struct wasm_import *import = &rw->in->imports[i];
        if (import->kind != WASM_EXTERN_FUNC)
            continue;
        const struct wasi_func *wasi = known_import(rw->in, import, rw->options);
        bool wrap = !wasi || touches(rw, wasi);
        if (wrap && wasi && !helpers) {
            if (!wasi_add_functions(rw))
                return false;
            helpers = true;
        }
        if ((wrap || rw->options->contexts) && !add_wrapper(rw, func, import, wasi))
            return false;
        func++;
    }
    return true;
}
