/* unread.h: the bytes that nobody had read at the end, by what wrote them. */
#ifndef MT_ANALYZE_UNREAD_H
#define MT_ANALYZE_UNREAD_H

#include "analyze/counters.h"

struct unread {
    const struct site_table *table; /* borrowed */
    uint64_t *bytes;                /* by site; all clones of one are that one */
    uint64_t all;
};

/* False when memory is short. */
bool unread_open(struct unread *u, const struct site_table *table);
void unread_close(struct unread *u);

static inline void unread_add(struct unread *u, site_id writer, uint64_t bytes)
{
    u->bytes[site_base(u->table, writer)] += bytes;
    u->all += bytes;
}

/* Sets what *out says of them.  False when memory is short. */
bool unread_give(const struct unread *u, struct counters *out);

#endif
