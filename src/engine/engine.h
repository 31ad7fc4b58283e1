/* engine.h: runs an instrumented module on wasmtime with WASI preview 1 and hands its records to a sink.
 *
 * The guest runs on a thread of its own, the caller's thread waits for it, for signals (SIGINT, SIGTERM, SIGHUP) and for
 * the time limit.  Where one of these ends the run, the guest's thread is stopped where it stands: the process should
 * then finish its report and leave with _exit (engine_result.abandoned), and signals stay as they are then: those three blocked in the
 * calling thread, but for the one that ended the run, which ends the process when it comes again.  Otherwise engine_run leaves the
 * thread's mask and the process's actions as it found them, and a signal that came at the very end is pending, or delivered. */
#ifndef MT_ENGINE_ENGINE_H
#define MT_ENGINE_ENGINE_H

#include "base/error.h"
#include "trace/guest.h"
#include "trace/planes.h"
#include "trace/record.h"
#include "trace/trap.h"

/* The program's clocks: the computer's, ones that stand still, or ones that go on by a step with each call that asks for the time. */
enum engine_clock { ENGINE_CLOCK_REAL, ENGINE_CLOCK_FIXED, ENGINE_CLOCK_TICKING };

enum engine_stubs { ENGINE_STUBS_NONE, ENGINE_STUBS_TRAP, ENGINE_STUBS_DEFAULT };

/* A pair of strings: NAME=VALUE of the environment, a host directory and the guest's name for it, a module's name and
 * its file. */
struct engine_pair {
    const char *first, *second;
};

/* All strings and arrays are the caller's, and must live until engine_run returns. */
struct engine_options {
    const uint8_t *module; /* the instrumented module */
    size_t module_size;
    void (*compiled)(void *self); /* called when the instrumented module is not needed any more */
    void *compiled_self;
    const uint8_t *original; /* the module that it was made from: its offsets are what messages should name */
    size_t original_size;
    const char *const *args; /* argv[0] first */
    size_t arg_count;
    const struct engine_pair *env;
    size_t env_count;
    bool inherit_env;
    const struct engine_pair *dirs;
    size_t dir_count;
    const struct engine_pair *preloads;
    size_t preload_count;
    enum engine_stubs stubs;
    const char *invoke;             /* NULL: _start */
    const char *const *invoke_args; /* numbers in text */
    size_t invoke_arg_count;
    bool seeded; /* random_get gives the numbers that follow from `seed` */
    uint64_t seed;
    enum engine_clock clock;
    double timeout; /* seconds of the guest's run; 0: none */
    bool fast;      /* compile in a short time, though the code then takes longer to run */
    bool cache;     /* keep compiled code in wasmtime's cache */
    /* While the program runs, called about once a second by the thread that waits, with roughly how many accesses there were; once more
     * before the run's end is looked at, with negative seconds.  NULL: nobody wants to know. */
    void (*alive)(void *self, double seconds, uint64_t accesses);
    void *alive_self;
};

/* A call of the instrumented module that was under way; offsets of the instruction, from its body's and its module's start. */
struct engine_frame {
    uint32_t func;
    uint64_t offset, module_offset;
};

/* Where the program trapped. */
struct engine_trap {
    struct engine_frame frames[TRAP_CALLS_MAX]; /* the innermost first, as many as the engine tells of */
    size_t frame_count;
    bool has_address;              /* an access outside of memory, which the engine's guard pages caught: */
    uint64_t address, memory_size; /* where it began, and how many bytes there are */
};

struct engine_result {
    bool has_exit_code;
    uint32_t exit_code; /* the program's */
    char trap[160]; /* a phrase of the report's contract, or the engine's words; "" when the program ended by itself */
    struct engine_trap where;            /* after a trap */
    uint32_t grows_refused;              /* how often --max-memory refused to let a memory grow */
    int signal;                          /* that ended the run, or 0 */
    double compile_seconds, run_seconds; /* to compile the module or find it in the cache; of the program alone */
    bool abandoned;                      /* the guest's thread still stands somewhere: leave with _exit */
};

/* Who takes what the program records.  All but the first two is NULL for modules that keep no planes. */
struct engine_guest {
    struct record_sink records;
    /* A trap there ended the program: how many bytes of records lie from `at` on that it has written, but not yet added to its
     * trace. */
    uint32_t (*unfinished)(void *self, const uint8_t *at, const struct guest_trap *trap);
    bool (*attach)(void *self, uint8_t *const planes[PLANE_COUNT]); /* before the first access */
    bool (*call)(void *self, unsigned slot,
                 uint32_t *argument); /* the program calls the host's function in a slot above HOST_RECORDS; false
                                              * stops the run as a sink's does */
    /* The program is over, its log ends there, its memory has so many bytes, and it ended
     * by itself (NULL) or there: the last moment at which planes exist. */
    bool (*detach)(void *self, uint32_t log_at, uint64_t memory_size, const struct guest_trap *trap);
    /* Between the two, from any thread: roughly how many accesses there were that were not recorded. */
    uint64_t (*count)(void *self);
};

/* False and *err when the program could not be run at all, or the sink failed; the sink may have got records then. */
bool engine_run(const struct engine_options *options, const struct engine_guest *guest, struct engine_result *result,
                struct error *err);

#endif
