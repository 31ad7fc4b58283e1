/* host.h: what the files of the specification tests' host share: a WebAssembly host that runs one script (script.c says
 * in which language) with the modules as they are, or with each in one of its instrumented forms. */
#ifndef MT_TESTS_SPEC_HOST_H
#define MT_TESTS_SPEC_HOST_H

#include "analysis.h"

#include <wasm.h>
#include <wasmtime.h>

struct settings {
    enum form form;
    int inlining;         /* enum rewrite_inline */
    const char *spectest; /* the text of the module `spectest` */
    const char *save;     /* a prefix for files that the instrumented modules are written to, or NULL */
};

struct module {
    char *name; /* in the script's spelling */
    uint8_t *bytes;
    size_t size;
};

struct host;

/* An instance with its analysis, which holds pointers into this struct: it never moves. */
struct instance {
    char *name;
    wasmtime_instance_t instance;
    struct host *host;
    struct analysis *analysis; /* NULL where there is none */
    struct error err;
    struct engine_guest guest;
    struct slot {
        struct instance *instance;
        unsigned number;
    } slots[HOST_SLOTS];
    wasmtime_global_t pointer, log_at;
    wasmtime_memory_t trace_memory, own_memory;
    uint32_t base; /* where the records that the analysis has not seen begin */
    bool attached, failed;
    /* Stretches of code are counted, or their records added, as a whole: what one trap cut off, at the end of all, can be
     * put right. */
    bool trapped, cut; /* once, at `trap`; more than once, or who knows where */
    struct guest_trap trap;
};

struct host {
    struct settings settings;
    wasm_engine_t *engine;
    wasmtime_store_t *store;
    wasmtime_context_t *context;
    wasmtime_linker_t *linker;
    struct module **modules;
    size_t module_count;
    struct instance **instances;
    size_t instance_count;
    bool has_latest;
    size_t saved;
};

/* Ends the process: this machine or this program is at fault. */
_Noreturn void fail(const char *what);
void *allocate(size_t count, size_t size);

/* values.c: a value's text is KIND:VALUE; numbers are unsigned decimals of their bits, vectors 32 hexadecimal digits. */
/* Some argument of this type: a small number, null. */
void value_make(const wasm_valtype_t *type, unsigned number, wasmtime_val_t *value);
bool value_parse(struct host *h, const char *text, wasmtime_val_t *value);
void value_print(struct host *h, const wasmtime_val_t *value);

/* attach.c: lets the analysis of a fresh instance take its records, then calls its start function. */
bool instance_attach(struct instance *in, wasm_trap_t **trap, wasmtime_error_t **error);
/* Prints what the analysis has seen: `report NUMBER HOW JSON`. */
void instance_report(struct instance *in, size_t number);

#endif
