/* What pairs are counted as: by location, and, where sites have clones (trace/site.h), each clone for itself, too. */
#include "analyze/location_state.h"

#include <stdlib.h>

/* An access that has several parts may be one instance of the pair of locations, so that table is asked.  It knows no more than
 * such accesses: the sums are made in the end. */
bool count_part(struct location_analysis *a, enum defect_kind kind, site_id first, site_id second, uint64_t bytes)
{
    if (!a->table->clone_limit)
        return pair_table_add(&a->pairs, kind, first, second, bytes, a->stamp);
    bool fresh;
    return pair_table_add_fresh(&a->pairs, kind, site_base(a->table, first), site_base(a->table, second), bytes,
                                a->stamp, &fresh) &&
           clone_pairs_add(&a->clone_pairs, pair_key(kind, first, second), fresh, bytes);
}

bool count_pairs(struct location_analysis *a, enum defect_kind kind, site_id first, site_id second, uint64_t instances,
                 uint64_t bytes)
{
    if (!a->table->clone_limit)
        return pair_table_add_many(&a->pairs, kind, first, second, instances, bytes);
    return clone_pairs_add(&a->clone_pairs, pair_key(kind, first, second), instances, bytes);
}

/* Pairs of clones come in the order in which they first occurred, so that sites and pairs of locations are mostly in a cache. */
bool count_sums(struct location_analysis *a, struct counters *out)
{
    struct clone_pairs sums = {0};
    const struct clone_pairs *t = &a->clone_pairs;
    out->context_pairs = malloc((t->count + 1) * sizeof *out->context_pairs);
    bool ok = out->context_pairs;
    for (size_t i = 0; ok && i < t->count; i++) {
        struct clone_pair p = t->pairs[i];
        site_id first = pair_key_first(p.key), second = pair_key_second(p.key);
        p.key = pair_key(pair_key_kind(p.key), site_base(a->table, first), site_base(a->table, second));
        size_t pair = clone_pairs_put(&sums, &p);
        ok = pair != SIZE_MAX;
        out->context_pairs[i] = (struct context_pair_count){.pair = (uint32_t)pair,
                                                            .first_context = first,
                                                            .second_context = second,
                                                            .instances = p.instances,
                                                            .bytes = p.bytes};
    }
    out->context_pair_count = t->count;
    out->pairs = malloc((sums.count + 1) * sizeof *out->pairs);
    ok = ok && out->pairs;
    for (size_t i = 0; ok && i < sums.count; i++) {
        const struct clone_pair *p = &sums.pairs[i];
        out->pairs[i] = (struct pair_count){.kind = (uint8_t)pair_key_kind(p->key),
                                            .first = pair_key_first(p->key),
                                            .second = pair_key_second(p->key),
                                            .instances = p->instances,
                                            .bytes = p->bytes};
    }
    out->pair_count = sums.count;
    clone_pairs_release(&sums);
    return ok;
}
