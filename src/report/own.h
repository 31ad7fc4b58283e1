/* own.h: which frame of an instruction is the program's own code: what somebody who reads the report can change.
 *
 * A file is not own where a toolchain or a package manager put it (docs/report.md has the list), or where a rule says so.  The own frame
 * is the innermost one in an own file whose source is at hand; without one, the innermost in an own file. */
#ifndef MT_REPORT_OWN_H
#define MT_REPORT_OWN_H

#include "report/report.h"

struct own_rule {
    const char *glob; /* of files: pattern_fits_file; borrowed */
    bool is_own;
};

/* The last rule that fits decides; where none does, the list. */
struct own_rules {
    const struct own_rule *items; /* borrowed */
    size_t count;
};

/* Why a file is not own: the glob that says so; NULL: it is.  `rules` may be NULL. */
const char *own_not(const struct own_rules *rules, const char *file);

/* Whether a rule says that a file is own, so that its source need not be at hand. */
bool own_by_rule(const struct own_rules *rules, const char *file);

/* Finds the own frame of every side of the report that has OWN_UNKNOWN, or, where there are rules, of every side.  False when memory is
 * short. */
bool own_find(struct report *r, const struct own_rules *rules);

/* Hands over each file that a frame of a pair has, once.  False when memory is short. */
bool own_each_file(const struct report *r, void (*see)(const void *self, const char *file), const void *self);

#endif
