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

void map_grid_grow(struct map_grid *g, uint64_t address)
{
    while (address >> g->row_shift >= MAP_ROWS) {
        for (unsigned c = 0; c < MAP_COLUMNS; c++) {
            for (unsigned r = 0; r < MAP_ROWS / 2; r++)
                join(g->cells[c][r], g->cells[c][2 * r], g->cells[c][2 * r + 1]);
            memset(g->cells[c][MAP_ROWS / 2], 0, sizeof g->cells[c] / 2);
        }
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
    return out->cells;
}
