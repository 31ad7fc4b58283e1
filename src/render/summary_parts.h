/* summary_parts.h: what the files of the summary share. */
#ifndef MT_RENDER_SUMMARY_PARTS_H
#define MT_RENDER_SUMMARY_PARTS_H

#include "render/output.h"
#include "report/report.h"

/* Columns of the longest line, by which others are reckoned; on a terminal there may be more or fewer. */
enum { SUMMARY_WIDTH = 100, SUMMARY_WIDTH_MIN = 60 };

/* Columns of a line. */
size_t summary_width(const struct output *out);
/* What is left of so many columns of SUMMARY_WIDTH; off a terminal so many that no real name is cut. */
size_t summary_room(const struct output *out, size_t columns);

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

/* Prints a text in so many columns (summary_room of them): of a longer one its beginning and its end. */
void put_cut(struct output *out, const char *text, size_t columns);
/* Words in lines of the summary's width, the first behind `first`, others behind `next`. */
void put_wrapped(struct output *out, const char *first, const char *next, const char *text);
/* FILE:LINE, or of a long path its end. */
void put_styled_place(struct output *out, const struct report_frame *frame, size_t columns);
/* The innermost function of the source, or the module's. */
const char *side_function(const struct report_side *side);

/* lead.c: what the summary begins with: redundant loads by place, dead stores by bytes.  Nothing where there are none. */
void put_lead(struct output *out, const struct report *r);

/* trap.c: where it trapped; nothing where that is not known. */
void put_trap(struct output *out, const struct report *r);

/* totals.c: how much was accessed; what there is of each kind, by bytes, share and in relation to all accesses. */
void put_accesses(struct output *out, const struct report *r);
void put_totals(struct output *out, const struct report *r);

#endif
