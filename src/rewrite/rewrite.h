/* rewrite.h: module → instrumented module + site table.
 *
 * No original index changes: types, functions, the trace memory, a table of one slot, globals and exports are appended,
 * bodies are rewritten, everything else is copied byte for byte.  What the added parts are called and how they talk to a
 * host stands in trace/guest.h.  The same input and options give the same bytes. */
#ifndef MT_REWRITE_REWRITE_H
#define MT_REWRITE_REWRITE_H

#include "base/buf.h"
#include "trace/object.h"
#include "wasm/module.h"

/* Where the code that records an access goes. */
enum rewrite_inline {
    REWRITE_INLINE_AUTO,   /* in the body where that is worth its size, else in a hook */
    REWRITE_INLINE_ALWAYS, /* in the body wherever a limit does not forbid it */
    REWRITE_INLINE_NEVER,  /* always in hooks */
};

struct rewrite_options {
    bool values;        /* records hold values (record.h) */
    bool without_flags; /* stores' records do not say whether they were silent; not for analysis */
    bool online;        /* the module keeps the planes of trace/planes.h; where rewrite_can_be_online, and for_run */
    bool for_run;  /* the start function becomes the export GUEST_START; the trace memory fits the host's buffers */
    bool contexts; /* records are told apart by calling contexts (trace/context.h); not online, and for_run */
    uint32_t context_depth;              /* how many frames make a context; 0: all */
    const struct object_layout *objects; /* records tell of allocations and of the stack (trace/object.h); NULL: not */
    bool keep_debug;                     /* keep sections that speak of the old code's offsets */
    enum rewrite_inline inlining;
    const struct habits
        *habits; /* REWRITE_INLINE_AUTO: NULL, or code stands in the body where a site is not cold; records', also
                                  * where they would stand anyway */
    uint64_t max_memory;               /* bytes that each memory of the module's own may grow to; 0: what it says */
    uint32_t trace_pages;              /* the most that the trace memory grows to, 64 KiB each; 0: a default of 1 GiB */
    const char *const *opaque_modules; /* import modules that are not WASI's even if they bear its name */
    size_t opaque_module_count;
};

/* Where a function has more instructions that access memory, an engine's register allocator takes time and memory that grow with the square of
 * their number, if there is a call beside each (measured with wasmtime 48: docs/performance.md).  In the first run of a module such functions
 * have hooks only, and whoever compiles it should choose an allocator that is faster. */
enum { REWRITE_GIANT = 3000 };
bool rewrite_has_giant(const struct site_table *sites);

/* Appends the instrumented module to `out` and its sites to `sites` (initialised by rewrite_module; the caller frees
 * with site_table_release, after failure too).  False and *err otherwise. */
bool rewrite_module(const struct wasm_module *module, const struct rewrite_options *options, struct buf *out,
                    struct site_table *sites, struct error *err);

/* Whether the module can keep planes: it has one 32-bit memory of its own, not shared, with pages of 64 KiB, and no
 * imports that nobody knows; else *why says what is in the way. */
bool rewrite_can_be_online(const struct wasm_module *module, const struct rewrite_options *options, const char **why);

/* An instruction of the instrumented module, and the input's that it is, or that it was added for. */
struct rewrite_place {
    uint32_t func;                  /* in the instrumented module */
    uint64_t offset, module_offset; /* from the start of its body and of the module */
    bool found;                     /* false: its function was added, or is another module's */
    uint32_t file_off;
};

/* Fills in the places.  The options are those that the module was rewritten with. */
bool rewrite_find_places(const struct wasm_module *module, const struct rewrite_options *options,
                         struct rewrite_place *places, size_t count, struct error *err);

void site_table_release(struct site_table *sites);

/* Whether the module is one that rewrite_module made. */
bool rewrite_is_instrumented(const struct wasm_module *module);

/* Whether an imported function is one of WASI preview 1 whose effect on memory is known. */
bool rewrite_import_is_known(const struct wasm_module *module, uint32_t func, const struct rewrite_options *options);

#endif
