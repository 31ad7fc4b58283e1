/* habits.h: from what a run showed, the habits of its sites (trace/habit.h). */
#ifndef MT_ANALYZE_HABITS_H
#define MT_ANALYZE_HABITS_H

#include "analyze/pairs.h"
#include "trace/planes.h"

struct habits_wish {
    const struct habits *old; /* what was known before */
    uint64_t limit;           /* of sites that are not cold */
    uint64_t least;           /* what each of them has to have run */
};

struct habits_input {
    const struct site_table *table; /* as the run had it */
    const struct pair_table *pairs;
    const uint64_t *runs; /* by site: how often it ran */
    const uint64_t *odd;  /* how many of these did not meet whole marks */
    uint64_t late;        /* entries of the late log */
};

/* Fills *out, whose arrays the caller frees with free(), in any case.  Returns whether it is worth keeping: whether the run shows
 * much that wish->old does not know.  False when memory is short, too. */
bool habits_derive(const struct habits_input *in, const struct habits_wish *wish, struct habits *out);

#endif
