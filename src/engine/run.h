/* run.h: the state that the files of this folder share during one run. */
#ifndef MT_ENGINE_RUN_H
#define MT_ENGINE_RUN_H

#include "engine/engine.h"

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <wasi.h>
#include <wasmtime.h>

/* The plain engine gives code 512 KiB of stack.  Instrumented frames are larger, so that the same depth needs more;
 * host calls run on the same stack, below. */
enum { GUEST_STACK = 8 << 20, HOST_STACK = 8 << 20 };

/* Sent by the guest's thread when the program begins and when it is through; it never reaches a handler, since the
 * controlling thread blocks it and takes it with sigtimedwait. */
enum { SIGNAL_NEWS = SIGUSR1 };

/* Sent to the guest's thread, to make it stand still. */
enum { SIGNAL_PARK = SIGUSR2 };

enum { FIRST_ADAPTED = 4 }; /* functions that differ between WASI's first snapshot and preview 1 */

/* What stands between the two: an instance of first_snapshot.c's. */
struct first_snapshot {
    bool instantiated;
    wasmtime_func_t funcs[FIRST_ADAPTED];
    wasmtime_memory_t memory;
    struct first_func {
        struct first_snapshot *first;
        int which;
    } calls[FIRST_ADAPTED]; /* what the host's functions get */
};

/* What the next call of the program gets that is to be the same in each run. */
struct repeatable {
    uint64_t random; /* the generator's state */
    uint64_t time;   /* nanoseconds since the program began */
};

struct run {
    const struct engine_options *options;
    struct engine_guest sink;
    struct host_slot {
        struct run *run;
        unsigned slot;
    } slots[HOST_SLOTS]; /* what the host's functions get */
    struct engine_result *result;
    struct error err; /* the guest thread's while it runs */

    wasm_engine_t *engine;
    wasmtime_store_t *store;
    wasmtime_context_t *context;
    wasmtime_linker_t *linker;
    wasmtime_module_t *module;
    struct first_snapshot first;
    struct repeatable repeatable;
    wasmtime_instance_t instance;
    wasmtime_memory_t trace_memory;
    wasmtime_global_t pointer;
    wasmtime_global_t refused; /* where has_refused */
    bool trapped, has_refused;
    struct guest_trap trap;  /* where */
    unsigned before_missing; /* bytes of the access that were there, in front of the first that was not */
    wasmtime_global_t log_at;
    wasmtime_memory_t own_memory;             /* the program's, if it keeps planes */
    uint32_t arg_bytes, env_count, env_bytes; /* as WASI tells the program */
    uint8_t *trace;                           /* the trace memory's first byte; it does not move under a host */
    uint32_t base;                            /* where the records that the sink has not seen begin */
    const uint8_t *code_start, *code_end;     /* of the compiled code */
    bool sink_failed;

    /* Between the two threads. */
    pthread_t guest;
    pthread_t control;
    atomic_bool attached; /* the guest may write records, and `trace` is set */
    atomic_bool done;     /* the guest's thread is through */
    atomic_bool stop;     /* the guest is to stand still */
    atomic_bool force;    /* even where it may hold a lock */
    atomic_bool in_sink;
    atomic_bool drained;  /* it stands still behind the sink: nothing is left to hand over */
    atomic_int detaching; /* how many threads came to run_detach */
    atomic_int detached;  /* 1: it is done; -1: it failed */
    atomic_ullong bytes;  /* of records so far */
    sem_t parked;
};

/* Seconds since some moment. */
double run_clock(void);

/* link.c: everything up to an instance of the module. */
bool run_open(struct run *run);
void run_close(struct run *run);

/* first_snapshot.c: what the module imports of `wasi_unstable` is there, too.  Preview 1 has been defined. */
bool run_define_first_snapshot(struct run *run);

/* repeatable.c: random numbers and clocks that are the same in each run, where they are asked for.  Preview 1 has been defined. */
bool run_define_repeatable(struct run *run);

/* The memory that WASI takes for a call: the one that the caller exports as `memory`.  False where there is none. */
bool run_caller_memory(wasmtime_caller_t *caller, uint8_t **bytes, size_t *size);

/* surroundings.c: what the program sees of the world. */
bool run_surroundings(struct run *run);

/* call.c: attaches the host and calls the program. */
bool run_program(struct run *run);

/* Lets the analysis look at the planes for the last time.  Either thread may call it: the second does nothing. */
bool run_detach(struct run *run);

/* How often --max-memory refused to let a memory grow. */
uint32_t run_refused(struct run *run);

/* ending.c: what a failed call means. */
void run_ending(struct run *run, wasmtime_error_t *error, wasm_trap_t *trap);
/* Sets the run's error from the engine's, whose memory it frees. */
bool run_engine_error(struct run *run, const char *what, wasmtime_error_t *error, wasm_trap_t *trap);

/* fault.c: between the two, accesses outside of memory are watched by the guest's thread. */
void fault_watch(struct run *run);
void fault_forget(void);

/* park.c: standing still.  The guest's thread calls park_install before it runs, and park_here when it is to stop. */
/* Whether a signal, of which this is the context, met the guest in compiled code. */
bool run_is_compiled(const struct run *run, const void *context);
bool park_install(struct run *run);
void park_forget(void); /* no run is to be parked any more */
void park_here(struct run *run);
/* The controlling thread: returns once the guest stands still or nothing can be done about it. */
void park_guest(struct run *run);

#endif
