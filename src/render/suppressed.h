/* suppressed.h: what is kept out of a report, and entries that would keep the rest out. */
#ifndef MT_RENDER_SUPPRESSED_H
#define MT_RENDER_SUPPRESSED_H

#include "render/output.h"
#include "report/report.h"

/* In the summary and in JSON; nothing where nothing was to be kept out. */
void put_suppressed(struct output *out, const struct report *r);
void json_put_suppressed(struct output *out, const struct report *r);

/* --format suppressions: an entry for each pair that the report lists; those that would be the same are one. */
void render_suppressions(struct output *out, const struct report *r);

#endif
