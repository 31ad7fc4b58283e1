/* report_load_parts.h: what the files that read reports back share; private to them. */
#ifndef MT_CLI_REPORT_LOAD_PARTS_H
#define MT_CLI_REPORT_LOAD_PARTS_H

#include "cli/report_json.h"
#include "cli/report_load.h"

/* What is no such thing is 0, or NULL; so is what does not fit. */
uint32_t load_u32(const json_t *object, const char *key);
const char *load_text(struct report_loader *l, const json_t *object, const char *key);

/* Each returns false and *l->err on failure. */
bool load_side(struct report_loader *l, const json_t *json, struct report_side *side);
bool load_parts(struct report_loader *l, const json_t *json, struct report *r); /* all but pairs */
bool load_pairs(struct report_loader *l, const json_t *json, struct report *r);

#endif
