/* same_functions.h: which functions of two reports are the same, though a build lies between, perhaps in another folder. */
#ifndef MT_REPORT_SAME_FUNCTIONS_H
#define MT_REPORT_SAME_FUNCTIONS_H

#include "report/functions.h"

/* A function of one of the reports, and where its number is to go.  Those that are the same have the same number afterwards. */
struct same_function {
    struct function function;
    bool is_new; /* of the second report */
    uint32_t *number;
};

/* Functions are the same by name and file.  A file that only the old report has is the same as one that only the new one has, if their
 * paths end in the same folder and name and they share a function, or if they share most of their functions: it has moved or got
 * another name.  A function without a file is the same as the only one of its name in the other report.  Sorts the items; false when memory is
 * short. */
bool same_functions_number(struct same_function *items, size_t count);

#endif
