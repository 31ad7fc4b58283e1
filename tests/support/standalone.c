/* standalone: runs an instrumented file as any host would, then says what it recorded.
 *
 *     standalone FILE [RECORDS]
 *
 * Prints `recorded N lost N status N` to standard error, and writes the image, which is all bytes up to the pointer of `_trace_memory` to
 * `_trace_mem_pointer`, to the file RECORDS.  A tool of the tests, written from docs/trace.md. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wasi.h>
#include <wasmtime.h>

static void fail(const char *what)
{
    fprintf(stderr, "standalone: %s\n", what);
    exit(125);
}

static wasmtime_extern_t export_of(wasmtime_context_t *context, const wasmtime_instance_t *instance, const char *name)
{
    wasmtime_extern_t item;
    if (!wasmtime_instance_export_get(context, instance, name, strlen(name), &item))
        fail(name);
    return item;
}

static wasmtime_val_t global_of(wasmtime_context_t *context, const wasmtime_instance_t *instance, const char *name)
{
    wasmtime_extern_t item = export_of(context, instance, name);
    wasmtime_val_t value;
    wasmtime_global_get(context, &item.of.global, &value);
    return value;
}

/* Accesses among the records: all but barriers, which are of the sites 3 and 4. */
static uint64_t count(const uint8_t *at, const uint8_t *end)
{
    uint64_t n = 0;
    while (at < end) {
        uint32_t head;
        memcpy(&head, at, sizeof head);
        n += head >> 4 != 3 && head >> 4 != 4;
        at += 8 * ((head >> 1 & 7) + 1);
    }
    return n;
}

static wasmtime_module_t *load(wasm_engine_t *engine, const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        fail(path);
    fseek(f, 0, SEEK_END);
    long size = ftell(f);
    rewind(f);
    uint8_t *bytes = malloc((size_t)size + 1);
    if (!bytes || fread(bytes, 1, (size_t)size, f) != (size_t)size)
        fail(path);
    fclose(f);
    wasmtime_module_t *module = NULL;
    if (wasmtime_module_new(engine, bytes, (size_t)size, &module))
        fail("the engine refuses the module");
    free(bytes);
    return module;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        fail("usage: standalone FILE [RECORDS]");
    wasm_config_t *config = wasm_config_new();
    wasmtime_config_wasm_multi_memory_set(config, true);
    wasmtime_config_wasm_memory64_set(config, true);
    wasmtime_config_wasm_threads_set(config, true);
    wasmtime_config_shared_memory_set(config, true);
    wasm_engine_t *engine = wasm_engine_new_with_config(config);
    wasmtime_module_t *module = load(engine, argv[1]);
    wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
    wasmtime_context_t *context = wasmtime_store_context(store);
    wasi_config_t *wasi = wasi_config_new();
    const char *args[] = {"program.wasm"};
    wasi_config_set_argv(wasi, 1, args);
    wasi_config_inherit_stdin(wasi);
    wasi_config_inherit_stdout(wasi);
    if (wasmtime_context_set_wasi(context, wasi))
        fail("WASI");
    wasmtime_linker_t *linker = wasmtime_linker_new(engine);
    if (wasmtime_linker_define_wasi(linker))
        fail("WASI");
    wasmtime_instance_t instance;
    wasm_trap_t *trap = NULL;
    if (wasmtime_linker_instantiate(linker, context, module, &instance, &trap) || trap)
        fail("the module does not instantiate");
    wasmtime_extern_t start = export_of(context, &instance, "_start");
    wasmtime_error_t *error = wasmtime_func_call(context, &start.of.func, NULL, 0, NULL, 0, &trap);
    int status = 0;
    if (trap || (error && !wasmtime_error_exit_status(error, &status)))
        status = 134;
    uint32_t end = (uint32_t)global_of(context, &instance, "_trace_mem_pointer").of.i32;
    int64_t lost = global_of(context, &instance, "_trace_lost").of.i64;
    wasmtime_extern_t memory = export_of(context, &instance, "_trace_memory");
    const uint8_t *records = wasmtime_memory_data(context, &memory.of.memory);
    fprintf(stderr, "recorded %" PRIu64 " lost %" PRId64 " status %d\n", count(records + 65536, records + end), lost,
            status);
    if (argc > 2) {
        FILE *f = fopen(argv[2], "wb");
        if (!f || fwrite(records, 1, end, f) != end || fclose(f))
            fail(argv[2]);
    }
    return 0;
}
