/* plain: runs a module on the same engine without any instrumentation, to compare with.
 *
 *     plain [--dir HOST[::GUEST]]... [--env NAME=VALUE]... [--time] [--trap] [--no-cache] [--stubs] [--gather] [--dump MEMORY FILE] FILE [-- ARGS...]
 *
 * --trap prints where the program trapped: the offsets of the calls that were under way, the innermost first, and what the engine says of
 * the address.  --stubs: functions that nobody provides trap.  --dump writes what an exported memory holds at the end.  --gather: fd_read and
 * fd_write of WASI are our own, which use every buffer that they are given (the engine's use one).
 * --time prints `compile SECONDS run SECONDS` to standard error.  The exit status is the program's; 134 after a trap.
 * It is a tool of the tests and of bench/, written against the engine alone, and shares no code with the project. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wasi.h>
#include <wasmtime.h>

enum { WORDS_MAX = 256 };

struct plain {
    const char *file;
    const char *args[WORDS_MAX];
    const char *env_names[WORDS_MAX], *env_values[WORDS_MAX];
    char *dirs[WORDS_MAX];
    const char *dumped, *dump; /* --dump */
    size_t arg_count, env_count, dir_count;
    int show_time, show_trap, cache, stubs, gather;
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void fail(const char *what, wasmtime_error_t *error)
{
    wasm_byte_vec_t message = {0};
    if (error)
        wasmtime_error_message(error, &message);
    fprintf(stderr, "plain: %s: %.*s\n", what, (int)message.size, message.data);
    exit(125);
}

static wasm_engine_t *make_engine(const struct plain *p)
{
    wasm_config_t *c = wasm_config_new();
    wasmtime_config_wasm_threads_set(c, true);
    wasmtime_config_shared_memory_set(c, true);
    wasmtime_config_wasm_tail_call_set(c, true);
    wasmtime_config_wasm_function_references_set(c, true);
    wasmtime_config_wasm_gc_set(c, true);
    wasmtime_config_wasm_multi_memory_set(c, true);
    wasmtime_config_wasm_memory64_set(c, true);
    wasmtime_config_wasm_wide_arithmetic_set(c, true);
    wasmtime_config_wasm_exceptions_set(c, true);
    wasmtime_config_wasm_custom_page_sizes_set(c, true);
    if (p->cache)
        wasmtime_config_cache_config_load(c, NULL);
    return wasm_engine_new_with_config(c);
}

static wasmtime_module_t *load(wasm_engine_t *engine, const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        fail(path, NULL);
    fseek(f, 0, SEEK_END);
    size_t size = (size_t)ftell(f);
    rewind(f);
    uint8_t *bytes = malloc(size + 1);
    if (!bytes || fread(bytes, 1, size, f) != size)
        fail(path, NULL);
    fclose(f);
    wasmtime_module_t *module = NULL;
    wasmtime_error_t *error = wasmtime_module_new(engine, bytes, size, &module);
    if (error)
        fail(path, error);
    free(bytes);
    return module;
}

static void set_wasi(const struct plain *p, wasmtime_context_t *context)
{
    wasi_config_t *wasi = wasi_config_new();
    wasi_config_set_argv(wasi, p->arg_count, (const char **)p->args);
    wasi_config_set_env(wasi, p->env_count, (const char **)p->env_names, (const char **)p->env_values);
    for (size_t i = 0; i < p->dir_count; i++) {
        char *guest = strstr(p->dirs[i], "::");
        if (guest)
            *guest = '\0';
        if (!wasi_config_preopen_dir(wasi, p->dirs[i], guest ? guest + 2 : p->dirs[i], true))
            fail(p->dirs[i], NULL);
    }
    wasi_config_inherit_stdin(wasi);
    wasi_config_inherit_stdout(wasi);
    wasi_config_inherit_stderr(wasi);
    wasmtime_error_t *error = wasmtime_context_set_wasi(context, wasi);
    if (error)
        fail("WASI", error);
}

static void print_trap(const wasm_trap_t *trap)
{
    static const char fault[] = "memory fault at wasm address ";
    wasm_frame_vec_t frames;
    wasm_trap_trace(trap, &frames);
    fprintf(stderr, "trap");
    for (size_t i = 0; i < frames.size; i++)
        fprintf(stderr, " %zu", wasm_frame_module_offset(frames.data[i]));
    wasm_frame_vec_delete(&frames);
    wasm_byte_vec_t message;
    wasm_trap_message(trap, &message);
    char *text = strndup(message.data, message.size), *at = strstr(text, fault);
    fprintf(stderr, " at %.*s\n", at ? (int)strcspn(at + sizeof fault - 1, " ") : 1, at ? at + sizeof fault - 1 : "?");
    free(text);
    wasm_byte_vec_delete(&message);
}

static void dump(const struct plain *p, wasmtime_context_t *context, const wasmtime_instance_t *instance)
{
    wasmtime_extern_t item;
    FILE *f = fopen(p->dump, "wb");
    if (!f || !wasmtime_instance_export_get(context, instance, p->dumped, strlen(p->dumped), &item) ||
        item.kind != WASMTIME_EXTERN_MEMORY)
        fail(p->dumped, NULL);
    size_t size = wasmtime_memory_data_size(context, &item.of.memory);
    if (fwrite(wasmtime_memory_data(context, &item.of.memory), 1, size, f) != size || fclose(f))
        fail(p->dump, NULL);
}

/* fd_write takes all bytes, fd_read fills all buffers, one after the other. */
static wasm_trap_t *on_buffers(void *reads, wasmtime_caller_t *caller, const wasmtime_val_t *args, size_t arg_count,
                               wasmtime_val_t *results, size_t result_count)
{
    (void)arg_count;
    (void)result_count;
    wasmtime_extern_t item;
    if (!wasmtime_caller_export_get(caller, "memory", 6, &item))
        fail("no memory", NULL);
    uint8_t *memory = wasmtime_memory_data(wasmtime_caller_context(caller), &item.of.memory);
    uint32_t total = 0;
    uint32_t(*table)[2] = calloc((size_t)args[2].of.i32 + 1, sizeof *table);
    if (!table)
        fail("no memory", NULL);
    memcpy(table, memory + args[1].of.i32, (size_t)args[2].of.i32 * sizeof *table);
    for (int32_t i = 0; i < args[2].of.i32; i++) {
        if (reads)
            memset(memory + table[i][0], 'x', table[i][1]);
        total += table[i][1];
    }
    free(table);
    memcpy(memory + args[3].of.i32, &total, sizeof total);
    results[0] = (wasmtime_val_t){.kind = WASMTIME_I32};
    return NULL;
}

static void define_gathering(wasmtime_linker_t *linker)
{
    static const char *const names[] = {"fd_write", "fd_read"};
    static int reads;
    wasmtime_linker_allow_shadowing(linker, true);
    for (int i = 0; i < 2; i++) {
        wasm_valtype_t *params[4], *results[1] = {wasm_valtype_new_i32()};
        for (int k = 0; k < 4; k++)
            params[k] = wasm_valtype_new_i32();
        wasm_valtype_vec_t in, out;
        wasm_valtype_vec_new(&in, 4, params);
        wasm_valtype_vec_new(&out, 1, results);
        wasm_functype_t *type = wasm_functype_new(&in, &out);
        wasmtime_error_t *error =
            wasmtime_linker_define_func(linker, "wasi_snapshot_preview1", 22, names[i], strlen(names[i]), type,
                                        on_buffers, i ? &reads : NULL, NULL);
        wasm_functype_delete(type);
        if (error)
            fail(names[i], error);
    }
}

static int run(const struct plain *p)
{
    double start = now();
    wasm_engine_t *engine = make_engine(p);
    wasmtime_module_t *module = load(engine, p->file);
    double compiled = now();
    wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
    wasmtime_context_t *context = wasmtime_store_context(store);
    set_wasi(p, context);
    wasmtime_linker_t *linker = wasmtime_linker_new(engine);
    wasmtime_error_t *error = wasmtime_linker_define_wasi(linker);
    if (error)
        fail("WASI", error);
    if (p->gather)
        define_gathering(linker);
    if (p->stubs && (error = wasmtime_linker_define_unknown_imports_as_traps(linker, module)))
        fail("stubs", error);
    wasm_trap_t *trap = NULL;
    wasmtime_instance_t instance;
    error = wasmtime_linker_instantiate(linker, context, module, &instance, &trap);
    wasmtime_extern_t item;
    if (!error && !trap) {
        if (!wasmtime_instance_export_get(context, &instance, "_start", 6, &item))
            fail("no _start", NULL);
        error = wasmtime_func_call(context, &item.of.func, NULL, 0, NULL, 0, &trap);
        if (p->dump)
            dump(p, context, &instance);
    }
    double ended = now();
    if (p->show_time)
        fprintf(stderr, "compile %.6f run %.6f\n", compiled - start, ended - compiled);
    int status = 0;
    if (trap && p->show_trap)
        print_trap(trap);
    if (trap)
        return 134;
    if (error)
        return wasmtime_error_exit_status(error, &status) ? status : 134;
    return 0;
}

static void *thread_main(void *arg)
{
    return (void *)(intptr_t)run(arg);
}

static void read_words(struct plain *p, int argc, char **argv)
{
    int i = 1;
    for (; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (!strcmp(argv[i], "--time"))
            p->show_time = 1;
        else if (!strcmp(argv[i], "--trap"))
            p->show_trap = 1;
        else if (!strcmp(argv[i], "--no-cache"))
            p->cache = 0;
        else if (!strcmp(argv[i], "--stubs"))
            p->stubs = 1;
        else if (!strcmp(argv[i], "--gather"))
            p->gather = 1;
        else if (!strcmp(argv[i], "--dump") && i + 2 < argc) {
            p->dumped = argv[++i];
            p->dump = argv[++i];
        } else if (!strcmp(argv[i], "--dir") && i + 1 < argc)
            p->dirs[p->dir_count++] = argv[++i];
        else if (!strcmp(argv[i], "--env") && i + 1 < argc) {
            char *value = strchr(argv[++i], '=');
            if (!value)
                continue;
            *value = '\0';
            p->env_names[p->env_count] = argv[i];
            p->env_values[p->env_count++] = value + 1;
        } else {
            p->file = argv[i];
        }
    }
    if (!p->file || argc - i > WORDS_MAX - 2)
        fail("usage: plain [OPTIONS] FILE [-- ARGS...]", NULL);
    const char *slash = strrchr(p->file, '/');
    p->args[p->arg_count++] = slash ? slash + 1 : p->file;
    for (i++; i < argc; i++)
        p->args[p->arg_count++] = argv[i];
}

int main(int argc, char **argv)
{
    struct plain p = {.cache = 1};
    read_words(&p, argc, argv);
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, 8 << 20);
    pthread_t thread;
    void *status;
    if (pthread_create(&thread, &attr, thread_main, &p) || pthread_join(thread, &status))
        fail("no thread", NULL);
    fflush(stdout);
    _Exit((int)(intptr_t)status);
}
