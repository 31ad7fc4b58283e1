/* summary_parts.h: what the files of the first screen and of the details share. */
#ifndef MT_RENDER_SUMMARY_PARTS_H
#define MT_RENDER_SUMMARY_PARTS_H

#include "render/fit.h"
#include "render/output.h"
#include "report/report.h"

/* Words for a kind. */
struct kind_words {
    uint8_t kind;
    const char *plural, *singular, *of, *meaning;
};

/* In the order of the details: surest waste first, and last what may be none. */
extern const struct kind_words summary_kinds[DEFECT_KINDS];

/* Pairs of one kind: they stand together, the worst first.  What is folded is passed over. */
struct kind_run {
    const struct report_pair *next;
    size_t left;
};
struct kind_run kind_run_of(const struct report *r, unsigned kind);
/* The next pair, or NULL. */
const struct report_pair *kind_run_take(const struct report *r, struct kind_run *run);

/* How many pairs of a kind the lists are made from: those that were asked for, and have a rank. */
uint64_t kind_ranked(const struct report *r, unsigned kind);

/* What is surely waste stands out most; what may be none does not. */
enum output_style kind_style(unsigned kind);

/* The function that a side is known by: of the own frame, or the module's. */
const char *side_function(const struct report_side *side);
/* What to do about a pair; NULL: nobody knows. */
const char *advice_of(const struct report_pair *pair);
/* How much another engine's trace has not, in a line; nothing where all is there. */
void put_lost(struct output *out, const struct report *r);
/* How the program ended, of one run.  `width`: columns of the line. */
void put_ending(struct output *out, const struct report *r, size_t width);

/* lead.c: what the details begin with: redundant loads by place, dead stores by bytes.  Nothing where there are none. */
void put_lead(struct output *out, const struct report *r);

/* lead.c: what was unread at the end, by place; nothing where all was read. */
void put_unread(struct output *out, const struct report *r);

/* trap.c: where it trapped; nothing where that is not known. */
void put_trap(struct output *out, const struct report *r);

/* totals.c: how much was accessed; what there is of each kind, by bytes, share and in relation to all accesses. */
void put_accesses(struct output *out, const struct report *r);
void put_totals(struct output *out, const struct report *r);

#endif
