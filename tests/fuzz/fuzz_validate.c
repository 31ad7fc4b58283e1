/* What is valid for the engine is valid when it is instrumented, in each form; and what is not does not become so.  The last byte
 * chooses the form. */
#include "rewrite/rewrite.h"

#include "valid.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size < 1)
        return 0;
    uint8_t how = bytes[--size];
    struct rewrite_options options = {.values = how & 1,
                                      .for_run = how & 2,
                                      .keep_debug = how & 4,
                                      .online = (how & 10) == 10,
                                      .inlining = (enum rewrite_inline)((how >> 4) % 3)};
    struct error err = ERROR_INIT;
    struct wasm_module m;
    struct site_table sites = {0};
    struct buf out;
    const char *why;
    buf_init(&out, 1 << 26);
    if (wasm_module_read(&m, bytes, size, &err)) {
        options.online = options.online && rewrite_can_be_online(&m, &options, &why);
        if (rewrite_module(&m, &options, &out, &sites, &err) && is_valid(bytes, size) != is_valid(out.data, out.size))
            abort();
    }
    site_table_release(&sites);
    buf_release(&out);
    wasm_module_release(&m);
    return 0;
}
