/* blocks.h: the blocks of the heap that are in use: a hash table by address. */
#ifndef MT_ANALYZE_BLOCKS_H
#define MT_ANALYZE_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct block {
    uint64_t address; /* 0: a free slot */
    uint64_t size;
    uint64_t begin; /* accesses before it was allocated */
    uint32_t object;
};

struct blocks {
    struct block *slots;
    size_t capacity; /* 0 or a power of two, at most half full */
    size_t count;
};

void blocks_release(struct blocks *b);

/* There must be none of that address.  False when memory is short. */
bool blocks_add(struct blocks *b, struct block block);

/* Takes the block of that address out; false if there is none. */
bool blocks_take(struct blocks *b, uint64_t address, struct block *block);

#endif
