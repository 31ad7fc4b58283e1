/* The map of memory: its cells, and which pairs and objects its rows are of. */
#include "report/build.h"

#include <stdlib.h>
#include <string.h>

static int compare_shares(const void *left, const void *right)
{
    const struct report_map_share *a = left, *b = right;
    if (a->row != b->row)
        return a->row < b->row ? -1 : 1;
    if (a->bytes != b->bytes)
        return a->bytes > b->bytes ? -1 : 1;
    if (a->second != b->second)
        return a->second < b->second ? -1 : 1;
    return (a->first > b->first) - (a->first < b->first);
}

static void build_shares(const struct build *b, const struct memory_map *from)
{
    struct report *r = b->out;
    for (uint32_t row = 0; row < from->rows; row++)
        for (unsigned i = 0; i < MAP_SHARES && from->shares[row][i].bytes; i++) {
            const struct map_share *s = &from->shares[row][i];
            uint8_t origin = s->first == SITE_NONE         ? ORIGIN_INIT
                             : s->first == SITE_HOST_WRITE ? ORIGIN_HOST
                                                           : ORIGIN_SITE;
            r->map_shares[r->map_share_count++] =
                (struct report_map_share){.row = row,
                                          .kind = s->kind,
                                          .origin = origin,
                                          .first = site_loc(b->table, s->first),
                                          .second = site_loc(b->table, s->second),
                                          .object = b->object_ids ? b->object_ids[s->object] : 0,
                                          .bytes = s->bytes};
        }
    qsort(r->map_shares, r->map_share_count, sizeof *r->map_shares, compare_shares);
}

bool build_map(struct build *b, const struct counters *counters)
{
    const struct memory_map *from = &counters->map;
    struct report *r = b->out;
    size_t cells = (size_t)from->rows * from->columns;
    if (!from->cells)
        return true;
    r->map = *from;
    r->map.shares = NULL;
    r->map.cells = malloc((cells + 1) * sizeof *r->map.cells);
    r->map_shares = malloc(((size_t)from->rows * MAP_SHARES + 1) * sizeof *r->map_shares);
    if (!r->map.cells || !r->map_shares)
        return false;
    memcpy(r->map.cells, from->cells, cells * sizeof *r->map.cells);
    build_shares(b, from);
    return true;
}
