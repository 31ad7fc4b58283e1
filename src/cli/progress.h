/* progress.h: a line at the bottom of the terminal while a program runs.
 *
 * The program may write to the same terminal at any time, also half a line.  So the line has the last row to itself: the rest of the
 * terminal is made the region that scrolls, and the cursor is put back to where it was. */
#ifndef MT_CLI_PROGRESS_H
#define MT_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    unsigned rows;     /* of the terminal, when the region was set; 0: none is */
    uint64_t accesses; /* as last shown */
};

/* False where there is to be no line: standard error is no terminal, or one that knows no such things. */
bool progress_open(struct progress *p, bool quiet);

/* As engine_options has it.  Negative seconds: the terminal becomes as it was.  The number of accesses is an estimate, and one that is
 * lower than the last is not shown. */
void progress_show(void *self, double seconds, uint64_t accesses);

#endif
