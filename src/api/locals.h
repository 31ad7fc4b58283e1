/* locals.h: variables in functions' frames, in the order in which the analysis looks them up. */
#ifndef MT_API_LOCALS_H
#define MT_API_LOCALS_H

#include "symbol/variables.h"
#include "trace/object.h"
#include "wasm/module.h"

/* Fills the layout's locals, whose stack pointer is known; names are those of `variables`.  False when memory is short. */
bool locals_read(struct object_layout *l, const struct symbol_variables *variables, const struct wasm_module *module);

#endif
