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

/* Whether a mark is the symbol of the byte so many behind that of another one. */
static bool follows(mark symbol, uint32_t bytes, mark other)
{
    return mark_is_symbol(symbol) && mark_is_symbol(other) && symbol_byte(other) == symbol_byte(symbol) + bytes &&
           !((symbol ^ other) & MARK_UNREAD);
}

/* Whether the access is the next one of those of an entry; then it is added. */
static bool extend(uint32_t *entry, mark own, mark symbol)
{
    if (entry[0] != (own | DEFERRED_ONE) || (entry[1] ^ symbol) & MARK_UNREAD || entry[3] == UINT32_MAX)
        return false;
    uint32_t from_first = symbol_byte(symbol) - symbol_byte(entry[1]);
    if (entry[3] == 1)
        entry[2] = from_first;
    if (from_first != entry[2] * entry[3])
        return false;
    entry[3]++;
    return true;
}

static bool add_one(struct deferred *d, mark own, mark symbol)
{
    size_t *last = &d->last[mark_site(own) % DEFERRED_SITES];
    if (d->count && extend(d->words + *last, own, symbol))
        return true;
    if (!make_room(d, 4))
        return false;
    *last = d->count;
    put(d, own | DEFERRED_ONE);
    put(d, symbol);
    put(d, 0);
    put(d, 1);
    return true;
}

bool deferred_row(struct deferred *d, const struct met *met, mark own, uint64_t count)
{
    bool one = count == 1 && mark_is_symbol(met->marks[0]);
    for (unsigned i = 1; i < met->lanes; i++)
        one = one && follows(met->marks[0], i * met->bytes, met->marks[i]);
    if (one)
        return add_one(d, own, met->marks[0]);
    if (!make_room(d, 4 + met->lanes))
        return false;
    put(d, own);
    put(d, met->lanes | met->bytes << 8 | (count == 1 ? 0 : DEFERRED_COUNT));
    if (count != 1) {
        put(d, (uint32_t)count);
        put(d, (uint32_t)(count >> 32));
    }
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
    if (d->words[d->open + 2] && follows(d->words[d->count - 2], d->words[d->count - 1], met)) {
        d->words[d->count - 1] += bytes;
        return true;
    }
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

/* What the first run left at the byte so many behind that of a symbol. */
static void look(const struct counting *c, mark symbol, uint32_t byte, mark *touch, mark *writer)
{
    planes_look(c->first, symbol_map_address(c->map, symbol_byte(symbol) + byte), 1, touch, writer);
}

/* What a byte of a lane had. */
static mark resolve(const struct counting *c, mark own, mark met, uint32_t byte)
{
    if (!mark_is_symbol(met))
        return met;
    mark touch, writer;
    look(c, met, byte, &touch, &writer);
    if (site_get(c->counts->table, mark_site(own))->kind != ACCESS_LOAD && !(own & MARK_PUT))
        return writer;
    return met & MARK_UNREAD ? touch : touch & ~(mark)MARK_UNREAD;
}

static bool count_one(const struct counting *c, const uint32_t *words)
{
    mark own = words[0] & ~(mark)DEFERRED_ONE, bytes[MET_LANES_MAX];
    unsigned width = site_get(c->counts->table, mark_site(own))->width;
    const struct met met = {bytes, width, 1};
    bool ok = true;
    for (uint32_t n = 0; ok && n < words[3]; n++) {
        for (unsigned i = 0; i < width; i++)
            bytes[i] = resolve(c, own, words[1], n * words[2] + i);
        ok = met_pairs(c->counts, &met, own, 1);
    }
    return ok;
}

static bool count_row(const struct counting *c, const uint32_t *words)
{
    mark own = words[0], bytes[MET_LANES_MAX];
    unsigned lanes = words[1] & 0xff, width = words[1] >> 8 & 0xff;
    bool counted = words[1] & DEFERRED_COUNT;
    for (unsigned i = 0; i < lanes * width; i++)
        bytes[i] = resolve(c, own, words[(counted ? 4 : 2) + i / width], i % width);
    const struct met met = {bytes, lanes * width, 1};
    return met_pairs(c->counts, &met, own, counted ? words[2] | (uint64_t)words[3] << 32 : 1);
}

static bool count_byte(const struct counting *c, mark own, mark met, uint32_t byte, uint64_t stamp)
{
    mark touch, writer;
    look(c, met, byte, &touch, &writer);
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
        for (uint32_t i = 0; ok && mark_is_symbol(part[0]) && i < part[1]; i++)
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
        bool ok;
        if (words[0] & DEFERRED_ONE) {
            ok = count_one(&c, words);
            i += 4;
        } else if (words[1] & DEFERRED_PARTS) {
            ok = count_parts(&c, words, ++*stamp);
            i += 3 + 2 * (size_t)words[2];
        } else {
            ok = count_row(&c, words);
            i += (words[1] & DEFERRED_COUNT ? 4 : 2) + (words[1] & 0xff);
        }
        if (!ok)
            return false;
    }
    return true;
}
