/* output.h: where a renderer writes.  The first write that fails is remembered, and all later ones do nothing, so that
 * a renderer need not look at each.  Only one thread may use the stream meanwhile: it is not locked. */
#ifndef MT_RENDER_OUTPUT_H
#define MT_RENDER_OUTPUT_H

#include "base/error.h"

#include <stddef.h>
#include <stdio.h>

struct output {
    FILE *stream;     /* not owned */
    const char *path; /* for messages, not owned; NULL: standard output */
    bool colour;      /* styles are written; off at first */
    unsigned
        columns; /* of the terminal that it goes to, for tables to fit; 0, as at first: none, and names are whole */
    int number;  /* errno of the first failure, or 0 */
};

void output_init(struct output *o, FILE *stream, const char *path);

void output_put(struct output *o, const void *bytes, size_t size);
void output_text(struct output *o, const char *text);
void output_decimal(struct output *o, uint64_t value);
void output_printf(struct output *o, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Switches what follows to a style, where there is colour: escape sequences that take no columns. */
enum output_style { STYLE_PLAIN, STYLE_HEAD, STYLE_SOURCE, STYLE_PLACE, STYLE_SUREST, STYLE_WASTE, STYLE_STYLES };
void output_style(struct output *o, enum output_style style);

static inline bool output_failed(const struct output *o)
{
    return o->number != 0;
}

/* Flushes the stream.  False and *err (ERROR_IO, `cannot write …`) when anything since output_init has failed. */
bool output_finish(struct output *o, struct error *err);

#endif
