/* locals.h: what a module's name section calls the locals of its functions (subsection 2). */
#ifndef MT_SYMBOL_LOCALS_H
#define MT_SYMBOL_LOCALS_H

#include "wasm/module.h"

/* Borrows the module's bytes. */
struct symbol_locals {
    const struct wasm_module *module;
    uint32_t *maps;     /* by function: file_off of its name map; 0: none.  NULL: no function has one */
    const uint8_t *end; /* of the subsection */
};

/* False and *err only when memory is short: a malformed subsection gives the names up to the fault. */
bool symbol_locals_read(struct symbol_locals *l, const struct wasm_module *module, struct error *err);
void symbol_locals_release(struct symbol_locals *l);

/* bytes NULL: it has no name. */
struct wasm_name symbol_locals_find(const struct symbol_locals *l, uint32_t func, uint32_t local);

#endif
