#include "gen.h"

#include "base/vec.h"

#include <stdlib.h>

uint64_t gen_below(struct gen *g, uint64_t limit)
{
    /* xorshift64*; what matters is only that a seed gives the same numbers everywhere */
    g->state ^= g->state >> 12;
    g->state ^= g->state << 25;
    g->state ^= g->state >> 27;
    return (g->state * UINT64_C(0x2545f4914f6cdd1d) >> 11) % limit;
}

site_id gen_site(struct site_table *t, unsigned kind, unsigned width, unsigned memory, uint64_t static_offset)
{
    if (!vec_room((void **)&t->sites, &t->capacity, t->count, sizeof *t->sites))
        abort();
    t->sites[t->count] = (struct site){
        .static_offset = static_offset,
        .file_off = (uint32_t)(0x100 + t->count),
        .memory = (uint16_t)memory,
        .memory_from = (uint16_t)memory,
        .kind = (uint8_t)kind,
        .width = (uint8_t)width,
        .value = width == 16  ? VALUE_V128
                 : width == 8 ? VALUE_I64
                 : width      ? VALUE_I32
                              : VALUE_NONE,
        .address_64 = memory == GEN_MEMORY_64,
    };
    return (site_id)(SITE_FIRST + t->count++);
}

void gen_init(struct gen *g, uint64_t seed)
{
    static const uint8_t scalars[] = {ACCESS_LOAD, ACCESS_STORE, ACCESS_RMW, ACCESS_CMPXCHG, ACCESS_WAIT};
    static const uint8_t bulk[] = {ACCESS_FILL, ACCESS_COPY, ACCESS_INIT};
    *g = (struct gen){.state = seed * 2 + 1, .opaque = true, .values = true};
    g->table.memories = GEN_MEMORIES;
    g->table.host_memory = (uint32_t)gen_below(g, GEN_MEMORIES);
    for (unsigned memory = 0; memory < GEN_MEMORIES; memory++) {
        for (unsigned k = 0; k < sizeof scalars; k++) {
            bool plain = scalars[k] == ACCESS_LOAD || scalars[k] == ACCESS_STORE;
            for (unsigned width = scalars[k] == ACCESS_WAIT ? 4 : 1; width <= (plain ? 16 : 8); width *= 2) {
                gen_site(&g->table, scalars[k], width, memory, 0);
                gen_site(&g->table, scalars[k], width, memory, plain ? gen_below(g, 24) : 8 * gen_below(g, 3));
            }
        }
        for (unsigned k = 0; k < sizeof bulk; k++) {
            for (unsigned from = 0; from < (bulk[k] == ACCESS_COPY ? GEN_MEMORIES : 1); from++) {
                site_id id = gen_site(&g->table, bulk[k], 0, memory, 0);
                g->table.sites[id - SITE_FIRST].memory_from = (uint16_t)(bulk[k] == ACCESS_COPY ? from : 0);
            }
        }
    }
    gen_site(&g->table, ACCESS_LOAD, 4, GEN_MEMORY, UINT32_MAX - 100);
    gen_site(&g->table, ACCESS_STORE, 8, GEN_MEMORY_64, UINT64_C(1) << 33);
    gen_site(&g->table, ACCESS_LOAD, 8, GEN_MEMORY_64, UINT64_C(1) << 33);
    for (unsigned i = 0; i < 3; i++)
        gen_site(&g->table, ACCESS_CALL, 0, 0, 0);
}

void gen_release(struct gen *g)
{
    free(g->table.sites);
    g->table = (struct site_table){0};
}

static void put_u32(struct buf *out, uint32_t v)
{
    if (!buf_put(out, &v, sizeof v))
        abort();
}

static void put_u64(struct buf *out, uint64_t v)
{
    if (!buf_put(out, &v, sizeof v))
        abort();
}

static void put_scalar(const struct site_table *t, struct buf *out, site_id id, uint64_t at, unsigned flag,
                       unsigned value_units)
{
    const struct site *site = site_get(t, id);
    uint64_t operand = at - site->static_offset;
    put_u32(out, record_head(id, (site->address_64 ? 2 : 1) + value_units, flag));
    if (site->address_64) {
        put_u32(out, 0);
        put_u64(out, operand);
    } else {
        put_u32(out, (uint32_t)operand);
    }
    for (unsigned i = 0; i < value_units; i++)
        put_u64(out, at * UINT64_C(0x0123456789abcdef));
}

void gen_scalar(const struct site_table *t, struct buf *out, site_id site, uint64_t at, unsigned flag)
{
    put_scalar(t, out, site, at, flag, 0);
}

void gen_fill(struct buf *out, site_id site, uint64_t at, uint64_t length, unsigned flag)
{
    put_u32(out, record_head(site, 3, flag));
    put_u32(out, 0);
    put_u64(out, at);
    put_u64(out, length);
}

void gen_copy(struct buf *out, site_id site, uint64_t to, uint64_t from, uint64_t length, unsigned flag)
{
    put_u32(out, record_head(site, 4, flag));
    put_u32(out, 0);
    put_u64(out, to);
    put_u64(out, from);
    put_u64(out, length);
}

void gen_host(struct buf *out, site_id head, site_id call, uint64_t at, uint64_t length)
{
    put_u32(out, record_head(head, 3, 0));
    put_u32(out, call);
    put_u64(out, at);
    put_u64(out, length);
}

void gen_opaque(struct buf *out, site_id head, site_id call, uint32_t func)
{
    put_u32(out, record_head(head, 2, 0));
    put_u32(out, call);
    put_u32(out, func);
    put_u32(out, 0);
}

/* Where things that an analysis may get wrong meet: ends of lines, chunks, windows and memories. */
static uint64_t random_place(struct gen *g, unsigned memory, uint64_t size)
{
    static const uint64_t high[] = {UINT64_C(1) << 32, UINT64_C(1) << 42, (UINT64_C(5) << 32) + (1 << 20)};
    uint64_t spread = gen_below(g, 4) ? 20 : 80; /* often few addresses, now and then more */
    switch (gen_below(g, 8)) {
    case 0:
        return (1 << 20) - 32 + gen_below(g, 2 * spread);
    case 1:
        return 256 - 16 + gen_below(g, spread);
    case 2:
        if (memory != GEN_MEMORY_64 && size < 4096) {
            uint64_t last = (UINT64_C(1) << 32) - size;
            return last - gen_below(g, spread);
        }
        return high[gen_below(g, 3)] - 20 + gen_below(g, 2 * spread);
    default:
        return gen_below(g, spread);
    }
}

static uint64_t random_length(struct gen *g)
{
    uint64_t r = gen_below(g, 200);
    return r == 0 ? gen_below(g, 20000) : r < 10 ? gen_below(g, 1000) : r < 30 ? 0 : gen_below(g, 40);
}

/* A place that a 32-bit memory has; `size` is at most 20000. */
static uint64_t random_range(struct gen *g, unsigned memory, uint64_t size)
{
    uint64_t at = random_place(g, memory, size);
    return memory != GEN_MEMORY_64 && at + size > UINT64_C(1) << 32 ? 0 : at;
}

static void random_host(struct gen *g, struct buf *out)
{
    site_id call = gen_below(g, 4) ? (site_id)(SITE_FIRST + g->table.count - 1 - gen_below(g, 3)) : SITE_NONE;
    uint64_t length = random_length(g);
    uint64_t at = random_range(g, g->table.host_memory, length + 1);
    gen_host(out, gen_below(g, 2) ? SITE_HOST_READ : SITE_HOST_WRITE, call, at, length + 1);
}

static void random_scalar(struct gen *g, struct buf *out, site_id id, const struct site *site)
{
    uint64_t at = random_place(g, site->memory, site->width);
    bool atomic = site->kind == ACCESS_RMW || site->kind == ACCESS_CMPXCHG || site->kind == ACCESS_WAIT;
    if (atomic || gen_below(g, 4))
        at -= at % site->width;
    if (at < site->static_offset)
        at += site->static_offset;
    if (!site->address_64 && at + site->width > UINT64_C(1) << 32)
        at = (UINT64_C(1) << 32) - site->width;
    bool may_flag = site->kind == ACCESS_STORE || site->kind == ACCESS_CMPXCHG;
    unsigned slots = site->kind == ACCESS_CMPXCHG ? 3 : site->kind == ACCESS_RMW || site->kind == ACCESS_WAIT ? 2 : 1;
    unsigned units = slots * (site->value == VALUE_V128 ? 2 : 1);
    bool values = g->values && gen_below(g, 8) == 0;
    put_scalar(&g->table, out, id, at, may_flag && gen_below(g, 3) == 0, values ? units : 0);
}

static void random_record(struct gen *g, struct buf *out)
{
    if (g->opaque && gen_below(g, 60) == 0) {
        site_id head = gen_below(g, 2) ? SITE_OPAQUE_ENTER : SITE_OPAQUE_LEAVE;
        gen_opaque(out, head, SITE_NONE, (uint32_t)gen_below(g, 4));
        return;
    }
    if (gen_below(g, 20) == 0) {
        random_host(g, out);
        return;
    }
    site_id id = (site_id)(SITE_FIRST + gen_below(g, g->table.count));
    const struct site *site = site_get(&g->table, id);
    uint64_t length = random_length(g);
    unsigned flag = length > 0 && gen_below(g, 3) == 0;
    switch (site->kind) {
    case ACCESS_CALL:
        return;
    case ACCESS_FILL:
    case ACCESS_INIT:
        gen_fill(out, id, random_range(g, site->memory, length), length, flag);
        return;
    case ACCESS_COPY: {
        uint64_t to = random_range(g, site->memory, length);
        uint64_t from = random_range(g, site->memory_from, length);
        gen_copy(out, id, to, from, length, flag);
        return;
    }
    default:
        random_scalar(g, out, id, site);
    }
}

void gen_records(struct gen *g, struct buf *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        random_record(g, out);
}
