/* order.h: comparisons for qsort and bsearch: below 0, 0 or above 0. */
#ifndef MT_BASE_ORDER_H
#define MT_BASE_ORDER_H

#include <stdint.h>
#include <string.h>

static inline int compare_u64(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

/* Either may be NULL, which comes first. */
static inline int compare_text(const char *a, const char *b)
{
    if (a == b || !a || !b)
        return (a != NULL) - (b != NULL);
    return strcmp(a, b);
}

#endif
