/* What the decoder takes is rewritten, or refused with an error; what comes out decodes again, with the same functions. */
#include "api/allocs.h"
#include "rewrite/rewrite.h"
#include "wasm/instr.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check(const struct wasm_module *m, const struct buf *out)
{
    struct error err = ERROR_INIT;
    struct wasm_module r;
    if (!wasm_module_read(&r, out->data, out->size, &err)) {
        if (err.code != ERROR_MEMORY)
            abort();
    } else if (r.import_count != m->import_count || r.func_imports != m->func_imports ||
               (m->func_count && memcmp(r.func_types, m->func_types, m->func_count * sizeof *m->func_types) != 0))
        abort();
    wasm_module_release(&r);
}

enum { SHAPES = 12 };
static const char *const ways[SHAPES] = {"malloc",         "calloc",     "realloc",      "aligned",
                                         "posix_memalign", "free",       "rust_realloc", "via",
                                         "zig_alloc",      "zig_resize", "out+8,-,size", "*,block,size,-:done"};

/* Every function allocates, in one way or another, and the first global is the stack's. */
static bool allocate_all(const struct wasm_module *m, struct object_layout *layout, const struct alloc_shape *shapes)
{
    layout->stack_global = m->global_count ? 0 : UINT32_MAX;
    layout->allocs = calloc(m->func_count + 1, sizeof *layout->allocs);
    for (size_t i = 0; layout->allocs && i < m->func_count; i++)
        if (i % (SHAPES + 1))
            layout->allocs[i] = &shapes[i % (SHAPES + 1) - 1];
    return layout->allocs;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size < 1)
        return 0;
    uint8_t how = bytes[size - 1];
    struct rewrite_options options = {
        .values = how & 1, .for_run = how & 2, .keep_debug = how & 4, .inlining = (enum rewrite_inline)(how >> 3 & 1)};
    struct error err = ERROR_INIT;
    struct wasm_module m;
    struct site_table sites = {0};
    struct buf out;
    struct object_layout layout = {0};
    struct alloc_shape shapes[SHAPES];
    for (size_t i = 0; i < SHAPES; i++)
        if (!alloc_shape_read(&shapes[i], ways[i]))
            abort();
    buf_init(&out, 1 << 26);
    options.contexts = options.for_run && how & 16;
    options.context_depth = how & 64 ? 3 : 0;
    if (wasm_module_read(&m, bytes, size - 1, &err)) {
        if (options.for_run && how & 32 && allocate_all(&m, &layout, shapes))
            options.objects = &layout;
        if (rewrite_module(&m, &options, &out, &sites, &err))
            check(&m, &out);
    }
    free(layout.allocs);
    site_table_release(&sites);
    buf_release(&out);
    wasm_module_release(&m);
    return 0;
}
