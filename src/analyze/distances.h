/* distances.h: how many accesses lie between the two sides of pairs, byte by byte (docs/report.md "Distances").
 *
 * Memory is bounded by the number of pairs of locations, and by what times.h keeps of the bytes that the program touches. */
#ifndef MT_ANALYZE_DISTANCES_H
#define MT_ANALYZE_DISTANCES_H

#include "analyze/clone_pairs.h"
#include "analyze/times.h"

enum { SKETCH_SIZE = 64 };

enum distance_order { ORDER_NONE, ORDER_FORWARD, ORDER_ELSEWHERE };

struct distance_row {
    struct pair_distance sums;
    site_id first; /* the instruction itself, no clone */
    uint8_t order; /* enum distance_order: of the second side: behind the first in its function; in another function */
    uint8_t sketch[SKETCH_SIZE]; /* of a load: the addresses at which it began (sketch.h) */
};

enum { DISTANCE_WAYS = 4 };

/* Of an instruction. */
struct distance_site {
    uint64_t keys[DISTANCE_WAYS]; /* the pairs that it was the second side of lately; 0: none */
    uint32_t rows[DISTANCE_WAYS];
    uint32_t last; /* when it ran last; 0: at the beginning */
};

struct distances {
    const struct site_table *table;
    uint32_t now;                /* number of the access that is being looked at, from 1, in TIMES_MASK */
    struct distance_site *sites; /* by id, from 0 */
    struct clone_pairs pairs;    /* says the row of a pair of instructions */
    struct distance_row *rows;   /* a region */
    size_t capacity;
};

/* False when memory is short; may be released even so. */
bool distances_init(struct distances *d, const struct site_table *table);
void distances_release(struct distances *d);

/* The row of a pair, whose sides may be clones; NULL when memory is short. */
struct distance_row *distances_find(struct distances *d, enum defect_kind kind, site_id first, site_id second);

/* The access that is being looked at is the second side of a pair, whose first side's times of [address, address + size), in one window,
 * are `times`.  A load began at `start`.  False when memory is short. */
bool distances_note(struct distances *d, enum defect_kind kind, site_id first, site_id second,
                    const struct times *times, uint64_t address, uint64_t size, uint64_t start);

/* The distance of a pair of instructions that was noted, or has initial content; false when memory is short. */
bool distances_of(struct distances *d, const struct pair_count *pair, struct pair_distance *out);

/* See times_age; of instructions. */
void distances_age(struct distances *d);

static inline bool distance_is_load(enum defect_kind kind)
{
    return kind == DEFECT_SILENT_LOAD_AFTER_LOAD || kind == DEFECT_SILENT_LOAD_AFTER_STORE;
}

static inline unsigned distance_bucket(uint32_t between)
{
    static const uint32_t limits[DISTANCE_BUCKETS - 1] = {10, 100, 1000, 10000, 100000, 1000000};
    unsigned bucket = 0;
    for (unsigned i = 0; i < DISTANCE_BUCKETS - 1; i++)
        bucket += between >= limits[i];
    return bucket;
}

/* Which span `between` accesses are (docs/report.md): `latest` says that the first side has not run again since, `once` that neither has
 * the second. */
static inline enum distance_span distance_span(enum distance_order order, uint32_t between, bool latest, bool once)
{
    bool follows = order == ORDER_FORWARD || (order == ORDER_ELSEWHERE && between < SPAN_CALL_LIMIT);
    if (latest && once && follows)
        return SPAN_ROUND;
    return (latest || between < SPAN_NEAR_LIMIT) && between < SPAN_FAR_LIMIT ? SPAN_BETWEEN : SPAN_FAR;
}

/* `bytes` bytes, of which the first side was at `time`. */
static inline void distance_add(struct distances *d, struct distance_row *row, site_id second, uint32_t time,
                                uint64_t bytes)
{
    uint32_t since = times_since(d->now, time), between = since - 1;
    bool latest = row->first >= SITE_FIRST && d->sites[row->first].last == time;
    bool once = times_since(d->now, d->sites[second].last) > since;
    row->sums.buckets[distance_bucket(between)] += bytes;
    row->sums.spans[distance_span((enum distance_order)row->order, between, latest, once)] += bytes;
}

#endif
