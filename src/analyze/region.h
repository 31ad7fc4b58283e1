/* region.h: address space that is reserved at once and gets memory page by page, as it is touched; all zeros at first.
 * Neither reserving nor keeping a region costs anything but addresses. */
#ifndef MT_ANALYZE_REGION_H
#define MT_ANALYZE_REGION_H

#include <stdbool.h>
#include <stddef.h>

enum { REGION_HUGE_PAGE = 2 << 20 };

/* NULL when the system refuses.  Regions of at least one huge page start at a multiple of it. */
void *region_reserve(size_t size);
void region_release(void *start, size_t size); /* NULL is fine */

/* Asks for huge pages in [start, start + size).  A wish: nothing depends on whether it is granted. */
void region_want_huge(void *start, size_t size);

/* Gives [start, start + size), whole pages, its memory at once, without losing what is there.  False when the system does not, or
 * knows no such wish. */
bool region_populate(void *start, size_t size);

/* Moves a region of old_size bytes to a larger one, with its pages and without copying them.  NULL when the system
 * refuses: the old region is then as it was. */
void *region_grow(void *start, size_t old_size, size_t new_size);

#endif
