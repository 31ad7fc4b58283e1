/* data.h: what a module says about its data before it runs: active data segments, globals, and their names (core
 * specification, 5.5.9 and 5.5.14, and the extended name section). */
#ifndef MT_SYMBOL_DATA_H
#define MT_SYMBOL_DATA_H

#include "wasm/module.h"

struct symbol_segment {
    uint64_t address, size;
    const uint8_t *bytes;  /* `size` of them */
    struct wasm_name name; /* bytes NULL: none */
    uint32_t index;
    bool placed; /* active, in memory 0, at a place that is a constant; else it has no address */
};

struct symbol_global {
    struct wasm_name name; /* by name section or export; bytes NULL: none */
    uint64_t value;        /* where has_value */
    uint8_t type;          /* encoded value type; 0: an import's */
    bool is_mutable, has_value;
};

/* Names borrow the modules' bytes. */
struct symbol_data {
    struct symbol_segment *segments; /* all, by index */
    size_t segment_count;
    struct symbol_global *globals; /* all, by index */
    size_t global_count;
};

/* `more` (may be NULL) is another module of the same code, whose names are taken where this one has none.  False and *err only when memory is
 * short.  Release in either case. */
bool symbol_data_read(struct symbol_data *d, const struct wasm_module *module, const struct wasm_module *more,
                      struct error *err);
void symbol_data_release(struct symbol_data *d);

#endif
