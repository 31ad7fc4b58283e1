/* The program's run: instantiates the module, attaches the host to its trace memory, calls its functions. */
#include "engine/run.h"
#include "trace/guest.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { FIRST_DIRECTORY = 3 }; /* descriptors: behind the three streams */

static bool find_export(struct run *run, const char *name, wasmtime_extern_kind_t kind, wasmtime_extern_t *item)
{
    if (!wasmtime_instance_export_get(run->context, &run->instance, name, strlen(name), item))
        return false;
    return item->kind == kind;
}

static bool put(struct run *run, uint32_t end)
{
    return run->sink.records.put(run->sink.records.self, run->trace + run->base, end - run->base);
}

/* The guest's buffer is full.  Called by the guest's thread, from compiled code; it goes on at the address returned. */
static wasm_trap_t *on_full(void *env, wasmtime_caller_t *caller, wasmtime_val_raw_t *args, size_t count)
{
    (void)caller;
    (void)count;
    struct run *run = env;
    uint32_t end = (uint32_t)args[0].i32;
    atomic_store(&run->in_sink, true);
    if (!atomic_load(&run->stop)) {
        if (!put(run, end)) {
            run->sink_failed = true;
            return wasmtime_trap_new("the analysis failed", 19);
        }
        atomic_fetch_add(&run->bytes, end - run->base);
        run->base = GUEST_TRACE_BASE;
        args[0].i32 = (int32_t)run->base;
        atomic_store(&run->in_sink, false);
        if (!atomic_load(&run->stop))
            return NULL;
        atomic_store(&run->drained, true);
    } else {
        if (!put(run, end))
            run->sink_failed = true;
        atomic_store(&run->drained, true);
    }
    park_here(run);
    return NULL;
}

/* The program asks its analysis for something.  Called like on_full, but often: the flags that the thread's own signal
 * handler looks at need no order between processors. */
static wasm_trap_t *on_call(void *env, wasmtime_caller_t *caller, wasmtime_val_raw_t *args, size_t count)
{
    (void)caller;
    (void)count;
    const struct host_slot *slot = env;
    struct run *run = slot->run;
    atomic_store_explicit(&run->in_sink, true, memory_order_relaxed);
    uint32_t argument = (uint32_t)args[0].i32;
    bool ok = run->sink.call(run->sink.records.self, slot->slot, &argument);
    args[0].i32 = (int32_t)argument;
    atomic_store_explicit(&run->in_sink, false, memory_order_relaxed);
    if (!ok) {
        run->sink_failed = true;
        return wasmtime_trap_new("the analysis failed", 19);
    }
    if (atomic_load_explicit(&run->stop, memory_order_relaxed))
        park_here(run);
    return NULL;
}

static bool set_global(struct run *run, const char *name, uint32_t value)
{
    wasmtime_extern_t item;
    if (!find_export(run, name, WASMTIME_EXTERN_GLOBAL, &item))
        return error_set(&run->err, ERROR_ENGINE, "the instrumented module has no global %s", name);
    wasmtime_val_t v = {.kind = WASMTIME_I32, .of.i32 = (int32_t)value};
    wasmtime_error_t *error = wasmtime_global_set(run->context, &item.of.global, &v);
    return !error || run_engine_error(run, name, error, NULL);
}

/* What args_sizes_get, environ_sizes_get and fd_prestat_get will say, for programs that never ask. */
static bool set_sizes(struct run *run)
{
    const struct engine_options *o = run->options;
    uint32_t names = o->dir_count < GUEST_NAMES_MAX ? (uint32_t)o->dir_count : GUEST_NAMES_MAX;
    memcpy(run->trace + GUEST_NAME_COUNT, &names, sizeof names);
    for (uint32_t i = 0; i < names; i++) {
        const uint32_t name[] = {FIRST_DIRECTORY + i, (uint32_t)strlen(o->dirs[i].second)};
        memcpy(run->trace + GUEST_NAMES + i * sizeof name, name, sizeof name);
    }
    return set_global(run, GUEST_ARG_COUNT, (uint32_t)o->arg_count) &&
           set_global(run, GUEST_ARG_BYTES, run->arg_bytes) && set_global(run, GUEST_ENV_COUNT, run->env_count) &&
           set_global(run, GUEST_ENV_BYTES, run->env_bytes);
}

/* Fills the table through which the program calls the host. */
static bool set_slots(struct run *run, const wasmtime_table_t *table)
{
    unsigned slots = run->sink.call ? HOST_SLOTS : HOST_RECORDS + 1;
    wasm_functype_t *type = wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
    wasmtime_error_t *error = NULL;
    for (unsigned i = 0; i < slots && !error; i++) {
        wasmtime_val_t func = {.kind = WASMTIME_FUNCREF};
        run->slots[i] = (struct host_slot){run, i};
        if (i == HOST_RECORDS)
            wasmtime_func_new_unchecked(run->context, type, on_full, run, NULL, &func.of.funcref);
        else
            wasmtime_func_new_unchecked(run->context, type, on_call, &run->slots[i], NULL, &func.of.funcref);
        error = wasmtime_table_set(run->context, table, i, &func);
    }
    wasm_functype_delete(type);
    return !error || run_engine_error(run, GUEST_HOST_TABLE, error, NULL);
}

/* Hands the planes to the analysis, where the module has some. */
static bool attach_planes(struct run *run)
{
    static const char *const names[] = PLANE_NAMES;
    uint8_t *planes[PLANE_COUNT];
    wasmtime_extern_t item;
    for (int i = 0; i < PLANE_COUNT; i++) {
        if (!find_export(run, names[i], WASMTIME_EXTERN_MEMORY, &item))
            return error_set(&run->err, ERROR_ENGINE, "the instrumented module has no %s", names[i]);
        planes[i] = wasmtime_memory_data(run->context, &item.of.memory);
    }
    if (!find_export(run, GUEST_OWN_MEMORY, WASMTIME_EXTERN_MEMORY, &item))
        return error_set(&run->err, ERROR_ENGINE, "the instrumented module has no %s", GUEST_OWN_MEMORY);
    run->own_memory = item.of.memory;
    if (!find_export(run, GUEST_LOG, WASMTIME_EXTERN_GLOBAL, &item))
        return error_set(&run->err, ERROR_ENGINE, "the instrumented module has no %s", GUEST_LOG);
    run->log_at = item.of.global;
    return run->sink.attach(run->sink.records.self, planes) ||
           error_set(&run->err, ERROR_ENGINE, "the analysis failed");
}

bool run_detach(struct run *run)
{
    if (!run->sink.detach || !atomic_load(&run->attached))
        return true;
    if (atomic_fetch_add(&run->detaching, 1) != 0) {
        while (atomic_load(&run->detached) == 0)
            nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        return atomic_load(&run->detached) > 0;
    }
    wasmtime_val_t log_at;
    wasmtime_global_get(run->context, &run->log_at, &log_at);
    bool ok =
        run->sink.detach(run->sink.records.self, (uint32_t)log_at.of.i32,
                         wasmtime_memory_data_size(run->context, &run->own_memory), run->trapped ? &run->trap : NULL);
    atomic_store(&run->detached, ok ? 1 : -1);
    return ok;
}

uint32_t run_refused(struct run *run)
{
    wasmtime_val_t refused = {.of.i32 = 0};
    if (run->has_refused)
        wasmtime_global_get(run->context, &run->refused, &refused);
    return (uint32_t)refused.of.i32;
}

static bool attach(struct run *run)
{
    wasmtime_extern_t item;
    if (!find_export(run, GUEST_MEMORY, WASMTIME_EXTERN_MEMORY, &item))
        return error_set(&run->err, ERROR_ENGINE, "the instrumented module has no %s", GUEST_MEMORY);
    run->trace_memory = item.of.memory;
    run->trace = wasmtime_memory_data(run->context, &run->trace_memory);
    run->base = GUEST_TRACE_BASE;
    if (!find_export(run, GUEST_POINTER, WASMTIME_EXTERN_GLOBAL, &item))
        return error_set(&run->err, ERROR_ENGINE, "the instrumented module has no %s", GUEST_POINTER);
    run->pointer = item.of.global;
    run->has_refused = find_export(run, GUEST_REFUSED, WASMTIME_EXTERN_GLOBAL, &item);
    if (run->has_refused)
        run->refused = item.of.global;
    if (!find_export(run, GUEST_HOST_TABLE, WASMTIME_EXTERN_TABLE, &item))
        return error_set(&run->err, ERROR_ENGINE, "the instrumented module has no %s", GUEST_HOST_TABLE);
    if (!set_slots(run, &item.of.table) || (run->sink.attach && !attach_planes(run)))
        return false;
    if (!set_global(run, GUEST_LIMIT, GUEST_TRACE_BASE + GUEST_BUFFER - GUEST_SLACK) || !set_sizes(run))
        return false;
    atomic_store(&run->attached, true);
    pthread_kill(run->control, SIGNAL_NEWS);
    if (atomic_load(&run->stop)) {
        atomic_store(&run->drained, true);
        park_here(run);
    }
    return true;
}

/* Calls without arguments or results.  False when the program is over. */
static bool call_plain(struct run *run, const wasmtime_func_t *func)
{
    wasm_trap_t *trap = NULL;
    wasmtime_error_t *error = wasmtime_func_call(run->context, func, NULL, 0, NULL, 0, &trap);
    if (!error && !trap)
        return true;
    run_ending(run, error, trap);
    return false;
}

static bool parse_argument(const char *text, wasm_valkind_t kind, wasmtime_val_t *value)
{
    char *end;
    errno = 0;
    switch (kind) {
    case WASM_I32: {
        long long n = strtoll(text, &end, 0);
        *value = (wasmtime_val_t){.kind = WASMTIME_I32, .of.i32 = (int32_t)n};
        return *text && !*end && !errno && n >= INT32_MIN && n <= UINT32_MAX;
    }
    case WASM_I64: {
        bool negative = *text == '-';
        unsigned long long n = negative ? (unsigned long long)strtoll(text, &end, 0) : strtoull(text, &end, 0);
        *value = (wasmtime_val_t){.kind = WASMTIME_I64, .of.i64 = (int64_t)n};
        return *text && !*end && !errno;
    }
    case WASM_F32:
        *value = (wasmtime_val_t){.kind = WASMTIME_F32, .of.f32 = strtof(text, &end)};
        return *text && !*end;
    case WASM_F64:
        *value = (wasmtime_val_t){.kind = WASMTIME_F64, .of.f64 = strtod(text, &end)};
        return *text && !*end;
    default:
        return false;
    }
}

/* The shortest decimal that reads back the same. */
static void print_float(double value, bool single)
{
    char text[40];
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (single ? strtof(text, NULL) == (float)value : strtod(text, NULL) == value)
            break;
    }
    puts(text);
}

static void print_results(const wasmtime_val_t *results, size_t count)
{
    for (size_t i = 0; i < count; i++)
        switch (results[i].kind) {
        case WASMTIME_I32:
            printf("%" PRId32 "\n", results[i].of.i32);
            break;
        case WASMTIME_I64:
            printf("%" PRId64 "\n", results[i].of.i64);
            break;
        case WASMTIME_F32:
            print_float((double)results[i].of.f32, true);
            break;
        case WASMTIME_F64:
            print_float(results[i].of.f64, false);
            break;
        default:
            puts("(a value that has no text form)");
        }
    fflush(stdout);
}

static bool read_arguments(struct run *run, const wasm_valtype_vec_t *params, wasmtime_val_t *args)
{
    const struct engine_options *o = run->options;
    if (params->size != o->invoke_arg_count)
        return error_set(&run->err, ERROR_USAGE, "'%s' takes %zu arguments, %zu given", o->invoke, params->size,
                         o->invoke_arg_count);
    for (size_t i = 0; i < params->size; i++)
        if (!parse_argument(o->invoke_args[i], wasm_valtype_kind(params->data[i]), &args[i]))
            return error_set(&run->err, ERROR_USAGE, "'%s': '%s' does not fit parameter %zu", o->invoke,
                             o->invoke_args[i], i + 1);
    return true;
}

static void call_with(struct run *run, const wasmtime_func_t *func, const wasmtime_val_t *args, size_t arg_count,
                      wasmtime_val_t *results, size_t result_count)
{
    wasm_trap_t *trap = NULL;
    wasmtime_error_t *error = wasmtime_func_call(run->context, func, args, arg_count, results, result_count, &trap);
    if (error || trap) {
        run_ending(run, error, trap);
        return;
    }
    print_results(results, result_count);
    run->result->has_exit_code = true;
}

static bool invoke(struct run *run, const wasmtime_func_t *func)
{
    wasm_functype_t *type = wasmtime_func_type(run->context, func);
    const wasm_valtype_vec_t *params = wasm_functype_params(type);
    const size_t arg_count = params->size, result_count = wasm_functype_results(type)->size;
    wasmtime_val_t *values = calloc(arg_count + result_count + 1, sizeof *values);
    bool ok = values && read_arguments(run, params, values);
    wasm_functype_delete(type);
    if (!values)
        return error_no_memory(&run->err);
    if (ok)
        call_with(run, func, values, arg_count, values + arg_count, result_count);
    free(values);
    return ok;
}

/* The start function first, if there is one; _initialize before an exported function that the user names. */
static bool call_all(struct run *run)
{
    wasmtime_extern_t item;
    if (find_export(run, GUEST_START, WASMTIME_EXTERN_FUNC, &item) && !call_plain(run, &item.of.func))
        return true;
    if (run->options->invoke) {
        if (strcmp(run->options->invoke, "_initialize") != 0 &&
            find_export(run, "_initialize", WASMTIME_EXTERN_FUNC, &item) && !call_plain(run, &item.of.func))
            return true;
        if (!find_export(run, run->options->invoke, WASMTIME_EXTERN_FUNC, &item))
            return error_set(&run->err, ERROR_USAGE, "no exported function '%s'", run->options->invoke);
        return invoke(run, &item.of.func);
    }
    if (!find_export(run, "_start", WASMTIME_EXTERN_FUNC, &item))
        return error_set(&run->err, ERROR_INPUT, "no _start");
    if (call_plain(run, &item.of.func))
        run->result->has_exit_code = true;
    return true;
}

/* What lies in the buffer when the program is over. */
static bool take_rest(struct run *run)
{
    wasmtime_val_t pointer;
    wasmtime_global_get(run->context, &run->pointer, &pointer);
    atomic_store(&run->in_sink, true);
    uint32_t end = (uint32_t)pointer.of.i32;
    if (run->trapped)
        end += run->sink.unfinished(run->sink.records.self, run->trace + end, &run->trap);
    bool ok = atomic_load(&run->stop) || put(run, end);
    run->base = end;
    ok = ok && (atomic_load(&run->stop) || run_detach(run));
    atomic_store(&run->in_sink, false);
    if (atomic_load(&run->stop))
        park_here(run); /* the other thread ends the run at this very moment: it takes over */
    return ok;
}

bool run_program(struct run *run)
{
    wasm_trap_t *trap = NULL;
    wasmtime_error_t *error =
        wasmtime_linker_instantiate(run->linker, run->context, run->module, &run->instance, &trap);
    if (trap) { /* an active segment that lies outside: the program's own failure, before its first access */
        run_ending(run, NULL, trap);
        return true;
    }
    if (error)
        return run_engine_error(run, "the module does not instantiate", error, NULL);
    if (!attach(run))
        return false;
    double began = run_clock();
    fault_watch(run);
    bool called = call_all(run);
    fault_forget();
    run->result->run_seconds = run_clock() - began;
    run->result->grows_refused = run_refused(run);
    if (!called)
        return false;
    return take_rest(run);
}
