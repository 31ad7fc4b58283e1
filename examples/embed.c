/* embed.c FILE.wasm [summary|json|locations]: what mem-tracer reports, from a wasmtime host of one's own.
 *
 *     cc embed.c $(pkg-config --cflags --libs memtracer) -lwasmtime -o embed && ./embed dead_stores.wasm */
#include <mem_tracer.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wasi.h>
#include <wasmtime.h>

static void need(bool ok, const char *what, const struct mem_tracer_error *error)
{
    if (ok)
        return;
    fprintf(stderr, "embed: %s%s%s\n", what, error ? ": " : "", error ? error->message : "");
    exit(1);
}

static uint8_t *read_file(const char *path, size_t *size)
{
    static uint8_t bytes[64 << 20];
    FILE *file = fopen(path, "rb");
    need(file, "the file cannot be read", NULL);
    *size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    return bytes;
}

static wasmtime_extern_t export_of(wasmtime_context_t *context, wasmtime_instance_t *instance, const char *name)
{
    wasmtime_extern_t item;
    need(wasmtime_instance_export_get(context, instance, name, strlen(name), &item), name, NULL);
    return item;
}

int main(int argc, char **argv)
{
    need(argc > 1, "usage: embed FILE.wasm [summary|json|locations]", NULL);
    struct mem_tracer_options options = {.name = argv[1]};
    struct mem_tracer_error error;
    size_t size, traced_size;
    uint8_t *module = read_file(argv[1], &size), *traced;
    need(mem_tracer_instrument(module, size, &options, &traced, &traced_size, &error), "instrumenting", &error);

    /* The host's own business; errors are left out. */
    wasm_engine_t *engine = wasm_engine_new_with_config(wasm_config_new());
    wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
    wasmtime_context_t *context = wasmtime_store_context(store);
    wasi_config_t *wasi = wasi_config_new();
    const char *args[] = {argv[1]};
    wasi_config_set_argv(wasi, 1, args);
    wasi_config_inherit_stdout(wasi);
    wasmtime_context_set_wasi(context, wasi);
    wasmtime_linker_t *linker = wasmtime_linker_new(engine);
    wasmtime_linker_define_wasi(linker);
    wasmtime_module_t *compiled = NULL;
    wasmtime_instance_t instance;
    wasm_trap_t *trap = NULL;
    need(!wasmtime_module_new(engine, traced, traced_size, &compiled), "compiling", NULL);
    need(!wasmtime_linker_instantiate(linker, context, compiled, &instance, &trap) && !trap, "instantiating", NULL);
    wasmtime_extern_t start = export_of(context, &instance, "_start");
    int status = 0;
    wasmtime_error_t *ended = wasmtime_func_call(context, &start.of.func, NULL, 0, NULL, 0, &trap);
    bool exited = !trap && (!ended || wasmtime_error_exit_status(ended, &status));

    /* What it recorded. */
    wasmtime_extern_t memory = export_of(context, &instance, "_trace_memory");
    wasmtime_extern_t pointer = export_of(context, &instance, "_trace_mem_pointer");
    wasmtime_val_t end;
    wasmtime_global_get(context, &pointer.of.global, &end);
    const uint8_t *bytes = wasmtime_memory_data(context, &memory.of.memory);
    struct mem_tracer_analysis *analysis = mem_tracer_analysis_new(module, size, &options, &error);
    need(analysis, "analysing", &error);
    need(mem_tracer_analysis_feed(analysis, bytes + MEM_TRACER_RECORDS, (uint32_t)end.of.i32 - MEM_TRACER_RECORDS,
                                  &error),
         "analysing", &error);
    mem_tracer_analysis_end(analysis, (uint32_t)status, exited ? NULL : "trap");
    char *report;
    need(mem_tracer_analysis_report(analysis, argc > 2 ? argv[2] : "summary", &report, &error), "reporting", &error);
    fputs(report, stdout);
    free(report);
    free(traced);
    mem_tracer_analysis_free(analysis);
    wasmtime_store_delete(store);
    wasm_engine_delete(engine);
    return 0;
}
