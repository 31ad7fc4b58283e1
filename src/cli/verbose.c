#include "cli/verbose.h"

#include "cli/message.h"
#include "render/number.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

double verbose_clock(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

__attribute__((format(printf, 2, 3))) static void say(const struct options *o, const char *format, ...)
{
    char text[6000];
    va_list args;
    if (!o->verbose)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    message_note(text);
}

static const char *s_of(size_t count)
{
    return count == 1 ? "" : "s";
}

void verbose_module(const struct options *o, const struct tracer *t)
{
    const struct wasm_module *m = &t->module;
    char size[NUMBER_SIZE];
    number_bytes(size, t->size);
    say(o, "read '%.4096s': %s, %zu function%s, %zu imported one%s, %zu memor%s", o->input, size, m->body_count,
        s_of(m->body_count), m->func_imports, s_of(m->func_imports), m->memory_count,
        m->memory_count == 1 ? "y" : "ies");
}

void verbose_output(const struct options *o, uint64_t size, double seconds)
{
    char bytes[NUMBER_SIZE];
    number_bytes(bytes, size);
    say(o, "the module for '%.4096s' was made in %.3f s: %s", o->output, seconds, bytes);
}

static size_t hot_sites(const struct tracer *t)
{
    size_t count = 0;
    for (size_t i = 0; i < t->sites.count; i++)
        count += habit_is_hot(&t->sites.sites[i].habit);
    return count;
}

static void say_instrumented(const struct options *o, const struct tracer *t)
{
    char before[NUMBER_SIZE], after[NUMBER_SIZE], sites[NUMBER_SIZE], hot[NUMBER_SIZE];
    number_bytes(before, t->size);
    number_bytes(after, t->executed_size);
    number_grouped(sites, t->sites.count);
    number_grouped(hot, hot_sites(t));
    say(o, "instrumented in %.3f s: %s instructions are watched, %s became %s", t->instrument_seconds, sites, before,
        after);
    if (t->habits.count)
        say(o, "%s of them have fast code, since they were hot in an earlier run of this module", hot);
    else if (t->online)
        say(o, "none of them has fast code: %s",
            o->no_cache ? "--no-cache forbids to look at earlier runs" : "nothing is known of earlier runs");
}

void verbose_run(const struct options *o, const struct tracer *t)
{
    if (o->replay) {
        say(o, "analysed '%.4096s'", o->replay);
        return;
    }
    say_instrumented(o, t);
    if (o->analysis == ANALYSIS_RECORD)
        say(o, "no analysis: accesses were recorded and thrown away");
    else if (t->online)
        say(o, "the program kept the analysis itself (online)");
    else
        say(o, "analysed by trace, since %s", t->why_here ? t->why_here : "--analysis trace asks for it");
    say(o, "%s in %.3f s", o->no_cache ? "compiled" : "compiled, or taken from the cache,", t->result.compile_seconds);
    if (*t->result.trap)
        say(o, "ran until it ended early: %s", t->result.trap);
    else
        say(o, "ran for %.3f s, exit status %" PRIu32, t->result.run_seconds, t->result.exit_code);
}

static void see_file(const void *self, const char *file)
{
    const struct options *o = self;
    const char *why = own_not(&o->own, file);
    if (why)
        say(o, "not own, by '%.200s': %.4000s", why, file);
    else
        say(o, "own: %.4000s", file);
}

/* What ranking and identity go by. */
static void say_own(const struct options *o, const struct report *r)
{
    if (o->verbose)
        own_each_file(r, see_file, o);
}

void verbose_report(const struct options *o, const struct tracer *t, double seconds)
{
    const struct report *r = &t->report;
    char accesses[NUMBER_SIZE], pairs[NUMBER_SIZE], found[NUMBER_SIZE];
    number_grouped(accesses, r->accesses);
    number_grouped(pairs, r->pair_count);
    number_share(found, r->lines.bytes ? (double)r->lines.found / (double)r->lines.bytes : 0);
    say(o, "the report was made in %.3f s: %s accesses, %s pairs", seconds, accesses, pairs);
    if (t->result.run_seconds > 0 && !o->replay)
        say(o, "%.1f million accesses a second", (double)r->accesses / 1e6 / t->result.run_seconds);
    say(o, "source lines: %s%s%s", r->lines.source ? r->lines.source : "none, the module has no debug information",
        r->lines.source ? ", of bytes in pairs " : "", r->lines.source ? found : "");
    say_own(o, r);
    for (size_t i = 0; i < o->report_count; i++)
        if (o->reports[i].path)
            say(o, "%s goes to '%.4096s'", o->reports[i].format->name, o->reports[i].path);
}
