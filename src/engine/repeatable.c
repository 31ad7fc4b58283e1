/* random_get, clock_time_get and clock_res_get of preview 1, whose answers are the same in each run (--seed, --clock).
 *
 * The first snapshot takes its functions from preview 1, so it has them, too.  What a program gets is written by the same
 * wrappers of the instrumented module as ever, which record it.  Random bytes are those of splitmix64 (Steele, Lea, Flood: Fast
 * splittable pseudorandom number generators, OOPSLA 2014), 8 of each number, the lowest first.
 *
 * clockid and errno: typenames.witx of wasi_snapshot_preview1. */
#include "engine/run.h"

#include <string.h>

#define PREVIEW_1 "wasi_snapshot_preview1"

enum { CLOCKS = 2 };    /* the time of day, and that since the start */
enum { CLOCK_IDS = 4 }; /* with those of processor time */
enum { ERRNO_BADF = 8 };

/* 2000-01-01T00:00:00Z, and one second: Go's runtime ends a program whose monotonic clock says 0. */
static const uint64_t began[CLOCKS] = {946684800u * UINT64_C(1000000000), 1000000000};

/* A millisecond, so that programs which work until some time is over end soon. */
enum { STEP = 1000000 };

bool run_caller_memory(wasmtime_caller_t *caller, uint8_t **bytes, size_t *size)
{
    wasmtime_context_t *context = wasmtime_caller_context(caller);
    wasmtime_extern_t item;
    if (!wasmtime_caller_export_get(caller, "memory", 6, &item))
        return false;
    bool is_memory = item.kind == WASMTIME_EXTERN_MEMORY, is_shared = item.kind == WASMTIME_EXTERN_SHAREDMEMORY;
    if (is_memory) {
        *bytes = wasmtime_memory_data(context, &item.of.memory);
        *size = wasmtime_memory_data_size(context, &item.of.memory);
    } else if (is_shared) {
        *bytes = wasmtime_sharedmemory_data(item.of.sharedmemory);
        *size = wasmtime_sharedmemory_data_size(item.of.sharedmemory);
    }
    wasmtime_extern_delete(&item);
    return is_memory || is_shared;
}

static wasm_trap_t *trap(const char *why)
{
    return wasmtime_trap_new(why, strlen(why));
}

/* Sets *to to so many bytes of the caller's memory; else a trap. */
static wasm_trap_t *find(wasmtime_caller_t *caller, uint32_t address, size_t size, uint32_t align, uint8_t **to)
{
    uint8_t *memory = NULL;
    size_t has = 0;
    if (!run_caller_memory(caller, &memory, &has))
        return trap("missing required memory export");
    if (address % align != 0)
        return trap("Pointer not aligned");
    if (size > has || address > has - size)
        return trap("Pointer out of bounds");
    *to = memory + address;
    return NULL;
}

static uint64_t next_random(struct repeatable *r)
{
    uint64_t z = r->random += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static wasm_trap_t *on_random(void *env, wasmtime_caller_t *caller, const wasmtime_val_t *args, size_t arg_count,
                              wasmtime_val_t *results, size_t result_count)
{
    (void)arg_count;
    (void)result_count;
    struct run *run = env;
    uint8_t *to = NULL;
    uint32_t size = (uint32_t)args[1].of.i32;
    wasm_trap_t *failed = find(caller, (uint32_t)args[0].of.i32, size, 1, &to);
    uint64_t number = 0;
    for (uint32_t i = 0; to && i < size; i++, number >>= 8) {
        if (i % 8 == 0)
            number = next_random(&run->repeatable);
        to[i] = (uint8_t)number;
    }
    results[0] = (wasmtime_val_t){.kind = WASMTIME_I32};
    return failed;
}

/* Writes what a clock says; as in the engine, there are none of processor time. */
static wasm_trap_t *put(wasmtime_caller_t *caller, uint32_t id, uint32_t address, uint64_t value,
                        wasmtime_val_t *result)
{
    *result = (wasmtime_val_t){.kind = WASMTIME_I32};
    if (id >= CLOCK_IDS)
        return trap("Invalid enum value Clockid");
    if (id >= CLOCKS) {
        result->of.i32 = ERRNO_BADF;
        return NULL;
    }
    uint8_t *to = NULL;
    wasm_trap_t *failed = find(caller, address, sizeof value, 8, &to);
    if (to)
        memcpy(to, &value, sizeof value);
    return failed;
}

static wasm_trap_t *on_time(void *env, wasmtime_caller_t *caller, const wasmtime_val_t *args, size_t arg_count,
                            wasmtime_val_t *results, size_t result_count)
{
    (void)arg_count;
    (void)result_count;
    struct run *run = env;
    uint32_t id = (uint32_t)args[0].of.i32;
    uint64_t now = (id < CLOCKS ? began[id] : 0) + run->repeatable.time;
    if (run->options->clock == ENGINE_CLOCK_TICKING)
        run->repeatable.time += STEP;
    return put(caller, id, (uint32_t)args[2].of.i32, now, &results[0]);
}

static wasm_trap_t *on_resolution(void *env, wasmtime_caller_t *caller, const wasmtime_val_t *args, size_t arg_count,
                                  wasmtime_val_t *results, size_t result_count)
{
    (void)env;
    (void)arg_count;
    (void)result_count;
    return put(caller, (uint32_t)args[0].of.i32, (uint32_t)args[1].of.i32, STEP, &results[0]);
}

static bool define(struct run *run, const char *name, wasmtime_func_callback_t callback)
{
    wasmtime_extern_t item;
    if (!wasmtime_linker_get(run->linker, run->context, PREVIEW_1, strlen(PREVIEW_1), name, strlen(name), &item))
        return error_set(&run->err, ERROR_ENGINE, PREVIEW_1 ": no %s", name);
    wasm_functype_t *type = wasmtime_func_type(run->context, &item.of.func);
    wasmtime_error_t *error = wasmtime_linker_define_func(run->linker, PREVIEW_1, strlen(PREVIEW_1), name, strlen(name),
                                                          type, callback, run, NULL);
    wasm_functype_delete(type);
    wasmtime_extern_delete(&item);
    return !error || run_engine_error(run, name, error, NULL);
}

bool run_define_repeatable(struct run *run)
{
    const struct engine_options *o = run->options;
    run->repeatable = (struct repeatable){.random = o->seed};
    return (!o->seeded || define(run, "random_get", on_random)) &&
           (o->clock == ENGINE_CLOCK_REAL ||
            (define(run, "clock_time_get", on_time) && define(run, "clock_res_get", on_resolution)));
}
