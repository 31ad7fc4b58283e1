#include "analyze/backing.h"

#include "analyze/region.h"

#include <assert.h>

enum {
    AT_FIRST = 4,    /* chunks of the planes of granules: most programs use their first memory densely */
    PROBE = 2 << 20, /* of a chunk: most of its pages must be there */
    GAP = 16,        /* behind so many chunks of which nothing is there, no more is looked for */
};

static_assert(((uint64_t)BACKING_CHUNK * BACKING_CHUNKS) == (uint64_t)FINE_LIMIT * sizeof(mark),
              "no plane is larger than its address space");

static void want(struct backing *b, int plane, size_t chunk)
{
    if (chunk >= BACKING_CHUNKS || b->huge[plane][chunk])
        return;
    region_want_huge(b->plane[plane] + chunk * BACKING_CHUNK, BACKING_CHUNK);
    b->huge[plane][chunk] = true;
}

void backing_start(struct backing *b, uint8_t *const memories[PLANE_COUNT])
{
    *b = (struct backing){0};
    for (int i = 0; i < BACKED_PLANES; i++)
        b->plane[i] = memories[i];
    for (size_t chunk = 0; chunk < AT_FIRST; chunk++) {
        want(b, PLANE_TOUCH, chunk);
        want(b, PLANE_WRITER, chunk);
    }
}

static void follow(struct backing *b, int plane)
{
    unsigned empty = 0;
    for (size_t i = 0; i < BACKING_CHUNKS && empty < GAP; i++) {
        const uint8_t *chunk = b->plane[plane] + i * BACKING_CHUNK;
        bool next = i + 1 == BACKING_CHUNKS || b->huge[plane][i + 1], is_done = b->huge[plane][i] && next;
        /* Pages appear from the chunk's beginning. */
        empty = is_done || region_is_dense(chunk, REGION_PAGE) ? 0 : empty + 1;
        if (is_done || empty || !region_is_dense(chunk, PROBE))
            continue;
        want(b, plane, i);
        want(b, plane, i + 1);
    }
}

void backing_follow(struct backing *b)
{
    for (int i = 0; i < BACKED_PLANES; i++)
        follow(b, i);
}
