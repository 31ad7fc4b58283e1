/* stacks.h: source frames of sites, each looked up once and kept in the report; private to the report. */
#ifndef MT_REPORT_STACKS_H
#define MT_REPORT_STACKS_H

#include "base/buf.h"
#include "report/report.h"

/* Looked up for one site. */
struct stack {
    const struct report_frame *frames;
    uint32_t count;
    bool known;
    const char *no_line;
};

struct stacks {
    struct report *out; /* owns frames and strings */
    const struct report_names *names;
    const struct site_table *table;
    struct stack *sites; /* by id - SITE_FIRST */
    struct buf scratch;
};

bool stacks_open(struct stacks *s, struct report *out, const struct report_names *names,
                 const struct site_table *table);
void stacks_close(struct stacks *s);

/* Sets the frames of a side that is an instruction of the module.  False when memory is short. */
bool stacks_find(struct stacks *s, site_id id, struct report_side *side);

/* The same for an instruction that need not be in the table, and is not kept for a second time. */
bool stacks_look_up(struct stacks *s, const struct site *site, struct report_side *side);

/* Sums up, over the report's pairs, for what share of their bytes lines were found. */
bool stacks_total(struct stacks *s);

/* Bytes more without a line, for a reason that lives as long as `lines`; `capacity` is that of lines->missing.  False when memory
 * is short. */
bool lines_add_missing(struct report_lines *lines, size_t *capacity, const char *why, uint64_t bytes);
/* The most bytes first. */
void lines_sort_missing(struct report_lines *lines);

#endif
