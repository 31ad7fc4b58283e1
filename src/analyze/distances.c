#include "analyze/distances.h"

#include "analyze/region.h"
#include "analyze/sketch.h"

enum { ROWS_AT_FIRST = 1024 };

/* All that are no clones. */
static size_t sites_size(const struct site_table *table)
{
    return (SITE_FIRST + table->count) * sizeof(struct distance_site);
}

bool distances_init(struct distances *d, const struct site_table *table)
{
    *d = (struct distances){.table = table};
    d->sites = region_reserve(sites_size(table));
    return d->sites != NULL;
}

void distances_release(struct distances *d)
{
    region_release(d->sites, d->table ? sites_size(d->table) : 0);
    region_release(d->rows, d->capacity * sizeof *d->rows);
    clone_pairs_release(&d->pairs);
}

static bool grow(struct distances *d)
{
    size_t capacity = d->capacity ? 2 * d->capacity : ROWS_AT_FIRST, size = capacity * sizeof *d->rows;
    struct distance_row *rows =
        d->capacity ? region_grow(d->rows, d->capacity * sizeof *rows, size) : region_reserve(size);
    if (!rows)
        return false;
    d->rows = rows;
    d->capacity = capacity;
    return true;
}

static enum distance_order order_of(const struct site_table *table, site_id first, site_id second)
{
    if (first < SITE_FIRST || second < SITE_FIRST)
        return ORDER_NONE;
    const struct site *a = site_get(table, first), *b = site_get(table, second);
    if (a->func != b->func)
        return ORDER_ELSEWHERE;
    return a->file_off < b->file_off ? ORDER_FORWARD : ORDER_NONE;
}

/* Which of its ways a second side keeps a pair in: partners of one instruction are often neighbours. */
static unsigned way_of(enum defect_kind kind, site_id first)
{
    return (first + (unsigned)kind) % DISTANCE_WAYS;
}

struct distance_row *distances_find(struct distances *d, enum defect_kind kind, site_id first, site_id second)
{
    first = site_base(d->table, first);
    struct distance_site *site = &d->sites[second];
    uint64_t key = pair_key(kind, first, second);
    unsigned way = way_of(kind, first);
    if (__builtin_expect(site->keys[way] == key, 1))
        return &d->rows[site->rows[way]];
    size_t row = clone_pairs_put(&d->pairs, &(struct clone_pair){.key = key});
    if (row == SIZE_MAX || (row >= d->capacity && !grow(d)))
        return NULL;
    site->keys[way] = key;
    site->rows[way] = (uint32_t)row;
    d->rows[row].first = first;
    d->rows[row].order = (uint8_t)order_of(d->table, first, second);
    return &d->rows[row];
}

bool distances_note(struct distances *d, enum defect_kind kind, site_id first, site_id second,
                    const struct times *times, uint64_t address, uint64_t size, uint64_t start)
{
    if (first == SITE_NONE) /* the initial content was never put */
        return true;
    second = site_base(d->table, second);
    struct distance_row *row = distances_find(d, kind, first, second);
    if (!row)
        return false;
    if (distance_is_load(kind))
        sketch_add(row->sketch, sizeof row->sketch, start);
    while (size) {
        uint32_t time;
        uint64_t part = times_look(times, address, size, &time);
        distance_add(d, row, second, time, part);
        address += part;
        size -= part;
    }
    return true;
}

bool distances_of(struct distances *d, const struct pair_count *pair, struct pair_distance *out)
{
    *out = (struct pair_distance){0};
    if (pair->first == SITE_NONE)
        return true;
    const struct distance_row *row = distances_find(d, (enum defect_kind)pair->kind, pair->first, pair->second);
    if (!row)
        return false;
    *out = row->sums;
    if (distance_is_load((enum defect_kind)pair->kind))
        out->places = sketch_count(row->sketch, sizeof row->sketch);
    return true;
}

void distances_age(struct distances *d)
{
    for (size_t id = 0; id < SITE_FIRST + d->table->count; id++)
        d->sites[id].last = times_aged(d->now, d->sites[id].last);
}
