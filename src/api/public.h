/* public.h: what the files of the public interface share. */
#ifndef MT_API_PUBLIC_H
#define MT_API_PUBLIC_H

#include <mem_tracer.h>

#include "api/tracer.h"

const char *public_module_name(const struct mem_tracer_options *o);

/* Copies the error, if anybody wants it; false. */
bool public_error(const struct error *err, struct mem_tracer_error *out);

/* For symbol_options; the caller frees it.  NULL when memory is short. */
struct source_move *public_moves(const struct mem_tracer_options *o);

/* t->report in a format of mem_tracer_analysis_report. */
bool public_render(struct tracer *t, const char *format, char **text, struct error *err);

#endif
