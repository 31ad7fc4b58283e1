#include "api/tracer.h"

#include "wasm/opcode.h"

#include <stdio.h>
#include <string.h>

enum { OUTPUT_MAX = 0x7fffffff };

bool tracer_open(struct tracer *t, const char *path, const uint8_t *bytes, size_t size, struct error *err)
{
    *t = (struct tracer){.bytes = bytes, .size = size, .path = path};
    buf_init(&t->executed, OUTPUT_MAX);
    return wasm_module_read(&t->module, bytes, size, err);
}

void tracer_release(struct tracer *t)
{
    report_release(&t->report);
    collect_close(&t->collect);
    site_table_release(&t->sites);
    buf_release(&t->executed);
    wasm_module_release(&t->module);
}

/* The exported functions' names, as many as fit. */
static void list_exports(const struct wasm_module *module, char *text, size_t size)
{
    size_t n = 0;
    text[0] = '\0';
    for (size_t i = 0; i < module->export_count && n < size; i++) {
        const struct wasm_export *e = &module->exports[i];
        if (e->kind != WASM_EXTERN_FUNC)
            continue;
        int added = snprintf(text + n, size - n, "%s%.*s", n ? ", " : "", (int)(e->name.size < 60 ? e->name.size : 60),
                             e->name.bytes);
        n += added > 0 ? (size_t)added : 0;
    }
    for (char *c = text; *c; c++) /* a module's names may hold anything */
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = '?';
}

bool tracer_check_entry(const struct tracer *t, const char *invoke, struct error *err)
{
    const char *name = invoke ? invoke : "_start";
    const struct wasm_export *e = wasm_module_export(&t->module, name);
    if (e && e->kind == WASM_EXTERN_FUNC)
        return true;
    char exports[300];
    list_exports(&t->module, exports, sizeof exports);
    if (!*exports)
        return error_set(err, ERROR_INPUT, "no function '%.60s' is exported; there are no exported functions", name);
    return error_set(err, ERROR_INPUT, "no function '%.60s' is exported; there are: %s", name, exports);
}

bool tracer_instrument(const struct tracer *t, const struct rewrite_options *options, struct buf *out,
                       struct error *err)
{
    struct rewrite_options o = *options;
    o.values = true;
    o.for_run = false;
    struct site_table sites;
    bool ok = rewrite_module(&t->module, &o, out, &sites, err);
    site_table_release(&sites);
    return ok;
}

bool tracer_run(struct tracer *t, const struct rewrite_options *options, const struct engine_options *engine, int full,
                struct error *err)
{
    struct rewrite_options o = *options;
    o.values = full >= 3;
    o.for_run = true;
    o.keep_debug = false;
    o.trace_pages = 0; /* the host takes the records */
    if (!rewrite_module(&t->module, &o, &t->executed, &t->sites, err) ||
        !collect_open(&t->collect, &t->sites, full, err))
        return false;
    struct engine_options e = *engine;
    e.module = t->executed.data;
    e.module_size = t->executed.size;
    e.original = t->bytes;
    e.original_size = t->size;
    return engine_run(&e, collect_sink(&t->collect), &t->result, err);
}

struct name_source {
    const struct wasm_module *module;
    struct symbol_names names;
};

static const char *func_name(void *self, uint32_t func, size_t *size)
{
    struct name_source *n = self;
    if (func >= n->names.count || !n->names.funcs[func].bytes)
        return NULL;
    *size = n->names.funcs[func].size;
    return n->names.funcs[func].bytes;
}

static const char *opcode_name(void *self, uint16_t opcode)
{
    (void)self;
    return wasm_opcode_info((enum wasm_opcode)opcode)->name;
}

static void import_name(void *self, uint32_t func, const char **module, size_t *module_size, const char **name,
                        size_t *name_size)
{
    struct name_source *n = self;
    const struct wasm_import *import = wasm_module_import_func(n->module, func);
    *module = import->module.bytes;
    *module_size = import->module.size;
    *name = import->name.bytes;
    *name_size = import->name.size;
}

uint32_t tracer_opcode_code(uint16_t opcode)
{
    const struct wasm_opcode_info *info = wasm_opcode_info((enum wasm_opcode)opcode);
    return (uint32_t)info->prefix << 16 | info->code;
}

static bool shares_memory(const struct wasm_module *module)
{
    for (size_t i = 0; i < module->memory_count; i++)
        if (module->memories[i].shared)
            return true;
    return false;
}

bool tracer_report(struct tracer *t, struct error *err)
{
    struct counters counters;
    if (!location_analysis_counters(t->collect.location, &counters, err))
        return false;
    struct name_source source = {.module = &t->module};
    bool ok = symbol_names_read(&source.names, &t->module, err);
    if (ok) {
        struct report_names names = {&source, func_name, opcode_name, import_name};
        struct report_input input = {t->path, t->size, shares_memory(&t->module)};
        struct report_ending ending = {t->result.has_exit_code, t->result.exit_code,
                                       *t->result.trap ? t->result.trap : NULL};
        ok = report_build(&t->report, &counters, &t->sites, &names, &input, &ending, err);
    }
    symbol_names_release(&source.names);
    counters_release(&counters);
    return ok;
}
