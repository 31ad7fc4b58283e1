#include "api/collect.h"

bool collect_open(struct collect *c, const struct site_table *sites, int full, enum collect_how how,
                  const struct collect_apart *apart, struct error *err)
{
    *c = (struct collect){.sites = sites, .full = full, .drop = how == COLLECT_NOTHING};
    if (c->drop)
        return true;
    if (how == COLLECT_ONLINE) {
        c->online = online_analysis_new(sites, err);
        return c->online != NULL;
    }
    if (how == COLLECT_APART)
        c->contexts = context_analysis_new(sites, apart->contexts, apart->objects, err);
    else
        c->location = location_analysis_new(sites, err);
    if (!c->location && !c->contexts)
        return false;
    if (full < 2)
        return true;
    if (!pair_spool_open(&c->pairs, err))
        return false;
    c->index = index_analysis_new(sites, pair_spool_sink(&c->pairs), err);
    return c->index && (full < 3 || record_spool_open(&c->records, err));
}

bool collect_want(struct collect *c, bool map, bool distances, struct error *err)
{
    if (c->contexts)
        return (!map || context_analysis_want_map(c->contexts, err)) &&
               (!distances || context_analysis_want_distances(c->contexts, err));
    return !c->location || ((!map || location_analysis_want_map(c->location, err)) &&
                            (!distances || location_analysis_want_distances(c->location, err)));
}

void collect_close(struct collect *c)
{
    if (c->online)
        online_analysis_free(c->online);
    if (c->location)
        location_analysis_free(c->location);
    context_analysis_free(c->contexts);
    if (c->index)
        index_analysis_free(c->index);
    pair_spool_close(&c->pairs);
    record_spool_close(&c->records);
}

/* Of all units; four at a time, which do not wait for each other. */
static uint64_t sum(const uint8_t *records, size_t size)
{
    uint64_t sums[4] = {0};
    size_t i = 0;
    for (; i + 4 * RECORD_UNIT <= size; i += 4 * RECORD_UNIT)
        for (unsigned lane = 0; lane < 4; lane++)
            sums[lane] += record_u64(records + i + lane * RECORD_UNIT);
    for (; i < size; i += RECORD_UNIT)
        sums[0] += record_u64(records + i);
    return sums[0] + sums[1] + sums[2] + sums[3];
}

static bool put(void *self, const uint8_t *records, size_t size)
{
    struct collect *c = self;
    if (c->also.put && !c->also.put(c->also.self, records, size))
        return false;
    if (c->drop) {
        c->checksum += sum(records, size);
        c->bytes += size;
        return true;
    }
    if (c->online)
        return online_analysis_put(c->online, records, size);
    if (c->contexts ? !context_analysis_put(c->contexts, records, size)
                    : !location_analysis_put(c->location, records, size))
        return false;
    if (c->full >= 2 && !index_analysis_put(c->index, records, size))
        return false;
    if (c->full < 3)
        return true;
    struct record_sink spool = record_spool_sink(&c->records);
    return spool.put(spool.self, records, size);
}

/* The records of a stretch (rewrite/body_access.c) that lie before the trap. */
static uint32_t unfinished(void *self, const uint8_t *at, const struct guest_trap *trap)
{
    const struct collect *c = self;
    uint32_t bytes = 0;
    for (size_t i = 0; i < c->sites->count; i++) {
        const struct site *s = &c->sites->sites[i];
        if (s->func == trap->func && s->code_end && s->code_end <= trap->offset && s->stretch_start <= trap->offset &&
            trap->offset < s->stretch_end)
            bytes += (uint32_t)record_size(record_u32(at + bytes) & ~(uint32_t)RECORD_FLAG);
    }
    return bytes;
}

static bool attach(void *self, uint8_t *const planes[PLANE_COUNT])
{
    struct collect *c = self;
    return online_analysis_attach(c->online, planes);
}

static bool call(void *self, unsigned slot, uint32_t *argument)
{
    struct collect *c = self;
    return online_analysis_call(c->online, slot, argument);
}

static bool detach(void *self, uint32_t log_at, uint64_t memory_size, const struct guest_trap *trap)
{
    struct collect *c = self;
    return online_analysis_detach(c->online, log_at, memory_size, trap);
}

static uint64_t count(void *self)
{
    const struct collect *c = self;
    return online_analysis_count(c->online);
}

struct engine_guest collect_guest(struct collect *c)
{
    struct engine_guest guest = {.records = {put, c}, .unfinished = unfinished};
    if (c->online) {
        guest.attach = attach;
        guest.call = call;
        guest.detach = detach;
        guest.count = count;
    }
    return guest;
}

bool collect_counters(struct collect *c, struct counters *out, struct error *err)
{
    if (c->online)
        return online_analysis_counters(c->online, out, err);
    if (c->contexts)
        return context_analysis_counters(c->contexts, out, err);
    return location_analysis_counters(c->location, out, err);
}
