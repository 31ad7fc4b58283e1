/* source_map.h: source maps (ECMA-426, revision 3), the older way from an instruction to its line; index maps
 * too.
 *
 * For WebAssembly the generated code is one line, and its columns are file_off ("WebAssembly locations" there). */
#ifndef MT_SYMBOL_SOURCE_MAP_H
#define MT_SYMBOL_SOURCE_MAP_H

#include "base/error.h"

#include <stddef.h>

struct source_map;

struct source_position {
    const char *file;      /* the map's; of a local file: URL, its path */
    const char *name;      /* of the function or variable there; NULL: none */
    const char *text;      /* of the whole file, if the map has it, else NULL */
    uint32_t line, column; /* from 1 */
};

/* Whether a file begins as a source map does. */
bool source_map_possible(const char *bytes, size_t size);

/* NULL when the bytes are no source map; *fault says why then, a literal.  Else it is NULL, or says what was left out. */
struct source_map *source_map_read(const char *bytes, size_t size, const char **fault);
void source_map_free(struct source_map *m);

/* The file of the first mapping from `from` on, and before `end`, that has one; NULL where there is none. */
const char *source_map_first(const struct source_map *m, uint32_t from, uint32_t end);

/* The position of the last mapping between `from` and `at`, both file_off.  False where there is none. */
bool source_map_find(const struct source_map *m, uint32_t from, uint32_t at, struct source_position *position);

#endif
