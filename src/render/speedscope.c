/* Speedscope's own JSON: a sampled profile for each kind, weights in bytes.  Frames are numbered when they are first met, so
 * they are collected, and stand at the end. */
#include "base/path.h"
#include "render/intern.h"
#include "render/json_parts.h"
#include "render/stacks.h"
#include "render/viewers.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct speedscope {
    struct output *out, frames; /* the latter into memory */
    struct intern numbers;
    struct output weights; /* so is this */
    unsigned kind;
    bool any;
    uint64_t total;
};

/* With its place: the viewer shows nothing else of a frame in its table, and a function may have several. */
static void put_frame_name(struct speedscope *s, const struct report_frame *f)
{
    char *name = NULL;
    if (!f->file || !f->line) {
        json_put_string(&s->frames, f->function);
    } else if (asprintf(&name, "%s (%s:%" PRIu32 ")", f->function, path_base(f->file), f->line) < 0) {
        s->out->number = ENOMEM;
    } else {
        json_put_string(&s->frames, name);
        free(name);
    }
}

static void put_frame_number(struct speedscope *s, const struct report_frame *f)
{
    char *key = NULL;
    bool is_new;
    int size = asprintf(&key, "%s%c%s%c%" PRIu32, f->function, 0, f->file ? f->file : "", 0, f->line);
    uint32_t number = size < 0 ? 0 : intern_number(&s->numbers, key, (size_t)size, &is_new);
    if (size >= 0)
        free(key);
    if (!number) {
        s->out->number = ENOMEM;
        return;
    }
    output_decimal(s->out, number - 1);
    if (!is_new)
        return;
    output_text(&s->frames, number > 1 ? ",\n    {\"name\": " : "\n    {\"name\": ");
    put_frame_name(s, f);
    if (f->file) {
        output_text(&s->frames, ", \"file\": ");
        json_put_string(&s->frames, f->file);
    }
    if (f->line)
        output_printf(&s->frames, ", \"line\": %" PRIu32, f->line);
    output_text(&s->frames, "}");
}

static void put_sample(void *self, const struct stack_sample *sample)
{
    struct speedscope *s = self;
    if (sample->pair->kind != s->kind)
        return;
    output_text(s->out, s->any ? ",\n      [" : "\n      [");
    for (size_t i = 0; i < sample->stack->count; i++) {
        const struct stack_frame *f = &sample->stack->frames[i];
        for (size_t k = 0; k < stack_frame_lines(f); k++) {
            struct report_frame line;
            stack_frame_line(f, k, &line);
            if (i || k)
                output_text(s->out, ", ");
            put_frame_number(s, &line);
        }
    }
    output_text(s->out, "]");
    output_text(&s->weights, s->any ? ", " : "");
    output_decimal(&s->weights, sample->bytes);
    s->any = true;
    s->total += sample->bytes;
}

static void put_profile(struct speedscope *s, const struct report *r, unsigned kind)
{
    char *weights = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&weights, &size);
    if (!memory) {
        s->out->number = ENOMEM;
        return;
    }
    output_init(&s->weights, memory, NULL);
    s->kind = kind;
    s->any = false;
    s->total = 0;
    output_printf(s->out, "    {\"type\": \"sampled\", \"name\": \"%s\", \"unit\": \"bytes\", \"samples\": [",
                  kind_name(kind));
    stacks_each(s->out, r, put_sample, s);
    if (fclose(memory) != 0 || output_failed(&s->weights))
        s->out->number = ENOMEM;
    output_text(s->out, "],\n     \"weights\": [");
    output_put(s->out, weights, size);
    output_printf(s->out, "],\n     \"startValue\": 0, \"endValue\": %" PRIu64 "}", s->total);
    free(weights);
}

static uint64_t bytes_of(const struct report *r, unsigned kind)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < r->pair_count; i++)
        bytes += r->pairs[i].kind == kind ? r->pairs[i].bytes : 0;
    return bytes;
}

/* Kinds that there are; what is shown first has the most bytes.  The viewer wants one at least. */
static void put_profiles(struct speedscope *s, const struct report *r)
{
    unsigned most = 0, before = 0;
    for (unsigned kind = 1; kind < DEFECT_KINDS; kind++)
        most = bytes_of(r, kind) > bytes_of(r, most) ? kind : most;
    for (unsigned kind = 0; kind < most; kind++)
        before += bytes_of(r, kind) > 0;
    output_printf(s->out, ",\n  \"activeProfileIndex\": %u,\n  \"profiles\": [", before);
    const char *separator = "\n";
    for (unsigned kind = 0; kind < DEFECT_KINDS; kind++) {
        if (kind != most && !bytes_of(r, kind))
            continue;
        output_text(s->out, separator);
        put_profile(s, r, kind);
        separator = ",\n";
    }
}

void render_speedscope(struct output *out, const struct report *r)
{
    struct speedscope s = {.out = out};
    char *frames = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&frames, &size);
    if (!memory) {
        out->number = ENOMEM;
        return;
    }
    output_init(&s.frames, memory, NULL);
    intern_open(&s.numbers);
    output_text(out, "{\n  \"$schema\": \"https://www.speedscope.app/file-format-schema.json\",\n"
                     "  \"exporter\": \"mem-tracer\",\n  \"name\": ");
    json_put_string(out, r->input_path);
    put_profiles(&s, r);
    if (fclose(memory) != 0 || output_failed(&s.frames))
        out->number = ENOMEM;
    output_text(out, "],\n  \"shared\": {\"frames\": [");
    output_put(out, frames, size);
    output_text(out, "]}\n}\n");
    free(frames);
    intern_close(&s.numbers);
}
