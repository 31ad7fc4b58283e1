/* json_parts.h: what the files of the JSON report share. */
#ifndef MT_RENDER_JSON_PARTS_H
#define MT_RENDER_JSON_PARTS_H

#include "render/output.h"
#include "report/report.h"

/* A string with its quotes, or null. */
void json_put_string(struct output *out, const char *text);

/* json_classes.c: `unoptimised` and `classes` of the report, and what a pair has of them. */
void json_put_classes(struct output *out, const struct report *r);
void json_put_pair_class(struct output *out, const struct report_pair *pair);
/* The fields `effect…` of a pair or a group. */
void json_put_effect(struct output *out, const struct report *r, double effect);

#endif
