#include "cli/session.h"

#include "api/tracer.h"
#include "base/infile.h"
#include "base/outfile.h"
#include "cli/input.h"
#include "cli/known.h"
#include "cli/message.h"
#include "cli/progress.h"
#include "cli/reports.h"
#include "cli/verbose.h"
#include "render/number.h"
#include "wasm/types.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

enum { FILE_MAX = 0x7fffffff };

struct session {
    const struct options *options;
    struct rewrite_options rewrite;
    struct error *err;
    struct buf bytes; /* of the input */
    struct outfile output;
    uint64_t output_size;
    struct reports reports; /* both are open from before the run, so that a long one is not lost for a path that can't
                             * be written; put into their places once the program has run */
    struct tracer tracer;
    struct limit_old old; /* --fail-on-increase, read before the run */
    struct progress progress;
    struct known known; /* likewise: --baseline and --suppressions */
    FILE *trace;        /* --trace-out, written straight: what is there of a trace is worth keeping */
};

/* A file that is to be written must not be one that is read. */
static bool check_written(struct session *s, const char *what, const char *path)
{
    const struct options *o = s->options;
    if (input_is_same_file(o->input, path))
        return error_set(s->err, ERROR_USAGE, "the %s '%s' is the input", what, path);
    if (o->lines.debug_file && input_is_same_file(o->lines.debug_file, path))
        return error_set(s->err, ERROR_USAGE, "the %s '%s' is the debug file", what, path);
    for (size_t i = 0; i < o->engine.preload_count; i++)
        if (input_is_same_file(o->engine.preloads[i].second, path))
            return error_set(s->err, ERROR_USAGE, "the %s '%s' is a preloaded module", what, path);
    return true;
}

static bool check_trace_path(struct session *s)
{
    const struct options *o = s->options;
    if (!o->trace_out)
        return true;
    if ((o->output && input_is_same_file(o->output, o->trace_out)) || reports_same_file(o, o->trace_out))
        return error_set(s->err, ERROR_USAGE, "'%s' would be the trace and something else", o->trace_out);
    return check_written(s, "trace", o->trace_out);
}

static bool check_reports(struct session *s)
{
    const struct options *o = s->options;
    for (size_t i = 0; i < o->report_count; i++)
        if (o->reports[i].path && !check_written(s, "report", o->reports[i].path))
            return false;
    return true;
}

static bool check_paths(struct session *s)
{
    const struct options *o = s->options;
    if (!check_trace_path(s))
        return false;
    if (!o->output)
        return check_reports(s);
    if (!check_written(s, "output", o->output))
        return false;
    const char *both = reports_same_file(o, o->output);
    if (both)
        return error_set(s->err, ERROR_USAGE, "output and report are both '%s'", both);
    return check_reports(s);
}

/* A module without _start is not one for WASI's command line, which its users may not know. */
static bool check_entry(struct session *s)
{
    const struct options *o = s->options;
    if (tracer_check_entry(&s->tracer, o->engine.invoke, s->err))
        return true;
    if (!o->engine.invoke && s->err->code == ERROR_INPUT) {
        struct error told = ERROR_INIT;
        error_set(&told, ERROR_INPUT,
                  "%.4000s; --invoke NAME calls one of a module's functions, and -o without --run makes a module for a "
                  "host of your own, such as Node (examples/node)",
                  s->err->message);
        *s->err = told;
    }
    return false;
}

/* Words on the command line are numbers, and _start has no way to get any. */
static bool check_parameters(struct session *s)
{
    const char *invoke = s->options->engine.invoke;
    const struct wasm_module *m = &s->tracer.module;
    const struct wasm_export *e = wasm_module_export(m, invoke ? invoke : "_start");
    const struct wasm_type *type = &m->types[m->func_types[e->index]];
    if (!invoke)
        return (!type->param_count && !type->result_count) ||
               error_set(s->err, ERROR_INPUT, "the function '_start' has parameters or results");
    for (uint32_t i = 0; i < type->param_bytes; i++)
        if (type->params[i] < WASM_TYPE_F64 || type->params[i] > WASM_TYPE_I32)
            return error_set(s->err, ERROR_USAGE, "'%s' takes something else than numbers", invoke);
    return true;
}

static bool read_input(struct session *s)
{
    const struct options *o = s->options;
    if (!known_open(&s->known, o->baseline, o->has_tolerance ? &o->tolerance : NULL, o->suppressions, &o->own,
                    s->err) ||
        (o->old_report && !limit_old_read(&s->old, o->old_report, s->err)))
        return false;
    if (o->replay)
        return infile_read(o->input, &s->bytes, s->err) &&
               tracer_open(&s->tracer, o->input, s->bytes.data, s->bytes.size, s->err) &&
               symbol_lines_open(&s->tracer.lines, &s->tracer.module, &o->lines, s->err);
    return infile_read(o->input, &s->bytes, s->err) &&
           tracer_open(&s->tracer, o->input, s->bytes.data, s->bytes.size, s->err) && check_paths(s) &&
           (!o->run || (check_entry(s) && check_parameters(s) &&
                        symbol_lines_open(&s->tracer.lines, &s->tracer.module, &o->lines, s->err)));
}

/* What a trace has not is said before what it has.  Whether that is worse than a limit allows: none holds for what nobody saw. */
static bool say_lost(const struct options *o, const struct report *r)
{
    char lost[NUMBER_LOST_SIZE], text[NUMBER_LOST_SIZE + 80];
    bool limited = o->limit_count || o->old_report;
    number_lost(lost, r->lost, r->accesses);
    snprintf(text, sizeof text, "%s: instrument with a larger --trace-memory", lost);
    if (limited)
        message_limit(text);
    else if (!o->quiet)
        message_warning(text);
    return limited;
}

/* The report as it was asked for.  *worse is set where a limit is exceeded. */
static bool write_reports(struct session *s, bool *worse)
{
    const struct options *o = s->options;
    struct report *r = &s->tracer.report;
    double start = verbose_clock();
    if (!tracer_report(&s->tracer, s->err) || !known_drop(&s->known, r, o->verbose, s->err))
        return false;
    verbose_report(o, &s->tracer, verbose_clock() - start);
    *worse = limits_exceeded(o->limits, o->limit_count, &s->old, &o->tolerance, o->baseline, r);
    if (r->lost)
        *worse = say_lost(o, r) || *worse;
    return reports_write(&s->reports, o, r, &s->tracer, s->err);
}

/* From here on there are temporary files that a signal must not leave behind, and later a report that it must not cut off.  The run takes
 * up what is pending. */
static void hold_signals(void)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN); /* a report that nobody reads to the end is an error of ours to tell */
}

/* Writes the module whole, but leaves it to the caller to put it into its place. */
static bool store_output(struct session *s, const struct buf *out)
{
    if (!outfile_open(&s->output, s->options->output, s->err))
        return false;
    FILE *stream = outfile_stream(&s->output);
    return (fwrite(out->data, 1, out->size, stream) == out->size && fflush(stream) == 0) ||
           outfile_error(s->options->output, errno, s->err);
}

/* Where nobody asked for the file by name, a run is worth more than it: what keeps it from being written is said, and that is all. */
static bool do_without_output(struct session *s)
{
    if (!s->options->run || s->options->output_named || s->err->code != ERROR_IO)
        return false;
    if (!s->options->quiet)
        message_warning(s->err->message);
    *s->err = ERROR_INIT;
    outfile_abandon(&s->output);
    return true;
}

static bool write_output(struct session *s)
{
    if (s->options->run)
        hold_signals();
    if (!s->options->output)
        return true;
    struct buf out;
    double start = verbose_clock();
    buf_init(&out, FILE_MAX);
    bool ok = tracer_instrument(&s->tracer, &s->rewrite, &out, s->err);
    s->output_size = out.size;
    if (ok && store_output(s, &out))
        verbose_output(s->options, out.size, verbose_clock() - start);
    else if (ok)
        ok = do_without_output(s);
    buf_release(&out);
    return ok;
}

/* Puts the module into its place, if it was written. */
static bool keep_output(struct session *s)
{
    return !outfile_stream(&s->output) || outfile_commit(&s->output, s->err) || do_without_output(s);
}

/* Who named no file is told its name. */
static void say_output(const struct session *s)
{
    const struct options *o = s->options;
    char size[NUMBER_SIZE], text[5000];
    if (o->output_named || o->quiet)
        return;
    number_bytes(size, s->output_size);
    snprintf(text, sizeof text, "wrote '%.4096s' (%s), the instrumented module; --run runs it and reports", o->output,
             size);
    message_note(text);
}

static bool open_trace(struct session *s)
{
    const char *path = s->options->trace_out;
    if (!path)
        return true;
    s->trace = fopen(path, "wbe");
    s->tracer.trace_out = s->trace;
    s->tracer.trace_path = path;
    s->tracer.trace_values = s->options->trace_values;
    return s->trace || outfile_error(path, errno, s->err);
}

static int exit_status(const struct engine_result *result)
{
    if (result->has_exit_code)
        return (int)result->exit_code;
    return result->signal ? STATUS_SIGNAL + result->signal : STATUS_TRAP;
}

static int run_and_report(struct session *s)
{
    struct tracer *t = &s->tracer;
    struct engine_options engine = s->options->engine;
    engine.cache = !s->options->no_cache;
    if (progress_open(&s->progress, s->options->quiet)) {
        engine.alive = progress_show;
        engine.alive_self = &s->progress;
    }
    fflush(stdout);
    t->analysis = s->options->analysis;
    t->keeps_habits = !s->options->no_cache;
    t->hot_after = s->options->hot_after;
    t->max_memory = s->options->max_memory;
    t->contexts = s->options->contexts;
    t->context_depth = s->options->context_depth;
    t->objects = s->options->objects;
    t->distances = s->options->distances;
    t->allocs = s->options->allocs;
    t->alloc_count = s->options->alloc_count;
    t->own = s->options->own;
    bool ok = reports_open(&s->reports, s->options, s->err), worse = false;
    ok = ok && open_trace(s) && tracer_run(t, &s->rewrite, &engine, s->options->full, s->err);
    if (ok)
        verbose_run(s->options, t);
    if (ok && s->options->times)
        fprintf(stderr, "mem-tracer: instrument %.6f compile %.6f run %.6f seconds, analysed %s\n",
                t->instrument_seconds, t->result.compile_seconds, t->result.run_seconds,
                t->online ? "online" : "by trace");
    if (ok && *t->result.trap && !s->options->quiet)
        message_ended(t->result.trap, t->result.grows_refused);
    if (ok) {
        bool kept = keep_output(s);
        if (s->options->analysis == ANALYSIS_RECORD)
            fprintf(stderr, "mem-tracer: %" PRIu64 " bytes of records, checksum %016" PRIx64 "\n", t->collect.bytes,
                    t->collect.checksum);
        else
            ok = write_reports(s, &worse) && kept;
        if (ok && t->report.lines.warning && !s->options->quiet)
            message_warning(t->report.lines.warning);
        ok = ok && kept;
    }
    reports_close(&s->reports, s->options);
    int status = ok ? exit_status(&t->result) : STATUS_FAILURE;
    if (!status && worse) /* what the program has to say of itself goes first */
        status = STATUS_WORSE;
    if (t->result.abandoned) { /* the guest's thread still uses what a normal exit would tear down */
        outfile_abandon(&s->output);
        if (!ok)
            message_error(NULL, s->err);
        fflush(NULL);
        _exit(status);
    }
    return status;
}

static size_t read_stream(void *self, uint8_t *to, size_t size)
{
    return fread(to, 1, size, self);
}

/* What is wrong with a trace is not said of the module. */
static void name_trace(struct session *s)
{
    struct error *e = s->err, named = ERROR_INIT;
    if (e->code != ERROR_INPUT && e->code != ERROR_UNSUPPORTED)
        return;
    error_set(&named, ERROR_IO, "%.4000s: %s", s->options->replay, e->message);
    *e = named;
}

/* `analyze`: a trace in the place of a run. */
static int replay_and_report(struct session *s)
{
    const struct options *o = s->options;
    FILE *trace = fopen(o->replay, "rbe");
    if (!trace) {
        error_set(s->err, ERROR_IO, "cannot read '%s': %m", o->replay);
        return STATUS_FAILURE;
    }
    char cut[TRACER_CUT_SIZE];
    s->tracer.own = o->own;
    s->tracer.distances = o->distances;
    const char *both = reports_same_file(o, o->replay);
    if (both)
        error_set(s->err, ERROR_USAGE, "the report '%s' is the trace", both);
    bool ok = s->err->code == ERROR_NONE && check_reports(s) && reports_open(&s->reports, o, s->err) &&
              tracer_replay(&s->tracer, &s->rewrite, (struct byte_source){read_stream, trace}, o->full, cut, s->err);
    name_trace(s);
    if (ok && ferror(trace))
        ok = error_set(s->err, ERROR_IO, "cannot read '%s'", o->replay);
    fclose(trace);
    if (ok)
        verbose_run(o, &s->tracer);
    if (ok && *cut && !o->quiet)
        message_warning(cut);
    bool worse = false;
    ok = ok && write_reports(s, &worse);
    reports_close(&s->reports, o);
    return !ok ? STATUS_FAILURE : worse ? STATUS_WORSE : 0;
}

int session_run(const struct options *options, struct error *err)
{
    struct session s = {.options = options, .err = err};
    s.rewrite = (struct rewrite_options){.keep_debug = options->keep_debug,
                                         .inlining = options->inlining,
                                         .trace_pages = options->trace_mib * 16,
                                         .opaque_modules = options->opaque_modules,
                                         .opaque_module_count = options->engine.preload_count};
    buf_init(&s.bytes, FILE_MAX);
    int status = STATUS_FAILURE;
    bool read = read_input(&s);
    if (read)
        verbose_module(options, &s.tracer);
    for (size_t i = 0; i < options->report_count; i++)
        s.tracer.map = s.tracer.sources = s.tracer.sources || options->reports[i].format->page;
    if (read && options->replay) {
        status = replay_and_report(&s);
    } else if (read && write_output(&s)) {
        if (options->run) {
            status = run_and_report(&s);
        } else if (outfile_commit(&s.output, err)) {
            status = 0;
            say_output(&s);
        }
    }
    if (s.trace)
        fclose(s.trace);
    outfile_abandon(&s.output); /* if it was not put into its place */
    known_release(&s.known);
    tracer_release(&s.tracer);
    buf_release(&s.bytes);
    return err->code == ERROR_USAGE ? STATUS_USAGE : status;
}
