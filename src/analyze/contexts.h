/* contexts.h: the analysis by location, told apart by calling contexts (trace/context.h) and by objects (trace/object.h): every
 * context has ids of its own for the instructions of its function, and so has what an instruction does to an object, so that the
 * analysis by location counts them like instructions. */
#ifndef MT_ANALYZE_CONTEXTS_H
#define MT_ANALYZE_CONTEXTS_H

#include "analyze/counters.h"
#include "base/error.h"
#include "trace/object.h"

struct context_analysis;

/* `table` and `layout`, which is NULL where objects are not followed, must outlive the analysis.  NULL and *err when memory is
 * short. */
struct context_analysis *context_analysis_new(const struct site_table *table, bool contexts,
                                              const struct object_layout *layout, struct error *err);
void context_analysis_free(struct context_analysis *c);

/* As location_analysis_want_map and _distances. */
bool context_analysis_want_map(struct context_analysis *c, struct error *err);
bool context_analysis_want_distances(struct context_analysis *c, struct error *err);

/* Takes whole records in execution order, those of contexts and objects among them.  False and *err (that of _new) when memory is
 * short. */
bool context_analysis_put(struct context_analysis *c, const uint8_t *records, size_t size);

/* The counts so far, as location_analysis_counters, and those by context and object. */
bool context_analysis_counters(struct context_analysis *c, struct counters *out, struct error *err);

#endif
