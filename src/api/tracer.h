/* tracer.h: one module's way through the stations: read, rewrite, run, analyse, report.  The command line and the public
 * library (include/mem_tracer.h) are both thin layers over it. */
#ifndef MT_API_TRACER_H
#define MT_API_TRACER_H

#include "api/collect.h"
#include "api/habit_file.h"
#include "api/objects.h"
#include "engine/engine.h"
#include "report/own.h"
#include "report/report.h"
#include "rewrite/rewrite.h"
#include "symbol/lines.h"
#include "tracefile/tracefile.h"

enum analysis_choice {
    ANALYSIS_AUTO,
    ANALYSIS_ONLINE,
    ANALYSIS_TRACE,
    ANALYSIS_RECORD, /* none: accesses are recorded with their values, read and thrown away */
};

enum { TRACER_CUT_SIZE = 200 };

struct tracer {
    const uint8_t *bytes; /* of the input; borrowed */
    size_t size;
    const char *path; /* what the report calls it; borrowed */
    struct wasm_module module;
    struct buf executed; /* the form of the module that runs, until it is compiled */
    size_t executed_size;
    struct site_table sites;
    struct collect collect;
    struct engine_options engine; /* of the run: a guest that was left behind may still be compiling by them */
    struct engine_result result;
    struct trap_place trap_at;  /* its trap's place in the input */
    struct symbol_lines *lines; /* the caller's symbol_lines_open fills it; NULL: the report has no lines */
    bool sources;               /* the caller's wish: the report gets the source around its places */
    bool map;                   /* and this, before the run: where in memory pairs are, if the analysis goes by trace */
    struct report report;
    struct own_rules own;               /* the caller's wish, before the report is made; its items are borrowed */
    enum analysis_choice analysis;      /* the caller's wish, set before the run */
    bool contexts;                      /* and this: calling contexts are told apart */
    uint32_t context_depth;             /* of so many frames; 0: all */
    bool objects;                       /* and this: pairs are put down to objects */
    bool distances;                     /* and this: how far the sides of pairs are apart is measured */
    const struct objects_alloc *allocs; /* further functions that allocate; borrowed */
    size_t alloc_count;
    FILE *trace_out; /* and these: where the trace is saved to, or NULL; for messages; whether with values */
    const char *trace_path;
    bool trace_values;
    uint64_t max_memory;         /* --max-memory, in bytes; 0: none */
    bool keeps_habits;           /* habits of earlier runs are looked at, and this one's kept */
    uint64_t hot_after;          /* how often an instruction has to run for code of its own; 0: the default */
    struct trace_writer *writer; /* during the run */
    double instrument_seconds;
    struct habits habits;  /* of earlier runs */
    struct objects layout; /* where `objects` is set */
    bool online;           /* what became of it */
    char why_text[200];    /* a trace's why_trace */
    const char *why_here;  /* why this run was analysed by trace; NULL if it was not, or that was the caller's wish */
    uint64_t lost;         /* accesses of the run that the trace has no room for */
    const char *why_trace; /* why a program like this cannot keep the analysis itself; NULL if it can */
};

/* Each returns false and *err on failure.  *t is released in any case, but for abandoned runs (engine.h). */
bool tracer_open(struct tracer *t, const char *path, const uint8_t *bytes, size_t size, struct error *err);
void tracer_release(struct tracer *t);

/* Whether the function that a run would enter is exported; the error names those that are. */
bool tracer_check_entry(const struct tracer *t, const char *invoke, struct error *err);

/* Appends the recording form, which stands alone. */
bool tracer_instrument(const struct tracer *t, const struct rewrite_options *options, struct buf *out,
                       struct error *err);

/* Runs the module; t->result says how it ended.  `full` as -f counts.  *err must stay where it is until the release. */
bool tracer_run(struct tracer *t, const struct rewrite_options *options, const struct engine_options *engine, int full,
                struct error *err);

/* Does the same with a trace that was saved (tracefile/tracefile.h), or with the trace memory's image.  *cut, if not empty, says
 * what of it is missing. */
bool tracer_replay(struct tracer *t, const struct rewrite_options *options, struct byte_source source, int full,
                   char cut[TRACER_CUT_SIZE], struct error *err);

/* The same with records that somebody feeds: finds the sites of what tracer_instrument makes and opens t->collect. */
bool tracer_feed_open(struct tracer *t, const struct rewrite_options *options, struct error *err);

/* Makes t->report from what the run left. */
bool tracer_report(struct tracer *t, struct error *err);

/* Prefix byte << 16 | opcode, as render_trace wants it. */
uint32_t tracer_opcode_code(uint16_t opcode);
const char *tracer_opcode_name(uint16_t opcode);

#endif
