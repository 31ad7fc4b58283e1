/* intern.h: a table of distinct byte strings, numbered in the order in which they first came. */
#ifndef MT_RENDER_INTERN_H
#define MT_RENDER_INTERN_H

#include "base/buf.h"

struct intern {
    struct buf bytes; /* of all entries, one behind the other */
    size_t *ends;     /* of each entry in `bytes` */
    size_t count, capacity;
    uint32_t *slots; /* open addressing: number + 1, or 0 */
    size_t slot_count;
};

void intern_open(struct intern *t);
void intern_close(struct intern *t);

/* The number of the entry, which is added if it is new; UINT32_MAX when memory is short. */
uint32_t intern_put(struct intern *t, const void *bytes, size_t size);

/* The same, counted from 1, and whether it is new; 0 when memory is short. */
uint32_t intern_number(struct intern *t, const void *bytes, size_t size, bool *is_new);

const uint8_t *intern_get(const struct intern *t, size_t number, size_t *size);

#endif
