/* scalar.h: one load or store, judged by the host and byte for byte, whatever the state of the planes. */
#ifndef MT_ANALYZE_SCALAR_H
#define MT_ANALYZE_SCALAR_H

#include "analyze/met.h"
#include "analyze/planes.h"

/* Counts the pairs of an access that leaves the mark `own`, and leaves it.  The access itself is counted by the caller.  False
 * when memory is short. */
bool scalar_judge(struct planes *planes, struct met_counts *counts, mark own, uint64_t address, bool silent);

#endif
