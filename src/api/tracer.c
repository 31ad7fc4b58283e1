#include "api/tracer.h"

#include "api/naming.h"
#include "base/hash.h"
#include "facts/facts.h"
#include "wasm/opcode.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { OUTPUT_MAX = 0x7fffffff, HOT_AFTER = 5000 };
static const uint64_t plane_space = UINT64_C(9) << 29, planes_space = UINT64_C(48) << 30;

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
    habits_release(&t->habits);
    objects_release(&t->layout);
    symbol_lines_close(t->lines);
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

/* Planes take a lot of address space, most of which is never touched. */
static bool has_room_for_planes(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur < planes_space)
        return false;
    /* A system that does not overcommit grants no mapping that is larger than its memory. */
    return (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE) > plane_space;
}

/* The program keeps the analysis itself where it can, unless somebody wants more than pairs of locations. */
static bool choose_analysis(struct tracer *t, struct rewrite_options *o, int full, struct error *err)
{
    const char *why = NULL;
    if (!rewrite_can_be_online(&t->module, o, &why) && t->module.memory_count)
        t->why_trace = why;
    if (!why && full >= 2)
        why = "the report goes by trace index";
    if (!why && t->trace_out)
        why = "the trace is saved";
    if (!why && t->contexts)
        why = "calling contexts are asked for";
    if (!why && t->objects)
        why = "objects are asked for";
    if (!why && t->distances)
        why = "distances are asked for";
    if (!why && t->map && t->analysis == ANALYSIS_AUTO)
        why = "a page is to show where in memory the pairs lie";
    if (!why && !has_room_for_planes())
        why = "there is too little address space";
    if (t->analysis == ANALYSIS_ONLINE && why)
        return error_set(err, ERROR_USAGE, "the program cannot be analysed online: %s", why);
    o->online = t->analysis < ANALYSIS_TRACE && !why;
    t->online = o->online;
    t->why_here = why;
    return true;
}

/* A site's code in line costs about a tenth of a millisecond of compiling, and so much of the module half as much as before
 * at the most (docs/performance.md). */
static uint64_t hot_limit(const struct tracer *t)
{
    return 10000 + t->size / 250;
}

static void keep_habits(const struct tracer *t)
{
    struct habits habits = {0};
    const struct habits_wish wish = {&t->habits, hot_limit(t), t->hot_after ? t->hot_after : HOT_AFTER};
    if (online_analysis_habits(t->collect.online, &wish, &habits))
        habit_file_save(t->bytes, t->size, &habits);
    habits_release(&habits);
}

/* A function near the limit of a body's size may have room for the code that records, and none for the code that keeps planes. */
static bool rewrite_to_run(struct tracer *t, struct rewrite_options *o, struct error *err)
{
    struct error first = ERROR_INIT;
    bool may_fall_back = o->online && t->analysis == ANALYSIS_AUTO;
    if (rewrite_module(&t->module, o, &t->executed, &t->sites, may_fall_back ? &first : err))
        return true;
    if (!may_fall_back)
        return false;
    if (first.code != ERROR_LIMIT) {
        *err = first;
        return false;
    }
    buf_clear(&t->executed);
    site_table_release(&t->sites);
    o->online = t->online = false;
    t->why_here = "there is no room for the code that keeps the analysis";
    return rewrite_module(&t->module, o, &t->executed, &t->sites, err);
}

/* Everything that is recorded goes to the trace file, too. */
static bool save_start(struct tracer *t, const struct rewrite_options *o, struct error *err)
{
    const struct trace_head head = {.path = t->path,
                                    .why_trace = t->why_trace ? t->why_trace : "",
                                    .module_size = t->size,
                                    .module_hash = hash_fnv1a(t->bytes, t->size),
                                    .values = o->values,
                                    .contexts = o->contexts,
                                    .objects = o->objects,
                                    .context_depth = t->context_depth,
                                    .max_memory = t->max_memory};
    t->writer = trace_writer_new(t->trace_out, t->trace_path, &head, &t->sites, err);
    if (t->writer)
        t->collect.also = trace_writer_sink(t->writer);
    return t->writer;
}

/* A run that failed leaves a trace that is cut off. */
static bool save_end(struct tracer *t, bool ok)
{
    const struct trace_ending ending = {.has_exit_code = t->result.has_exit_code,
                                        .exit_code = t->result.exit_code,
                                        .trap = t->result.trap,
                                        .trap_at = t->trap_at,
                                        .grows_refused = t->result.grows_refused};
    ok = ok && (!t->writer || trace_writer_finish(t->writer, &ending));
    trace_writer_free(t->writer);
    t->writer = NULL;
    t->collect.also = (struct record_sink){0};
    return ok;
}

static void forget_executed(void *self)
{
    struct tracer *t = self;
    buf_release(&t->executed);
#ifdef __GLIBC__ /* which keeps what rewriting took, and that is more than the module; others give it back */
    malloc_trim(0);
#endif
}

/* Which instructions of the input the program stood at when it trapped.  What cannot be found is left out; false and *err when memory is
 * short. */
static bool find_trap(struct tracer *t, const struct rewrite_options *o, struct error *err)
{
    const struct engine_trap *where = &t->result.where;
    struct rewrite_place places[TRAP_CALLS_MAX];
    struct error why = ERROR_INIT;
    t->trap_at = (struct trap_place){
        .has_address = where->has_address, .address = where->address, .memory_size = where->memory_size};
    for (size_t i = 0; i < where->frame_count; i++) {
        const struct engine_frame *f = &where->frames[i];
        places[i] = (struct rewrite_place){.func = f->func, .offset = f->offset, .module_offset = f->module_offset};
    }
    if (!where->frame_count)
        return true;
    if (!rewrite_find_places(&t->module, o, places, where->frame_count, &why))
        return why.code != ERROR_MEMORY || error_no_memory(err);
    for (size_t i = 0; i < where->frame_count; i++)
        if (places[i].found)
            t->trap_at.calls[t->trap_at.depth++] = (struct trap_call){places[i].func, places[i].file_off};
    return true;
}

bool tracer_run(struct tracer *t, const struct rewrite_options *options, const struct engine_options *engine, int full,
                struct error *err)
{
    struct rewrite_options o = *options;
    o.values = full >= 3 || t->analysis == ANALYSIS_RECORD || t->trace_values;
    o.without_flags = t->analysis == ANALYSIS_RECORD;
    o.for_run = true;
    o.max_memory = t->max_memory;
    o.keep_debug = false;
    o.trace_pages = 0; /* the host takes the records */
    o.contexts = t->contexts && t->analysis != ANALYSIS_RECORD;
    o.context_depth = t->context_depth;
    if (!choose_analysis(t, &o, full, err))
        return false;
    if (t->objects && t->analysis != ANALYSIS_RECORD) {
        if (!objects_read(&t->layout, &t->module, t->lines, t->allocs, t->alloc_count, err))
            return false;
        o.objects = &t->layout.layout;
    }
    /* Where contexts or objects are followed, calls are sites as well, and habits those of other sites. */
    bool has_habits = t->keeps_habits && o.inlining == REWRITE_INLINE_AUTO && !o.contexts && !o.objects;
    if (has_habits) {
        habit_file_load(&t->habits, t->bytes, t->size);
        o.habits = t->habits.count ? &t->habits : NULL;
    }
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    bool rewritten = rewrite_to_run(t, &o, err);
    clock_gettime(CLOCK_MONOTONIC, &end);
    t->instrument_seconds = (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) * 1e-9;
    enum collect_how how = t->analysis == ANALYSIS_RECORD ? COLLECT_NOTHING
                           : o.online                     ? COLLECT_ONLINE
                           : o.contexts || o.objects      ? COLLECT_APART
                                                          : COLLECT_BY_TRACE;
    const struct collect_apart apart = {o.contexts, o.objects};
    if (!rewritten || !collect_open(&t->collect, &t->sites, full, how, &apart, err) ||
        !collect_want(&t->collect, t->map, t->distances, err))
        return false;
    t->engine = *engine;
    t->engine.fast = o.online && !o.habits && o.inlining == REWRITE_INLINE_AUTO && rewrite_has_giant(&t->sites);
    t->engine.module = t->executed.data;
    t->engine.module_size = t->executed_size = t->executed.size;
    t->engine.compiled = forget_executed;
    t->engine.compiled_self = t;
    t->engine.original = t->bytes;
    t->engine.original_size = t->size;
    const struct engine_guest guest = collect_guest(&t->collect);
    bool ok = !t->trace_out || save_start(t, &o, err);
    ok = ok && engine_run(&t->engine, &guest, &t->result, err);
    ok = ok && find_trap(t, &o, err);
    ok = save_end(t, ok);
    if (ok && o.online && has_habits)
        keep_habits(t);
    return ok;
}

uint32_t tracer_opcode_code(uint16_t opcode)
{
    const struct wasm_opcode_info *info = wasm_opcode_info((enum wasm_opcode)opcode);
    return (uint32_t)info->prefix << 16 | info->code;
}

const char *tracer_opcode_name(uint16_t opcode)
{
    return wasm_opcode_info((enum wasm_opcode)opcode)->name;
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
    if (!collect_counters(&t->collect, &counters, err))
        return false;
    struct naming naming;
    bool ok = naming_open(&naming, &t->module, t->lines, err);
    struct facts *facts = ok ? facts_new(&t->module, &t->sites) : NULL;
    if (ok && !facts)
        ok = error_no_memory(err);
    if (ok) {
        naming.sources = t->sources;
        naming.allocs = t->allocs;
        naming.alloc_count = t->alloc_count;
        const struct report_names names = naming_names(&naming);
        struct report_input input = {.path = t->path,
                                     .size = t->size,
                                     .hash = hash_fnv1a(t->bytes, t->size),
                                     .shared_memory = shares_memory(&t->module),
                                     .by_trace = t->why_trace,
                                     .max_memory = t->max_memory,
                                     .context_depth = t->context_depth,
                                     .facts = facts,
                                     .own = &t->own};
        struct report_ending ending = {.has_exit_code = t->result.has_exit_code,
                                       .exit_code = t->result.exit_code,
                                       .trap = *t->result.trap ? t->result.trap : NULL,
                                       .trap_at = &t->trap_at,
                                       .grows_refused = t->result.grows_refused,
                                       .lost = t->lost};
        ok = report_build(&t->report, &counters, &t->sites, &names, &input, &ending, err) &&
             ((!facts_failed(facts) && !naming_failed(&naming)) || error_no_memory(err));
    }
    naming_close(&naming);
    facts_free(facts);
    counters_release(&counters);
    return ok;
}
