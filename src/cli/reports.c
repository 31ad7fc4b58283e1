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

/* What is printed begins with a screen's worth; what goes to a file has room for all. */
static bool is_first_screen(const struct options *o, const struct report_target *target)
{
    return format_is_text(target->format) && !target->path && !o->full && !o->details;
}

static bool render(struct output *out, const struct options *o, const struct report_target *target, struct report *r,
                   struct tracer *t, struct error *err)
{
    if (is_first_screen(o, target))
        render_first_screen(out, r);
    else if (!format_is_text(target->format) || !o->full)
        target->format->render(out, r);
    else if (!t)
        render_text(out, r);
    else if (!render_levels(out, t, o->full))
        return false;
    return output_finish(out, err);
}

bool reports_write(struct reports *s, const struct options *o, struct report *r, struct tracer *t, struct error *err)
{
    struct report_selection selection = o->selection;
    bool ok = true;
    for (size_t i = 0; i < o->report_count; i++)
        selection.screen = selection.screen || (is_first_screen(o, &o->reports[i]) && !o->quiet);
    if (!report_select(r, &selection, err))
        return false;
    for (size_t i = 0; i < o->report_count; i++) { /* one that fails does not cost the others */
        const char *path = o->reports[i].path;
        struct output out;
        if (!path && o->quiet)
            continue;
        output_init(&out, path ? outfile_stream(&s->files[i]) : stdout, path);
        out.columns = path ? 0 : terminal_columns(stdout);
        out.colour = path ? o->colour == COLOUR_ALWAYS : terminal_colour(o->colour, stdout);
        bool written = render(&out, o, &o->reports[i], r, t, err);
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
