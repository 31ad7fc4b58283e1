/* options.h: the command line. */
#ifndef MT_CLI_OPTIONS_H
#define MT_CLI_OPTIONS_H

#include "api/tracer.h"
#include "cli/limits.h"
#include "cli/terminal.h"
#include "engine/engine.h"
#include "render/formats.h"
#include "report/own.h"
#include "report/select.h"
#include "report/tolerance.h"
#include "rewrite/rewrite.h"
#include "symbol/lines.h"

/* Exit statuses that are ours; all others are the program's. */
enum { STATUS_USAGE = 2, STATUS_WORSE = 3, STATUS_FAILURE = 125, STATUS_TRAP = 134, STATUS_SIGNAL = 128 };

/* A report that is to be written. */
struct report_target {
    const struct format *format;
    const char *path; /* NULL: standard output */
};

struct options {
    const char *input;
    char *output;      /* owned; NULL where no file is to be written: for a runner that was given no -o */
    bool output_named; /* by -o; without it, a run goes on where that file can't be written */
    bool run;
    bool runner;                   /* `--run -- MODULE ARGS`: the module stands behind -- */
    int full;                      /* 0 to 3: how often -f was given */
    struct report_target *reports; /* at least one; owned */
    size_t report_count;
    bool keep_debug, no_cache;
    const char *trace_out; /* --trace-out */
    bool trace_values;     /* its records hold values */
    char **merge;          /* `merge`: the reports that are added up */
    size_t merge_count;
    const char *replay; /* `analyze`: the trace that is analysed instead of a run */
    enum colour_choice colour;
    bool details; /* the text report with all it has, not its first screen */
    bool quiet;   /* no report but into a file, no messages but errors */
    bool times;   /* say how long each step took */
    bool help, version;
    enum rewrite_inline inlining;
    enum analysis_choice analysis;
    bool contexts;
    uint32_t context_depth; /* 0: no limit */
    bool objects;
    bool distances;               /* --distances */
    struct objects_alloc *allocs; /* --alloc; owned */
    size_t alloc_count;
    uint64_t max_memory;          /* --max-memory, in bytes; 0: none */
    uint64_t hot_after;           /* --hot-after; 0: the default */
    uint32_t trace_mib;           /* the most that the instrumented module's trace memory grows to; 0: the default */
    struct engine_options engine; /* but for the module; its arrays are owned */
    const char **opaque_modules;  /* names of preloaded modules; owned */
    struct report_selection selection; /* its arrays are owned */
    struct own_rules own;              /* --own, --not-own; its array is owned */
    struct symbol_options lines;       /* its array is owned */
    struct limit *limits;              /* --fail-on; owned */
    size_t limit_count;
    const char *old_report;     /* --fail-on-increase */
    struct tolerance tolerance; /* --tolerance */
    bool has_tolerance;
    const char *baseline;     /* --baseline */
    const char *suppressions; /* --suppressions */
    bool verbose;
};

/* False and *err (ERROR_USAGE) when the words do not fit.  argv must outlive the options; release in either case. */
bool options_read(struct options *options, int argc, char **argv, struct error *err);
/* The same for `analyze`, whose words are options, INPUT and TRACE. */
bool options_read_analyze(struct options *options, int argc, char **argv, struct error *err);
/* And for `merge`, whose words are options and REPORTs. */
bool options_read_merge(struct options *options, int argc, char **argv, struct error *err);
void options_release(struct options *options);

/* Pairs what --format and --report gave, in o->reports: so many formats, and so many paths (pairing.c). */
bool options_pair_reports(struct options *o, size_t format_count, size_t path_count, struct error *err);

extern const char options_help[];

#endif
