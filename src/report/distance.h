/* distance.h: how far apart the sides of a pair are (docs/report.md "Distances"). */
#ifndef MT_REPORT_DISTANCE_H
#define MT_REPORT_DISTANCE_H

#include "report/report.h"

/* A name of JSON. */
const char *report_span_name(unsigned span);

/* What a bucket stands for: `10-99`. */
const char *report_bucket_name(unsigned bucket);

/* Whether there are buckets: an estimate may know spans alone. */
bool report_distance_measured(const struct report_distance *d);

/* The bucket that has most bytes. */
unsigned report_distance_bucket(const struct report_distance *d);

/* The span that has most. */
enum distance_span report_distance_span(const struct report_distance *d);

/* Adds bytes up; of places, which may be the same ones, the larger number is kept. */
void report_distance_add(struct report_distance *to, const struct report_distance *from);

#endif
