/* online.h: the host's side of the analysis that the program does itself (trace/planes.h): accesses that its code leaves
 * to the host, and the counts at the end.
 *
 * Independent of location.h but for the table of pairs: the two must agree on every run. */
#ifndef MT_ANALYZE_ONLINE_H
#define MT_ANALYZE_ONLINE_H

#include "analyze/counters.h"
#include "analyze/habits.h"
#include "base/error.h"
#include "trace/guest.h"
#include "trace/planes.h"

struct online_analysis;

/* `table` must outlive the analysis.  NULL and *err when memory is short. */
struct online_analysis *online_analysis_new(const struct site_table *table, struct error *err);
void online_analysis_free(struct online_analysis *a);

/* The planes of the instance that is about to run; they stay the engine's, and where they are, until
 * online_analysis_detach.  False and *err when memory is short. */
bool online_analysis_attach(struct online_analysis *a, uint8_t *const planes[PLANE_COUNT]);

/* Takes whole records at the time of their accesses.  False and *err (that of _new) when memory is short. */
bool online_analysis_put(struct online_analysis *a, const uint8_t *records, size_t size);

/* The program's code calls the host: HOST_LOG or HOST_SCALAR; *argument becomes the result. */
bool online_analysis_call(struct online_analysis *a, unsigned slot, uint32_t *argument);

/* Roughly how many accesses there were so far, while the program runs: it goes on counting meanwhile. */
uint64_t online_analysis_count(const struct online_analysis *a);

/* Takes what the planes hold after the run; they are not looked at again.  `log_at`: where the log ends; `trap`: NULL if none;
 * `memory_size`: bytes of the program's memory. */
bool online_analysis_detach(struct online_analysis *a, uint32_t log_at, uint64_t memory_size,
                            const struct guest_trap *trap);

/* After that, the habits of the table's sites (habits.h).  Returns whether they are worth keeping; false when memory is short,
 * too. */
bool online_analysis_habits(const struct online_analysis *a, const struct habits_wish *wish, struct habits *out);

/* The counts after that; the caller releases them. */
bool online_analysis_counters(struct online_analysis *a, struct counters *out, struct error *err);

#endif
