/* Custom sections that are extended or added: names (core specification, appendix "Name Section"), producers
 * (tool conventions, ProducersSection.md) and the site table. */
#include "rewrite/rewriter.h"

#include <string.h>

#ifndef MT_VERSION
#define MT_VERSION "0"
#endif

enum { NAMES_FUNCTIONS = 1, NAMES_TABLES = 5, NAMES_MEMORIES = 6, NAMES_GLOBALS = 7, NAMES_MAX = 1 << 30 };

static void put_entry(struct buf *b, uint32_t index, const char *name, uint32_t *count)
{
    wasm_put_u32(b, index);
    wasm_put_name(b, name);
    ++*count;
}

/* The names that are added to one subsection: behind all others, since their indices are the highest. */
static void put_added(const struct rewriter *rw, uint8_t id, struct buf *b, uint32_t *count)
{
    *count = 0;
    if (id == NAMES_FUNCTIONS)
        for (uint32_t i = 0; i < rw->func_count; i++)
            put_entry(b, (uint32_t)rw->in->func_count + i, rw->funcs[i].name, count);
    if (id == NAMES_TABLES)
        put_entry(b, rw->host_table, GUEST_HOST_TABLE, count);
    if (id == NAMES_MEMORIES)
        put_entry(b, rw->trace_memory, GUEST_MEMORY, count);
    if (id == NAMES_GLOBALS) {
        put_entry(b, rw->pointer, GUEST_POINTER, count);
        put_entry(b, rw->limit, GUEST_LIMIT, count);
        put_entry(b, rw->lost, GUEST_LOST, count);
        put_entry(b, rw->kept, "_trace_kept", count);
        put_entry(b, rw->call_site, "_trace_call_site", count);
        if (rw->options->max_memory)
            put_entry(b, rw->refused, GUEST_REFUSED, count);
    }
}

/* A subsection: the old entries, if any, then the added ones. */
static void put_subsection(const struct rewriter *rw, uint8_t id, const uint8_t *items, size_t size, uint32_t old,
                           struct buf *out)
{
    struct buf added, content;
    buf_init(&added, NAMES_MAX);
    buf_init(&content, NAMES_MAX);
    uint32_t count;
    put_added(rw, id, &added, &count);
    if (count) {
        wasm_put_u32(&content, (uint64_t)old + count);
        buf_put(&content, items, size);
        buf_put(&content, added.data, added.size);
        wasm_put_section(out, id, &content);
    }
    out->failed = out->failed || added.failed || content.failed;
    buf_release(&added);
    buf_release(&content);
}

static bool is_extended(uint8_t id)
{
    return id == NAMES_FUNCTIONS || id == NAMES_TABLES || id == NAMES_MEMORIES || id == NAMES_GLOBALS;
}

/* Whether `count` entries of index and name fill the span exactly: only then can more be appended. */
static bool is_name_map(struct cursor c, uint32_t count)
{
    while (count--) {
        uint32_t index, size;
        const char *name;
        if (!cursor_leb_u32(&c, "name", &index) || !cursor_name(&c, "name", &name, &size))
            return false;
    }
    return c.at == c.end;
}

/* The old subsections in their order, with ours merged in; false when the section is malformed. */
static bool merge_names(const struct rewriter *rw, struct cursor c, struct buf *out)
{
    unsigned next = 0; /* subsections below this id were put */
    while (c.at < c.end) {
        uint8_t id;
        uint32_t size, count = 0;
        struct cursor part;
        if (!cursor_u8(&c, "name", &id) || !cursor_leb_u32(&c, "name", &size) ||
            !cursor_split(&c, size, "name", &part) || id < next)
            return false;
        for (; next < id; next++)
            if (is_extended((uint8_t)next))
                put_subsection(rw, (uint8_t)next, NULL, 0, 0, out);
        next = id + 1u;
        if (!is_extended(id)) {
            buf_put_u8(out, id);
            wasm_put_u32(out, size);
            buf_put(out, part.at, size);
            continue;
        }
        if (!cursor_leb_u32(&part, "name", &count) || !is_name_map(part, count))
            return false;
        put_subsection(rw, id, part.at, cursor_left(&part), count, out);
    }
    for (; next <= NAMES_GLOBALS; next++)
        if (is_extended((uint8_t)next))
            put_subsection(rw, (uint8_t)next, NULL, 0, 0, out);
    return true;
}

void names_write(struct rewriter *rw, const struct wasm_section *s, struct buf *out)
{
    struct buf content;
    buf_init(&content, NAMES_MAX);
    wasm_put_name(&content, "name");
    struct error ignored = ERROR_INIT; /* custom sections never make a module invalid */
    const uint8_t *none = rw->in->bytes;
    struct cursor c = {rw->in->bytes, s ? s->items : none, s ? s->end : none, &ignored};
    if (merge_names(rw, c, &content))
        wasm_put_section(out, WASM_SECTION_CUSTOM, &content);
    else if (s)
        buf_put(out, s->start, (size_t)(s->end - s->start));
    buf_release(&content);
}

static void put_producer(struct buf *b)
{
    wasm_put_name(b, "mem-tracer");
    wasm_put_name(b, MT_VERSION);
}

/* One field of the producers section: a name, then pairs of tool and version. */
static bool copy_producers_field(struct cursor *c, struct buf *out, bool *found)
{
    const char *name, *tool;
    uint32_t size, count, tool_size;
    if (!cursor_name(c, "producers", &name, &size) || !cursor_count(c, "producers", 2, &count))
        return false;
    const uint8_t *values = c->at;
    for (uint64_t i = 0; i < (uint64_t)count * 2; i++)
        if (!cursor_name(c, "producers", &tool, &tool_size))
            return false;
    bool ours = !*found && wasm_name_is((struct wasm_name){name, size}, "processed-by");
    wasm_put_u32(out, size);
    buf_put(out, name, size);
    wasm_put_u32(out, (uint64_t)count + (ours ? 1 : 0));
    buf_put(out, values, (size_t)(c->at - values));
    if (ours)
        put_producer(out);
    *found = *found || ours;
    return true;
}

static bool merge_producers(struct cursor c, struct buf *fields, uint32_t *count)
{
    *count = 0;
    if (c.at < c.end && !cursor_count(&c, "producers", 2, count))
        return false;
    bool found = false;
    for (uint32_t i = 0; i < *count; i++)
        if (!copy_producers_field(&c, fields, &found))
            return false;
    if (!found) {
        wasm_put_name(fields, "processed-by");
        wasm_put_u32(fields, 1);
        put_producer(fields);
        ++*count;
    }
    return c.at == c.end;
}

void producers_write(struct rewriter *rw, const struct wasm_section *s, struct buf *out)
{
    struct buf fields, content;
    buf_init(&fields, NAMES_MAX);
    buf_init(&content, NAMES_MAX);
    struct error ignored = ERROR_INIT;
    const uint8_t *none = rw->in->bytes;
    struct cursor c = {rw->in->bytes, s ? s->items : none, s ? s->end : none, &ignored};
    uint32_t count;
    if (merge_producers(c, &fields, &count)) {
        wasm_put_name(&content, "producers");
        wasm_put_u32(&content, count);
        buf_put(&content, fields.data, fields.size);
        wasm_put_section(out, WASM_SECTION_CUSTOM, &content);
    } else if (s) {
        buf_put(out, s->start, (size_t)(s->end - s->start));
    }
    out->failed = out->failed || fields.failed || content.failed;
    buf_release(&fields);
    buf_release(&content);
}

/* The site table, so that an instrumented file alone explains its records: a version, whether values are recorded, the
 * number of sites, then for each site, all as LEB128: file_off and function index as differences to the site before,
 * the opcode's prefix and code, and, where the opcode accesses memory, static offset, memory, a copy's source memory,
 * an init's segment. */
void site_section_write(struct rewriter *rw, struct buf *out)
{
    struct buf b;
    buf_init(&b, NAMES_MAX);
    wasm_put_name(&b, GUEST_SECTION);
    wasm_put_u32(&b, 1);
    buf_put_u8(&b, rw->options->values ? 1 : 0);
    wasm_put_u32(&b, rw->sites->count);
    uint32_t loc = 0, func = 0;
    for (size_t i = 0; i < rw->sites->count; i++) {
        const struct site *s = &rw->sites->sites[i];
        const struct wasm_opcode_info *info = wasm_opcode_info((enum wasm_opcode)s->opcode);
        wasm_put_u32(&b, s->file_off - loc);
        wasm_put_u32(&b, s->func - func);
        loc = s->file_off;
        func = s->func;
        buf_put_u8(&b, info->prefix);
        wasm_put_u32(&b, info->code);
        if (s->kind == ACCESS_CALL)
            continue;
        wasm_put_u32(&b, s->static_offset);
        wasm_put_u32(&b, s->memory);
        if (s->kind == ACCESS_COPY)
            wasm_put_u32(&b, s->memory_from);
        if (s->kind == ACCESS_INIT)
            wasm_put_u32(&b, s->segment);
    }
    wasm_put_section(out, WASM_SECTION_CUSTOM, &b);
    buf_release(&b);
}
