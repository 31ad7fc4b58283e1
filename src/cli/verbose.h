/* verbose.h: what --verbose says on standard error of what is done; a line for each step, and nothing where it is not asked for. */
#ifndef MT_CLI_VERBOSE_H
#define MT_CLI_VERBOSE_H

#include "api/tracer.h"
#include "cli/options.h"

void verbose_module(const struct options *o, const struct tracer *t);
/* The module that --out names, of so many bytes, after so many seconds. */
void verbose_output(const struct options *o, uint64_t size, double seconds);
/* After the run, or the analysis of a trace. */
void verbose_run(const struct options *o, const struct tracer *t);
void verbose_report(const struct options *o, const struct tracer *t, double seconds);

/* Seconds since some moment. */
double verbose_clock(void);

#endif
