/* object_use.h: what a program does with its objects: accesses; of the heap's blocks how long they are in use, and what of them is never read. */
#ifndef MT_ANALYZE_OBJECT_USE_H
#define MT_ANALYZE_OBJECT_USE_H

#include "analyze/blocks.h"
#include "analyze/counters.h"

struct object_uses {
    uint8_t *read; /* a bit for each granule of 4 bytes of the first 4 GiB */
    uint64_t now;  /* accesses so far */
};

/* False when memory is short. */
bool object_uses_open(struct object_uses *u);
void object_uses_close(struct object_uses *u);

/* Something read these bytes, of whatever objects they are. */
void object_uses_read_range(struct object_uses *u, uint64_t address, uint64_t size);

static inline void object_uses_read(struct object_uses *u, uint64_t address, uint64_t size)
{
    const uint64_t first = address / 4, last = (address + size - 1) / 4;
    if (last / 8 == first / 8 && last < UINT64_C(1) << 30) /* nearly always */
        u->read[first / 8] |= (uint8_t)(((2U << (last - first)) - 1) << first % 8);
    else
        object_uses_read_range(u, address, size);
}

/* A block has been allocated. */
void object_uses_begin(struct object_uses *u, struct object_use *use, struct block *block);

/* A block has been freed; or, if it is not `freed`, the program has ended. */
void object_uses_end(const struct object_uses *u, struct object_use *use, const struct block *block, bool freed);

#endif
