/* remarks.h: what a reader of a report has to know about it, a line each, the most important first. */
#ifndef MT_RENDER_REMARKS_H
#define MT_RENDER_REMARKS_H

#include "render/output.h"
#include "report/report.h"

enum { REMARKS_MAX = 8, REMARK_SIZE = 160 };

struct remarks {
    char text[REMARKS_MAX][REMARK_SIZE];
    size_t count;
};

void remarks_of(struct remarks *m, const struct report *r);

/* One of them, in a line; on a terminal cut to its width. */
void put_remark(struct output *out, const struct remarks *m, size_t index);

#endif
