/* names.h: what functions are called: the name section, then export names, then import names (core specification,
 * appendix "Name Section"). */
#ifndef MT_SYMBOL_NAMES_H
#define MT_SYMBOL_NAMES_H

#include "wasm/module.h"

/* The names borrow the module's bytes. */
struct symbol_names {
    struct wasm_name *funcs; /* by function index; bytes NULL where there is no name */
    size_t count;
};

/* `more` (may be NULL) is another module of the same code, whose name section has what this one's has not.  False and *err only when memory is
 * short: a malformed name section gives the names up to the fault. */
bool symbol_names_read(struct symbol_names *names, const struct wasm_module *module, const struct wasm_module *more,
                       struct error *err);
void symbol_names_release(struct symbol_names *names);

#endif
