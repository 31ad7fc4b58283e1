/* Any bytes: the decoder says yes or no, and never reads outside of them. */
#include "symbol/names.h"
#include "wasm/instr.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct error err = ERROR_INIT;
    struct wasm_module m;
    struct symbol_names names = {0};
    if (wasm_module_read(&m, bytes, size, &err)) {
        symbol_names_read(&names, &m, NULL, &err);
        for (size_t i = 0; i < m.body_count; i++) {
            struct cursor c = {bytes, bytes + m.bodies[i].code, bytes + m.bodies[i].end, &err};
            struct wasm_instr instr;
            while (c.at < c.end && wasm_instr_read(&c, &instr))
                ;
        }
    }
    symbol_names_release(&names);
    wasm_module_release(&m);
    return 0;
}
