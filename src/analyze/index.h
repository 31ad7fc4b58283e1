/* index.h: the analysis by trace index (-ff): every single pair, as it happens. */
#ifndef MT_ANALYZE_INDEX_H
#define MT_ANALYZE_INDEX_H

#include "analyze/counters.h"
#include "base/error.h"

/* First sides that are no access. */
#define INDEX_INIT UINT64_MAX
#define INDEX_HOST (UINT64_MAX - 1)

struct index_pair {
    uint8_t kind;    /* enum defect_kind */
    uint64_t first;  /* trace index, INDEX_INIT or INDEX_HOST */
    uint64_t second; /* trace index */
    uint64_t bytes;
};

/* Gets the pairs ordered by second index, then by list (dead stores, silent stores, silent loads), then first (init,
 * host, ascending index), then kind.  False stops the analysis; it must have set the error of _new. */
struct index_sink {
    bool (*pair)(void *self, const struct index_pair *pair);
    void *self;
};

struct index_analysis;

struct index_analysis *index_analysis_new(const struct site_table *table, struct index_sink sink, struct error *err);
void index_analysis_free(struct index_analysis *a);
bool index_analysis_put(struct index_analysis *a, const uint8_t *records, size_t size);

#endif
