/* WASI's first snapshot, `wasi_unstable`, which the engine's linker lacks (its command line has it: wasmtime-wasi 48.0.8, src/p0.rs).
 *
 * Most of its functions are those of preview 1.  Two structures and one enumeration differ (wasi_unstable.witx and
 * wasi_snapshot_preview1.witx); the functions with these ask preview 1's, whose memory is an instance of ours, since WASI takes
 * the memory of the instance that calls.  Sockets end the program, as there. */
#include "engine/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST "wasi_unstable"
#define PREVIEW_1 "wasi_snapshot_preview1"

enum { PAGE = 65536, INVAL = 28, NOMEM = 48, INPUT_MAX = 1 << 27 /* bytes, above which the engine takes no path */ };

enum { SEEK, FILESTAT, PATH_FILESTAT, POLL };
static const char *const adapted[FIRST_ADAPTED] = {"fd_seek", "fd_filestat_get", "path_filestat_get", "poll_oneoff"};

static const char adapter[] =
    "(module"
    "(import \"" PREVIEW_1 "\" \"fd_seek\" (func $s (param i32 i64 i32 i32) (result i32)))"
    "(import \"" PREVIEW_1 "\" \"fd_filestat_get\" (func $f (param i32 i32) (result i32)))"
    "(import \"" PREVIEW_1 "\" \"path_filestat_get\" (func $p (param i32 i32 i32 i32 i32) (result i32)))"
    "(import \"" PREVIEW_1 "\" \"poll_oneoff\" (func $o (param i32 i32 i32 i32) (result i32)))"
    "(memory (export \"memory\") 1)"
    "(func (export \"fd_seek\") (param i32 i64 i32 i32) (result i32)"
    "  (call $s (local.get 0) (local.get 1) (local.get 2) (local.get 3)))"
    "(func (export \"fd_filestat_get\") (param i32 i32) (result i32) (call $f (local.get 0) (local.get 1)))"
    "(func (export \"path_filestat_get\") (param i32 i32 i32 i32 i32) (result i32)"
    "  (call $p (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4)))"
    "(func (export \"poll_oneoff\") (param i32 i32 i32 i32) (result i32)"
    "  (call $o (local.get 0) (local.get 1) (local.get 2) (local.get 3))))";

/* One call of the program. */
struct call {
    struct first_snapshot *first;
    wasmtime_context_t *context;
    const wasmtime_val_t *args;
    uint8_t *memory; /* the program's */
    size_t size;
    uint8_t *own; /* the adapter's */
    wasm_trap_t *trap;
};

static void end(struct call *c, const char *why)
{
    if (!c->trap)
        c->trap = wasmtime_trap_new(why, strlen(why));
}

static bool find_memory(struct call *c, wasmtime_caller_t *caller)
{
    if (!run_caller_memory(caller, &c->memory, &c->size))
        end(c, "missing required memory export");
    return !c->trap;
}

/* So many bytes of the program's memory; NULL ends it. */
static uint8_t *at(struct call *c, uint32_t address, size_t size, uint32_t align)
{
    if (address % align != 0)
        end(c, "Pointer not aligned");
    else if (size > c->size || address > c->size - size)
        end(c, "Pointer out of bounds");
    return c->trap ? NULL : c->memory + address;
}

static uint32_t arg(const struct call *c, unsigned i)
{
    return (uint32_t)c->args[i].of.i32;
}

static uint64_t get(const uint8_t *from, size_t size)
{
    uint64_t value = 0;
    memcpy(&value, from, size);
    return value;
}

static wasmtime_val_t i32(uint32_t value)
{
    return (wasmtime_val_t){.kind = WASMTIME_I32, .of.i32 = (int32_t)value};
}

/* Sets c->own to the adapter's memory, of so many bytes. */
static bool make_room(struct call *c, size_t size)
{
    wasmtime_memory_t *memory = &c->first->memory;
    size_t has = wasmtime_memory_data_size(c->context, memory);
    uint64_t before;
    wasmtime_error_t *error =
        has < size ? wasmtime_memory_grow(c->context, memory, (size - has + PAGE - 1) / PAGE, &before) : NULL;
    if (error) {
        wasmtime_error_delete(error);
        end(c, "no memory for the call");
        return false;
    }
    c->own = wasmtime_memory_data(c->context, memory);
    return true;
}

/* Calls preview 1; its errno. */
static uint32_t ask(struct call *c, int which, const wasmtime_val_t *args, size_t count)
{
    wasmtime_val_t result = i32(0);
    wasm_trap_t *trap = NULL;
    wasmtime_error_t *error = wasmtime_func_call(c->context, &c->first->funcs[which], args, count, &result, 1, &trap);
    if (error || trap) {
        wasm_byte_vec_t message;
        if (trap)
            wasm_trap_message(trap, &message);
        else
            wasmtime_error_message(error, &message);
        if (!c->trap)
            c->trap = wasmtime_trap_new(message.data, message.size);
        wasm_byte_vec_delete(&message);
        if (trap)
            wasm_trap_delete(trap);
        else
            wasmtime_error_delete(error);
    }
    return (uint32_t)result.of.i32;
}

/* Where an offset counts from: here 0 the position, 1 the end, 2 the start; there 1, 2, 0. */
static uint32_t seek(struct call *c)
{
    uint32_t whence = arg(c, 2);
    const wasmtime_val_t args[] = {c->args[0], c->args[1], i32(whence < 3 ? (whence + 1) % 3 : whence), i32(0)};
    uint32_t error = ask(c, SEEK, args, 4);
    uint8_t *result = c->trap || error ? NULL : at(c, arg(c, 3), 8, 8);
    if (result)
        memcpy(result, c->own, 8);
    return error;
}

/* The number of links is 8 bytes there, at 24, and 4 here, at 20. */
static void put_filestat(struct call *c, uint32_t address)
{
    const uint8_t *from = c->own;
    uint8_t *to = at(c, address, 56, 8);
    if (!to)
        return;
    uint64_t links = get(from + 24, 8);
    uint32_t fewer = links < UINT32_MAX ? (uint32_t)links : UINT32_MAX;
    memcpy(to, from, 17);
    memcpy(to + 20, &fewer, sizeof fewer);
    memcpy(to + 24, from + 32, 32);
}

static uint32_t filestat(struct call *c)
{
    const wasmtime_val_t args[] = {c->args[0], i32(0)};
    uint32_t error = ask(c, FILESTAT, args, 2);
    if (!c->trap && !error)
        put_filestat(c, arg(c, 1));
    return error;
}

/* A path outside of memory ends the program if it is read, so it is passed on as one. */
static uint32_t path_filestat(struct call *c)
{
    uint32_t path = arg(c, 2), size = arg(c, 3), to = 64;
    if (size > c->size || path > c->size - size)
        to = UINT32_MAX;
    else if (size <= INPUT_MAX && make_room(c, (size_t)to + size))
        memcpy(c->own + to, c->memory + path, size);
    const wasmtime_val_t args[] = {c->args[0], c->args[1], i32(to), c->args[3], i32(0)};
    uint32_t error = c->trap ? 0 : ask(c, PATH_FILESTAT, args, 5);
    if (!c->trap && !error)
        put_filestat(c, arg(c, 4));
    return error;
}

enum { SUB = 48, FIRST_SUB = 56, EVENT = 32 };

/* One subscription of the program, to preview 1; the errno. */
static uint32_t put_subscription(struct call *c, uint32_t address, uint8_t *to)
{
    const uint8_t *from = at(c, address, 9, 8);
    if (!from)
        return 0;
    if (from[8] > 2)
        return INVAL;
    bool is_clock = from[8] == 0;
    if (!at(c, address, is_clock ? 50 : 20, 8))
        return 0;
    memcpy(to, from, 9);
    if (!is_clock) {
        memcpy(to + 16, from + 16, 4);
        return 0;
    }
    memcpy(to + 16, from + 24, 4); /* behind an identifier, which preview 1 has not */
    memcpy(to + 24, from + 32, 18);
    return get(to + 16, 4) > 3 || get(to + 40, 2) > 1 ? INVAL : 0;
}

static uint32_t poll_events(struct call *c)
{
    uint32_t count = arg(c, 2), error = 0;
    bool too_many = count > INPUT_MAX / (SUB + EVENT); /* preview 1 says so, too, before it looks at them */
    size_t events = too_many ? 0 : 8 + (size_t)SUB * count;
    if (!too_many && make_room(c, events + (size_t)EVENT * count))
        for (uint32_t i = 0; i < count && !error && !c->trap; i++)
            error = put_subscription(c, arg(c, 0) + FIRST_SUB * i, c->own + 8 + (size_t)SUB * i);
    if (error || c->trap)
        return error;
    const wasmtime_val_t args[] = {i32(8), i32((uint32_t)events), c->args[2], i32(0)};
    error = too_many ? NOMEM : ask(c, POLL, args, 4);
    uint32_t happened = (uint32_t)get(c->own, 4);
    for (uint32_t i = 0; i < happened && !error && !c->trap; i++) {
        const uint8_t *from = c->own + events + (size_t)EVENT * i;
        uint8_t *to = at(c, arg(c, 1) + EVENT * i, 26, 8);
        if (to) {
            memcpy(to, from, 11);
            memcpy(to + 16, from + 16, 10);
        }
    }
    uint8_t *result = c->trap || error ? NULL : at(c, arg(c, 3), 4, 4);
    if (result)
        memcpy(result, c->own, 4);
    return error;
}

static wasm_trap_t *on_adapted(void *env, wasmtime_caller_t *caller, const wasmtime_val_t *args, size_t arg_count,
                               wasmtime_val_t *results, size_t result_count)
{
    static uint32_t (*const functions[])(struct call *) = {seek, filestat, path_filestat, poll_events};
    (void)arg_count;
    (void)result_count;
    const struct first_func *func = env;
    struct call c = {.first = func->first, .context = wasmtime_caller_context(caller), .args = args};
    if (find_memory(&c, caller) && make_room(&c, PAGE))
        results[0] = i32(functions[func->which](&c));
    return c.trap;
}

static wasm_trap_t *on_socket(void *env, wasmtime_caller_t *caller, const wasmtime_val_t *args, size_t arg_count,
                              wasmtime_val_t *results, size_t result_count)
{
    (void)env;
    (void)caller;
    (void)args;
    (void)arg_count;
    (void)results;
    (void)result_count;
    static const char why[] = "sockets are not supported";
    return wasmtime_trap_new(why, sizeof why - 1);
}

static bool find_export(struct run *run, const wasmtime_instance_t *instance, const char *name,
                        wasmtime_extern_kind_t kind, wasmtime_extern_t *item)
{
    return (wasmtime_instance_export_get(run->context, instance, name, strlen(name), item) && item->kind == kind) ||
           error_set(&run->err, ERROR_ENGINE, FIRST ": no %s", name);
}

static bool instantiate_adapter(struct run *run)
{
    struct first_snapshot *first = &run->first;
    wasm_byte_vec_t bytes;
    wasmtime_error_t *error = wasmtime_wat2wasm(adapter, sizeof adapter - 1, &bytes);
    wasmtime_module_t *module = NULL;
    if (!error) {
        error = wasmtime_module_new(run->engine, (const uint8_t *)bytes.data, bytes.size, &module);
        wasm_byte_vec_delete(&bytes);
    }
    wasmtime_instance_t instance;
    wasm_trap_t *trap = NULL;
    if (!error)
        error = wasmtime_linker_instantiate(run->linker, run->context, module, &instance, &trap);
    if (module)
        wasmtime_module_delete(module);
    if (error || trap)
        return run_engine_error(run, FIRST, error, trap);
    wasmtime_extern_t item;
    for (int i = 0; i < FIRST_ADAPTED; i++) {
        if (!find_export(run, &instance, adapted[i], WASMTIME_EXTERN_FUNC, &item))
            return false;
        first->funcs[i] = item.of.func;
        first->calls[i] = (struct first_func){first, i};
    }
    if (!find_export(run, &instance, "memory", WASMTIME_EXTERN_MEMORY, &item))
        return false;
    first->memory = item.of.memory;
    first->instantiated = true;
    return true;
}

static int find_adapted(const wasm_name_t *name)
{
    int i = 0;
    while (i < FIRST_ADAPTED && (strlen(adapted[i]) != name->size || memcmp(adapted[i], name->data, name->size) != 0))
        i++;
    return i;
}

static bool define(struct run *run, const wasm_name_t *name)
{
    wasmtime_extern_t item;
    static const char accept[] = "sock_accept", sock[] = "sock_";
    if ((name->size == sizeof accept - 1 && memcmp(name->data, accept, name->size) == 0) ||
        !wasmtime_linker_get(run->linker, run->context, PREVIEW_1, strlen(PREVIEW_1), name->data, name->size, &item))
        return true; /* not in the snapshot */
    int which = find_adapted(name);
    bool is_socket = name->size > sizeof sock - 1 && memcmp(name->data, sock, sizeof sock - 1) == 0;
    wasmtime_error_t *error;
    if (which == FIRST_ADAPTED && !is_socket) {
        error = wasmtime_linker_define(run->linker, run->context, FIRST, strlen(FIRST), name->data, name->size, &item);
    } else {
        if (!is_socket && !run->first.instantiated && !instantiate_adapter(run))
            return false;
        wasm_functype_t *type = wasmtime_func_type(run->context, &item.of.func);
        error = wasmtime_linker_define_func(run->linker, FIRST, strlen(FIRST), name->data, name->size, type,
                                            is_socket ? on_socket : on_adapted,
                                            is_socket ? NULL : &run->first.calls[which], NULL);
        wasm_functype_delete(type);
    }
    wasmtime_extern_delete(&item);
    return !error || run_engine_error(run, FIRST, error, NULL);
}

bool run_define_first_snapshot(struct run *run)
{
    wasm_importtype_vec_t imports;
    wasmtime_module_imports(run->module, &imports);
    bool ok = true;
    for (size_t i = 0; ok && i < imports.size; i++) {
        const wasm_name_t *module = wasm_importtype_module(imports.data[i]);
        if (module->size == strlen(FIRST) && memcmp(module->data, FIRST, module->size) == 0)
            ok = define(run, wasm_importtype_name(imports.data[i]));
    }
    wasm_importtype_vec_delete(&imports);
    return ok;
}
