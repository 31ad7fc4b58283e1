/* heat.h: which instructions of a module ran often, kept from one run to the next in the user's cache, so that code may
 * stand in line where it pays and be a call elsewhere.  What a report says never depends on it. */
#ifndef MT_API_HEAT_H
#define MT_API_HEAT_H

#include "base/buf.h"

/* Bits by site, in the order of the site table. */
struct heat {
    struct buf bits;
    uint64_t sites; /* of the module it was made from; 0: nothing is known */
};

/* Looks for what is known of the module; any trouble means that nothing is.  Release in either case. */
void heat_load(struct heat *h, const uint8_t *module, size_t size);
void heat_release(struct heat *h);

/* Keeps, beside what *h knew, the sites that ran most: counts[i] for `sites` sites, no more than `limit` of them.  Does so
 * only if more than a tenth of all runs were at sites that *h does not have.  Trouble is ignored. */
void heat_save(const struct heat *h, const uint8_t *module, size_t size, const uint64_t *counts, uint64_t sites,
               uint64_t limit);

#endif
