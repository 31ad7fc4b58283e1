/* mem_tracer.h: the library's interface: instrument a WebAssembly module, or run it and get the report; or run the instrumented
 * module on an engine of your own, and feed what it recorded to an analysis.
 *
 * All functions may be called from any thread, mem_tracer_run and mem_tracer_run_to only from one at a time in a process.  No other
 * function starts threads or changes what signals do.  Memory that a function hands out is freed with free().
 *
 * While one of those two runs, the program has a thread of its own, and there are others of the engine's and the analysis's, all of which
 * have SIGINT, SIGTERM, SIGHUP and SIGUSR1 blocked.  They are blocked in the calling thread, too, which waits for them: the first three end
 * the program, if they reach that thread (block them in the process's other threads).  SIGPIPE is ignored, and SIGUSR1 and SIGUSR2
 * are used for the run itself.  When the function returns, the calling thread's mask and the actions of all these signals are what
 * they were before; what came too late to end the program is delivered then.  But after a signal or a time-out did end it, the program's
 * thread is left standing where it was, and the signals stay blocked and ignored as above, but for the one that ended it, which has its
 * default action again: the process is expected to end soon.  The engine's handlers of SIGSEGV and SIGILL (of SIGFPE and SIGBUS, too, where it needs them) stay for good;
 * they hand on what is not the program's. */
#ifndef MEM_TRACER_H
#define MEM_TRACER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* All that the shared library exports; the rest of it is hidden. */
#if defined(__GNUC__)
#define MEM_TRACER_API __attribute__((visibility("default")))
#else
#define MEM_TRACER_API
#endif

struct mem_tracer_error {
    bool has_offset;
    uint64_t offset;    /* bytes from the start of the module */
    char message[8192]; /* one line */
};

struct mem_tracer_pair {
    const char *first, *second;
};

/* All zero is a good default.  Strings and arrays are the caller's. */
struct mem_tracer_options {
    const char *name;        /* the module's name: argv[0] and the report's input.path; NULL: "module.wasm" */
    const char *const *args; /* behind argv[0] */
    size_t arg_count;
    const struct mem_tracer_pair *env; /* name, value */
    size_t env_count;
    const struct mem_tracer_pair *dirs; /* host directory, the guest's name for it */
    size_t dir_count;
    bool keep_debug;        /* mem_tracer_instrument: keep sections that speak of the old code's offsets */
    double timeout;         /* mem_tracer_run: seconds; 0: none */
    bool cache;             /* mem_tracer_run: keep compiled code in wasmtime's cache, and take it from there */
    bool habits;            /* mem_tracer_run: keep what this run shows of the module's instructions in the user's */
                            /* cache (mem-tracer/habits), and go by what earlier ones showed, which makes it faster */
    const char *debug_file; /* mem_tracer_run: a module with DWARF or names, or a source map; */
                            /* NULL: the module's own DWARF */
    const struct mem_tracer_pair *source_map; /* where source files lie now: a prefix of their names, a folder */
    size_t source_map_count;
    bool contexts;          /* mem_tracer_run: tell pairs apart by calling contexts (docs/contexts.md) */
    uint32_t context_depth; /* of so many functions, 1000 at the most; 0: all */
    bool objects;           /* mem_tracer_run: put pairs down to objects (docs/objects.md) */
    bool distances;         /* measure how far the sides of pairs are apart (docs/report.md) */
};

/* The version of the library, such as "0.1.0". */
MEM_TRACER_API const char *mem_tracer_version(void);

/* Rewrites a module so that it records its accesses (docs/trace.md).  False and *error, which may be NULL, on failure. */
MEM_TRACER_API bool mem_tracer_instrument(const uint8_t *module, size_t size, const struct mem_tracer_options *options,
                                          uint8_t **out, size_t *out_size, struct mem_tracer_error *error);

/* ---- Formats ----
 *
 * A report has many forms: docs/formats.md and docs/report.md.  Their names are those of --format ("json", "html", "pprof" and so
 * on), and "summary" ("text"), and "locations" (as -f). */

/* The names of --format one by one, from 0; NULL behind the last. */
MEM_TRACER_API const char *mem_tracer_format(size_t index);

/* Takes all the bytes, the next part of a report each time.  False: it could not, and is not called again. */
typedef bool mem_tracer_write(void *self, const void *bytes, size_t size);

/* One for which `self` is a FILE; flushing it is left to its owner. */
MEM_TRACER_API bool mem_tracer_write_file(void *file, const void *bytes, size_t size);

/* A report goes there in this format.  Several outputs are written one behind the other. */
struct mem_tracer_output {
    const char *format;
    mem_tracer_write *write;
    void *self; /* handed to `write` */
};

/* Runs a module's _start with the process's standard streams, and hands out the report (docs/report.md): a JSON text,
 * NUL-terminated.  A program that traps or exits is no failure.  After a time-out or a signal the guest's thread is left
 * where it stood: the process should end soon.  What the call does to signals and threads is said above. */
MEM_TRACER_API bool mem_tracer_run(const uint8_t *module, size_t size, const struct mem_tracer_options *options,
                                   char **json, struct mem_tracer_error *error);

/* The same, with the report in any formats.  One that does not exist is an error before the program runs. */
MEM_TRACER_API bool mem_tracer_run_to(const uint8_t *module, size_t size, const struct mem_tracer_options *options,
                                      const struct mem_tracer_output *outputs, size_t count,
                                      struct mem_tracer_error *error);

/* ---- With an engine of your own ----
 *
 * The instrumented module leaves its records in the memory that it exports as `_trace_memory`, from MEM_TRACER_RECORDS up to the
 * value of its global `_trace_mem_pointer` (docs/trace.md).  Feed them to an analysis of the module that it was made from. */
enum { MEM_TRACER_RECORDS = 65536 };

struct mem_tracer_analysis;

/* `module`, not instrumented, and the strings of the options must stay until the analysis is freed.  NULL and *error on failure. */
MEM_TRACER_API struct mem_tracer_analysis *mem_tracer_analysis_new(const uint8_t *module, size_t size,
                                                                   const struct mem_tracer_options *options,
                                                                   struct mem_tracer_error *error);

/* Takes whole records in the order in which they were made, as many at once as you like.  False and *error for what is none
 * of this module; nothing more should be fed then, but there is a report of what came before. */
MEM_TRACER_API bool mem_tracer_analysis_feed(struct mem_tracer_analysis *analysis, const uint8_t *records, size_t size,
                                             struct mem_tracer_error *error);

/* What the report says of the program's end: its exit code, or why it ended early (NULL: it did not). */
MEM_TRACER_API void mem_tracer_analysis_end(struct mem_tracer_analysis *analysis, uint32_t exit_code, const char *trap);

/* The report of what was fed so far, in a format that is text (all but "pprof"); NUL-terminated. */
MEM_TRACER_API bool mem_tracer_analysis_report(struct mem_tracer_analysis *analysis, const char *format, char **text,
                                               struct mem_tracer_error *error);

/* The same, in any formats. */
MEM_TRACER_API bool mem_tracer_analysis_report_to(struct mem_tracer_analysis *analysis,
                                                  const struct mem_tracer_output *outputs, size_t count,
                                                  struct mem_tracer_error *error);

MEM_TRACER_API void mem_tracer_analysis_free(struct mem_tracer_analysis *analysis);

/* ---- Saved traces ---- */

/* Hands out up to `size` bytes; less only at the end. */
typedef size_t mem_tracer_read(void *self, uint8_t *to, size_t size);

/* The report of a saved trace (docs/trace-file.md), or of `_trace_memory` as a whole.  Where something of the trace is missing,
 * the result is true, and error->message says what; else it is empty. */
MEM_TRACER_API bool mem_tracer_analyze(const uint8_t *module, size_t size, const struct mem_tracer_options *options,
                                       mem_tracer_read *read, void *self, const char *format, char **text,
                                       struct mem_tracer_error *error);

/* The same, in any formats. */
MEM_TRACER_API bool mem_tracer_analyze_to(const uint8_t *module, size_t size, const struct mem_tracer_options *options,
                                          mem_tracer_read *read, void *self, const struct mem_tracer_output *outputs,
                                          size_t count, struct mem_tracer_error *error);

#ifdef __cplusplus
}
#endif

#endif
