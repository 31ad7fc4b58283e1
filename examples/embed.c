/* embed.c FILE.wasm [FORMAT]: what mem-tracer reports, in any of its formats, from a wasmtime host of one's own.
 *
 *     cc embed.c $(pkg-config --cflags --libs memtracer) -lwasmtime -o embed && ./embed dead_stores.wasm */
#include <mem_tracer.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wasi.h>
#include <wasmtime.h>

static struct mem_tracer_error error;

static void need(bool ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "embed: %s: %s\n", what, error.message);
        exit(1);
    }
}

static wasmtime_extern_t export_of(wasmtime_context_t *context, wasmtime_instance_t *instance, const char *name)
{
    wasmtime_extern_t item;
    need(wasmtime_instance_export_get(context, instance, name, strlen(name), &item), name);
    return item;
}

int main(int argc, char **argv)
{
    static uint8_t module[64 << 20], *traced;
    FILE *file = argc > 1 ? fopen(argv[1], "rb") : NULL;
    need(file, "usage: embed FILE.wasm [FORMAT]");
    size_t size = fread(module, 1, sizeof module, file), traced_size;
    struct mem_tracer_options options = {.name = argv[1]};
    need(mem_tracer_instrument(module, size, &options, &traced, &traced_size, &error), "instrument");

    /* Runs it, as any module. */
    wasm_engine_t *engine = wasm_engine_new();
    wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
    wasmtime_context_t *context = wasmtime_store_context(store);
    wasi_config_t *wasi = wasi_config_new();
    wasi_config_set_argv(wasi, 1, (const char *[]){argv[1]});
    wasi_config_inherit_stdout(wasi);
    need(!wasmtime_context_set_wasi(context, wasi), "WASI");
    wasmtime_linker_t *linker = wasmtime_linker_new(engine);
    wasmtime_module_t *compiled = NULL;
    wasmtime_instance_t instance;
    wasm_trap_t *trap = NULL;
    int status = 0;
    need(!wasmtime_linker_define_wasi(linker), "WASI");
    need(!wasmtime_module_new(engine, traced, traced_size, &compiled), "compile");
    need(!wasmtime_linker_instantiate(linker, context, compiled, &instance, &trap) && !trap, "instantiate");
    wasmtime_extern_t start = export_of(context, &instance, "_start");
    wasmtime_error_t *ended = wasmtime_func_call(context, &start.of.func, NULL, 0, NULL, 0, &trap);
    bool trapped = trap || (ended && !wasmtime_error_exit_status(ended, &status));

    /* Feeds what it recorded to an analysis. */
    wasmtime_extern_t memory = export_of(context, &instance, "_trace_memory");
    wasmtime_extern_t pointer = export_of(context, &instance, "_trace_mem_pointer");
    wasmtime_val_t end;
    wasmtime_global_get(context, &pointer.of.global, &end);
    const uint8_t *records = wasmtime_memory_data(context, &memory.of.memory) + MEM_TRACER_RECORDS;
    struct mem_tracer_analysis *analysis = mem_tracer_analysis_new(module, size, &options, &error);
    need(analysis, "analyse");
    need(mem_tracer_analysis_feed(analysis, records, (uint32_t)end.of.i32 - MEM_TRACER_RECORDS, &error), "feed");
    mem_tracer_analysis_end(analysis, (uint32_t)status, trapped ? "trap" : NULL);
    const struct mem_tracer_output output = {argc > 2 ? argv[2] : "summary", mem_tracer_write_file, stdout};
    need(mem_tracer_analysis_report_to(analysis, &output, 1, &error), "report");
    mem_tracer_analysis_free(analysis);
    free(traced);
    return 0;
}
