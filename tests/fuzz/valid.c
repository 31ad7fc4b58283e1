#include "valid.h"

#include <wasmtime.h>

static wasm_engine_t *make_engine(void)
{
    wasm_config_t *config = wasm_config_new();
    wasmtime_config_wasm_threads_set(config, true);
    wasmtime_config_shared_memory_set(config, true);
    wasmtime_config_wasm_function_references_set(config, true);
    wasmtime_config_wasm_gc_set(config, true);
    wasmtime_config_wasm_memory64_set(config, true);
    wasmtime_config_wasm_wide_arithmetic_set(config, true);
    wasmtime_config_wasm_exceptions_set(config, true);
    wasmtime_config_wasm_custom_page_sizes_set(config, true);
    wasmtime_config_wasm_branch_hinting_set(config, true);
    return wasm_engine_new_with_config(config);
}

bool is_valid(const uint8_t *bytes, size_t size)
{
    static wasm_engine_t *engine; /* the process's: a fuzz target has nobody to own it */
    if (!engine)
        engine = make_engine();
    wasmtime_error_t *error = wasmtime_module_validate(engine, bytes, size);
    if (error)
        wasmtime_error_delete(error);
    return !error;
}
