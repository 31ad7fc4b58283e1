#include "api/collect.h"

bool collect_open(struct collect *c, const struct site_table *sites, int full, struct error *err)
{
    *c = (struct collect){.full = full};
    c->location = location_analysis_new(sites, err);
    if (!c->location)
        return false;
    if (full < 2)
        return true;
    if (!pair_spool_open(&c->pairs, err))
        return false;
    c->index = index_analysis_new(sites, pair_spool_sink(&c->pairs), err);
    return c->index && (full < 3 || record_spool_open(&c->records, err));
}

void collect_close(struct collect *c)
{
    if (c->location)
        location_analysis_free(c->location);
    if (c->index)
        index_analysis_free(c->index);
    pair_spool_close(&c->pairs);
    record_spool_close(&c->records);
}

static bool put(void *self, const uint8_t *records, size_t size)
{
    struct collect *c = self;
    if (!location_analysis_put(c->location, records, size))
        return false;
    if (c->full >= 2 && !index_analysis_put(c->index, records, size))
        return false;
    if (c->full < 3)
        return true;
    struct record_sink spool = record_spool_sink(&c->records);
    return spool.put(spool.self, records, size);
}

struct record_sink collect_sink(struct collect *c)
{
    return (struct record_sink){put, c};
}
