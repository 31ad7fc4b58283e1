/* naive.h: both analyses once more, written from docs/semantics.md as plainly as possible: a record for every byte, a list
 * of all pairs.  The reference that the real ones are held against. */
#ifndef MT_TESTS_NAIVE_H
#define MT_TESTS_NAIVE_H

#include "analyze/index.h"

struct naive;

/* Aborts when memory is short, as do the others. */
struct naive *naive_new(const struct site_table *table);
void naive_free(struct naive *n);
void naive_put(struct naive *n, const uint8_t *records, size_t size);

/* All pairs so far, in the order of index.h; owned by the reference, until the next put. */
const struct index_pair *naive_pairs(const struct naive *n, size_t *count);

/* The site of an access: a host access's is its call site. */
site_id naive_site(const struct naive *n, uint64_t index);

/* What the pairs come to by location; the caller releases it. */
void naive_counters(const struct naive *n, struct counters *out);

/* Groups pairs by site: pairs of any index analysis over the same records.  Frees nothing, allocates out->pairs. */
void naive_group(const struct naive *n, const struct index_pair *pairs, size_t count, struct counters *out);

/* Sorts pairs by (kind, first, second), so that two results can be compared. */
void naive_sort(struct counters *c);

#endif
