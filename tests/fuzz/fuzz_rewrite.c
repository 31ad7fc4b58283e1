/* What the decoder takes is rewritten, or refused with an error; what comes out decodes again, with the same functions. */
#include "rewrite/rewrite.h"
#include "wasm/instr.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check(const struct wasm_module *m, const struct buf *out)
{
    struct error err = ERROR_INIT;
    struct wasm_module r;
    if (!wasm_module_read(&r, out->data, out->size, &err))
        abort();
    if (r.import_count != m->import_count || r.func_imports != m->func_imports ||
        (m->func_count && memcmp(r.func_types, m->func_types, m->func_count * sizeof *m->func_types) != 0))
        abort();
    wasm_module_release(&r);
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
    buf_init(&out, 1 << 26);
    if (wasm_module_read(&m, bytes, size - 1, &err) && rewrite_module(&m, &options, &out, &sites, &err))
        check(&m, &out);
    site_table_release(&sites);
    buf_release(&out);
    wasm_module_release(&m);
    return 0;
}
