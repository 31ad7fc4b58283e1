#include "cli/reports.h"

#include "cli/input.h"
#include "cli/terminal.h"
#include "render/render.h"

#include <stdlib.h>

bool reports_open(struct reports *s, const struct options *o, struct error *err)
{
    s->files = calloc(o->report_count, sizeof *s->files);
    if (!s->files)
        return error_no_memory(err);
    for (size_t i = 0; i < o->report_count; i++)
        if (o->reports[i].path && !outfile_open(&s->files[i], o->reports[i].path, err))
            return false;
    return true;
}

/* The text levels are cumulative, the fullest first. */
static bool render_levels(struct output *out, struct tracer *t, int full)
{
    if (full >= 3 && !render_trace(out, &t->collect.records, &t->sites, tracer_opcode_code))
        return false;
    if (full >= 2 && !render_index_text(out, &t->collect.pairs))
        return false;
    render_text(out, &t->report);
    return true;
}

static bool render(struct output *out, const struct format *format, struct report *r, struct tracer *t, int full,
                   struct error *err)
{
    if (!format_is_text(format) || !full)
        format->render(out, r);
    else if (!t)
        render_text(out, r);
    else if (!render_levels(out, t, full))
        return false;
    return output_finish(out, err);
}

bool reports_write(struct reports *s, const struct options *o, struct report *r, struct tracer *t, struct error *err)
{
    if (!report_select(r, &o->selection, err))
        return false;
    bool ok = true;
    for (size_t i = 0; i < o->report_count; i++) { /* one that fails does not cost the others */
        const char *path = o->reports[i].path;
        struct output out;
        if (!path && o->quiet)
            continue;
        output_init(&out, path ? outfile_stream(&s->files[i]) : stdout, path);
        out.columns = path ? 0 : terminal_columns(stdout);
        out.colour = path ? o->colour == COLOUR_ALWAYS : terminal_colour(o->colour, stdout);
        bool written = render(&out, o->reports[i].format, r, t, o->full, err);
        if (path)
            written = written && outfile_commit(&s->files[i], err);
        ok = ok && written;
    }
    return ok;
}

void reports_close(struct reports *s, const struct options *o)
{
    for (size_t i = 0; s->files && i < o->report_count; i++)
        outfile_abandon(&s->files[i]);
    free(s->files);
    s->files = NULL;
}

const char *reports_same_file(const struct options *o, const char *path)
{
    for (size_t i = 0; i < o->report_count; i++)
        if (o->reports[i].path && input_is_same_file(path, o->reports[i].path))
            return o->reports[i].path;
    return NULL;
}
