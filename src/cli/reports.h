/* reports.h: the reports that a command was asked for: each a format and a place, files or standard output. */
#ifndef MT_CLI_REPORTS_H
#define MT_CLI_REPORTS_H

#include "api/tracer.h"
#include "base/outfile.h"
#include "cli/options.h"

/* Zeroed: nothing is open. */
struct reports {
    struct outfile *files; /* one for each of the options' reports; closed for standard output */
};

/* Opens the files, which get their places at reports_write.  reports_close in any case. */
bool reports_open(struct reports *s, const struct options *o, struct error *err);

/* Writes all of them; *t is whose report it is, which -ff and -fff need, or NULL. */
bool reports_write(struct reports *s, const struct options *o, struct report *r, struct tracer *t, struct error *err);

/* Takes back what was not written. */
void reports_close(struct reports *s, const struct options *o);

/* The report file that PATH is too, as it was given; or NULL. */
const char *reports_same_file(const struct options *o, const char *path);

#endif
