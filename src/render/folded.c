/* Stacks for flame graph tools: a line for each, frames from the root separated by semicolons, then the bytes.  The root is the
 * kind. */
#include "render/stacks.h"
#include "render/viewers.h"

#include <string.h>

#define ZERO_WIDTH_SPACE "\xe2\x80\x8b" /* a character for readers of numbers, nothing to see for people */

/* A semicolon would end the frame. */
static void put_frame(struct output *out, const char *name)
{
    output_text(out, ";");
    for (size_t n; *name; name += n) {
        n = strcspn(name, ";\r\n");
        output_put(out, name, n);
        if (name[n]) {
            output_text(out, ":");
            n++;
        }
    }
}

/* Readers take a second number at the end of a line for that of another profile, with which the first is to be compared (inferno,
 * flamegraph.pl). */
static bool ends_as_number(const char *name)
{
    const char *space = strrchr(name, ' ');
    return space && space[1] && !space[1 + strspn(space + 1, "0123456789.")];
}

static void put_sample(void *self, const struct stack_sample *s)
{
    struct output *out = self;
    const char *leaf = "";
    output_text(out, kind_name(s->pair->kind));
    for (size_t i = 0; i < s->stack->count; i++) {
        const struct stack_frame *f = &s->stack->frames[i];
        for (size_t k = 0; k < stack_frame_lines(f); k++) {
            struct report_frame line;
            stack_frame_line(f, k, &line);
            put_frame(out, line.function);
            leaf = line.function;
        }
    }
    if (ends_as_number(leaf))
        output_text(out, ZERO_WIDTH_SPACE);
    output_text(out, " ");
    output_decimal(out, s->bytes);
    output_text(out, "\n");
}

void render_folded(struct output *out, const struct report *r)
{
    stacks_each(out, r, put_sample, out);
}
