/* memory_map.h: where in memory 0 pairs formed, and when, in constant memory: counts in a grid of addresses and time.  A row or column
 * stands for twice as much whenever something comes to lie behind the last one.
 *
 * Which pairs have most of a row's bytes is kept by the algorithm Space-Saving (Metwally, Agrawal and El Abbadi, 2005): where there is no room
 * for one more pair, it takes the place of the one with the fewest bytes, and those bytes.  So a pair that has more than one part in
 * MAP_SHARES of a row's bytes is there, with at most that much too many. */
#ifndef MT_ANALYZE_MEMORY_MAP_H
#define MT_ANALYZE_MEMORY_MAP_H

#include "analyze/counters.h"

enum {
    MAP_ROWS = 512,
    MAP_COLUMNS = 64,
    MAP_ROW_SHIFT = 8, /* of the first rows: 256 bytes */
    MAP_TICK = 512,    /* records that the first columns stand for */
};

struct map_grid {
    unsigned row_shift;
    uint64_t column_ticks;
    uint64_t tick;                  /* now */
    uint64_t (*column)[MAP_COUNTS]; /* the present one's rows */
    uint64_t cells[MAP_COLUMNS][MAP_ROWS][MAP_COUNTS];
    struct map_share shares[MAP_ROWS][MAP_SHARES];
};

struct map_grid *map_grid_new(void); /* to be freed; NULL when memory is short */

/* Makes room for an address. */
void map_grid_grow(struct map_grid *g, uint64_t address);

/* From now on it is this time, which never goes back. */
void map_grid_time(struct map_grid *g, uint64_t tick);

/* A range of addresses, put down to each row's part. */
void map_grid_add_range(struct map_grid *g, unsigned what, uint64_t address, uint64_t size);

/* The same for bytes of a pair. */
void map_grid_add_pair_range(struct map_grid *g, enum defect_kind kind, site_id first, site_id second, uint64_t address,
                             uint64_t size);

/* Adds bytes to a pair's share of a row. */
void map_share_add(struct map_share *row, const struct map_share *part);

/* The part of the grid that was in use; false when memory is short. */
bool map_grid_copy(const struct map_grid *g, struct memory_map *out);

/* All is put down to the row in which it begins. */
static inline void map_grid_add(struct map_grid *g, unsigned what, uint64_t address, uint64_t size)
{
    if (address >> g->row_shift >= MAP_ROWS)
        map_grid_grow(g, address);
    g->column[address >> g->row_shift][what] += size;
}

static inline void map_grid_add_pair(struct map_grid *g, enum defect_kind kind, site_id first, site_id second,
                                     uint64_t address, uint64_t size)
{
    map_grid_add(g, kind, address, size);
    struct map_share part = {.first = first, .second = second, .kind = (uint8_t)kind, .bytes = size};
    map_share_add(g->shares[address >> g->row_shift], &part);
}

#endif
