/* backing.h: huge pages for the planes, where the program uses its memory densely.
 *
 * A fault by the huge page costs a fraction of 512 faults by the page; but where a program touches little here and there, huge
 * pages would make many times as much memory resident. */
#ifndef MT_ANALYZE_BACKING_H
#define MT_ANALYZE_BACKING_H

#include "trace/planes.h"

#include <stddef.h>

enum {
    BACKED_PLANES = PLANE_WRITER_BYTES + 1, /* those of marks */
    BACKING_CHUNK = 32 << 20,
    BACKING_CHUNKS = 128, /* 4 GiB */
};

struct backing {
    uint8_t *plane[BACKED_PLANES];
    bool huge[BACKED_PLANES][BACKING_CHUNKS]; /* what was asked for */
};

/* The planes' memories, from their starts. */
void backing_start(struct backing *b, uint8_t *const memories[PLANE_COUNT]);

/* Every few milliseconds: asks for huge pages where the beginning of a chunk has been filled, and behind it.  One thread may call
 * this while the program runs. */
void backing_follow(struct backing *b);

#endif
