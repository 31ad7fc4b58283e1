/* A site table in bytes: what the instructions are follows from their opcodes. */
#include "tracefile/format.h"
#include "wasm/encode.h"
#include "wasm/opcode.h"

#include <stdlib.h>

enum { MEMORIES_MAX = 1 << 16, CALL_FLAG = 1, WIDE_FLAG = 2 };

/* See also site_section_write, whose section says the same in a module. */
void trace_sites_put(struct buf *b, const struct site_table *table)
{
    wasm_put_u32(b, table->memories);
    wasm_put_u32(b, table->host_memory);
    wasm_put_u32(b, table->code_start);
    wasm_put_u32(b, table->count);
    uint32_t loc = 0, func = 0;
    for (size_t i = 0; i < table->count; i++) {
        const struct site *s = &table->sites[i];
        const struct wasm_opcode_info *info = wasm_opcode_info((enum wasm_opcode)s->opcode);
        wasm_put_u32(b, s->file_off - loc);
        wasm_put_u32(b, s->func - func);
        loc = s->file_off;
        func = s->func;
        buf_put_u8(b, (uint8_t)((s->kind == ACCESS_CALL ? CALL_FLAG : 0) | (s->address_64 ? WIDE_FLAG : 0)));
        buf_put_u8(b, info->prefix);
        wasm_put_u32(b, info->code);
        if (s->kind == ACCESS_CALL)
            continue;
        wasm_put_u32(b, s->static_offset);
        wasm_put_u32(b, s->memory);
        if (s->kind == ACCESS_COPY)
            wasm_put_u32(b, s->memory_from);
        if (s->kind == ACCESS_INIT)
            wasm_put_u32(b, s->segment);
    }
}

static bool get_memory(struct cursor *c, const struct site_table *table, uint16_t *memory)
{
    uint32_t n;
    if (!cursor_leb_u32(c, "a memory", &n) || n >= table->memories)
        return false;
    *memory = (uint16_t)n;
    return true;
}

/* What an opcode does; false for one that touches no memory. */
static bool describe(struct site *s, int opcode)
{
    static const uint8_t kinds[] = {
        [WASM_ACCESS_LOAD] = ACCESS_LOAD,       [WASM_ACCESS_STORE] = ACCESS_STORE, [WASM_ACCESS_RMW] = ACCESS_RMW,
        [WASM_ACCESS_CMPXCHG] = ACCESS_CMPXCHG, [WASM_ACCESS_WAIT] = ACCESS_WAIT,   [WASM_ACCESS_FILL] = ACCESS_FILL,
        [WASM_ACCESS_COPY] = ACCESS_COPY,       [WASM_ACCESS_INIT] = ACCESS_INIT};
    const struct wasm_opcode_info *info = wasm_opcode_info((enum wasm_opcode)opcode);
    if (s->kind == ACCESS_CALL)
        return info->access == WASM_ACCESS_NONE;
    s->kind = kinds[info->access];
    s->width = info->width;
    s->value = info->value;
    return info->access != WASM_ACCESS_NONE;
}

static bool get_site(struct cursor *c, const struct site_table *table, struct site *s)
{
    uint32_t loc, func, code;
    uint8_t flags, prefix;
    if (!cursor_leb_u32(c, "a place", &loc) || !cursor_leb_u32(c, "a function", &func) ||
        !cursor_u8(c, "flags", &flags) || loc > UINT32_MAX - s->file_off || func > UINT32_MAX - s->func ||
        flags > (CALL_FLAG | WIDE_FLAG) || !cursor_u8(c, "a prefix", &prefix) || !cursor_leb_u32(c, "an opcode", &code))
        return false;
    s->file_off += loc;
    s->func += func;
    int opcode = wasm_opcode_find(prefix, code);
    if (opcode < 0)
        return false;
    s->opcode = (uint16_t)opcode;
    s->kind = flags & CALL_FLAG ? ACCESS_CALL : ACCESS_LOAD;
    s->address_64 = flags & WIDE_FLAG ? 1 : 0;
    if (!describe(s, opcode))
        return false;
    if (s->kind == ACCESS_CALL)
        return true;
    return cursor_leb_u64(c, "an offset", &s->static_offset) && get_memory(c, table, &s->memory) &&
           (s->kind != ACCESS_COPY || get_memory(c, table, &s->memory_from)) &&
           (s->kind != ACCESS_INIT || cursor_leb_u32(c, "a segment", &s->segment));
}

bool trace_sites_get(struct cursor *c, struct site_table *table)
{
    uint32_t count;
    if (!cursor_leb_u32(c, "memories", &table->memories) || table->memories > MEMORIES_MAX ||
        !cursor_leb_u32(c, "a memory", &table->host_memory) || table->host_memory >= MEMORIES_MAX ||
        !cursor_leb_u64(c, "a place", &table->code_start) || !cursor_count(c, "sites", 5, &count) ||
        count >= SITE_LIMIT - SITE_FIRST)
        return false;
    table->sites = calloc((size_t)count + 1, sizeof *table->sites);
    if (!table->sites)
        return error_no_memory(c->err);
    struct site site = {0};
    for (; table->count < count; table->count++) {
        site = (struct site){.file_off = site.file_off, .func = site.func};
        if (!get_site(c, table, &site))
            return false;
        table->sites[table->count] = site;
    }
    return cursor_left(c) == 0;
}
