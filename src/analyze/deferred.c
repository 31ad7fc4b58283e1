#include "analyze/deferred.h"

#include "analyze/planes.h"
#include "analyze/symbols.h"
#include "trace/halves.h"

#include <stdlib.h>

void deferred_release(struct deferred *d)
{
    free(d->words);
    *d = (struct deferred){0};
}

/* Room for so many more words. */
static bool make_room(struct deferred *d, size_t n)
{
    if (d->count + n <= d->capacity)
        return true;
    size_t larger = 2 * d->capacity + n + 1024;
    uint32_t *words = realloc(d->words, larger * sizeof *words);
    if (!words)
        return false;
    d->words = words;
    d->capacity = larger;
    return true;
}

static void put(struct deferred *d, uint32_t word)
{
    d->words[d->count++] = word;
}

bool deferred_row(struct deferred *d, const struct met *met, mark own, uint64_t count)
{
    if (!make_room(d, 4 + met->lanes))
        return false;
    put(d, own);
    put(d, met->lanes | met->bytes << 8);
    put(d, (uint32_t)count);
    put(d, (uint32_t)(count >> 32));
    for (unsigned i = 0; i < met->lanes; i++)
        put(d, met->marks[i]);
    return true;
}

bool deferred_begin(struct deferred *d, mark own)
{
    if (!make_room(d, 3))
        return false;
    d->open = d->count;
    d->symbols = false;
    put(d, own);
    put(d, DEFERRED_PARTS);
    put(d, 0);
    return true;
}

bool deferred_part(struct deferred *d, mark met, uint32_t bytes)
{
    if (!make_room(d, 2))
        return false;
    put(d, met);
    put(d, bytes);
    d->words[d->open + 2]++;
    d->symbols = d->symbols || mark_is_symbol(met);
    return true;
}

bool deferred_end(struct deferred *d, struct met_counts *counts, uint64_t stamp)
{
    bool ok = true;
    if (d->symbols)
        return ok;
    for (size_t i = d->open + 3; i < d->count; i += 2)
        ok = ok && met_part(counts, d->words[d->open], d->words[i], d->words[i + 1], stamp);
    d->count = d->open;
    return ok;
}

struct counting {
    const struct planes *first;
    const struct symbol_map *map;
    struct met_counts *counts;
};

/* What a byte of a lane had. */
static mark resolve(const struct counting *c, mark own, mark met, unsigned byte)
{
    if (!mark_is_symbol(met))
        return met;
    mark touch, writer;
    planes_look(c->first, symbol_map_address(c->map, met) + byte, 1, &touch, &writer);
    if (site_get(c->counts->table, mark_site(own))->kind != ACCESS_LOAD && !(own & MARK_PUT))
        return writer;
    return met & MARK_UNREAD ? touch : touch & ~(mark)MARK_UNREAD;
}

static bool count_row(const struct counting *c, const uint32_t *words)
{
    mark own = words[0], bytes[MET_LANES_MAX];
    unsigned lanes = words[1] & 0xff, width = words[1] >> 8 & 0xff;
    for (unsigned i = 0; i < lanes * width; i++)
        bytes[i] = resolve(c, own, words[4 + i / width], i % width);
    const struct met met = {bytes, lanes * width, 1};
    return met_pairs(c->counts, &met, own, words[2] | (uint64_t)words[3] << 32);
}

static bool count_byte(const struct counting *c, mark own, mark met, unsigned byte, uint64_t stamp)
{
    mark touch, writer;
    planes_look(c->first, symbol_map_address(c->map, met) + byte, 1, &touch, &writer);
    if (!(own & MARK_PUT))
        return met_part(c->counts, own, writer, 1, stamp);
    return !(touch & met & MARK_UNREAD) || met_part(c->counts, own, touch, 1, stamp);
}

static bool count_parts(const struct counting *c, const uint32_t *words, uint64_t stamp)
{
    bool ok = true;
    for (const uint32_t *part = words + 3; ok && part < words + 3 + 2 * (size_t)words[2]; part += 2) {
        if (!mark_is_symbol(part[0]))
            ok = met_part(c->counts, words[0], part[0], part[1], stamp);
        for (unsigned i = 0; ok && mark_is_symbol(part[0]) && i < part[1]; i++)
            ok = count_byte(c, words[0], part[0], i, stamp);
    }
    return ok;
}

bool deferred_count(const struct deferred *d, const struct planes *first, const struct symbol_map *map,
                    struct met_counts *counts, uint64_t *stamp)
{
    const struct counting c = {first, map, counts};
    for (size_t i = 0; i < d->count;) {
        const uint32_t *words = d->words + i;
        bool parts = words[1] & DEFERRED_PARTS;
        if (!(parts ? count_parts(&c, words, ++*stamp) : count_row(&c, words)))
            return false;
        i += parts ? 3 + 2 * (size_t)words[2] : 4 + (words[1] & 0xff);
    }
    return true;
}
