/* merge.h: several reports on one module added up to one. */
#ifndef MT_REPORT_MERGE_H
#define MT_REPORT_MERGE_H

#include "report/report.h"

/* Adds *from, a report on the same module, to *into.  Equal strings of both must be one (strings_intern), and outlive *into,
 * which owns none of them.  *from is used up: release it, and do no more with it.  Contexts or objects that only one of them has are
 * dropped, and *lost is then what (a literal; else it stays).  False when memory is short: *into can then only be released. */
bool report_merge(struct report *into, struct report *from, const char **lost);

/* Whether every pair is there that the totals count. */
bool report_is_complete(const struct report *r);

/* Sets what follows from counts and pairs: shares, functions' files, and for a complete report the classes' sums.  False when memory is
 * short. */
bool report_finish_merge(struct report *r);

#endif
