/* public.h: what the files of the public interface share. */
#ifndef MT_API_PUBLIC_H
#define MT_API_PUBLIC_H

#include <mem_tracer.h>

#include "api/tracer.h"

#include <stdio.h>

const char *public_module_name(const struct mem_tracer_options *o);

/* Copies the error, if anybody wants it; false. */
bool public_error(const struct error *err, struct mem_tracer_error *out);

/* For symbol_options; the caller frees it.  NULL when memory is short. */
struct source_move *public_moves(const struct mem_tracer_options *o);

/* Whether the formats exist; tells the tracer what they want of the report.  Before the report is made. */
bool public_outputs_check(struct tracer *t, const struct mem_tracer_output *outputs, size_t count, struct error *err);

/* Writes t->report. */
bool public_outputs(struct tracer *t, const struct mem_tracer_output *outputs, size_t count, struct error *err);

/* An output that becomes a NUL-terminated text, which _close hands out if all is well. */
struct public_text {
    struct mem_tracer_output output;
    FILE *stream;
    char *text;
    size_t size;
};
bool public_text_open(struct public_text *t, const char *format); /* false when memory is short */
bool public_text_close(struct public_text *t, bool ok, char **text);

#endif
