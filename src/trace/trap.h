/* trap.h: where a program trapped, as the run tells the report, and a saved trace keeps it. */
#ifndef MT_TRACE_TRAP_H
#define MT_TRACE_TRAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TRAP_CALLS_MAX = 64 };

/* Stands for a trap where it is not known how the program ended, or whether it did. */
#define TRAP_UNKNOWN "the trace does not say"

/* An instruction of the input module. */
struct trap_call {
    uint32_t func, file_off;
};

struct trap_place {
    struct trap_call calls[TRAP_CALLS_MAX]; /* that were under way, the innermost first; the first trapped */
    size_t depth;                           /* 0: not known */
    bool has_address;                       /* an access outside of memory: */
    uint64_t address, memory_size;          /* where it began, and how many bytes there are */
};

#endif
