/* pairs.h: counts of pairs of sites: a hash table from (kind, first, second) to instances and bytes. */
#ifndef MT_ANALYZE_PAIRS_H
#define MT_ANALYZE_PAIRS_H

#include "analyze/counters.h"

/* A key: the highest bit, the kind, and two site ids of 28 bits. */
enum { PAIR_KEY_FIRST = 28, PAIR_KEY_KIND = 56 };

static inline uint64_t pair_key(enum defect_kind kind, site_id first, site_id second)
{
    return (uint64_t)1 << 63 | (uint64_t)kind << PAIR_KEY_KIND | (uint64_t)first << PAIR_KEY_FIRST | second;
}

static inline enum defect_kind pair_key_kind(uint64_t key)
{
    return (enum defect_kind)(key >> PAIR_KEY_KIND & 3);
}

static inline site_id pair_key_first(uint64_t key)
{
    return (site_id)(key >> PAIR_KEY_FIRST) & (SITE_LIMIT - 1);
}

static inline site_id pair_key_second(uint64_t key)
{
    return (site_id)key & (SITE_LIMIT - 1);
}

struct pair_slot {
    uint64_t key; /* 0: empty */
    uint64_t instances;
    uint64_t bytes;
    uint64_t stamp; /* of the last access that was counted by pair_table_add */
};

struct pair_table {
    struct pair_slot *slots;
    size_t capacity; /* 0 or a power of two */
    size_t count;
};

void pair_table_release(struct pair_table *t);

/* Adds what one access brings; an access may do so in several parts, and is one instance as long as all of them have its
 * own `stamp`, which is never 0.  False when memory is short. */
bool pair_table_add(struct pair_table *t, enum defect_kind kind, site_id first, site_id second, uint64_t bytes,
                    uint64_t stamp);

/* The same; *fresh says whether the access is an instance of this pair that was not counted yet. */
bool pair_table_add_fresh(struct pair_table *t, enum defect_kind kind, site_id first, site_id second, uint64_t bytes,
                          uint64_t stamp, bool *fresh);

/* Adds what several accesses brought. */
bool pair_table_add_many(struct pair_table *t, enum defect_kind kind, site_id first, site_id second, uint64_t instances,
                         uint64_t bytes);

/* Adds all that `from` has. */
bool pair_table_merge(struct pair_table *to, const struct pair_table *from);

/* Writes the counts, `t->count` of them. */
void pair_table_copy(const struct pair_table *t, struct pair_count *out);

#endif
