#include "cli/session.h"

#include "api/tracer.h"
#include "base/outfile.h"
#include "cli/input.h"
#include "render/render.h"

#include <stdio.h>
#include <unistd.h>

enum { FILE_MAX = 0x7fffffff };

struct session {
    const struct options *options;
    struct rewrite_options rewrite;
    struct error *err;
    struct buf bytes; /* of the input */
    struct outfile report; /* open from before the run, so that a long one is not lost for a path that can't be written */
    struct tracer tracer;
};

static bool read_input(struct session *s)
{
    const struct options *o = s->options;
    if (!input_read(o->input, &s->bytes, s->err) ||
        !tracer_open(&s->tracer, o->input, s->bytes.data, s->bytes.size, s->err))
        return false;
    if (input_is_same_file(o->input, o->output))
        return error_set(s->err, ERROR_USAGE, "the output '%s' is the input", o->output);
    return !o->run || tracer_check_entry(&s->tracer, o->engine.invoke, s->err);
}

static bool write_output(struct session *s)
{
    struct buf out;
    buf_init(&out, FILE_MAX);
    struct outfile file = {0};
    bool ok = tracer_instrument(&s->tracer, &s->rewrite, &out, s->err) &&
              outfile_open(&file, s->options->output, s->err);
    if (ok) {
        fwrite(out.data, 1, out.size, outfile_stream(&file));
        ok = outfile_commit(&file, s->err);
    }
    buf_release(&out);
    return ok;
}

/* The text levels are cumulative, the fullest first. */
static bool render(struct session *s, struct output *out)
{
    const struct options *o = s->options;
    struct tracer *t = &s->tracer;
    if (o->format == FORMAT_JSON) {
        render_json(out, &t->report);
    } else if (o->full == 0) {
        render_summary(out, &t->report);
    } else {
        if (o->full >= 3 && !render_trace(out, &t->collect.records, &t->sites, tracer_opcode_code))
            return false;
        if (o->full >= 2 && !render_index_text(out, &t->collect.pairs))
            return false;
        render_text(out, &t->report);
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
    output_init(&out, outfile_stream(&s->report), s->options->report);
    return render(s, &out) && outfile_commit(&s->report, s->err);
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
    engine.show_alive = true;
    fflush(stdout);
    bool ok = !s->options->report || outfile_open(&s->report, s->options->report, s->err);
    ok = ok && tracer_run(t, &s->rewrite, &engine, s->options->full, s->err);
    if (ok && *t->result.trap)
        fprintf(stderr, "mem-tracer: the program ended early: %s\n", t->result.trap);
    ok = ok && tracer_report(t, s->err) && write_report(s);
    outfile_abandon(&s->report); /* if it was not written */
    int status = ok ? exit_status(&t->result) : STATUS_FAILURE;
    if (t->result.abandoned) { /* the guest's thread still uses what a normal exit would tear down */
        if (!ok)
            fprintf(stderr, "mem-tracer: error: %s\n", s->err->message);
        fflush(NULL);
        _exit(status);
    }
    return status;
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
    if (read_input(&s) && write_output(&s))
        status = options->run ? run_and_report(&s) : 0;
    tracer_release(&s.tracer);
    buf_release(&s.bytes);
    return err->code == ERROR_USAGE ? STATUS_USAGE : status;
}
