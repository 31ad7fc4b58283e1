/* bounds.h: where a module's stack is, and where its heap begins, as far as the module tells before it runs. */
#ifndef MT_API_BOUNDS_H
#define MT_API_BOUNDS_H

#include "symbol/data.h"
#include "trace/object.h"

/* Sets the stack pointer and its first value, and raises heap_base, which is above the static data that is known.  False and *err
 * when memory is short. */
bool bounds_find(struct object_layout *l, const struct wasm_module *module, const struct symbol_data *d,
                 struct error *err);

#endif
