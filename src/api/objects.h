/* objects.h: what is known of a module's objects before it runs: static data, the stack, functions that allocate. */
#ifndef MT_API_OBJECTS_H
#define MT_API_OBJECTS_H

#include "symbol/lines.h"
#include "symbol/variables.h"
#include "trace/object.h"

/* A function that the user says allocates: NAME, or NAME=HOW (allocs.h). */
struct objects_alloc {
    const char *name;
    struct alloc_shape shape;
};

struct objects {
    struct object_layout layout;
    struct symbol_variables variables, locals;
    char **names; /* of segments, owned */
    size_t name_count;
};

/* `lines` may be NULL; `allocs` are borrowed until the objects are released.  False and *err when memory is short, or when one of `allocs` names no function of the module.  Release
 * in either case. */
bool objects_read(struct objects *o, const struct wasm_module *module, struct symbol_lines *lines,
                  const struct objects_alloc *allocs, size_t alloc_count, struct error *err);
/* Whether a function that is called so, as reports have it, gets blocks from others that allocate and hands them on. */
bool objects_hands_on(const char *function, const struct objects_alloc *allocs, size_t alloc_count);
void objects_release(struct objects *o);

#endif
