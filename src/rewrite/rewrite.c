#include "rewrite/rewrite.h"

#include "base/vec.h"
#include "rewrite/context.h"
#include "rewrite/online.h"
#include "rewrite/places.h"
#include "wasm/types.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BODY_MAX = 1 << 30,
    DEFAULT_TRACE_PAGES = 16384,
    DEPTH_NEVER = 1 << 30, /* until an earlier run says where: code for the planes is long to compile */
    /* Code sections up to the first size are rewritten inline throughout; beyond it only loops are, and beyond the
     * second only loops in loops: docs/performance.md has the measurements. */
    INLINE_ALL = 1 << 18,
    INLINE_LOOPS = 4 << 20,
};

bool rewriter_add_site(struct rewriter *rw, const struct site *site, site_id *id)
{
    struct site_table *t = rw->sites;
    if (rw->in->types[rw->in->func_types[site->func]].shared)
        return error_at(rw->err, ERROR_UNSUPPORTED, site->file_off,
                        "function %u is shared between threads: it cannot use what records its accesses", site->func);
    if (t->count >= SITE_LIMIT - SITE_FIRST)
        return error_set(rw->err, ERROR_LIMIT, "more than %d instructions access memory", SITE_LIMIT - SITE_FIRST);
    if (!vec_room((void **)&t->sites, &t->capacity, t->count, sizeof *t->sites))
        return error_no_memory(rw->err);
    *id = (site_id)(SITE_FIRST + t->count);
    t->sites[t->count++] = *site;
    return true;
}

static uint8_t letter_type(char letter)
{
    switch (letter) {
    case 'i':
        return WASM_TYPE_I32;
    case 'l':
        return WASM_TYPE_I64;
    case 'f':
        return WASM_TYPE_F32;
    case 'd':
        return WASM_TYPE_F64;
    default:
        return WASM_TYPE_V128;
    }
}

static void put_letters(struct added_type *t, const char *letters)
{
    t->bytes[t->size++] = (uint8_t)strlen(letters);
    while (*letters)
        t->bytes[t->size++] = letter_type(*letters++);
}

bool rewriter_type(struct rewriter *rw, const char *params, const char *results, uint32_t *index)
{
    struct added_type type = {.bytes = {WASM_TYPE_FUNC}, .size = 1};
    put_letters(&type, params);
    put_letters(&type, results);
    for (size_t i = 0; i < rw->type_count; i++)
        if (rw->types[i].size == type.size && memcmp(rw->types[i].bytes, type.bytes, type.size) == 0) {
            *index = (uint32_t)(rw->in->type_count + i);
            return true;
        }
    if (rw->in->type_count + rw->type_count >= WASM_MAX_TYPES)
        return error_set(rw->err, ERROR_LIMIT, "no room for more types; the limit is %d", WASM_MAX_TYPES);
    if (!vec_room((void **)&rw->types, &rw->type_capacity, rw->type_count, sizeof *rw->types))
        return error_no_memory(rw->err);
    *index = (uint32_t)(rw->in->type_count + rw->type_count);
    rw->types[rw->type_count++] = type;
    return true;
}

bool rewriter_add_func_of_type(struct rewriter *rw, uint32_t type, const char *name, uint32_t *index, struct buf **body)
{
    if (type < rw->in->type_count && rw->in->types[type].shared)
        return error_set(rw->err, ERROR_UNSUPPORTED,
                         "an import is shared between threads: it cannot have a function around it that records");
    if (rw->in->func_count + rw->func_count >= WASM_MAX_FUNCTIONS)
        return error_set(rw->err, ERROR_LIMIT, "no room for more functions; the limit is %d", WASM_MAX_FUNCTIONS);
    if (!vec_room((void **)&rw->funcs, &rw->func_capacity, rw->func_count, sizeof *rw->funcs))
        return error_no_memory(rw->err);
    struct added_func *f = &rw->funcs[rw->func_count];
    f->type = type;
    snprintf(f->name, sizeof f->name, "%s", name);
    buf_init(&f->body, WASM_MAX_BODY_SIZE);
    *index = (uint32_t)(rw->in->func_count + rw->func_count++);
    *body = &f->body;
    return true;
}

bool rewriter_add_func(struct rewriter *rw, const char *params, const char *results, const char *name, uint32_t *index,
                       struct buf **body)
{
    uint32_t type = 0;
    return rewriter_type(rw, params, results, &type) && rewriter_add_func_of_type(rw, type, name, index, body);
}

bool rewriter_code(const struct rewriter *rw, uint32_t func, struct wasm_type_use *use, struct cursor *code)
{
    const struct wasm_body *body = &rw->in->bodies[func - rw->in->func_imports];
    uint64_t locals = 0;
    *code = (struct cursor){rw->in->bytes, rw->in->bytes + body->code, rw->in->bytes + body->end, rw->err};
    return wasm_skip_locals(code, &locals, use);
}

bool rewrite_is_instrumented(const struct wasm_module *module)
{
    return wasm_module_custom(module, GUEST_SECTION) || wasm_module_export(module, GUEST_MEMORY);
}

/* Names that we export must be free. */
static bool check_input(const struct rewriter *rw)
{
    const struct wasm_module *in = rw->in;
    if (rewrite_is_instrumented(in))
        return error_set(rw->err, ERROR_INPUT, "the module is instrumented already");
    for (size_t i = 0; i < in->export_count; i++)
        if (in->exports[i].name.size >= 7 && memcmp(in->exports[i].name.bytes, "_trace_", 7) == 0)
            return error_set(rw->err, ERROR_INPUT, "the module exports a name that starts with _trace_");
    if (in->memory_count + (rw->options->online ? PLANE_COUNT : 0) >= WASM_MAX_MEMORIES)
        return error_set(rw->err, ERROR_LIMIT, "no room for the trace memory; the limit is %d memories",
                         WASM_MAX_MEMORIES);
    if (in->table_count >= WASM_MAX_TABLES)
        return error_set(rw->err, ERROR_LIMIT, "no room for one more table; the limit is %d", WASM_MAX_TABLES);
    if (in->global_count + rw->added_globals > WASM_MAX_GLOBALS)
        return error_set(rw->err, ERROR_LIMIT, "no room for more globals; the limit is %d", WASM_MAX_GLOBALS);
    for (size_t i = rewriter_first_own_memory(rw); rw->options->max_memory && i < in->memory_count; i++)
        if (in->memories[i].min > rw->options->max_memory >> in->memories[i].page_size_log2)
            return error_set(rw->err, ERROR_LIMIT,
                             "memory %zu is larger than --max-memory from the start: %" PRIu64 " bytes", i,
                             in->memories[i].min << in->memories[i].page_size_log2);
    return true;
}

static void add_global(struct rewriter *rw, uint32_t *index)
{
    *index = rw->in->global_count + rw->added_globals++;
}

static void hand_out_indices(struct rewriter *rw)
{
    rw->trace_memory = (uint32_t)rw->in->memory_count;
    rw->host_table = rw->in->table_count;
    for (uint32_t i = 0; i < PLANE_COUNT; i++)
        rw->planes[i] = rw->trace_memory + 1 + i;
    rw->cells = CELLS_FIRST;
    uint32_t *globals[] = {&rw->pointer,   &rw->limit,     &rw->lost,      &rw->kept,      &rw->call_site,
                           &rw->arg_count, &rw->arg_bytes, &rw->env_count, &rw->env_bytes, &rw->log_at};
    uint32_t *context_globals[] = {&rw->context.parent, &rw->context.slot,  &rw->context.from,
                                   &rw->context.host,   &rw->context.noted, &rw->context.transitions,
                                   &rw->context.nodes,  &rw->context.free};
    for (size_t i = 0; i < sizeof globals / sizeof *globals; i++)
        add_global(rw, globals[i]);
    for (size_t i = 0; rw->options->contexts && i < sizeof context_globals / sizeof *context_globals; i++)
        add_global(rw, context_globals[i]);
    if (rw->options->objects) {
        add_global(rw, &rw->alloc_depth);
        add_global(rw, &rw->alloc_via);
    }
    if (rw->options->max_memory)
        add_global(rw, &rw->refused);
}

static bool see_exceptions(void *self, const struct wasm_instr *instr)
{
    struct rewriter *rw = self;
    rw->throws = rw->throws || instr->op == WASM_OP_TRY_TABLE;
    rw->throws_legacy = rw->throws_legacy || instr->op == WASM_OP_TRY;
    return true;
}

/* Only a module that can catch exceptions needs to know that one came through a wrapper. */
static bool find_exceptions(struct rewriter *rw)
{
    for (size_t i = 0; i < rw->in->body_count && !rw->throws && !rw->throws_legacy; i++) {
        struct wasm_type_use use = {0};
        struct cursor c;
        if (!rewriter_code(rw, (uint32_t)(rw->in->func_imports + i), &use, &c) ||
            !wasm_expr_walk(&c, see_exceptions, rw))
            return false;
    }
    if (rw->throws && rw->throws_legacy)
        rw->throws_legacy = false;
    return true;
}

static bool has_opaque_import(const struct rewriter *rw)
{
    for (uint32_t i = 0; i < rw->in->func_imports; i++)
        if (!rewrite_import_is_known(rw->in, i, rw->options))
            return true;
    return false;
}

/* Whether a wrapper can be called through a reference: every function that code refers to is named in one of these. */
static bool find_indirect(struct rewriter *rw)
{
    struct buf ignored;
    buf_init(&ignored, BODY_MAX);
    rw->proves = rw->in->has_exact;
    bool tables = refs_put_tables(rw, &ignored), globals = refs_put_globals(rw, &ignored);
    bool elements = refs_put_elements(rw, &ignored), exports = refs_put_exports(rw, &ignored);
    rw->wraps_indirectly = tables || globals || elements || exports;
    rw->proves = false;
    bool ok = !ignored.failed && !rw->proofs.failed;
    buf_release(&ignored);
    return ok || error_no_memory(rw->err);
}

static bool prepare(struct rewriter *rw)
{
    hand_out_indices(rw);
    if (!check_input(rw))
        return false;
    rw->wrapper_count = (uint32_t)(rw->options->objects ? rw->in->func_count : rw->in->func_imports);
    size_t n = rw->wrapper_count ? rw->wrapper_count : 1;
    rw->wrappers = calloc(n, sizeof *rw->wrappers);
    rw->entries = calloc(n, sizeof *rw->entries);
    rw->context.bare = calloc(n, sizeof *rw->context.bare);
    if (!rw->wrappers || !rw->entries || !rw->context.bare)
        return error_no_memory(rw->err);
    const struct wasm_section *code = rw->in->by_id[WASM_SECTION_CODE];
    rw->sites->code_start = code ? (uint64_t)(code->content - rw->in->bytes) : 0;
    rw->sites->memories = (uint32_t)rw->in->memory_count;
    size_t code_size = code ? (size_t)(code->end - code->content) : 0;
    if (rw->options->inlining == REWRITE_INLINE_AUTO && code_size > INLINE_ALL)
        rw->inline_depth = code_size <= INLINE_LOOPS ? 1 : rw->options->online ? DEPTH_NEVER : 2;
    if ((has_opaque_import(rw) || rw->options->objects) && !find_exceptions(rw))
        return false;
    /* An exception that only somebody else can catch still leaves the imports that it comes through. */
    rw->throws = rw->throws || (rw->options->contexts && has_opaque_import(rw) && !rw->throws_legacy);
    return runtime_add(rw) && (!rw->options->max_memory || grow_add_runtime(rw)) &&
           (!rw->options->online || online_add_runtime(rw)) && (!rw->options->contexts || context_add_runtime(rw)) &&
           host_add_wrappers(rw) && (!rw->options->objects || object_add_runtime(rw)) && find_indirect(rw);
}

static bool rewrite_all(struct rewriter *rw, struct buf *out)
{
    struct buf bodies, scratch;
    buf_init(&bodies, BODY_MAX);
    buf_init(&scratch, BODY_MAX);
    bool ok = prepare(rw);
    for (uint32_t i = 0; ok && i < rw->in->body_count; i++)
        ok = body_rewrite(rw, (uint32_t)rw->in->func_imports + i, &scratch, &bodies);
    ok = ok && sections_write(rw, &bodies, out);
    buf_release(&bodies);
    buf_release(&scratch);
    return ok;
}

bool rewrite_module(const struct wasm_module *module, const struct rewrite_options *options, struct buf *out,
                    struct site_table *sites, struct error *err)
{
    return rewrite_noting(module, options, out, sites, NULL, err);
}

bool rewrite_noting(const struct wasm_module *module, const struct rewrite_options *options, struct buf *out,
                    struct site_table *sites, struct places *p, struct error *err)
{
    *sites = (struct site_table){.habits = options->habits};
    struct rewrite_options filled = *options;
    if (!filled.trace_pages)
        filled.trace_pages = DEFAULT_TRACE_PAGES;
    struct rewriter rw = {.in = module, .options = &filled, .sites = sites, .places = p, .err = err};
    buf_init(&rw.hints, BODY_MAX);
    buf_init(&rw.proofs, BODY_MAX);
    bool ok = rewrite_all(&rw, out);
    for (size_t i = 0; i < rw.func_count; i++)
        buf_release(&rw.funcs[i].body);
    free(rw.funcs);
    buf_release(&rw.hints);
    buf_release(&rw.proofs);
    free(rw.types);
    free(rw.hooks);
    free(rw.wrappers);
    free(rw.entries);
    free(rw.grows);
    free(rw.context.bare);
    return ok;
}

bool rewrite_can_be_online(const struct wasm_module *module, const struct rewrite_options *options, const char **why)
{
    *why = NULL;
    const struct wasm_memory *memory = module->memories;
    if (module->memory_count == 0)
        *why = "it has no memory";
    else if (module->memory_count > 1)
        *why = "it has several memories";
    else if (memory->is_64)
        *why = "its memory has 64-bit addresses";
    else if (memory->shared)
        *why = "its memory is shared";
    else if (memory->page_size_log2 != 16)
        *why = "its memory has pages of an uncommon size";
    else if (memory->min > 65535)
        *why = "its memory has 4 GiB from the start";
    else if (memory->has_max && memory->max > 65536) /* else own_max would make it a valid one */
        *why = "its memory's limits are not valid";
    for (size_t i = 0; i < module->import_count && !*why; i++)
        if (module->imports[i].kind == WASM_EXTERN_MEMORY)
            *why = "its memory is imported";
    for (uint32_t i = 0; i < module->func_imports && !*why; i++)
        if (!rewrite_import_is_known(module, i, options))
            *why = "it calls imports that may touch any memory";
    return !*why;
}

bool rewrite_has_giant(const struct site_table *sites)
{
    size_t first = 0; /* of the function's sites, which stand together */
    for (size_t i = 0; i < sites->count; i++) {
        first = sites->sites[i].func == sites->sites[first].func ? first : i;
        if (i - first >= REWRITE_GIANT)
            return true;
    }
    return false;
}

void site_table_release(struct site_table *sites)
{
    free(sites->sites);
    *sites = (struct site_table){0};
}
