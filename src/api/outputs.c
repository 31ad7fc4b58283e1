/* The public interface's reports in any format. */
#include "api/public.h"
#include "render/formats.h"
#include "render/render.h"
#include "report/select.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUFFER = 1 << 16 };

/* Those that the command line has other words for. */
static const struct format own_formats[] = {
    {"summary", render_details, "as text", false, {NULL}},
    {"locations", render_text, "as -f", false, {NULL}},
};

static const struct format *find(const char *name)
{
    for (size_t i = 0; i < sizeof own_formats / sizeof *own_formats; i++)
        if (strcmp(own_formats[i].name, name) == 0)
            return &own_formats[i];
    return format_find(name);
}

const char *mem_tracer_format(size_t index)
{
    const struct format *f = format_at(index);
    return f ? f->name : NULL;
}

bool mem_tracer_write_file(void *file, const void *bytes, size_t size)
{
    return fwrite(bytes, 1, size, file) == size;
}

bool public_outputs_check(struct tracer *t, const struct mem_tracer_output *outputs, size_t count, struct error *err)
{
    t->sources = t->map = false;
    for (size_t i = 0; i < count; i++) {
        const struct format *f = find(outputs[i].format);
        if (!f)
            return error_set(err, ERROR_USAGE, "there is no format '%.60s'", outputs[i].format);
        t->sources = t->map = t->sources || f->page;
    }
    return true;
}

static ssize_t put(void *cookie, const char *bytes, size_t size)
{
    const struct mem_tracer_output *o = cookie;
    return o->write(o->self, bytes, size) ? (ssize_t)size : 0; /* 0: it failed */
}

static bool write_one(const struct report *r, const struct mem_tracer_output *o, struct error *err)
{
    struct mem_tracer_output cookie = *o;
    FILE *stream = fopencookie(&cookie, "w", (cookie_io_functions_t){.write = put});
    if (!stream)
        return error_no_memory(err);
    setvbuf(stream, NULL, _IOFBF, BUFFER);
    struct output out;
    output_init(&out, stream, NULL);
    find(o->format)->render(&out, r);
    struct error failed = ERROR_INIT;
    bool ok = output_finish(&out, &failed);
    ok = fclose(stream) == 0 && ok;
    return ok || error_set(err, ERROR_IO, "the report could not be written as %s", o->format);
}

bool public_outputs(struct tracer *t, const struct mem_tracer_output *outputs, size_t count, struct error *err)
{
    if (!report_select(&t->report, &(struct report_selection){0}, err)) /* all pairs, ranked as the command does it */
        return false;
    for (size_t i = 0; i < count; i++)
        if (!write_one(&t->report, &outputs[i], err))
            return false;
    return true;
}

bool public_text_open(struct public_text *t, const char *format)
{
    *t = (struct public_text){.stream = NULL};
    t->stream = open_memstream(&t->text, &t->size);
    t->output = (struct mem_tracer_output){format, mem_tracer_write_file, t->stream};
    return t->stream != NULL;
}

bool public_text_close(struct public_text *t, bool ok, char **text)
{
    ok = (!t->stream || fclose(t->stream) == 0) && ok;
    if (ok)
        *text = t->text;
    else
        free(t->text);
    return ok;
}
