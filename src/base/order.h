/* order.h: comparisons for qsort and bsearch: below 0, 0 or above 0; and a search in what is in order. */
#ifndef MT_BASE_ORDER_H
#define MT_BASE_ORDER_H

#include <stddef.h>
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

/* How many items have a key up to this one, by which they are in order: the last of them stands at one less. */
static inline size_t order_until(const void *items, size_t count, size_t size, uint64_t key,
                                 uint64_t (*key_of)(const void *item))
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (key_of((const char *)items + middle * size) <= key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

#endif
