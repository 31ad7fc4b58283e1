/* known.h: what is known of a program's waste, and kept out of its report: --baseline and --suppressions. */
#ifndef MT_CLI_KNOWN_H
#define MT_CLI_KNOWN_H

#include "cli/report_load.h"
#include "report/suppress.h"
#include "report/tolerance.h"

struct known {
    const char *baseline_path;         /* borrowed; NULL: none */
    const struct tolerance *tolerance; /* borrowed; how much its pairs may have grown; NULL: any amount */
    struct loaded_report baseline;
    struct suppressions suppressions;
};

/* Reads both files, those that are not NULL; `own` is for the baseline.  Release in any case. */
bool known_open(struct known *k, const char *baseline, const struct tolerance *tolerance, const char *suppressions,
                const struct own_rules *own, struct error *err);
void known_release(struct known *k);

/* Takes what they know out of the report: first what is suppressed, then what the baseline has.  With `verbose` a line on
 * standard error for each suppression that fits nothing. */
bool known_drop(struct known *k, struct report *r, bool verbose, struct error *err);

#endif
