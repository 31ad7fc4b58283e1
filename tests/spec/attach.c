/* What the host of an instrumented module does for it (trace/guest.h, trace/planes.h). */
#include "host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static wasmtime_extern_t added(struct instance *in, const char *name)
{
    wasmtime_extern_t item;
    if (!wasmtime_instance_export_get(in->host->context, &in->instance, name, strlen(name), &item))
        fail(name);
    return item;
}

static bool put_records(struct instance *in, uint32_t end)
{
    const uint8_t *trace = wasmtime_memory_data(in->host->context, &in->trace_memory);
    return in->guest.records.put(in->guest.records.self, trace + in->base, end - in->base);
}

static wasm_trap_t *on_call(void *env, wasmtime_caller_t *caller, wasmtime_val_raw_t *args, size_t count)
{
    (void)caller;
    (void)count;
    struct slot *slot = env;
    struct instance *in = slot->instance;
    uint32_t argument = (uint32_t)args[0].i32;
    bool ok;
    if (slot->number == HOST_RECORDS) {
        ok = put_records(in, argument);
        argument = in->base = GUEST_TRACE_BASE;
    } else {
        ok = in->guest.call(in->guest.records.self, slot->number, &argument);
    }
    args[0].i32 = (int32_t)argument;
    in->failed |= !ok;
    return ok ? NULL : wasmtime_trap_new("the analysis failed", 19);
}

static void set_slots(struct instance *in)
{
    wasmtime_extern_t table = added(in, GUEST_HOST_TABLE);
    wasm_functype_t *type = wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
    unsigned slots = analysis_is_online(in->analysis) ? HOST_SLOTS : HOST_RECORDS + 1;
    for (unsigned i = 0; i < slots; i++) {
        wasmtime_val_t func = {.kind = WASMTIME_FUNCREF};
        in->slots[i] = (struct slot){in, i};
        wasmtime_func_new_unchecked(in->host->context, type, on_call, &in->slots[i], NULL, &func.of.funcref);
        if (wasmtime_table_set(in->host->context, &table.of.table, i, &func))
            fail(GUEST_HOST_TABLE);
    }
    wasm_functype_delete(type);
}

static void set_global(struct instance *in, const char *name, uint32_t value)
{
    wasmtime_extern_t item = added(in, name);
    wasmtime_val_t v = {.kind = WASMTIME_I32, .of.i32 = (int32_t)value};
    if (wasmtime_global_set(in->host->context, &item.of.global, &v))
        fail(name);
}

static void attach_planes(struct instance *in)
{
    static const char *const names[] = PLANE_NAMES;
    uint8_t *planes[PLANE_COUNT];
    for (int i = 0; i < PLANE_COUNT; i++) {
        wasmtime_extern_t plane = added(in, names[i]);
        planes[i] = wasmtime_memory_data(in->host->context, &plane.of.memory);
    }
    in->own_memory = added(in, GUEST_OWN_MEMORY).of.memory;
    in->log_at = added(in, GUEST_LOG).of.global;
    if (!in->guest.attach(in->guest.records.self, planes))
        fail("attach");
}

bool instance_attach(struct instance *in, wasm_trap_t **trap, wasmtime_error_t **error)
{
    if (in->host->settings.form < FORM_TRACE)
        return true;
    if (!analysis_open(in->analysis, &in->guest))
        fail(in->err.message);
    in->trace_memory = added(in, GUEST_MEMORY).of.memory;
    in->pointer = added(in, GUEST_POINTER).of.global;
    in->base = GUEST_TRACE_BASE;
    set_slots(in);
    if (analysis_is_online(in->analysis))
        attach_planes(in);
    set_global(in, GUEST_LIMIT, GUEST_TRACE_BASE + GUEST_BUFFER - GUEST_SLACK);
    in->attached = true;
    wasmtime_extern_t start;
    if (!wasmtime_instance_export_get(in->host->context, &in->instance, GUEST_START, strlen(GUEST_START), &start))
        return true;
    *error = wasmtime_func_call(in->host->context, &start.of.func, NULL, 0, NULL, 0, trap);
    return !*error && !*trap;
}

static uint32_t global_value(struct instance *in, const wasmtime_global_t *global)
{
    wasmtime_val_t v;
    wasmtime_global_get(in->host->context, global, &v);
    return (uint32_t)v.of.i32;
}

void instance_report(struct instance *in, size_t number)
{
    if (!in->attached)
        return;
    bool online = analysis_is_online(in->analysis);
    if (online && in->cut) {
        printf("report %zu online,cut -\n", number);
        return;
    }
    uint32_t end = global_value(in, &in->pointer);
    if (in->trapped && !in->cut)
        end += in->guest.unfinished(in->guest.records.self,
                                    (uint8_t *)wasmtime_memory_data(in->host->context, &in->trace_memory) + end,
                                    &in->trap);
    bool ok = !in->failed && put_records(in, end);
    if (ok && online)
        ok = in->guest.detach(in->guest.records.self, global_value(in, &in->log_at),
                              wasmtime_memory_data_size(in->host->context, &in->own_memory),
                              in->trapped ? &in->trap : NULL);
    char *json = ok ? analysis_report(in->analysis) : NULL;
    printf("report %zu %s%s %s\n", number, online ? "online" : "trace", in->cut ? ",cut" : "",
           json ? json : in->err.message);
    free(json);
}
