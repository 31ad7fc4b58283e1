/* effect.h: how much a program would gain if a pair were mended, as far as that can be estimated from counts: what the accesses cost that
 * might be left out, by weights that a benchmark measured.  docs/report.md "The expected effect" has the rules. */
#ifndef MT_REPORT_EFFECT_H
#define MT_REPORT_EFFECT_H

#include "report/report.h"

enum effect_grade { EFFECT_LOW, EFFECT_MEDIUM, EFFECT_HIGH };

/* From here on an effect is medium, or high: shares of what all accesses of the program cost. */
#define EFFECT_MEDIUM_FROM 0.005
#define EFFECT_HIGH_FROM 0.03

/* Sets the effect of all pairs, whose classes and sides are set. */
void effect_estimate(struct report *r);

/* What is saved, in nanoseconds of the machine that the weights are from. */
double effect_of_pair(const struct report_pair *pair);

/* The same as a share of what all accesses of the program cost, 0 to 1. */
double effect_share(const struct report *r, double effect);

enum effect_grade effect_grade(const struct report *r, double effect);

/* `low`, `medium` or `high`. */
const char *effect_grade_name(enum effect_grade grade);

#endif
