/* summary_parts.h: what the files of the summary share. */
#ifndef MT_RENDER_SUMMARY_PARTS_H
#define MT_RENDER_SUMMARY_PARTS_H

#include "render/output.h"
#include "report/report.h"

enum { SUMMARY_WIDTH = 100 }; /* columns of the longest line */

/* Words for a kind. */
struct kind_words {
    uint8_t kind;
    const char *plural, *singular, *of, *meaning;
};

/* In the order of the summary: surest waste first, and last what may be none. */
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

/* Prints at most so many columns of a text, and an ellipsis for what is left out. */
void put_cut(struct output *out, const char *text, size_t columns);
/* FILE:LINE, or of a long path its end. */
void put_styled_place(struct output *out, const struct report_frame *frame, size_t columns);
/* The innermost function of the source, or the module's. */
const char *side_function(const struct report_side *side);

/* lead.c: what the summary begins with: redundant loads by place, dead stores by bytes.  Nothing where there are none. */
void put_lead(struct output *out, const struct report *r);

/* totals.c: how much was accessed; what there is of each kind, by bytes, share and in relation to all accesses. */
void put_accesses(struct output *out, const struct report *r);
void put_totals(struct output *out, const struct report *r);

#endif
