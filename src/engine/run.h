/* run.h: the state that the files of this folder share during one run. */
#ifndef MT_ENGINE_RUN_H
#define MT_ENGINE_RUN_H

#include "engine/engine.h"
#include "engine/replay.h"
#include "engine/turns.h"

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

/* Which part of the program a run sees to (trace/halves.h). */
enum run_part { RUN_WHOLE, RUN_FIRST, RUN_SECOND };

struct run {
    const struct engine_options *options;
    enum run_part part;
    struct run *other;     /* a second run's: the first one */
    struct replay *replay; /* both runs'; the second one owns it */
    bool over;             /* the first: its part is */
    bool keeps;            /* the second: its part has begun */
    uint32_t asked;        /* function index of the WASI call that is being made */
    uint64_t turns_given,
        turns_left;          /* to the code so far; until the part ends or begins, that it has not been given yet */
    struct turn_marks marks; /* while planes are kept */
    double began, ended;     /* run_clock when the program began and was over */
    atomic_bool launched;    /* the first: its thread is there */
    struct engine_guest sink;
    struct host_slot {
        struct run *run;
        unsigned slot;
    } slots[HOST_SLOTS];                      /* what the host's functions get */
    struct engine_result *result, own_result; /* the latter is the first run's */
    struct error err;                         /* the guest thread's while it runs */

    wasm_engine_t *engine;
    wasmtime_store_t *store;
    wasmtime_context_t *context;
    wasmtime_linker_t *linker;
    wasmtime_module_t *module;
    wasmtime_instance_t instance;
    wasmtime_memory_t trace_memory;
    wasmtime_global_t pointer;
    wasmtime_global_t refused; /* where has_refused */
    bool trapped, has_refused;
    struct guest_trap trap; /* where */
    wasmtime_global_t log_at;
    wasmtime_memory_t own_memory;         /* the program's, if it keeps planes */
    uint8_t *trace;                       /* the trace memory's first byte; it does not move under a host */
    uint32_t base;                        /* where the records that the sink has not seen begin */
    const uint8_t *code_start, *code_end; /* of the compiled code */
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

/* Of a first run: an instance of the second one's module. */
bool run_open_again(struct run *run, const struct run *second);

/* surroundings.c: what the program sees of the world. */
bool run_surroundings(struct run *run);

/* call.c: attaches the host and calls the program. */
bool run_program(struct run *run);

/* halves.c: before the first call: how many turns the code gets, and whether it keeps planes from the start. */
bool run_set_turns(struct run *run);
/* The host's functions in the slots from HOST_TURN on.  A trap ends the run. */
wasm_trap_t *run_turn(struct run *run, uint32_t *argument);
wasm_trap_t *run_ask(struct run *run, uint32_t *argument);
void run_tell(struct run *run, uint32_t result);
/* A second run that has not come to its part: keeps what the host wrote, which stands in these records. */
void run_keep_writes(struct run *run, const uint8_t *records, size_t size);
/* After the end of the program, by both runs if there are two: engine_result.middle. */
uint64_t run_middle(const struct run *run);

/* call.c: an exported global. */
bool run_set_global(struct run *run, const char *name, uint32_t value);

/* Lets the analysis look at the planes for the last time.  Either thread may call it: the second does nothing. */
bool run_detach(struct run *run);

/* How often --max-memory refused to let a memory grow. */
uint32_t run_refused(struct run *run);

/* ending.c: what a failed call means. */
void run_ending(struct run *run, wasmtime_error_t *error, wasm_trap_t *trap);
/* Sets the run's error from the engine's, whose memory it frees. */
bool run_engine_error(struct run *run, const char *what, wasmtime_error_t *error, wasm_trap_t *trap);

/* park.c: standing still.  The guest's thread calls park_install before it runs, and park_here when it is to stop. */
bool park_install(struct run *run);
void park_forget(void); /* no run is to be parked any more */
void park_here(struct run *run);
/* The controlling thread: returns once the guest stands still or nothing can be done about it. */
void park_guest(struct run *run);

#endif
