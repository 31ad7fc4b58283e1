/* What pairs are counted as: by location, and, where sites have clones (trace/site.h), each clone for itself, too. */
#include "analyze/location_state.h"

#include <stdlib.h>

/* Pairs told apart by contexts take 64 bytes each, and may be far more than pairs of locations: beyond so many, new ones are
 * counted in no context. */
enum { CONTEXT_PAIRS_MAX = 1 << 22 };

static bool put_in_context(struct location_analysis *a, enum defect_kind kind, site_id first, site_id second,
                           uint64_t instances, uint64_t bytes)
{
    if (a->context_pairs.count >= CONTEXT_PAIRS_MAX && !pair_table_has(&a->context_pairs, kind, first, second)) {
        first = site_base(a->table, first);
        second = site_base(a->table, second);
    }
    return pair_table_add_many(&a->context_pairs, kind, first, second, instances, bytes);
}

/* An access that has several parts may be one instance of the pair of locations, so that table is asked.  It knows no more than
 * such accesses: the sums are made in the end. */
bool count_part(struct location_analysis *a, enum defect_kind kind, site_id first, site_id second, uint64_t bytes)
{
    if (!a->table->clone_limit)
        return pair_table_add(&a->pairs, kind, first, second, bytes, a->stamp);
    bool fresh;
    return pair_table_add_fresh(&a->pairs, kind, site_base(a->table, first), site_base(a->table, second), bytes,
                                a->stamp, &fresh) &&
           put_in_context(a, kind, first, second, fresh, bytes);
}

bool count_pairs(struct location_analysis *a, enum defect_kind kind, site_id first, site_id second, uint64_t instances,
                 uint64_t bytes)
{
    if (!a->table->clone_limit)
        return pair_table_add_many(&a->pairs, kind, first, second, instances, bytes);
    return put_in_context(a, kind, first, second, instances, bytes);
}

bool count_sum(const struct location_analysis *a, struct pair_table *sums)
{
    if (!a->table->clone_limit)
        return true;
    const struct pair_table *t = &a->context_pairs;
    struct pair_count *pairs = malloc((t->count + 1) * sizeof *pairs);
    if (!pairs)
        return false;
    pair_table_copy(t, pairs);
    bool ok = true;
    for (size_t i = 0; ok && i < t->count; i++)
        ok = pair_table_add_many(sums, pairs[i].kind, site_base(a->table, pairs[i].first),
                                 site_base(a->table, pairs[i].second), pairs[i].instances, pairs[i].bytes);
    free(pairs);
    return ok;
}
