#include "analyze/unread.h"

#include <stdlib.h>

bool unread_open(struct unread *u, const struct site_table *table)
{
    *u = (struct unread){.table = table, .bytes = calloc(SITE_FIRST + table->count, sizeof *u->bytes)};
    return u->bytes;
}

void unread_close(struct unread *u)
{
    free(u->bytes);
    *u = (struct unread){0};
}

bool unread_give(const struct unread *u, struct counters *out)
{
    size_t count = 0, sites = u->bytes ? SITE_FIRST + u->table->count : 0; /* none where the program has not begun */
    for (size_t i = 0; i < sites; i++)
        count += u->bytes[i] != 0;
    out->unread_at_exit = u->all;
    out->unread = malloc((count + 1) * sizeof *out->unread);
    if (!out->unread)
        return false;
    for (size_t i = 0; i < sites; i++)
        if (u->bytes[i])
            out->unread[out->unread_count++] = (struct unread_count){(site_id)i, u->bytes[i]};
    return true;
}
