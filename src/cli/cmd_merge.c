/* mem-tracer merge [OPTIONS] REPORT... */
#include "cli/commands.h"
#include "cli/input.h"
#include "cli/known.h"
#include "cli/message.h"
#include "cli/options.h"
#include "cli/report_load.h"
#include "cli/reports.h"
#include "report/merge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "Usage: mem-tracer merge [OPTIONS] REPORT.json...\n"
    "\n"
    "Adds up reports of --format json on several runs of one module. The sum is a report in any format:\n"
    "  -o, --report FILE, --format FORMAT, -f, --sort, --by, --top, --min-share, --only, --focus, --ignore,\n"
    "  --housekeeping, --fail-on LIMIT, --fail-on-increase OLD.json, --baseline OLD.json,\n"
    "  --suppressions FILE, --gen-suppressions, --source-map PREFIX=DIR, --color, --quiet\n"
    "as for a run (mem-tracer --help)\n";

struct merge {
    const struct options *o;
    struct report_loader loader;
    struct report sum;
    struct error *err;
};

/* A report that was merged before stands for its runs. */
static bool name_run(struct merge *m, struct report *r, const char *path)
{
    if (r->run_count)
        return true;
    free(r->runs);
    r->runs = calloc(1, sizeof *r->runs);
    const char *name = report_loader_text(&m->loader, path);
    if (!r->runs || !name)
        return error_no_memory(m->err);
    r->runs[r->run_count++] = (struct report_run){name, r->has_exit_code, r->exit_code, r->trap, r->accesses};
    return true;
}

static bool is_same_module(struct merge *m, const struct report *r, const char *path)
{
    const struct report *sum = &m->sum;
    if (r->input_size == sum->input_size && (!r->input_hash || !sum->input_hash || r->input_hash == sum->input_hash))
        return true;
    return error_set(m->err, ERROR_IO, "'%.1000s' is about another module than '%.1000s': %.1000s and %.1000s differ",
                     path, m->o->merge[0], r->input_path, sum->input_path);
}

static void warn(struct merge *m, const char *path, const char *what)
{
    struct buf text;
    buf_init(&text, SIZE_MAX / 2);
    if (!m->o->quiet && buf_printf(&text, "'%s' %s", path, what) && buf_put_u8(&text, 0))
        message_warning((const char *)text.data);
    buf_release(&text);
}

static bool add(struct merge *m, size_t index)
{
    const char *path = m->o->merge[index], *lost = NULL;
    struct report r;
    if (!report_load(&m->loader, path, &r, m->err))
        return false;
    bool ok = name_run(m, &r, path) && (!index || is_same_module(m, &r, path));
    if (ok && !report_is_complete(&r))
        warn(m, path, "does not list all pairs that its totals count");
    if (ok && !index) {
        m->sum = r;
        return true;
    }
    if (ok && !report_merge(&m->sum, &r, &lost))
        ok = error_no_memory(m->err);
    report_release(&r);
    if (ok && lost) {
        char what[80];
        snprintf(what, sizeof what, "and those before it do not both have %s, which are left out", lost);
        warn(m, path, what);
    }
    return ok;
}

static bool check_outputs(struct merge *m)
{
    for (size_t i = 0; i < m->o->merge_count; i++)
        if (reports_same_file(m->o, m->o->merge[i]))
            return error_set(m->err, ERROR_USAGE, "the report '%s' is one of those that are read", m->o->merge[i]);
    return true;
}

static bool run(const struct options *o, bool *worse, struct error *err)
{
    struct merge m = {.o = o, .err = err};
    struct reports reports = {0};
    struct limit_old old = {0};
    struct known known;
    bool sources = false;
    for (size_t i = 0; i < o->report_count; i++)
        sources = sources || o->reports[i].format->page;
    bool ok = known_open(&known, o->baseline, o->has_tolerance ? &o->tolerance : NULL, o->suppressions, &o->own, err) &&
              (!o->old_report || limit_old_read(&old, o->old_report, err)) && check_outputs(&m) &&
              report_loader_open(&m.loader, o->lines.moves, o->lines.move_count, err) && reports_open(&reports, o, err);
    m.loader.own = o->own;
    for (size_t i = 0; ok && i < o->merge_count; i++)
        ok = add(&m, i);
    if (ok) {
        ok = (report_finish_merge(&m.sum) || error_no_memory(err)) &&
             report_loader_give(&m.loader, &m.sum, sources, err) && known_drop(&known, &m.sum, o->verbose, err);
        *worse = ok && limits_exceeded(o->limits, o->limit_count, &old, &o->tolerance, o->baseline, &m.sum);
        ok = ok && reports_write(&reports, o, &m.sum, NULL, err);
    }
    reports_close(&reports, o);
    report_release(&m.sum);
    report_loader_release(&m.loader);
    known_release(&known);
    return ok;
}

int cmd_merge(int argc, char **argv)
{
    struct options options;
    struct error err = ERROR_INIT;
    int status = STATUS_USAGE;
    bool worse = false;
    if (!options_read_merge(&options, argc, argv, &err)) {
        message_error(NULL, &err);
        status = err.code == ERROR_MEMORY ? STATUS_FAILURE : STATUS_USAGE;
    } else if (options.help || options.version) {
        status = command_print(options.help ? help : "mem-tracer " MT_VERSION "\n");
    } else if (run(&options, &worse, &err)) {
        status = worse ? STATUS_WORSE : 0;
    } else {
        message_error(NULL, &err);
        status = err.code == ERROR_USAGE ? STATUS_USAGE : STATUS_FAILURE;
    }
    options_release(&options);
    return status;
}
