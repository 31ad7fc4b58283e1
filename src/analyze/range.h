/* range.h: what a fill, copy, init or host write overwrites: the same rules as for a store (docs/semantics.md "Defects"), for
 * ranges of any size. */
#ifndef MT_ANALYZE_RANGE_H
#define MT_ANALYZE_RANGE_H

#include "analyze/pairs.h"
#include "analyze/planes.h"

/* Adds the pairs that the access x, whose planes are as before it, forms with what it overwrites.  `stamp` is its own
 * (pair_table_add).  False when memory is short. */
bool range_judge(const struct planes *p, const struct access *x, struct pair_table *pairs, uint64_t stamp);

#endif
