/* runs.h: the runs of a merged report, in the summary and in JSON; nothing for a report on one run. */
#ifndef MT_RENDER_RUNS_H
#define MT_RENDER_RUNS_H

#include "render/output.h"
#include "report/report.h"

void put_runs(struct output *out, const struct report *r);
void json_put_runs(struct output *out, const struct report *r);

#endif
