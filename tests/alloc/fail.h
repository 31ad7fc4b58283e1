/* fail.h: allocations of the project's own code that fail when they are told to.
 *
 * The libraries that tests of this folder are linked with are the project's own, with the names of symbols.txt changed by
 * objcopy: what they allocate comes here, and nothing that others do (the engine ends the process when it has no memory). */
#ifndef MT_TESTS_FAIL_H
#define MT_TESTS_FAIL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* From now on the allocation with this number fails, counted from 1, and with `later` all behind it, too.  0: none does. */
void fail_start(uint64_t number, bool later);

/* Nothing fails any more.  How many allocations there were since fail_start. */
uint64_t fail_stop(void);

/* A line for each allocation from here on: two numbers that those from the same place share, and those from the same place
 * that is reached in the same way.  NULL: no more. */
void fail_log(FILE *to);

/* Where the last one failed: return addresses, innermost first. */
enum { FAIL_FRAMES = 8 };
int fail_place(void *frames[FAIL_FRAMES]);

#endif
