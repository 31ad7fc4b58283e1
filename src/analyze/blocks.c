#include "analyze/blocks.h"

#include <stdlib.h>

enum { CAPACITY_AT_FIRST = 1024 };

void blocks_release(struct blocks *b)
{
    free(b->slots);
    *b = (struct blocks){0};
}

/* Multiplicative hashing (Knuth, The Art of Computer Programming 3, section 6.4). */
static size_t home(const struct blocks *b, uint64_t address)
{
    return (size_t)(address * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (b->capacity - 1);
}

/* The slot of the address, or the free one where it belongs. */
static size_t find(const struct blocks *b, uint64_t address)
{
    size_t at = home(b, address);
    while (b->slots[at].address && b->slots[at].address != address)
        at = (at + 1) & (b->capacity - 1);
    return at;
}

static bool grow(struct blocks *b)
{
    struct blocks old = *b;
    b->capacity = old.capacity ? 2 * old.capacity : CAPACITY_AT_FIRST;
    b->slots = calloc(b->capacity, sizeof *b->slots);
    if (!b->slots) {
        *b = old;
        return false;
    }
    for (size_t i = 0; i < old.capacity; i++)
        if (old.slots[i].address)
            b->slots[find(b, old.slots[i].address)] = old.slots[i];
    free(old.slots);
    return true;
}

bool blocks_add(struct blocks *b, struct block block)
{
    if (b->count >= b->capacity / 2 && !grow(b))
        return false;
    b->slots[find(b, block.address)] = block;
    b->count++;
    return true;
}

bool blocks_take(struct blocks *b, uint64_t address, struct block *block)
{
    if (!b->capacity)
        return false;
    size_t at = find(b, address);
    if (!b->slots[at].address)
        return false;
    *block = b->slots[at];
    b->count--;
    /* Those behind move up where the gap would cut them off (the same book, algorithm 6.4 R). */
    size_t mask = b->capacity - 1, gap = at;
    for (size_t i = (at + 1) & mask; b->slots[i].address; i = (i + 1) & mask)
        if (((i - home(b, b->slots[i].address)) & mask) >= ((i - gap) & mask)) {
            b->slots[gap] = b->slots[i];
            gap = i;
        }
    b->slots[gap].address = 0;
    return true;
}
