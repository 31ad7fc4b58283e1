/* groups.h: the report's groups, in the summary and in JSON; nothing where nobody asked for them. */
#ifndef MT_RENDER_GROUPS_H
#define MT_RENDER_GROUPS_H

#include "render/output.h"
#include "report/report.h"

/* The object that a group is about: a variable, where its fields are summed up. */
struct report_object group_object(const struct report *r, const struct report_group *g);

void put_groups(struct output *out, const struct report *r);
void json_put_groups(struct output *out, const struct report *r);

#endif
