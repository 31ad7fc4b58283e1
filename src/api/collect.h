/* collect.h: what becomes of the records of a run, by how full the report is to be: the analysis by location,
 * by the program itself or from its records; from -ff on the analysis by index, whose pairs are spooled; with -fff the records themselves are. */
#ifndef MT_API_COLLECT_H
#define MT_API_COLLECT_H

#include "analyze/contexts.h"
#include "analyze/index.h"
#include "analyze/location.h"
#include "analyze/online.h"
#include "engine/engine.h"
#include "render/spool.h"

struct collect {
    const struct site_table *sites;     /* borrowed */
    struct location_analysis *location; /* NULL when online */
    struct online_analysis *online;     /* NULL when not */
    struct context_analysis *contexts;  /* in the place of `location`, where contexts or objects are followed */
    struct index_analysis *index;       /* NULL below -ff */
    struct pair_spool pairs;
    struct record_spool records; /* closed below -fff */
    int full;
    struct record_sink also;  /* gets them, too, before they are analysed; {0}: nobody */
    bool drop;                /* records are read and thrown away */
    uint64_t bytes, checksum; /* of those */
};

enum collect_how { COLLECT_BY_TRACE, COLLECT_ONLINE, COLLECT_APART, COLLECT_NOTHING };

/* COLLECT_APART: by what pairs are told apart. */
struct collect_apart {
    bool contexts;
    const struct object_layout *objects; /* NULL: not by objects; borrowed */
};

/* `err` gets what fails later, too.  Release in either case. */
bool collect_open(struct collect *c, const struct site_table *sites, int full, enum collect_how how,
                  const struct collect_apart *apart, struct error *err);
/* Addresses are followed, too, or distances, as asked, before anything is put; the analysis online has neither. */
bool collect_want(struct collect *c, bool map, bool distances, struct error *err);
void collect_close(struct collect *c);
struct engine_guest collect_guest(struct collect *c);
/* The counts, once, after the run. */
bool collect_counters(struct collect *c, struct counters *out, struct error *err);

#endif
