/* prefault.h: has the system give memory to the planes ahead of a program that goes through its memory from one end to the
 * other, on a thread of its own: a page that the program's own thread has to ask for costs it a few microseconds, and there are up to ten
 * pages of planes for each of the program's. */
#ifndef MT_ANALYZE_PREFAULT_H
#define MT_ANALYZE_PREFAULT_H

#include "analyze/planes.h"

struct prefault;

/* The planes' memories must outlive it.  NULL: it is not to be had here, and nothing but time is lost. */
struct prefault *prefault_new(const struct planes *planes);
void prefault_free(struct prefault *p); /* NULL is fine */

#endif
