/* location.h: the analysis by location: streams records into shadow memory and counts pairs of sites.
 *
 * Memory is bounded by the addresses that the program touches and by the number of distinct pairs, never by the length
 * of the run. */
#ifndef MT_ANALYZE_LOCATION_H
#define MT_ANALYZE_LOCATION_H

#include "analyze/pairs.h"
#include "base/error.h"

struct location_analysis;

/* `table` must outlive the analysis.  If it may have clones (site.h), their pairs are counted too.  NULL and *err when memory is short. */
struct location_analysis *location_analysis_new(const struct site_table *table, struct error *err);
void location_analysis_free(struct location_analysis *a);

/* From now on addresses are followed: the counters get a map.  False when memory is short. */
bool location_analysis_want_map(struct location_analysis *a, struct error *err);

/* Before anything is put: the counters get the distances of pairs.  That takes three times as long.  False when memory is short. */
bool location_analysis_want_distances(struct location_analysis *a, struct error *err);

/* Takes whole records in execution order.  False and *err (that of _new) when memory is short. */
bool location_analysis_put(struct location_analysis *a, const uint8_t *records, size_t size);

/* The next of the table's clones, whose ids must be new one after the other, was added to it. */
void location_analysis_add_clone(struct location_analysis *a, site_id clone);

/* What is kept of each id, in a row from id 0 on: whoever knows what comes next may have it fetched. */
struct location_row {
    const uint8_t *first;
    size_t size; /* of each */
};
struct location_row location_analysis_row(const struct location_analysis *a);

/* The counts so far.  May be called at any point between two puts, and more than once; the caller releases them.  Where the table
 * may have clones there are context_pairs, with the ids of both sides in the place of contexts.  Sums over clones are the pairs of the
 * sites: an access that has parts with several clones of one first site is an instance of the first part's. */
bool location_analysis_counters(struct location_analysis *a, struct counters *out, struct error *err);

#endif
