/* symbols.h: which byte a symbol (trace/halves.h) stands for.  Only memory that may have been touched has symbols: what has never
 * been, has no marks in either run. */
#ifndef MT_ANALYZE_SYMBOLS_H
#define MT_ANALYZE_SYMBOLS_H

#include "analyze/planes.h"
#include "trace/halves.h"

enum { SYMBOL_PAGE = 4096 };

/* Pages of the guest's memory that have symbols: the nth one's are those from n * SYMBOL_PAGE on. */
struct symbol_map {
    uint32_t *pages; /* owned */
    size_t count;
};

/* Of a symbol's symbol_byte, or one behind it. */
static inline uint64_t symbol_map_address(const struct symbol_map *map, uint32_t byte)
{
    return (uint64_t)map->pages[byte / SYMBOL_PAGE] * SYMBOL_PAGE + byte % SYMBOL_PAGE;
}

/* Which pages of the memory, which has so many bytes, may have been touched: the first `certain` bytes, and what is resident beyond.
 * False when they are more than there are symbols, or memory is short. */
bool symbol_map_make(struct symbol_map *map, const uint8_t *memory, uint64_t size, uint64_t certain);
void symbol_map_release(struct symbol_map *map);

/* Puts them into the planes of granules. */
void symbol_map_put(const struct symbol_map *map, struct planes *p);

#endif
