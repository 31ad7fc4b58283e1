/* met.h: what loads and stores met (trace/planes.h), counted as defects. */
#ifndef MT_ANALYZE_MET_H
#define MT_ANALYZE_MET_H

#include "analyze/pairs.h"
#include "trace/planes.h"

enum { MET_LANES_MAX = 16 };

/* Marks that one access, or several like it, met: `lanes` of them, each of `bytes` bytes. */
struct met {
    const mark *marks;
    unsigned lanes;
    unsigned bytes;
};

struct met_counts {
    const struct site_table *table;
    struct pair_table pairs;
    uint64_t accesses[ACCESS_OPAQUE_LEAVE + 1];
    uint64_t bytes_loaded, bytes_stored;
};

/* `count` accesses of a load or store met these marks: counts the accesses, and the pairs that they form.  `own` is the mark
 * that its site leaves; without flags, of a store, it says that the marks are those of writers that a silent store met, and
 * counts that alone.  False when memory is short. */
bool met_account(struct met_counts *c, const struct met *met, mark own, uint64_t count);
/* The pairs alone. */
bool met_pairs(struct met_counts *c, const struct met *met, mark own, uint64_t count);
/* The accesses alone. */
void met_count(struct met_counts *c, const struct site *site, uint64_t count);

/* A fill or copy met a mark, or as many bytes' writers if `own` has no flags; all parts of it have the same `stamp` (pair_table_add).
 * False when memory is short. */
bool met_part(struct met_counts *c, mark own, mark met, uint32_t bytes, uint64_t stamp);

/* Adds up.  False when memory is short. */
bool met_merge(struct met_counts *to, const struct met_counts *from);

#endif
