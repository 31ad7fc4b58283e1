/* baseline.h: what another report has already. */
#ifndef MT_REPORT_BASELINE_H
#define MT_REPORT_BASELINE_H

#include "report/report.h"

/* Takes the pairs out that the old report has, however large they are there, and counts them apart under this name.  False when memory is
 * short. */
bool baseline_drop(struct report *r, const struct report *old, const char *name);

#endif
