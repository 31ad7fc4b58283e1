#include "analyze/memory_map.h"

#include <stdlib.h>
#include <string.h>

struct map_grid *map_grid_new(void)
{
    struct map_grid *g = calloc(1, sizeof *g);
    if (!g)
        return NULL;
    g->row_shift = MAP_ROW_SHIFT;
    g->column_ticks = 1;
    g->column = g->cells[0];
    return g;
}

static void join(uint64_t *to, const uint64_t *a, const uint64_t *b)
{
    for (unsigned i = 0; i < MAP_COUNTS; i++)
        to[i] = a[i] + b[i];
}

static bool is_same(const struct map_share *a, const struct map_share *b)
{
    return a->first == b->first && a->second == b->second && a->kind == b->kind && a->object == b->object;
}

/* Pairs move to the front by and by, as they get more bytes than the ones before them. */
void map_share_add(struct map_share *row, const struct map_share *part)
{
    unsigned i = 0, least = 0;
    while (i < MAP_SHARES && row[i].bytes && !is_same(&row[i], part)) {
        least = row[i].bytes < row[least].bytes ? i : least;
        i++;
    }
    if (!part->bytes)
        return;
    struct map_share *at = &row[i < MAP_SHARES ? i : least];
    uint64_t bytes = at->bytes + part->bytes;
    if (at > row && at[-1].bytes < bytes) {
        *at = at[-1];
        at--;
    }
    *at = *part;
    at->bytes = bytes;
}

static int compare_shares(const void *left, const void *right)
{
    const struct map_share *a = left, *b = right;
    return (a->bytes < b->bytes) - (a->bytes > b->bytes);
}

/* The pairs of two rows that have the most bytes in both together. */
static void join_shares(struct map_share *to, const struct map_share *a, const struct map_share *b)
{
    struct map_share all[2 * MAP_SHARES];
    memcpy(all, a, MAP_SHARES * sizeof *a);
    size_t count = MAP_SHARES;
    for (unsigned i = 0; i < MAP_SHARES && b[i].bytes; i++) {
        size_t k = 0;
        while (k < MAP_SHARES && !(all[k].bytes && is_same(&all[k], &b[i])))
            k++;
        if (k < MAP_SHARES)
            all[k].bytes += b[i].bytes;
        else
            all[count++] = b[i];
    }
    qsort(all, count, sizeof *all, compare_shares);
    memcpy(to, all, MAP_SHARES * sizeof *to);
}

void map_grid_grow(struct map_grid *g, uint64_t address)
{
    while (address >> g->row_shift >= MAP_ROWS) {
        for (unsigned c = 0; c < MAP_COLUMNS; c++) {
            for (unsigned r = 0; r < MAP_ROWS / 2; r++)
                join(g->cells[c][r], g->cells[c][2 * r], g->cells[c][2 * r + 1]);
            memset(g->cells[c][MAP_ROWS / 2], 0, sizeof g->cells[c] / 2);
        }
        for (unsigned r = 0; r < MAP_ROWS / 2; r++)
            join_shares(g->shares[r], g->shares[2 * r], g->shares[2 * r + 1]);
        memset(g->shares[MAP_ROWS / 2], 0, sizeof g->shares / 2);
        g->row_shift++;
    }
}

void map_grid_time(struct map_grid *g, uint64_t tick)
{
    while (tick / g->column_ticks >= MAP_COLUMNS) {
        for (unsigned c = 0; c < MAP_COLUMNS / 2; c++)
            for (unsigned r = 0; r < MAP_ROWS; r++)
                join(g->cells[c][r], g->cells[2 * c][r], g->cells[2 * c + 1][r]);
        memset(g->cells[MAP_COLUMNS / 2], 0, sizeof g->cells / 2);
        g->column_ticks *= 2;
    }
    g->tick = tick;
    g->column = g->cells[tick / g->column_ticks];
}

void map_grid_add_range(struct map_grid *g, unsigned what, uint64_t address, uint64_t size)
{
    while (size) {
        if (address >> g->row_shift >= MAP_ROWS)
            map_grid_grow(g, address);
        uint64_t row = (uint64_t)1 << g->row_shift, rest = row - (address & (row - 1));
        uint64_t part = size < rest ? size : rest;
        g->column[address >> g->row_shift][what] += part;
        address += part;
        size -= part;
    }
}

void map_grid_add_pair_range(struct map_grid *g, enum defect_kind kind, site_id first, site_id second, uint64_t address,
                             uint64_t size)
{
    while (size) {
        if (address >> g->row_shift >= MAP_ROWS)
            map_grid_grow(g, address);
        uint64_t row = (uint64_t)1 << g->row_shift, rest = row - (address & (row - 1));
        uint64_t part = size < rest ? size : rest;
        map_grid_add_pair(g, kind, first, second, address, part);
        address += part;
        size -= part;
    }
}

/* One more than the last row that is in use. */
static uint32_t used_rows(const struct map_grid *g, unsigned columns)
{
    uint32_t rows = 0;
    for (unsigned c = 0; c < columns; c++)
        for (uint32_t r = MAP_ROWS; r > rows; r--)
            for (unsigned i = 0; i < MAP_COUNTS && r > rows; i++)
                rows = g->cells[c][r - 1][i] ? r : rows;
    return rows;
}

bool map_grid_copy(const struct map_grid *g, struct memory_map *out)
{
    *out = (struct memory_map){.row_bytes = (uint64_t)1 << g->row_shift,
                               .column_records = g->column_ticks * MAP_TICK,
                               .columns = (uint32_t)(g->tick / g->column_ticks) + 1};
    out->rows = used_rows(g, out->columns);
    out->cells = malloc(((size_t)out->rows * out->columns + 1) * sizeof *out->cells);
    for (uint32_t c = 0; out->cells && c < out->columns; c++)
        memcpy(out->cells + (size_t)c * out->rows, g->cells[c], out->rows * sizeof *out->cells);
    out->shares = malloc((out->rows + 1) * sizeof *out->shares);
    if (out->shares)
        memcpy(out->shares, g->shares, out->rows * sizeof *out->shares);
    return out->cells && out->shares;
}
