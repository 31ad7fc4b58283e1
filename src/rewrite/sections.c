/* Puts the output together: the sections of the input in their order, extended, and those that are missing in between,
 * in the order of the core specification, section 5.5.2. */
#include "rewrite/rewriter.h"
#include "trace/context.h"
#include "wasm/types.h"

#include <inttypes.h>
#include <string.h>

static const uint8_t order[] = {
    WASM_SECTION_TYPE,       WASM_SECTION_IMPORT, WASM_SECTION_FUNCTION, WASM_SECTION_TABLE, WASM_SECTION_MEMORY,
    WASM_SECTION_TAG,        WASM_SECTION_GLOBAL, WASM_SECTION_EXPORT,   WASM_SECTION_START, WASM_SECTION_ELEMENT,
    WASM_SECTION_DATA_COUNT, WASM_SECTION_CODE,   WASM_SECTION_DATA,
};

enum { MAX_PAGES = 65536 }; /* 4 GiB */
enum { ORDER_COUNT = sizeof order / sizeof *order, CONTENT_MAX = 1 << 30 };

static uint32_t items_of(const struct rewriter *rw, uint8_t id)
{
    return rw->in->by_id[id] ? rw->in->by_id[id]->count : 0;
}

/* The vector's new length; engines have a limit. */
static void put_count(struct rewriter *rw, uint8_t id, uint64_t added, uint64_t limit, const char *what, struct buf *b)
{
    uint64_t count = items_of(rw, id) + added;
    if (added && count > limit) {
        error_set(rw->err, ERROR_LIMIT, "no room for more %s; the limit is %" PRIu64, what, limit);
        b->failed = true;
    }
    wasm_put_u32(b, count);
}

/* The vector's new length, then the items of the input. */
static void put_items(struct rewriter *rw, uint8_t id, uint64_t added, struct buf *b)
{
    const struct wasm_section *s = rw->in->by_id[id];
    wasm_put_u32(b, items_of(rw, id) + added);
    if (s)
        buf_put(b, s->items, (size_t)(s->end - s->items));
}

static void put_types(struct rewriter *rw, struct buf *b)
{
    put_items(rw, WASM_SECTION_TYPE, rw->type_count, b);
    for (size_t i = 0; i < rw->type_count; i++)
        buf_put(b, rw->types[i].bytes, rw->types[i].size);
}

static void put_functions(struct rewriter *rw, struct buf *b)
{
    put_items(rw, WASM_SECTION_FUNCTION, rw->func_count, b);
    for (size_t i = 0; i < rw->func_count; i++)
        wasm_put_u32(b, rw->funcs[i].type);
}

/* One slot for the host's function. */
static void put_tables(struct rewriter *rw, struct buf *b)
{
    wasm_put_u32(b, items_of(rw, WASM_SECTION_TABLE) + 1);
    refs_put_tables(rw, b);
    const uint8_t slots = rw->options->online ? HOST_SLOTS : 1;
    const uint8_t table[] = {WASM_TYPE_FUNCREF, 1, slots, slots}; /* at least and at most so many */
    buf_put(b, table, sizeof table);
}

static uint32_t initial_pages(const struct rewriter *rw)
{
    uint32_t buffers = rw->options->for_run ? GUEST_BUFFERS : 1;
    uint32_t pages = GUEST_TRACE_BASE / GUEST_PAGE + buffers * (GUEST_BUFFER / GUEST_PAGE);
    pages += rw->options->contexts ? CONTEXT_PAGES : 0;
    return pages < rw->options->trace_pages ? pages : rw->options->trace_pages;
}

/* How far a memory of the module's own may grow, in its pages, if `most` is what it may have anyway.  What it has at first is within
 * the limit (rewrite_module). */
static uint64_t limited(const struct rewriter *rw, const struct wasm_memory *m, uint64_t most)
{
    uint64_t max = m->has_max && m->max < most ? m->max : most;
    uint64_t limit = rw->options->max_memory ? rw->options->max_memory >> m->page_size_log2 : max;
    return limit < max ? limit : max;
}

/* How far the memory of a program that keeps planes may grow: a page less than all there is, so that the marks of its last
 * bytes find room behind their planes' shifts. */
static uint64_t own_max(const struct rewriter *rw)
{
    const struct wasm_memory *m = &rw->in->memories[0];
    return limited(rw, m, MAX_PAGES - 1);
}

/* The memory section's items (Core 3.0, section 5.3.10, limits), each with a maximum. */
static void put_limited(const struct rewriter *rw, struct buf *b)
{
    enum { HAS_MAX = 1, SHARED = 2, IS_64 = 4, PAGE_SIZE = 8, PAGE_LOG2 = 16 };
    for (size_t i = rewriter_first_own_memory(rw); i < rw->in->memory_count; i++) {
        const struct wasm_memory *m = &rw->in->memories[i];
        bool own_pages = m->page_size_log2 != PAGE_LOG2;
        buf_put_u8(
            b, (uint8_t)(HAS_MAX | (m->shared ? SHARED : 0) | (m->is_64 ? IS_64 : 0) | (own_pages ? PAGE_SIZE : 0)));
        wasm_put_u32(b, m->min);
        wasm_put_u32(b, limited(rw, m, rewriter_most_pages(m)));
        if (own_pages)
            wasm_put_u32(b, m->page_size_log2);
    }
}

/* As large as they may have to be: what is not touched costs nothing. */
static uint32_t plane_pages(const struct rewriter *rw, enum plane plane)
{
    uint64_t pages = own_max(rw) + 1; /* and one for the planes' shifts */
    if (plane == PLANE_CELLS)
        pages = (rw->cells + GUEST_PAGE - 1) / GUEST_PAGE;
    else if (plane == PLANE_LOG)
        pages = LOG_BUFFERS * LOG_BUFFER / GUEST_PAGE;
    else if (plane == PLANE_TOUCH_BYTES || plane == PLANE_WRITER_BYTES)
        pages *= GRANULE;
    return (uint32_t)(pages < MAX_PAGES ? pages : MAX_PAGES);
}

static void put_memories(struct rewriter *rw, struct buf *b)
{
    if (rw->options->online) {
        wasm_put_u32(b, 2 + PLANE_COUNT);
        buf_put_u8(b, 1);
        wasm_put_u32(b, rw->in->memories[0].min);
        wasm_put_u32(b, own_max(rw));
    } else if (rw->options->max_memory) {
        wasm_put_u32(b, items_of(rw, WASM_SECTION_MEMORY) + 1);
        put_limited(rw, b);
    } else {
        put_items(rw, WASM_SECTION_MEMORY, 1, b);
    }
    buf_put_u8(b, 1); /* with a maximum */
    wasm_put_u32(b, initial_pages(rw));
    wasm_put_u32(b, rw->options->trace_pages);
    for (int i = 0; rw->options->online && i < PLANE_COUNT; i++) {
        buf_put_u8(b, 1);
        wasm_put_u32(b, plane_pages(rw, (enum plane)i));
        wasm_put_u32(b, plane_pages(rw, (enum plane)i));
    }
}

static void put_global(struct buf *b, uint8_t type, int64_t value)
{
    buf_put_u8(b, type);
    buf_put_u8(b, 1); /* mutable */
    if (type == WASM_TYPE_I64)
        wasm_put_i64_const(b, value);
    else
        wasm_put_i32_const(b, (int32_t)value);
    wasm_put_op(b, WASM_OP_END);
}

/* In the order of the indices that rewrite.c handed out. */
static void put_globals(struct rewriter *rw, struct buf *b)
{
    uint64_t imported = rw->in->global_count - items_of(rw, WASM_SECTION_GLOBAL);
    put_count(rw, WASM_SECTION_GLOBAL, (uint64_t)rw->added_globals + rw->proof_count, WASM_MAX_GLOBALS - imported,
              "globals", b);
    refs_put_globals(rw, b);
    put_global(b, WASM_TYPE_I32, GUEST_TRACE_BASE);                                          /* pointer */
    put_global(b, WASM_TYPE_I32, (int64_t)initial_pages(rw) * GUEST_PAGE - 2 * GUEST_SLACK); /* limit */
    put_global(b, WASM_TYPE_I64, 0);                                                         /* lost */
    for (uint32_t i = 3; i < rw->added_globals; i++)
        put_global(b, WASM_TYPE_I32,
                   i == rw->context.nodes - rw->pointer  ? CONTEXT_FIRST
                   : i == rw->context.free - rw->pointer ? NODE_ROOT_SIZE
                                                         : 0);
    buf_put(b, rw->proofs.data, rw->proofs.size);
}

static void put_export(struct buf *b, const char *name, uint8_t kind, uint32_t index, uint32_t *count)
{
    wasm_put_name(b, name);
    buf_put_u8(b, kind);
    wasm_put_u32(b, index);
    ++*count;
}

/* What engines take for the size of the module's own type. */
static uint64_t type_size(const struct rewriter *rw)
{
    const struct wasm_module *in = rw->in;
    uint64_t size = 1 + in->import_count + in->export_count;
    for (uint32_t i = 0; i < in->func_imports; i++) {
        const struct wasm_type *t = &in->types[in->func_types[i]];
        size += (uint64_t)1 + t->param_count + t->result_count;
    }
    for (size_t i = 0; i < in->export_count; i++)
        if (in->exports[i].kind == WASM_EXTERN_FUNC) {
            const struct wasm_type *t = &in->types[in->func_types[in->exports[i].index]];
            size += (uint64_t)1 + t->param_count + t->result_count;
        }
    return size;
}

static void put_exports(struct rewriter *rw, struct buf *b)
{
    struct buf added;
    buf_init(&added, 1 << 16);
    uint32_t n = 0;
    put_export(&added, GUEST_MEMORY, WASM_EXTERN_MEMORY, rw->trace_memory, &n);
    static const char *const planes[] = PLANE_NAMES;
    if (rw->options->online)
        put_export(&added, GUEST_OWN_MEMORY, WASM_EXTERN_MEMORY, 0, &n);
    if (rw->options->online)
        put_export(&added, GUEST_LOG, WASM_EXTERN_GLOBAL, rw->log_at, &n);
    for (uint32_t i = 0; rw->options->online && i < PLANE_COUNT; i++)
        put_export(&added, planes[i], WASM_EXTERN_MEMORY, rw->planes[i], &n);
    put_export(&added, GUEST_POINTER, WASM_EXTERN_GLOBAL, rw->pointer, &n);
    put_export(&added, GUEST_LIMIT, WASM_EXTERN_GLOBAL, rw->limit, &n);
    put_export(&added, GUEST_LOST, WASM_EXTERN_GLOBAL, rw->lost, &n);
    put_export(&added, GUEST_HOST_TABLE, WASM_EXTERN_TABLE, rw->host_table, &n);
    put_export(&added, GUEST_ARG_COUNT, WASM_EXTERN_GLOBAL, rw->arg_count, &n);
    put_export(&added, GUEST_ARG_BYTES, WASM_EXTERN_GLOBAL, rw->arg_bytes, &n);
    put_export(&added, GUEST_ENV_COUNT, WASM_EXTERN_GLOBAL, rw->env_count, &n);
    put_export(&added, GUEST_ENV_BYTES, WASM_EXTERN_GLOBAL, rw->env_bytes, &n);
    if (rw->options->max_memory)
        put_export(&added, GUEST_REFUSED, WASM_EXTERN_GLOBAL, rw->refused, &n);
    if (rw->in->has_start && rw->options->for_run)
        put_export(&added, GUEST_START, WASM_EXTERN_FUNC, rewriter_func(rw, rw->in->start), &n);
    uint64_t size = type_size(rw);
    if (size <= WASM_MAX_TYPE_SIZE && size + n + 1 > WASM_MAX_TYPE_SIZE) {
        error_set(rw->err, ERROR_LIMIT, "no room for more exports: all types' sizes have a limit of %d",
                  WASM_MAX_TYPE_SIZE);
        b->failed = true;
    }
    put_count(rw, WASM_SECTION_EXPORT, n, WASM_MAX_EXPORTS, "exports", b);
    refs_put_exports(rw, b);
    buf_put(b, added.data, added.size);
    b->failed = b->failed || added.failed;
    buf_release(&added);
}

/* A wrapper that code refers to must be declared outside of the code: one declarative segment names them all. */
static void put_elements(struct rewriter *rw, struct buf *b)
{
    uint32_t wrapped = 0;
    for (uint32_t i = 0; i < rw->wrapper_count; i++)
        wrapped += rw->wrappers[i] != 0;
    bool declare = rw->wraps_indirectly && wrapped;
    put_count(rw, WASM_SECTION_ELEMENT, declare ? 1 : 0, WASM_MAX_ELEMENTS, "element segments", b);
    refs_put_elements(rw, b);
    if (!declare)
        return;
    buf_put_u8(b, 3); /* declarative, function indices */
    buf_put_u8(b, 0); /* functions */
    wasm_put_u32(b, wrapped);
    for (uint32_t i = 0; i < rw->wrapper_count; i++)
        if (rw->wrappers[i])
            wasm_put_u32(b, rw->wrappers[i]);
}

static void put_code(struct rewriter *rw, const struct buf *bodies, struct buf *b)
{
    wasm_put_u32(b, rw->in->body_count + rw->func_count);
    buf_put(b, bodies->data, bodies->size);
    for (size_t i = 0; i < rw->func_count; i++) {
        wasm_put_u32(b, rw->funcs[i].body.size);
        buf_put(b, rw->funcs[i].body.data, rw->funcs[i].body.size);
        b->failed = b->failed || rw->funcs[i].body.failed;
    }
}

/* False when the section is to be copied as it is, or left out where the input has none. */
static bool put_content(struct rewriter *rw, uint8_t id, const struct buf *bodies, struct buf *b)
{
    switch (id) {
    case WASM_SECTION_TYPE:
        put_types(rw, b);
        return true;
    case WASM_SECTION_FUNCTION:
        put_functions(rw, b);
        return true;
    case WASM_SECTION_TABLE:
        put_tables(rw, b);
        return true;
    case WASM_SECTION_MEMORY:
        put_memories(rw, b);
        return true;
    case WASM_SECTION_GLOBAL:
        put_globals(rw, b);
        return true;
    case WASM_SECTION_EXPORT:
        put_exports(rw, b);
        return true;
    case WASM_SECTION_START:
        if (!rw->in->has_start || rw->options->for_run)
            return false;
        wasm_put_u32(b, rewriter_func(rw, rw->in->start));
        return true;
    case WASM_SECTION_ELEMENT:
        if (!rw->in->by_id[WASM_SECTION_ELEMENT] && !rw->wraps_indirectly)
            return false;
        put_elements(rw, b);
        return true;
    case WASM_SECTION_CODE:
        put_code(rw, bodies, b);
        return true;
    default:
        return false;
    }
}

/* Branch hinting: a custom section before the code section. */
static void put_hint_section(struct rewriter *rw, struct buf *out)
{
    if (!rw->hinted_funcs)
        return;
    struct buf b;
    buf_init(&b, CONTENT_MAX);
    wasm_put_name(&b, "metadata.code.branch_hint");
    wasm_put_u32(&b, rw->hinted_funcs);
    buf_put(&b, rw->hints.data, rw->hints.size);
    wasm_put_section(out, WASM_SECTION_CUSTOM, &b);
    out->failed = out->failed || b.failed || rw->hints.failed;
    buf_release(&b);
}

static void put_known(struct rewriter *rw, uint8_t id, const struct buf *bodies, struct buf *content, struct buf *out)
{
    const struct wasm_section *s = rw->in->by_id[id];
    buf_clear(content);
    if (id == WASM_SECTION_CODE)
        put_hint_section(rw, out);
    if (put_content(rw, id, bodies, content))
        wasm_put_section(out, id, content);
    else if (s && id != WASM_SECTION_START)
        buf_put(out, s->start, (size_t)(s->end - s->start));
}

static bool name_starts(struct wasm_name name, const char *prefix)
{
    size_t n = strlen(prefix);
    return name.size >= n && memcmp(name.bytes, prefix, n) == 0;
}

/* Sections that speak of offsets in the old code would be wrong in the new module. */
static bool speaks_of_old_code(struct wasm_name name)
{
    return name_starts(name, ".debug_") || name_starts(name, "metadata.code.") || name_starts(name, "reloc.") ||
           wasm_name_is(name, "sourceMappingURL") || wasm_name_is(name, "external_debug_info");
}

static void put_custom(struct rewriter *rw, const struct wasm_section *s, struct buf *out)
{
    if (s == wasm_module_custom(rw->in, "name"))
        names_write(rw, s, out);
    else if (s == wasm_module_custom(rw->in, "producers"))
        producers_write(rw, s, out);
    else if (rw->options->keep_debug || !speaks_of_old_code(s->name))
        buf_put(out, s->start, (size_t)(s->end - s->start));
}

bool sections_write(struct rewriter *rw, const struct buf *bodies, struct buf *out)
{
    struct buf content;
    buf_init(&content, CONTENT_MAX);
    static const uint8_t header[] = {0, 'a', 's', 'm', 1, 0, 0, 0};
    buf_put(out, header, sizeof header);
    unsigned next = 0; /* in `order`: what was not put yet */
    for (size_t i = 0; i < rw->in->section_count; i++) {
        const struct wasm_section *s = &rw->in->sections[i];
        if (s->id == WASM_SECTION_CUSTOM) {
            put_custom(rw, s, out);
            continue;
        }
        while (order[next] != s->id)
            put_known(rw, order[next++], bodies, &content, out);
        put_known(rw, order[next++], bodies, &content, out);
    }
    while (next < ORDER_COUNT)
        put_known(rw, order[next++], bodies, &content, out);
    if (!wasm_module_custom(rw->in, "name"))
        names_write(rw, NULL, out);
    if (!wasm_module_custom(rw->in, "producers"))
        producers_write(rw, NULL, out);
    site_section_write(rw, out);
    bool ok = !out->failed && !content.failed;
    buf_release(&content);
    return ok || error_no_memory(rw->err);
}
