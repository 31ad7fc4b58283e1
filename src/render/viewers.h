/* viewers.h: the report for programs that other people wrote; docs/formats.md says what each is made of. */
#ifndef MT_RENDER_VIEWERS_H
#define MT_RENDER_VIEWERS_H

#include "render/output.h"
#include "report/report.h"

void render_pprof(struct output *out, const struct report *r);
void render_speedscope(struct output *out, const struct report *r);
void render_folded(struct output *out, const struct report *r);
void render_callgrind(struct output *out, const struct report *r);
void render_sarif(struct output *out, const struct report *r);
void render_csv(struct output *out, const struct report *r);

#endif
