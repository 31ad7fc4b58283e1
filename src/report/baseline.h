/* baseline.h: what another report has already. */
#ifndef MT_REPORT_BASELINE_H
#define MT_REPORT_BASELINE_H

#include "report/tolerance.h"

/* Takes the pairs out that the old report has, and counts them apart under this name: however large they are (NULL), or unless they have
 * grown beyond the tolerance.  False when memory is short. */
bool baseline_drop(struct report *r, const struct report *old, const char *name, const struct tolerance *tolerance);

#endif
