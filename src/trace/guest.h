/* guest.h: how an instrumented module and its host meet: names of exports and the layout of the trace memory.
 *
 * The module writes records (record.h) upwards from GUEST_TRACE_BASE of the memory that it exports as `_trace_memory`;
 * the global `_trace_mem_pointer` holds the next free byte.  Code asks for room before it writes: when the pointer is
 * above the global `_trace_limit`, it calls a function that
 *
 *  - with a host (slot 0 of the table `_trace_host` holds a function (i32) -> (i32)): calls it with the pointer, goes
 *    on at the address that it returns and has GUEST_BUFFER bytes there;
 *  - without one: grows the memory, up to its maximum; then keeps what it has, and counts what it could not keep in the
 *    global `_trace_lost` (i64).  The last records before the pointer may then lie behind a gap.
 *
 * Records never reach more than GUEST_SLACK bytes above the limit. */
#ifndef MT_TRACE_GUEST_H
#define MT_TRACE_GUEST_H

#include <stdint.h>

#define GUEST_MEMORY "_trace_memory"
#define GUEST_POINTER "_trace_mem_pointer"
#define GUEST_LIMIT "_trace_limit"
#define GUEST_LOST "_trace_lost"
#define GUEST_HOST_TABLE "_trace_host"
#define GUEST_START "_trace_start"         /* the start function, where a host has to call it itself */
#define GUEST_ARG_COUNT "_trace_argc"      /* i32 globals that a host may set before the first call; else the module */
#define GUEST_ARG_BYTES "_trace_argv_size" /* learns them from args_sizes_get and environ_sizes_get */
#define GUEST_ENV_COUNT "_trace_environ_count"
#define GUEST_ENV_BYTES "_trace_environ_size"
#define GUEST_REFUSED "_trace_refused"  /* i32: how often --max-memory refused to let a memory grow */
#define GUEST_OWN_MEMORY "_trace_guest" /* online: the program's own memory */
#define GUEST_LOG "_trace_log_at"       /* online: the global that says where the log's next entry goes (planes.h) */
#define GUEST_SECTION "mem-tracer"      /* custom section with the site table */

/* Where a trap ended the program: function index, and offset from the start of its body, in the instrumented module. */
struct guest_trap {
    uint32_t func;
    uint64_t offset;
};

enum {
    GUEST_PAGE = 65536,
    GUEST_TRACE_BASE = GUEST_PAGE, /* the page below is the instrumented code's scratch space */
    GUEST_SLACK = 4096,
    GUEST_BUFFER = 256 * 1024, /* stays in a second-level cache */
    GUEST_BUFFERS = 4,         /* under a host */
};

/* What the module knows of directories whose names the program may ask for: at the first address in its trace memory how many
 * there are (u32), at the second one for each its descriptor and how many bytes its name has (u32 both).  A host may write it
 * before the first call; else the module learns it from fd_prestat_get. */
enum { GUEST_NAME_COUNT = 61456, GUEST_NAMES = 61504, GUEST_NAMES_MAX = 504 };

/* Where in its trace memory the module keeps the value of `_trace_lost` (u64), too: whoever has only the memory's bytes is told. */
enum { GUEST_LOST_AT = 61464 };

/* Where it leaves word of a fill, copy or init that reaches beyond memory, before that traps: the range's first byte and the bytes of memory
 * (u64 both), and behind them 1 (u32).  The engine tells of neither. */
enum { GUEST_OUTSIDE_AT = 61472 };

#endif
