/* tracefile.h: a run's trace as a file, and back: compressed, in frames with checksums, readable as far as it got when the run
 * or the disk gave out.  docs/trace-file.md describes the format. */
#ifndef MT_TRACEFILE_TRACEFILE_H
#define MT_TRACEFILE_TRACEFILE_H

#include "base/buf.h"
#include "base/error.h"
#include "trace/record.h"
#include "trace/trap.h"
#include "wasm/module.h"

#include <stdio.h>

/* What a trace says of its module and its run. */
struct trace_head {
    const char *path;      /* as the run was told */
    const char *why_trace; /* why a program like this cannot keep the analysis itself; "": it can */
    uint64_t module_size, module_hash;
    bool values;   /* records hold values */
    bool contexts; /* there are records of contexts */
    bool objects;  /* of allocations and of the stack */
    uint32_t context_depth;
    uint64_t max_memory; /* bytes that each memory of the program might grow to; 0: what the module says */
};

struct trace_ending {
    bool has_exit_code;
    uint32_t exit_code;
    const char *trap; /* "": none */
    struct trap_place trap_at;
    uint64_t records;
    uint32_t grows_refused; /* how often max_memory kept a memory from growing */
};

/* ---- Writing, in memory that does not grow with the trace ---- */

struct trace_writer;

/* Writes what stands at the front of a trace.  The stream and the table, which must outlive the writer, stay the caller's; `path` is
 * for messages.  NULL and *err on failure; *err also gets what fails later. */
struct trace_writer *trace_writer_new(FILE *stream, const char *path, const struct trace_head *head,
                                      const struct site_table *table, struct error *err);
struct record_sink trace_writer_sink(struct trace_writer *w);
/* Writes what is left, and that the trace is whole. */
bool trace_writer_finish(struct trace_writer *w, const struct trace_ending *ending);
void trace_writer_free(struct trace_writer *w);

/* ---- Reading ---- */

/* Up to `size` bytes; less only at the end. */
struct byte_source {
    size_t (*read)(void *self, uint8_t *to, size_t size);
    void *self;
};

struct trace_reader;

/* Whether the bytes, of which 8 are enough, start a trace file. */
bool trace_is_file(const uint8_t *bytes, size_t size);

/* NULL and *err (ERROR_INPUT) where no trace begins.  Whatever the bytes are, what is handed out is valid: sites are
 * instructions that touch memory or calls, records those of a site (record_valid), contexts were met before. */
struct trace_reader *trace_reader_new(struct byte_source source, struct error *err);
void trace_reader_free(struct trace_reader *r);
const struct trace_head *trace_reader_head(const struct trace_reader *r);
const struct site_table *trace_reader_sites(const struct trace_reader *r);

/* Has all that follows fit the module: functions and opcodes of sites, imports, memories and the addresses in them. */
bool trace_reader_check(struct trace_reader *r, const struct wasm_module *module, struct error *err);

/* Whether [records, records + size) are whole, valid and possible, in the order of all that were asked about before; *good is how many
 * bytes are.  False with *err (that of _new) where not all of them are. */
bool trace_reader_accepts(struct trace_reader *r, const uint8_t *records, size_t size, size_t *good);

/* The next batch of whole records, valid until the next call.  False at the end, or with *err when memory is short. */
bool trace_reader_next(struct trace_reader *r, const uint8_t **records, size_t *size);

/* After that: why the rest is missing, or NULL; and how the run ended, NULL where that is missing. */
const char *trace_reader_cut(const struct trace_reader *r);
uint64_t trace_reader_lost(const struct trace_reader *r); /* accesses of the run that found no room */
const struct trace_ending *trace_reader_ending(const struct trace_reader *r);

/* A reader of what another engine leaves in `_trace_memory` (docs/trace.md), whose sites are those of `table`. */
struct trace_reader *trace_image_new(struct byte_source source, const struct site_table *table, struct error *err);

#endif
