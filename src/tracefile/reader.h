/* reader.h: a reader of traces from within. */
#ifndef MT_TRACEFILE_READER_H
#define MT_TRACEFILE_READER_H

#include "trace/columns.h"
#include "tracefile/format.h"

enum { BATCH = 1 << 16 }; /* bytes of records that are handed out at a time */

struct trace_reader {
    struct byte_source source;
    struct error *err;
    uint64_t offset; /* of the next byte of the source */
    struct trace_head head;
    struct site_table own; /* `sites` of a file */
    const struct site_table *sites;
    struct buf packed, plain, batch;
    char *path; /* of the head */
    /* a file's */
    struct guesses *guesses;
    struct column_reader columns;
    size_t left; /* records in them */
    struct trace_ending ending;
    char trap[160], why_trace[160];
    bool ended;
    /* an image's */
    bool image;
    uint64_t lost; /* accesses that found no room */
    size_t used;   /* bytes of `plain` that were handed out */
    bool done;
    char cut[200];
    /* check.c's */
    const struct wasm_module *module; /* NULL: not known */
    uint64_t *limits;                 /* bytes of its memories */
    uint32_t *contexts;               /* functions, by number */
    size_t context_count, context_capacity;
    uint32_t context_func;
};

/* Sets *fits to whether a record that is valid (record_valid) is also possible.  False when memory is short. */
bool trace_check_record(struct trace_reader *r, const uint8_t *record, bool *fits);

/* Whether an instruction of the module's function may stand there. */
bool trace_check_call(const struct trace_reader *r, const struct trap_call *call);

/* Contexts that exist before any was met. */
bool trace_check_init(struct trace_reader *r);

/* The rest is missing, for that reason. */
void trace_cut(struct trace_reader *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

bool trace_image_next(struct trace_reader *r);

#endif
