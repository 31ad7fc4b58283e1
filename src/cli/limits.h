/* limits.h: what --fail-on, --fail-on-increase and --tolerance make of a report. */
#ifndef MT_CLI_LIMITS_H
#define MT_CLI_LIMITS_H

#include "report/tolerance.h"

enum limit_measure { LIMIT_SHARE, LIMIT_BYTES, LIMIT_INSTANCES, LIMIT_PAIRS, LIMIT_RATE };

/* KIND[.MEASURE]>N or >=N. */
struct limit {
    const char *text;         /* as it was given; borrowed */
    const char *kind;         /* its name, a literal */
    bool kinds[DEFECT_KINDS]; /* which are added up */
    enum limit_measure measure;
    bool reached; /* as much is too much already */
    double most;  /* of shares: 0 to 1 */
};

/* False and *err (ERROR_USAGE) when the text is no limit. */
bool limit_read(struct limit *limit, const char *text, struct error *err);

/* PERCENT%, BYTES or both with a comma; what is not there stays.  False and *err (ERROR_USAGE) for anything else. */
bool tolerance_read(struct tolerance *tolerance, const char *text, struct error *err);

/* Totals of a report that others are compared with. */
struct limit_old {
    const char *path; /* borrowed; NULL: there is none */
    uint64_t bytes[DEFECT_KINDS];
};

/* Reads those of a JSON report. */
bool limit_old_read(struct limit_old *old, const char *path, struct error *err);

/* The bytes of a kind that count for limits: not those that are suppressed or in a baseline. */
uint64_t limit_bytes(const struct report *r, unsigned kind);

/* Says each limit that the report exceeds, and each kind that has grown by more than is tolerated, in a line of standard error; whether
 * there is any.  All pairs have to be in the report still; with `only_new` those are left that a baseline does not have, and no limit
 * counts the small ones. */
bool limits_exceeded(const struct limit *limits, size_t count, const struct limit_old *old,
                     const struct tolerance *tolerance, bool only_new, const struct report *r);

#endif
