#include "analyze/tally.h"

#include <stdlib.h>

enum { CAPACITY_AT_FIRST = 1024 };

bool tally_init(struct tally *t)
{
    *t = (struct tally){.slots = calloc(CAPACITY_AT_FIRST, sizeof *t->slots), .capacity = CAPACITY_AT_FIRST};
    return t->slots;
}

void tally_release(struct tally *t)
{
    free(t->slots);
    *t = (struct tally){0};
}

bool tally_grow(struct tally *t)
{
    struct tally old = *t;
    t->capacity = 2 * old.capacity;
    t->slots = calloc(t->capacity, sizeof *t->slots);
    if (!t->slots) {
        *t = old;
        return false;
    }
    for (size_t i = 0; i < old.capacity; i++) {
        if (!old.slots[i].key.low)
            continue;
        size_t at = tally_place(t, old.slots[i].key);
        while (t->slots[at].key.low)
            at = (at + 1) & (t->capacity - 1);
        t->slots[at] = old.slots[i];
    }
    free(old.slots);
    return true;
}
