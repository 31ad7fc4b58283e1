/* diff.h: what has changed from one report to another, as plain data.  matching.h says which pairs are the same. */
#ifndef MT_REPORT_DIFF_H
#define MT_REPORT_DIFF_H

#include "report/matching.h"
#include "report/select.h"

enum diff_change { DIFF_APPEARED, DIFF_GREW, DIFF_SHRANK, DIFF_GONE, DIFF_SAME, DIFF_CHANGES };

struct diff_count {
    uint64_t pairs, instances,
        bytes;     /* of a group without loads after a store, which are no waste, unless only these were asked for */
    double effect; /* of all its pairs */
    uint64_t kinds[DEFECT_KINDS]; /* bytes of each kind, by its place in match_kinds */
};

/* A pair, or all pairs whose second sides are in one function or on one line, or what of pairs lies in one object. */
struct diff_row {
    enum diff_change change;
    unsigned kind;                   /* its place in match_kinds; DEFECT_KINDS: a group */
    const struct match_side *first;  /* NULL: a group */
    const struct match_side *second; /* of the new report, where it is there; of an object its words alone */
    struct functions *functions;     /* of the report that the sides are of; NULL: an object */
    struct diff_count old, new;
};

struct report_diff {
    const struct report *old, *new;
    struct matching matching;
    struct functions *old_functions, *new_functions;
    struct match_side *old_objects, *new_objects; /* by id; NULL where nobody asked for objects */
    const char *by;                               /* a literal: `function`, `line`, `object`; NULL: by pair */
    struct diff_row *rows;                        /* the largest change first */
    size_t count;                                 /* of them, after --top */
    size_t total;
    size_t changes[DIFF_CHANGES]; /* how many rows of each, before --top */
};

/* Drops what was not asked for from both reports, which must live as long.  False when memory is short.  Release in any case. */
bool report_diff_make(struct report_diff *d, struct report *old, struct report *new, const struct report_selection *s);
void report_diff_release(struct report_diff *d);

/* diff_objects.c: makes the rows anew, one for each part of a pair that is in an object.  False when memory is short. */
bool diff_take_objects(struct report_diff *d);

/* By how many bytes a row has changed. */
uint64_t diff_size(const struct diff_row *row);

#endif
