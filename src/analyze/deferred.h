/* deferred.h: what accesses of a second run met that holds symbols (trace/halves.h), put aside until what they stand for is known. */
#ifndef MT_ANALYZE_DEFERRED_H
#define MT_ANALYZE_DEFERRED_H

#include "analyze/met.h"

enum { DEFERRED_SITES = 1024 };

/* Entries, of 32-bit words:
 *
 *     own | DEFERRED_ONE, symbol, stride, times           so many loads or stores, all of whose bytes had the symbols from a first one on;
 *                                                         from one to the next this goes up by the stride, in bytes, modulo 2^32
 *     own, lanes:8 bytes:8 0:16, a mark for each lane     as met_pairs has it; with DEFERRED_COUNT, a count:64 before the marks
 *     own, DEFERRED_PARTS, parts, a mark and bytes for each part   a fill or copy, as met_part has it; a symbol stands for as many
 *                                                                  bytes from its own on as there are */
struct deferred {
    uint32_t *words; /* owned */
    size_t count, capacity;
    size_t last
        [DEFERRED_SITES]; /* by hash of a site: where its last DEFERRED_ONE is; most sites go through memory in even steps */
    size_t open;          /* where the entry of the range begins that is being put down */
    bool symbols;         /* it has some */
};

enum { DEFERRED_ONE = 1 << 15 /* 0 in every mark */, DEFERRED_PARTS = 1 << 16, DEFERRED_COUNT = 1 << 17 };

void deferred_release(struct deferred *d);

/* False when memory is short. */
bool deferred_row(struct deferred *d, const struct met *met, mark own, uint64_t count);

/* A range's parts, one after the other.  What has no symbol in the end is counted at once instead, as an access with this stamp. */
bool deferred_begin(struct deferred *d, mark own);
bool deferred_part(struct deferred *d, mark met, uint32_t bytes);
bool deferred_end(struct deferred *d, struct met_counts *counts, uint64_t stamp);

struct planes;
struct symbol_map;

/* Counts all of it: symbols stand for what is in these planes.  *stamp goes up for each range. */
bool deferred_count(const struct deferred *d, const struct planes *first, const struct symbol_map *map,
                    struct met_counts *counts, uint64_t *stamp);

#endif
