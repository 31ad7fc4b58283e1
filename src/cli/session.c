#include "cli/session.h"

#include "base/outfile.h"
#include "cli/collect.h"
#include "cli/input.h"
#include "render/render.h"
#include "symbol/names.h"
#include "wasm/opcode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { INPUT_MAX = 0x7fffffff, OUTPUT_MAX = 0x7fffffff };

struct session {
    const struct options *options;
    struct error *err;
    struct buf bytes; /* of the input */
    struct wasm_module module;
    struct buf executed; /* the form of the module that runs */
    struct site_table sites;
    struct collect collect;
    struct engine_result result;
    struct report report;
};

static struct rewrite_options rewrite_options(const struct session *s, bool for_run)
{
    const struct options *o = s->options;
    return (struct rewrite_options){
        .values = !for_run || o->full >= 3,
        .for_run = for_run,
        .keep_debug = o->keep_debug && !for_run,
        .inlining = o->inlining,
        .opaque_modules = o->opaque_modules,
        .opaque_module_count = o->engine.preload_count,
    };
}

/* The exports, for a message: functions only, as many as fit. */
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
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = '?';
}

static bool check_entry(struct session *s)
{
    const struct wasm_export *e =
        wasm_module_export(&s->module, s->options->engine.invoke ? s->options->engine.invoke : "_start");
    if (e && e->kind == WASM_EXTERN_FUNC)
        return true;
    char exports[300];
    list_exports(&s->module, exports, sizeof exports);
    const char *what = s->options->engine.invoke ? s->options->engine.invoke : "_start";
    if (!*exports)
        return error_set(s->err, ERROR_INPUT, "no function '%s' is exported; there are no exported functions", what);
    return error_set(s->err, ERROR_INPUT, "no function '%.60s' is exported; there are: %s", what, exports);
}

static bool read_input(struct session *s)
{
    const struct options *o = s->options;
    if (!input_read(o->input, &s->bytes, s->err) ||
        !wasm_module_read(&s->module, s->bytes.data, s->bytes.size, s->err))
        return false;
    if (input_is_same_file(o->input, o->output))
        return error_set(s->err, ERROR_USAGE, "the output '%s' is the input", o->output);
    return !o->run || check_entry(s);
}

/* The recording form, which stands alone. */
static bool write_output(struct session *s)
{
    struct buf out;
    buf_init(&out, OUTPUT_MAX);
    struct site_table sites;
    struct rewrite_options options = rewrite_options(s, false);
    struct outfile file = {0};
    bool ok = rewrite_module(&s->module, &options, &out, &sites, s->err) &&
              outfile_open(&file, s->options->output, s->err);
    if (ok) {
        fwrite(out.data, 1, out.size, outfile_stream(&file));
        ok = outfile_commit(&file, s->err);
    }
    site_table_release(&sites);
    buf_release(&out);
    return ok;
}

static bool run(struct session *s)
{
    struct rewrite_options options = rewrite_options(s, true);
    if (!rewrite_module(&s->module, &options, &s->executed, &s->sites, s->err) ||
        !collect_open(&s->collect, &s->sites, s->options->full, s->err))
        return false;
    struct engine_options engine = s->options->engine;
    engine.module = s->executed.data;
    engine.module_size = s->executed.size;
    engine.original = s->bytes.data;
    engine.original_size = s->bytes.size;
    engine.cache = !s->options->no_cache;
    engine.show_alive = true;
    fflush(stdout);
    return engine_run(&engine, collect_sink(&s->collect), &s->result, s->err);
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

static uint32_t opcode_code(uint16_t opcode)
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

static bool build_report(struct session *s)
{
    struct counters counters;
    if (!location_analysis_counters(s->collect.location, &counters, s->err))
        return false;
    struct name_source source = {.module = &s->module};
    bool ok = symbol_names_read(&source.names, &s->module, s->err);
    if (ok) {
        struct report_names names = {&source, func_name, opcode_name, import_name};
        struct report_input input = {s->options->input, s->bytes.size, shares_memory(&s->module)};
        struct report_ending ending = {s->result.has_exit_code, s->result.exit_code,
                                       *s->result.trap ? s->result.trap : NULL};
        ok = report_build(&s->report, &counters, &s->sites, &names, &input, &ending, s->err);
    }
    symbol_names_release(&source.names);
    counters_release(&counters);
    return ok;
}

/* The text levels are cumulative, the fullest first. */
static bool render(struct session *s, struct output *out)
{
    const struct options *o = s->options;
    if (o->format == FORMAT_JSON)
        render_json(out, &s->report);
    else if (o->full == 0)
        render_summary(out, &s->report);
    else {
        if (o->full >= 3 && !render_trace(out, &s->collect.records, &s->sites, opcode_code))
            return false;
        if (o->full >= 2 && !render_index_text(out, &s->collect.pairs))
            return false;
        render_text(out, &s->report);
    }
    return output_finish(out, s->err);
}

static bool write_report(struct session *s)
{
    struct output out;
    if (!s->options->report) {
        output_init(&out, stdout, NULL);
        return render(s, &out);
    }
    struct outfile file = {0};
    if (!outfile_open(&file, s->options->report, s->err))
        return false;
    output_init(&out, outfile_stream(&file), s->options->report);
    if (render(s, &out))
        return outfile_commit(&file, s->err);
    outfile_abandon(&file);
    return false;
}

static int exit_status(const struct engine_result *result)
{
    if (result->has_exit_code)
        return (int)result->exit_code;
    return result->signal ? STATUS_SIGNAL + result->signal : STATUS_TRAP;
}

static int run_and_report(struct session *s)
{
    bool ok = run(s);
    if (ok && *s->result.trap)
        fprintf(stderr, "mem-tracer: the program ended early: %s\n", s->result.trap);
    ok = ok && build_report(s) && write_report(s);
    int status = ok ? exit_status(&s->result) : STATUS_FAILURE;
    if (s->result.abandoned) { /* the guest's thread still uses what a normal exit would tear down */
        if (!ok)
            fprintf(stderr, "mem-tracer: error: %s\n", s->err->message);
        fflush(NULL);
        _exit(status);
    }
    report_release(&s->report);
    collect_close(&s->collect);
    return status;
}

int session_run(const struct options *options, struct error *err)
{
    struct session s = {.options = options, .err = err};
    buf_init(&s.bytes, INPUT_MAX);
    buf_init(&s.executed, OUTPUT_MAX);
    int status = STATUS_FAILURE;
    if (read_input(&s) && write_output(&s))
        status = options->run ? run_and_report(&s) : 0;
    site_table_release(&s.sites);
    buf_release(&s.executed);
    wasm_module_release(&s.module);
    buf_release(&s.bytes);
    return err->code == ERROR_USAGE ? STATUS_USAGE : status;
}
