/* select.h: which pairs of a report are shown, in which order, and summed up by what (options --sort … --by). */
#ifndef MT_REPORT_SELECT_H
#define MT_REPORT_SELECT_H

#include "report/report.h"

/* Ranks go by effect (effect.h) by default, too, but then the list of pairs stays in the contract's order. */
enum select_sort { SELECT_DEFAULT, SELECT_EFFECT, SELECT_BYTES, SELECT_INSTANCES, SELECT_SHARE };
/* By default the pairs are ranked, and the first screen has groups by function. */
enum select_by { SELECT_BY_DEFAULT, SELECT_BY_PAIR, SELECT_BY_LINE, SELECT_BY_FUNCTION, SELECT_BY_OBJECT };

struct report_selection {
    enum select_sort sort;
    enum select_by by;
    bool screen;      /* the first screen is wanted: groups by function, if no others are asked for */
    uint64_t top;     /* so many of each kind, and so many groups; 0: all */
    double min_share; /* 0 to 1: of the bytes stored or loaded */
    bool only;        /* pairs of `kind` alone */
    uint8_t kind;
    bool show_housekeeping; /* rank pairs of class housekeeping like all others, do not fold them */
    const char **focus,
        **ignore; /* patterns of functions (pattern.h), inlined ones counted: a side is in one of these (if there are */
    size_t focus_count, ignore_count; /* any), and none in one of those */
};

/* Drops, sorts and cuts the report's pairs, kind by kind, and fills its places, groups and cumulative shares from what is left
 * before the cut.  Totals stay those of all pairs.  False and *err when memory is short. */
bool report_select(struct report *r, const struct report_selection *selection, struct error *err);

/* Drops the pairs that were not asked for, and no more.  False when memory is short. */
bool report_choose(struct report *r, const struct report_selection *selection);

#endif
