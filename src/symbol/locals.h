/* locals.h: what a module's name section calls the locals of its functions (subsection 2). */
#ifndef MT_SYMBOL_LOCALS_H
#define MT_SYMBOL_LOCALS_H

#include "wasm/module.h"

/* Borrows the bytes of the module that has the names. */
struct symbol_locals {
    const struct wasm_module *module;
    size_t func_count;
    uint32_t *maps;     /* by function: file_off of its name map; 0: none.  NULL: no function has one */
    const uint8_t *end; /* of the subsection */
};

/* `more` (may be NULL) is another module of the same code, whose names are taken if this one has none.  False and *err only when memory is short: a
 * malformed subsection gives the names up to the fault. */
bool symbol_locals_read(struct symbol_locals *l, const struct wasm_module *module, const struct wasm_module *more,
                        struct error *err);
void symbol_locals_release(struct symbol_locals *l);

/* bytes NULL: it has no name. */
struct wasm_name symbol_locals_find(const struct symbol_locals *l, uint32_t func, uint32_t local);

#endif
