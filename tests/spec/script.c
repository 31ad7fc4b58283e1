/* spec_host: runs a script of modules and calls, and prints what came of each line, one line for each.
 *
 *     spec_host plain|record|trace|online auto|always|never SPECTEST.wat [SAVE_PREFIX] < SCRIPT
 *
 * The words of a script's lines are separated by blanks.  NAME and FIELD are an x and the hexadecimal digits of their UTF-8
 * bytes; as an INSTANCE, `-` is the latest.
 *
 *     module NAME FILE                   compiles and instantiates; the instance has the same name.  Where that fails there is
 *                                        no latest one
 *     try FILE                           the same, for an instance that is not to become the latest
 *     define NAME FILE                   keeps the module
 *     instance NAME NAME2                makes the instance NAME of the module NAME2
 *     register AS INSTANCE               makes its exports importable
 *     invoke INSTANCE FIELD [VALUE]...   calls an exported function (values.c has the spelling of values)
 *     get INSTANCE FIELD                 reads an exported global
 *     until INSTANCE                     calls all exported functions with some arguments, in their order, until one traps
 *     check FILE                         only compiles
 *     state                              digests of all that instances export, and what their analyses have seen
 *
 * Each line's outcome: `ok [VALUE]...`, `trap WORDS`, `exception`, `unlinkable WORDS`, `invalid WORDS` (the engine refuses
 * the module), `refused WORDS` (we do) or `absent WORDS`.  `state` prints a line for each export and report before its own, `until`
 * one for each call. */
#include "host.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STACK = 8 << 20, OUTPUT_MAX = 1 << 30, WORDS_MAX = 256, DIGEST_MAX = 1 << 20 };

void fail(const char *what)
{
    fflush(stdout);
    fprintf(stderr, "spec_host: %s\n", what);
    exit(125);
}

void *allocate(size_t count, size_t size)
{
    void *p = calloc(count ? count : 1, size);
    if (!p)
        fail("out of memory");
    return p;
}

static char *copy_text(const char *text)
{
    char *copy = allocate(strlen(text) + 1, 1);
    return strcpy(copy, text);
}

static uint8_t *read_file(const char *path, size_t *size)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        fail(path);
    fseek(f, 0, SEEK_END);
    *size = (size_t)ftell(f);
    rewind(f);
    uint8_t *bytes = allocate(*size + 1, 1);
    if (fread(bytes, 1, *size, f) != *size)
        fail(path);
    fclose(f);
    return bytes;
}

/* As the engine that --run starts (engine/link.c). */
static void make_engine(struct host *h)
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
    wasmtime_config_wasm_branch_hinting_set(c, true);
    wasmtime_config_async_stack_size_set(c, STACK);
    wasmtime_config_max_wasm_stack_set(c, STACK);
    wasmtime_config_parallel_compilation_set(c, false); /* scripts run beside each other already */
    h->engine = wasm_engine_new_with_config(c);
    if (!h->engine)
        fail("no engine");
    h->store = wasmtime_store_new(h->engine, NULL, NULL);
    h->context = wasmtime_store_context(h->store);
    h->linker = wasmtime_linker_new(h->engine);
    wasmtime_linker_allow_shadowing(h->linker, true);
}

/* Prints `KIND WORDS`: the first line of a message, or its last cause. */
static void print_message(const char *kind, const wasm_byte_vec_t *message)
{
    char *text = allocate(message->size + 1, 1);
    memcpy(text, message->data, message->size);
    char *cause = strstr(text, "Caused by:\n"),
         *last = cause ? strstr(cause, "wasm trap: ") : strstr(text, "wasm trap: ");
    const char *line = last ? last + strlen("wasm trap: ") : text;
    for (char *next = cause; !last && next && next[1]; next = strchr(next + 1, '\n'))
        line = next + 1;
    line += strspn(line, " 0123456789:");
    printf("%s %.*s\n", kind, (int)strcspn(line, "\n"), line);
    free(text);
}

/* The outcome of a failed call or instantiation; `kind` is what an error is that is no trap. */
static void print_failure(struct host *h, const char *kind, wasmtime_error_t *error, wasm_trap_t *trap)
{
    wasm_byte_vec_t message;
    if (wasmtime_context_has_exception(h->context)) {
        wasmtime_exnref_t exception;
        if (wasmtime_context_take_exception(h->context, &exception))
            wasmtime_exnref_unroot(&exception);
        puts("exception");
    } else if (trap) {
        wasm_trap_message(trap, &message);
        print_message("trap", &message);
        wasm_byte_vec_delete(&message);
    } else {
        wasmtime_error_message(error, &message);
        print_message(kind, &message);
        wasm_byte_vec_delete(&message);
    }
    if (trap)
        wasm_trap_delete(trap);
    if (error)
        wasmtime_error_delete(error);
}

/* Something trapped.  Of whose code a place is, is known where there is one instance besides spectest. */
static void note_trap(struct host *h, const wasm_trap_t *trap)
{
    struct instance *last = h->instances[h->instance_count - 1];
    wasm_frame_t *frame = trap && h->instance_count == 2 && !last->cut ? wasm_trap_origin(trap) : NULL;
    if (!frame) {
        for (size_t i = 0; trap && i < h->instance_count; i++)
            h->instances[i]->cut = true;
        return;
    }
    last->trapped = true;
    last->trap = (struct guest_trap){wasm_frame_func_index(frame), wasm_frame_func_offset(frame)};
    wasm_frame_delete(frame);
}

/* Code is about to run. */
static void note_call(struct host *h)
{
    for (size_t i = 0; i < h->instance_count; i++)
        h->instances[i]->cut = h->instances[i]->cut || h->instances[i]->trapped;
}

static void save(struct host *h, const struct buf *bytes)
{
    char path[1000];
    snprintf(path, sizeof path, "%s%zu.wasm", h->settings.save, h->saved++);
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(bytes->data, 1, bytes->size, f) != bytes->size || fclose(f))
        fail(path);
}

/* Compiles the form that is to run.  NULL, with the outcome printed, where that fails. */
static wasmtime_module_t *compile(struct host *h, const uint8_t *bytes, size_t size, struct analysis **analysis,
                                  struct error *err)
{
    struct buf executed;
    buf_init(&executed, OUTPUT_MAX);
    *analysis = NULL;
    bool plain = h->settings.form == FORM_PLAIN;
    if (plain)
        buf_put(&executed, bytes, size);
    else
        *analysis = analysis_new(h->settings.form, h->settings.inlining, bytes, size, &executed, err);
    wasmtime_module_t *compiled = NULL;
    if (!plain && !*analysis) {
        printf("refused %s\n", err->message);
    } else {
        if (!plain && h->settings.save)
            save(h, &executed);
        wasmtime_error_t *error = wasmtime_module_new(h->engine, executed.data, executed.size, &compiled);
        if (error)
            print_failure(h, "invalid", error, NULL);
    }
    buf_release(&executed);
    return compiled;
}

static bool instantiate(struct host *h, const char *name, const uint8_t *bytes, size_t size)
{
    struct instance *in = allocate(1, sizeof *in);
    in->err = ERROR_INIT;
    in->host = h;
    wasmtime_module_t *compiled = compile(h, bytes, size, &in->analysis, &in->err);
    if (!compiled) {
        analysis_free(in->analysis);
        free(in);
        return false;
    }
    note_call(h);
    wasm_trap_t *trap = NULL;
    wasmtime_error_t *error = wasmtime_linker_instantiate(h->linker, h->context, compiled, &in->instance, &trap);
    wasmtime_module_delete(compiled);
    bool ok = !error && !trap && instance_attach(in, &trap, &error);
    in->name = copy_text(ok ? name : "!"); /* even a failed one may have left functions in others' tables */
    if (ok || in->attached) {
        h->instances = realloc(h->instances, (h->instance_count + 1) * sizeof *h->instances);
        if (!h->instances)
            fail("out of memory");
        h->instances[h->instance_count++] = in;
    } else {
        analysis_free(in->analysis);
        free(in->name);
        free(in);
    }
    if (ok) {
        puts("ok");
    } else {
        note_trap(h, trap);
        print_failure(h, "unlinkable", error, trap);
    }
    return ok;
}

/* `name` is NULL for a mere try. */
static void do_module(struct host *h, const char *name, const char *path, bool and_instance)
{
    struct module *m = allocate(1, sizeof *m);
    m->name = copy_text(name ? name : "!");
    m->bytes = read_file(path, &m->size);
    h->modules = realloc(h->modules, (h->module_count + 1) * sizeof *h->modules);
    if (!h->modules)
        fail("out of memory");
    h->modules[h->module_count++] = m;
    if (!and_instance) {
        puts("ok");
        return;
    }
    bool ok = instantiate(h, m->name, m->bytes, m->size);
    if (name)
        h->has_latest = ok;
}

static void do_instance(struct host *h, const char *name, const char *module)
{
    for (size_t i = h->module_count; i-- > 0;)
        if (!strcmp(h->modules[i]->name, module)) {
            h->has_latest = instantiate(h, name, h->modules[i]->bytes, h->modules[i]->size);
            return;
        }
    puts("absent module");
}

static void do_check(struct host *h, const char *path)
{
    size_t size;
    uint8_t *bytes = read_file(path, &size);
    struct analysis *analysis;
    struct error err = ERROR_INIT;
    wasmtime_module_t *compiled = compile(h, bytes, size, &analysis, &err);
    if (compiled) {
        puts("ok");
        wasmtime_module_delete(compiled);
    }
    analysis_free(analysis);
    free(bytes);
}

static struct instance *find(struct host *h, const char *name)
{
    if (!strcmp(name, "-") && !h->has_latest)
        return NULL;
    for (size_t i = h->instance_count; i-- > 0;) {
        const char *own = h->instances[i]->name;
        if (*own != '!' && (!strcmp(name, "-") || !strcmp(own, name)))
            return h->instances[i];
    }
    return NULL;
}

/* A name's bytes, which the caller frees. */
static char *unhex(const char *digits, size_t *size)
{
    *size = strlen(digits + 1) / 2;
    char *name = allocate(*size + 1, 1);
    for (size_t i = 0; i < *size; i++) {
        unsigned byte = 0;
        sscanf(digits + 1 + 2 * i, "%2x", &byte);
        name[i] = (char)byte;
    }
    return name;
}

static void do_register(struct host *h, const char *as, const char *name)
{
    struct instance *in = find(h, name);
    if (!in) {
        puts("absent instance");
        return;
    }
    size_t size;
    char *module = unhex(as, &size);
    wasmtime_error_t *error = wasmtime_linker_define_instance(h->linker, h->context, module, size, &in->instance);
    free(module);
    if (error)
        print_failure(h, "unlinkable", error, NULL);
    else
        puts("ok");
}

static bool find_export(struct host *h, const char *instance, const char *field, wasmtime_extern_kind_t kind,
                        wasmtime_extern_t *item)
{
    struct instance *in = find(h, instance);
    if (!in) {
        puts("absent instance");
        return false;
    }
    size_t size;
    char *name = unhex(field, &size);
    bool found = wasmtime_instance_export_get(h->context, &in->instance, name, size, item) && item->kind == kind;
    free(name);
    if (!found)
        puts("absent export");
    return found;
}

/* False where it trapped. */
static bool call(struct host *h, const wasmtime_func_t *func, const wasmtime_val_t *args, size_t count)
{
    note_call(h);
    wasm_functype_t *type = wasmtime_func_type(h->context, func);
    size_t result_count = wasm_functype_results(type)->size;
    wasm_functype_delete(type);
    wasmtime_val_t *results = allocate(result_count, sizeof *results);
    wasm_trap_t *trap = NULL;
    wasmtime_error_t *error = wasmtime_func_call(h->context, func, args, count, results, result_count, &trap);
    bool trapped = trap && !wasmtime_context_has_exception(h->context);
    if (error || trap) {
        note_trap(h, trapped ? trap : NULL);
        print_failure(h, "error", error, trap);
    } else {
        printf("ok");
        for (size_t i = 0; i < result_count; i++) {
            putchar(' ');
            value_print(h, &results[i]);
            wasmtime_val_unroot(&results[i]);
        }
        putchar('\n');
    }
    free(results);
    return !trapped;
}

static bool call_with_something(struct host *h, const wasmtime_func_t *func, unsigned number)
{
    wasm_functype_t *type = wasmtime_func_type(h->context, func);
    const wasm_valtype_vec_t *params = wasm_functype_params(type);
    wasmtime_val_t *args = allocate(params->size, sizeof *args);
    for (size_t i = 0; i < params->size; i++)
        value_make(params->data[i], number + (unsigned)i, &args[i]);
    bool ok = call(h, func, args, params->size);
    free(args);
    wasm_functype_delete(type);
    return ok;
}

static void do_until(struct host *h, const char *name)
{
    struct instance *in = find(h, name);
    char *field;
    size_t size;
    wasmtime_extern_t item;
    unsigned number = 0;
    bool more = in != NULL;
    for (size_t e = 0; more && wasmtime_instance_export_nth(h->context, &in->instance, e, &field, &size, &item); e++) {
        bool added = size >= 7 && !memcmp(field, "_trace_", 7);
        if (item.kind == WASMTIME_EXTERN_FUNC && !added) {
            printf("call %u ", number);
            more = call_with_something(h, &item.of.func, number++);
        }
        wasmtime_extern_delete(&item);
    }
    puts(in ? "ok" : "absent instance");
}

static void do_invoke(struct host *h, char **words, size_t count)
{
    wasmtime_extern_t item;
    if (!find_export(h, words[1], words[2], WASMTIME_EXTERN_FUNC, &item))
        return;
    wasmtime_val_t *args = allocate(count, sizeof *args);
    bool ok = true;
    for (size_t i = 3; i < count && ok; i++)
        ok = value_parse(h, words[i], &args[i - 3]);
    if (ok)
        call(h, &item.of.func, args, count - 3);
    else
        puts("absent value");
    for (size_t i = 3; i < count; i++)
        wasmtime_val_unroot(&args[i - 3]);
    free(args);
}

static void do_get(struct host *h, const char *instance, const char *field)
{
    wasmtime_extern_t item;
    if (!find_export(h, instance, field, WASMTIME_EXTERN_GLOBAL, &item))
        return;
    wasmtime_val_t value;
    wasmtime_global_get(h->context, &item.of.global, &value);
    printf("ok ");
    value_print(h, &value);
    putchar('\n');
    wasmtime_val_unroot(&value);
}

/* A memory's size, and its first and last bytes in one number. */
static void print_memory(struct host *h, const wasmtime_memory_t *memory)
{
    const uint8_t *data = wasmtime_memory_data(h->context, memory);
    size_t size = wasmtime_memory_data_size(h->context, memory);
    uint64_t digest = 14695981039346656037u;
    for (size_t i = 0; i < size; i = i + 1 == DIGEST_MAX && size > 2 * DIGEST_MAX ? size - DIGEST_MAX : i + 1)
        digest = (digest ^ data[i]) * 1099511628211u;
    printf("memory %zu %016" PRIx64 "\n", size, digest);
}

static void print_export(struct host *h, size_t number, const char *name, size_t size, const wasmtime_extern_t *item)
{
    if (size >= 7 && !memcmp(name, "_trace_", 7))
        return;
    if (item->kind != WASMTIME_EXTERN_GLOBAL && item->kind != WASMTIME_EXTERN_TABLE &&
        item->kind != WASMTIME_EXTERN_MEMORY)
        return;
    printf("export %zu x", number);
    for (size_t i = 0; i < size; i++)
        printf("%02x", (unsigned char)name[i]);
    putchar(' ');
    if (item->kind == WASMTIME_EXTERN_MEMORY) {
        print_memory(h, &item->of.memory);
    } else if (item->kind == WASMTIME_EXTERN_TABLE) {
        printf("table %" PRIu64 "\n", wasmtime_table_size(h->context, &item->of.table));
    } else {
        wasmtime_val_t value;
        wasmtime_global_get(h->context, &item->of.global, &value);
        value_print(h, &value);
        putchar('\n');
        wasmtime_val_unroot(&value);
    }
}

static void do_state(struct host *h)
{
    for (size_t i = 0; i < h->instance_count; i++) {
        struct instance *in = h->instances[i];
        char *name;
        size_t size;
        wasmtime_extern_t item;
        for (size_t e = 0; wasmtime_instance_export_nth(h->context, &in->instance, e, &name, &size, &item); e++) {
            if (*in->name != '!')
                print_export(h, i, name, size, &item);
            wasmtime_extern_delete(&item);
        }
        instance_report(in, i);
    }
    puts("ok");
}

static void do_line(struct host *h, char *line)
{
    char *words[WORDS_MAX], *rest = NULL;
    size_t count = 0;
    for (char *w = strtok_r(line, " \n", &rest); w && count < WORDS_MAX; w = strtok_r(NULL, " \n", &rest))
        words[count++] = w;
    if (!count)
        return;
    if (!strcmp(words[0], "module") && count == 3)
        do_module(h, words[1], words[2], true);
    else if (!strcmp(words[0], "try") && count == 2)
        do_module(h, NULL, words[1], true);
    else if (!strcmp(words[0], "define") && count == 3)
        do_module(h, words[1], words[2], false);
    else if (!strcmp(words[0], "instance") && count == 3)
        do_instance(h, words[1], words[2]);
    else if (!strcmp(words[0], "register") && count == 3)
        do_register(h, words[1], words[2]);
    else if (!strcmp(words[0], "invoke") && count >= 3)
        do_invoke(h, words, count);
    else if (!strcmp(words[0], "until") && count == 2)
        do_until(h, words[1]);
    else if (!strcmp(words[0], "get") && count == 3)
        do_get(h, words[1], words[2]);
    else if (!strcmp(words[0], "check") && count == 2)
        do_check(h, words[1]);
    else if (!strcmp(words[0], "state"))
        do_state(h);
    else
        fail(words[0]);
    fflush(stdout);
}

static void define_spectest(struct host *h)
{
    size_t size;
    uint8_t *text = read_file(h->settings.spectest, &size);
    wasm_byte_vec_t bytes;
    wasmtime_module_t *module;
    wasmtime_instance_t *instance = allocate(1, sizeof *instance);
    wasm_trap_t *trap = NULL;
    if (wasmtime_wat2wasm((const char *)text, size, &bytes) ||
        wasmtime_module_new(h->engine, (const uint8_t *)bytes.data, bytes.size, &module) ||
        wasmtime_linker_instantiate(h->linker, h->context, module, instance, &trap) || trap ||
        wasmtime_linker_define_instance(h->linker, h->context, "spectest", 8, instance))
        fail(h->settings.spectest);
    struct instance *in = allocate(1, sizeof *in);
    *in = (struct instance){.name = copy_text("spectest"), .instance = *instance, .host = h, .err = ERROR_INIT};
    h->instances = allocate(1, sizeof *h->instances);
    h->instances[h->instance_count++] = in;
    wasmtime_module_delete(module);
    wasm_byte_vec_delete(&bytes);
    free(instance);
    free(text);
}

static void *run(void *arg)
{
    struct host *h = arg;
    make_engine(h);
    define_spectest(h);
    char *line = NULL;
    size_t capacity = 0;
    while (getline(&line, &capacity, stdin) >= 0)
        do_line(h, line);
    free(line);
    return NULL;
}

static void release(struct host *h)
{
    for (size_t i = 0; i < h->instance_count; i++) {
        analysis_free(h->instances[i]->analysis);
        free(h->instances[i]->name);
        free(h->instances[i]);
    }
    for (size_t i = 0; i < h->module_count; i++) {
        free(h->modules[i]->name);
        free(h->modules[i]->bytes);
        free(h->modules[i]);
    }
    free(h->instances);
    free(h->modules);
    wasmtime_linker_delete(h->linker);
    wasmtime_store_delete(h->store);
    wasm_engine_delete(h->engine);
}

static int pick(const char *word, const char *const *names, int count)
{
    for (int i = 0; i < count; i++)
        if (!strcmp(word, names[i]))
            return i;
    fail(word);
}

int main(int argc, char **argv)
{
    static const char *const forms[] = {"plain", "record", "trace", "online"};
    static const char *const inlinings[] = {"auto", "always", "never"};
    static struct host h;
    if (argc < 4)
        fail("usage: spec_host FORM INLINE SPECTEST.wat [SAVE_PREFIX] < SCRIPT");
    h.settings = (struct settings){.form = (enum form)pick(argv[1], forms, 4),
                                   .inlining = pick(argv[2], inlinings, 3),
                                   .spectest = argv[3],
                                   .save = argc > 4 ? argv[4] : NULL};
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, 2 * STACK);
    pthread_t thread;
    if (pthread_create(&thread, &attr, run, &h) || pthread_join(thread, NULL))
        fail("no thread");
    release(&h);
    fflush(stdout);
    return 0;
}
