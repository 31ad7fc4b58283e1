/* naming.h: gives the report its words: names of functions, opcodes and imports, and source frames. */
#ifndef MT_API_NAMING_H
#define MT_API_NAMING_H

#include "api/objects.h"
#include "base/buf.h"
#include "report/report.h"
#include "symbol/data.h"
#include "symbol/lines.h"
#include "symbol/locals.h"
#include "symbol/names.h"

struct naming {
    const struct wasm_module *module;
    struct symbol_names names;
    struct symbol_locals locals;
    struct symbol_data data;
    struct symbol_lines *lines;         /* not owned */
    const struct objects_alloc *allocs; /* functions that the user says allocate; borrowed, set after naming_open */
    size_t alloc_count;
    bool sources;     /* the report gets the source around its places; set after naming_open */
    struct buf words; /* a name, not mangled */
    bool failed;      /* memory was short for one */
    struct error *err;
};

/* False and *err when memory is short; *err also gets what fails later.  Close in any case. */
bool naming_open(struct naming *n, const struct wasm_module *module, struct symbol_lines *lines, struct error *err);
/* Memory was short: some words are not what they should be. */
bool naming_failed(const struct naming *n);
void naming_close(struct naming *n);
struct report_names naming_names(struct naming *n);

#endif
