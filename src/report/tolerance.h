/* tolerance.h: which differences between runs are too small to count. */
#ifndef MT_REPORT_TOLERANCE_H
#define MT_REPORT_TOLERANCE_H

#include "report/report.h"

/* What a run's small ways to differ from another one come to, with some room: a few words of a hash table. */
enum { TOLERANCE_FLOOR = 64 };

struct tolerance {
    double share;   /* of what there was: 0.01 for 1 % */
    uint64_t floor; /* bytes */
};

/* Whether there is more than before by more than both allow. */
bool tolerance_exceeded(const struct tolerance *t, uint64_t before, uint64_t now);

/* Adds up the pairs of a kind that have no more bytes than the floor. */
struct report_class tolerance_small(const struct tolerance *t, const struct report *r, unsigned kind);

#endif
