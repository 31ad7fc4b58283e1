/* log.h: takes the log that an instrumented program writes (trace/planes.h), on a thread of its own, so that a second
 * processor does what the program's need not wait for. */
#ifndef MT_ANALYZE_LOG_H
#define MT_ANALYZE_LOG_H

#include "analyze/met.h"
#include "base/error.h"

struct log_reader;

/* `log` is the plane.  NULL and *err when memory is short or no thread can be had. */
struct log_reader *log_reader_new(const struct site_table *table, const uint8_t *log, struct error *err);
/* Waits for what was handed over. */
void log_reader_free(struct log_reader *r);

/* Hands over the entries of the present buffer up to `end`, and returns where the next buffer starts, which is free. */
uint32_t log_reader_pass(struct log_reader *r, uint32_t end);

/* After the last buffer: adds everything to *counts.  False when memory was short at any time. */
bool log_reader_finish(struct log_reader *r, struct met_counts *counts);

#endif
