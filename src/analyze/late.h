/* late.h: takes the late log that hot code writes (trace/planes.h): on a thread of its own when the log is full and the
 * program waits in compiled code, on the program's thread when that is in the host anyway. */
#ifndef MT_ANALYZE_LATE_H
#define MT_ANALYZE_LATE_H

#include "analyze/met.h"
#include "analyze/planes.h"
#include "base/error.h"

struct late_log;

/* All must outlive it; the planes are attached.  Fills hot cells' tables with keys that are never met.  NULL and *err when
 * memory is short or no thread can be had. */
struct late_log *late_log_new(const struct site_table *table, struct planes *planes, struct met_counts *counts,
                              struct error *err);
void late_log_free(struct late_log *l);

/* The program's thread, in the host: judges everything that is in the log.  False when memory was short at any time. */
bool late_log_take(struct late_log *l);

/* After the program's end, whichever thread: the log's rest, and what the cells hold.  `cut_off(self, site)` is how many
 * accesses of a site its counter counts too much. */
bool late_log_finish(struct late_log *l, uint64_t (*cut_off)(void *self, const struct site *site), void *self);

/* After that: accesses of a site, by its index, that were left to the host, or met rows of bytes that its table did not hold. */
uint64_t late_log_left(const struct late_log *l, size_t site);
/* How much the log took. */
uint64_t late_log_entries(const struct late_log *l);

#endif
