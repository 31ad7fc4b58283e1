/* collect.h: what becomes of the records of a run, by how full the report is to be: always the analysis by location;
 * from -ff on the analysis by index, whose pairs are spooled; with -fff the records themselves are. */
#ifndef MT_API_COLLECT_H
#define MT_API_COLLECT_H

#include "analyze/index.h"
#include "analyze/location.h"
#include "render/spool.h"

struct collect {
    struct location_analysis *location;
    struct index_analysis *index; /* NULL below -ff */
    struct pair_spool pairs;
    struct record_spool records; /* closed below -fff */
    int full;
};

/* `err` gets what fails later, too.  Release in either case. */
bool collect_open(struct collect *c, const struct site_table *sites, int full, struct error *err);
void collect_close(struct collect *c);
struct record_sink collect_sink(struct collect *c);

#endif
