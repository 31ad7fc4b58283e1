/* matching.h: which pairs of two reports are the same, though a build lies between them. */
#ifndef MT_CLI_MATCHING_H
#define MT_CLI_MATCHING_H

#include "cli/report_file.h"

struct match {
    const struct file_pair *old, *new; /* NULL: not there */
};

/* Every pair of both, once; *matches is to be freed.  First by kind, functions and lines; those that are left within the
 * same functions, where both lines have moved by as many, or one has not.  False when memory is short. */
bool match_pairs(const struct report_file *old, const struct report_file *new, struct match **matches, size_t *count);

#endif
