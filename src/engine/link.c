/* From bytes to an instance: the engine's settings, preloaded modules and stubs. */
#include "base/infile.h"
#include "engine/run.h"
#include "trace/guest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PRELOAD_MAX = 1 << 30 };

static bool make_engine(struct run *run)
{
    wasm_config_t *config = wasm_config_new();
    if (!config)
        return error_no_memory(&run->err);
    wasmtime_config_wasm_threads_set(config, true);
    wasmtime_config_shared_memory_set(config, true);
    wasmtime_config_wasm_tail_call_set(config, true);
    wasmtime_config_wasm_reference_types_set(config, true);
    wasmtime_config_wasm_function_references_set(config, true);
    wasmtime_config_wasm_gc_set(config, true);
    wasmtime_config_wasm_simd_set(config, true);
    wasmtime_config_wasm_relaxed_simd_set(config, true);
    wasmtime_config_wasm_bulk_memory_set(config, true);
    wasmtime_config_wasm_multi_value_set(config, true);
    wasmtime_config_wasm_multi_memory_set(config, true);
    wasmtime_config_wasm_memory64_set(config, true);
    wasmtime_config_wasm_wide_arithmetic_set(config, true);
    wasmtime_config_wasm_exceptions_set(config, true);
    wasmtime_config_wasm_custom_page_sizes_set(config, true);
    wasmtime_config_wasm_branch_hinting_set(config, true);     /* our own; the input's are not kept */
    wasmtime_config_async_stack_size_set(config, GUEST_STACK); /* unused, but must not be smaller */
    wasmtime_config_max_wasm_stack_set(config, GUEST_STACK);
    if (run->options->fast)
        wasmtime_config_cranelift_regalloc_algorithm_set(config, WASMTIME_REGALLOC_SINGLE_PASS);
    if (run->options->cache) {
        wasmtime_error_t *error = wasmtime_config_cache_config_load(config, NULL);
        if (error) /* a cache is a convenience: without a home directory there is none */
            wasmtime_error_delete(error);
    }
    run->engine = wasm_engine_new_with_config(config);
    return run->engine || error_set(&run->err, ERROR_ENGINE, "the engine does not start");
}

/* The module that the user named is the one whose offsets help. */
static bool compile(struct run *run)
{
    const struct engine_options *o = run->options;
    double began = run_clock();
    wasmtime_error_t *error = wasmtime_module_new(run->engine, o->module, o->module_size, &run->module);
    run->result->compile_seconds = run_clock() - began;
    o->compiled(o->compiled_self);
    if (error) {
        wasmtime_error_t *cause = wasmtime_module_validate(run->engine, o->original, o->original_size);
        if (!cause)
            return run_engine_error(run, "the engine refuses the instrumented module", error, NULL);
        wasmtime_error_delete(error);
        run_engine_error(run, "the engine refuses the module", cause, NULL);
        run->err.code = ERROR_INPUT;
        return false;
    }
    void *start, *end;
    wasmtime_module_image_range(run->module, &start, &end);
    run->code_start = start;
    run->code_end = end;
    return true;
}

static bool preload(struct run *run, const struct engine_pair *what)
{
    struct buf bytes;
    buf_init(&bytes, PRELOAD_MAX);
    wasmtime_module_t *module = NULL;
    bool ok = infile_read(what->second, &bytes, &run->err);
    wasmtime_error_t *error = ok ? wasmtime_module_new(run->engine, bytes.data, bytes.size, &module) : NULL;
    buf_release(&bytes);
    if (!error && ok)
        error = wasmtime_linker_module(run->linker, run->context, what->first, strlen(what->first), module);
    if (module)
        wasmtime_module_delete(module);
    return ok && (!error || run_engine_error(run, what->second, error, NULL));
}

/* Names every import that nobody provides. */
static bool check_imports(struct run *run)
{
    wasm_importtype_vec_t imports;
    wasmtime_module_imports(run->module, &imports);
    struct buf missing;
    buf_init(&missing, 1 << 20);
    for (size_t i = 0; i < imports.size; i++) {
        const wasm_name_t *module = wasm_importtype_module(imports.data[i]);
        const wasm_name_t *name = wasm_importtype_name(imports.data[i]);
        wasmtime_extern_t item;
        if (wasmtime_linker_get(run->linker, run->context, module->data, module->size, name->data, name->size, &item)) {
            wasmtime_extern_delete(&item);
            continue;
        }
        buf_printf(&missing, "%s%.*s.%.*s", missing.size ? ", " : "", (int)module->size, module->data, (int)name->size,
                   name->data);
    }
    const size_t room = sizeof run->err.message - 200; /* for the words around them */
    bool cut = missing.size >= room || missing.failed, ok = !missing.size && !missing.failed;
    if (missing.size)
        error_set(&run->err, ERROR_INPUT,
                  "nobody provides the imports %.*s%s (--preload gives modules, --stub-imports stand-ins)",
                  (int)(missing.size < room ? missing.size : room), (const char *)missing.data, cut ? " …" : "");
    else if (missing.failed)
        error_no_memory(&run->err);
    buf_release(&missing);
    wasm_importtype_vec_delete(&imports);
    return ok;
}

static bool fill_linker(struct run *run)
{
    run->linker = wasmtime_linker_new(run->engine);
    wasmtime_linker_allow_shadowing(run->linker, true);
    wasmtime_error_t *error = wasmtime_linker_define_wasi(run->linker);
    if (error)
        return run_engine_error(run, "WASI", error, NULL);
    if (!run_define_repeatable(run) || !run_define_first_snapshot(run))
        return false;
    for (size_t i = 0; i < run->options->preload_count; i++)
        if (!preload(run, &run->options->preloads[i]))
            return false;
    if (run->options->stubs == ENGINE_STUBS_TRAP)
        error = wasmtime_linker_define_unknown_imports_as_traps(run->linker, run->module);
    else if (run->options->stubs == ENGINE_STUBS_DEFAULT)
        error = wasmtime_linker_define_unknown_imports_as_default_values(run->linker, run->context, run->module);
    if (error)
        return run_engine_error(run, "stubs", error, NULL);
    return run->options->stubs != ENGINE_STUBS_NONE || check_imports(run);
}

bool run_open(struct run *run)
{
    if (!make_engine(run) || !compile(run))
        return false;
    run->store = wasmtime_store_new(run->engine, NULL, NULL);
    run->context = wasmtime_store_context(run->store);
    return run_surroundings(run) && fill_linker(run);
}

void run_close(struct run *run)
{
    if (run->linker)
        wasmtime_linker_delete(run->linker);
    if (run->store)
        wasmtime_store_delete(run->store);
    if (run->module)
        wasmtime_module_delete(run->module);
    if (run->engine)
        wasm_engine_delete(run->engine);
}
