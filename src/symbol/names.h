/* names.h: what functions are called: the name section, then debug information, export names, import names (core specification,
 * appendix "Name Section"). */
#ifndef MT_SYMBOL_NAMES_H
#define MT_SYMBOL_NAMES_H

#include "symbol/lines.h"

/* The names borrow the bytes of the module, and those of its lines. */
struct symbol_names {
    struct wasm_name *funcs; /* by function index; bytes NULL where there is no name */
    size_t count;
};

/* `lines` (may be NULL) are the module's: the name section of its debug file and DWARF have what the module's own section has not.  False and *err
 * only when memory is short: a malformed name section gives the names up to the fault. */
bool symbol_names_read(struct symbol_names *names, const struct wasm_module *module, struct symbol_lines *lines,
                       struct error *err);
void symbol_names_release(struct symbol_names *names);

#endif
