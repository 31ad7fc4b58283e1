/* location.h: the analysis by location: streams records into shadow memory and counts pairs of sites.
 *
 * Memory is bounded by the addresses that the program touches and by the number of distinct pairs, never by the length
 * of the run. */
#ifndef MT_ANALYZE_LOCATION_H
#define MT_ANALYZE_LOCATION_H

#include "analyze/counters.h"
#include "base/error.h"

struct location_analysis;

/* `table` must outlive the analysis.  NULL and *err when memory is short. */
struct location_analysis *location_analysis_new(const struct site_table *table, struct error *err);
void location_analysis_free(struct location_analysis *a);

/* Takes whole records in execution order.  False and *err (that of _new) when memory is short. */
bool location_analysis_put(struct location_analysis *a, const uint8_t *records, size_t size);

/* The counts so far.  May be called at any point between two puts, and more than once; the caller releases them. */
bool location_analysis_counters(struct location_analysis *a, struct counters *out, struct error *err);

#endif
