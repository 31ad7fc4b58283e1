#include "analyze/region.h"

#include <stdint.h>
#include <sys/mman.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* since Linux 5.14; older ones refuse it */
#endif

static void *map(size_t size)
{
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

void *region_reserve(size_t size)
{
    if (size < REGION_HUGE_PAGE)
        return map(size);
    size = (size + 4095) & ~(size_t)4095; /* so that what stands behind it starts at a page */
    size_t padded = size + REGION_HUGE_PAGE;
    uint8_t *start = map(padded);
    if (!start)
        return NULL;
    size_t skip = (size_t)(-(uintptr_t)start & (REGION_HUGE_PAGE - 1));
    if (skip)
        munmap(start, skip);
    munmap(start + skip + size, padded - skip - size);
    return start + skip;
}

void region_release(void *start, size_t size)
{
    if (start)
        munmap(start, size);
}

void region_want_huge(void *start, size_t size)
{
    (void)madvise(start, size, MADV_HUGEPAGE);
}

bool region_populate(void *start, size_t size)
{
    return madvise(start, size, MADV_POPULATE_WRITE) == 0;
}

void *region_grow(void *start, size_t old_size, size_t new_size)
{
    void *p = mremap(start, old_size, new_size, MREMAP_MAYMOVE);
    return p == MAP_FAILED ? NULL : p;
}
