/* clone_pairs.h: counts of pairs of ids that may be clones (trace/site.h): millions of them, most of which come once or twice, so that
 * what is looked up is hardly ever in a cache.  Pairs lie in the order in which they first came, which is one that the memory
 * likes for all that is done with them afterwards; a hash table has their numbers.  A pair that is added waits a while, until the
 * place where it is looked up has been fetched. */
#ifndef MT_ANALYZE_CLONE_PAIRS_H
#define MT_ANALYZE_CLONE_PAIRS_H

#include "analyze/pairs.h"

enum { CLONE_PAIRS_WAITING = 16 }; /* a power of two */

struct clone_pair {
    uint64_t key; /* pairs.h; 0: none */
    uint64_t instances, bytes;
};

struct clone_pairs {
    struct clone_pair *pairs; /* a region, like `slots` */
    size_t count, capacity;
    struct clone_slot *slots; /* open addressing */
    size_t slot_count;        /* 0 or a power of two */
    struct clone_pair waiting[CLONE_PAIRS_WAITING];
    size_t next;                    /* of `waiting`: the oldest */
    size_t limit;                   /* beyond so many pairs, */
    const struct site_table *table; /* new ones are put down to their sites; NULL: no limit */
};

void clone_pairs_release(struct clone_pairs *t);

/* Adds what one or several accesses brought.  False when memory is short. */
bool clone_pairs_add(struct clone_pairs *t, uint64_t key, uint64_t instances, uint64_t bytes);

/* No pair waits any more.  False when memory is short. */
bool clone_pairs_settle(struct clone_pairs *t);

/* The same as clone_pairs_add at once; the number of the pair, or SIZE_MAX when memory is short. */
size_t clone_pairs_put(struct clone_pairs *t, const struct clone_pair *pair);

#endif
