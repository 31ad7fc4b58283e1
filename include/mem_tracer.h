/* mem_tracer.h: the library's interface: instrument a WebAssembly module, or run it and get the report.
 *
 * All functions may be called from any thread, mem_tracer_run only from one at a time in a process (it takes over
 * SIGINT, SIGTERM and SIGHUP, ignores SIGPIPE and uses SIGUSR1 and SIGUSR2 for itself).  Memory that a function hands
 * out is freed with free(). */
#ifndef MEM_TRACER_H
#define MEM_TRACER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct mem_tracer_error {
    bool has_offset;
    uint64_t offset;   /* bytes from the start of the module */
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
    bool keep_debug; /* mem_tracer_instrument: keep sections that speak of the old code's offsets */
    double timeout;  /* mem_tracer_run: seconds; 0: none */
    bool cache;      /* mem_tracer_run: keep compiled code in wasmtime's cache */
    const char *debug_file;                   /* mem_tracer_run: a module with DWARF, or a source map; */
                                              /* NULL: the module's own DWARF */
    const struct mem_tracer_pair *source_map; /* where source files lie now: a prefix of their names, a folder */
    size_t source_map_count;
    bool contexts;          /* mem_tracer_run: tell pairs apart by calling contexts (docs/contexts.md) */
    uint32_t context_depth; /* of so many functions, 1000 at the most; 0: all */
    bool objects;           /* mem_tracer_run: put pairs down to objects (docs/objects.md) */
};

/* The version of the library, such as "0.1.0". */
const char *mem_tracer_version(void);

/* Rewrites a module so that it records its accesses (docs/trace.md).  False and *error, which may be NULL, on failure. */
bool mem_tracer_instrument(const uint8_t *module, size_t size, const struct mem_tracer_options *options,
                           uint8_t **out, size_t *out_size, struct mem_tracer_error *error);

/* Runs a module's _start with the process's standard streams, and hands out the report (docs/report.md): a JSON text,
 * NUL-terminated.  A program that traps or exits is no failure.  After a time-out or a signal the guest's thread is left
 * where it stood: the process should end soon. */
bool mem_tracer_run(const uint8_t *module, size_t size, const struct mem_tracer_options *options, char **json,
                    struct mem_tracer_error *error);

#ifdef __cplusplus
}
#endif

#endif
