/* allocs.h: functions that allocate: the names by which they are known, and the words for how they do it. */
#ifndef MT_API_ALLOCS_H
#define MT_API_ALLOCS_H

#include "trace/object.h"
#include "wasm/module.h"

/* Bytes in front of an object of AssemblyScript that its allocator knows as part of the block (std/assembly/rt/common.ts,
 * OBJECT_OVERHEAD). */
enum { ALLOCS_ASSEMBLYSCRIPT_HEADER = 16 };

/* Reads the word for a kind (malloc, calloc, realloc, aligned, posix_memalign, free, rust_realloc, zig_alloc, zig_free,
 * zig_resize, zig_remap, via), or what each parameter is, in order, and behind a colon the result:
 *
 *     ROLE,…[:RESULT]
 *
 * Roles are size, count (the size is multiplied by it), block (which is freed, or gets another size), out or out+BYTES (points to
 * where the block's address is put), align and - (anything else); a first `*` stands for any number of parameters.  Results are block
 * (taken for granted where the function allocates and has no `out`), error (0: it allocated), done (0: it did nothing; else the block
 * has the new size, in its place).  False: it is neither. */
bool alloc_shape_read(struct alloc_shape *shape, const char *text);

/* How a function of this name allocates; NULL: it is not known to. */
const struct alloc_shape *alloc_shape_of_name(struct wasm_name name);

/* Whether the name is that of AssemblyScript's function that frees, which its collector calls. */
bool alloc_name_has_header(struct wasm_name name);

#endif
