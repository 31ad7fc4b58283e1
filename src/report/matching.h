/* matching.h: which pairs of two reports are the same, though a build lies between.
 *
 * A side is known by its chain: the functions from its own frame (own.h) down to the instruction, as inlining nested them; where no
 * frame is own and both reports followed calling contexts alike, from the nearest own frame among those of the calls that led there. */
#ifndef MT_REPORT_MATCHING_H
#define MT_REPORT_MATCHING_H

#include "report/functions.h"

/* Where an access is, without offsets: a rebuild moves those. */
struct match_side {
    struct function function; /* the chain's first, and so the own one if there is one */
    uint32_t number;          /* of the chain; the same in both reports where it is the same */
    const char *shown;        /* its name as the report has it */
    const char *file;         /* of the line in that function; NULL: not known */
    uint32_t line;            /* 0: not known */
};

/* All pairs of a report that are the same but for their offsets. */
struct match_pair {
    unsigned kind; /* its place in match_kinds */
    struct match_side first, second;
    uint64_t instances, bytes;
    double effect; /* effect.h; of a calling context its bytes' part of the pair's */
};

struct match {
    const struct match_pair *old, *new; /* NULL: not there */
};

/* The pairs of two reports; the strings are those of the reports, and its own. */
struct matching {
    struct match_pair *old, *new;
    size_t old_count, new_count;
    uint32_t *places; /* of each part of each pair of the new report, the one of `new` that it went into */
    bool by_context;
    struct match *matches; /* every pair of both, once */
    size_t count;
    struct strings *strings;
};

extern const uint8_t match_kinds[DEFECT_KINDS]; /* DEFECT_…, in the order of JSON reports */

/* First by kind, functions and lines; those that are left within the same functions, where both lines have moved by as many, or one has
 * not.  False when memory is short.  Release in any case; the reports must live as long. */
bool matching_make(struct matching *m, const struct report *old, const struct report *new);
void matching_release(struct matching *m);

/* In how many parts a pair was matched: one, or one for each two calling contexts. */
size_t matching_parts(const struct matching *m, const struct report_pair *p);

/* A fixed order of pairs that does not depend on which report they are from. */
int match_compare_shown(const struct match_pair *a, const struct match_pair *b);

#endif
