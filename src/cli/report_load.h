/* report_load.h: JSON reports read back whole, for every renderer. */
#ifndef MT_CLI_REPORT_LOAD_H
#define MT_CLI_REPORT_LOAD_H

#include "base/buf.h"
#include "report/own.h"
#include "symbol/source_text.h"

struct side_slot;

/* What the reports of one module share: strings, frames, and sides by their place. */
struct report_loader {
    struct strings *strings;
    struct buf scratch;
    struct report_frame **stacks;
    size_t stack_count, stack_capacity;
    struct side_slot *sides; /* a hash table by location */
    size_t side_count, side_slots;
    char *folder;                    /* of the module of the first report, where sources may lie, too */
    struct source_text *text;        /* of the lines; NULL before the first report */
    const struct source_move *moves; /* as of source_text_new; borrowed */
    size_t move_count;
    struct own_rules own; /* its items are borrowed */
    bool no_text;         /* lines of source are not looked for */
    const char *path;     /* of the report that is being read; for messages */
    struct error *err;
    bool short_of_memory;
};

/* Release in any case. */
bool report_loader_open(struct report_loader *l, const struct source_move *moves, size_t move_count, struct error *err);
void report_loader_release(struct report_loader *l);

/* Reads one.  Its strings and frames are the loader's.  False and *err when the file cannot be read, is no report, or is of another
 * module than those before, as far as its places show; *out is then empty.  Else release it. */
bool report_load(struct report_loader *l, const char *path, struct report *out, struct error *err);

/* One report with what it needs, to compare with. */
struct loaded_report {
    struct report_loader loader;
    struct report report;
};

/* `own` as own_find has it; NULL: none.  Release in any case. */
bool loaded_report_read(struct loaded_report *l, const char *path, const struct own_rules *own, struct error *err);
void loaded_report_release(struct loaded_report *l);

/* A text kept with the reports' strings, made harmless; NULL when memory is short. */
const char *report_loader_text(struct report_loader *l, const char *text);

/* Hands strings and frames to the report that the others went into; with `sources` also the lines around its places, where the files
 * are at hand. */
bool report_loader_give(struct report_loader *l, struct report *to, bool sources, struct error *err);

#endif
