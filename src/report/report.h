/* report.h: the one model that every renderer reads, the last of the project's contracts.  Plain data: nothing in it
 * points into an analysis, a module or an engine, and nothing prints while it is being made.
 * Its JSON form: docs/report.md. */
#ifndef MT_REPORT_REPORT_H
#define MT_REPORT_REPORT_H

#include "analyze/counters.h"
#include "base/error.h"
#include "trace/site.h"
#include "trace/trap.h"

enum { REPORT_VERSION = 1 };

enum { REPORT_FRAMES_MAX = 64 }; /* of one side */

/* A function that an instruction's source stands in.  Strings as below, but NULL where there is none. */
struct report_frame {
    const char *function;
    const char *home;      /* the file that the function is declared in */
    const char *file;      /* that of the line: another one where the function includes some of its code */
    const char *text;      /* of the line, where its file is at hand */
    uint32_t line, column; /* from 1; 0: not known */
    uint32_t indent;       /* bytes that stand before the text in its line */
};

/* No frame is in own code; nobody has looked yet. */
#define OWN_NONE (UINT32_MAX - 1)
#define OWN_UNKNOWN UINT32_MAX

enum origin { ORIGIN_SITE, ORIGIN_INIT, ORIGIN_HOST };

/* One side of a pair.  Names are owned by the report, valid UTF-8 without control characters, never NULL. */
struct report_side {
    uint8_t origin;   /* enum origin; a second side is always ORIGIN_SITE */
    uint32_t loc;     /* 0 where no instruction entered the import, and for init and host */
    uint32_t func;    /* original function index; UINT32_MAX where there is none */
    const char *name; /* of the function: name section, export, import or `func[N]`; "" where there is none */
    const char *op;   /* the instruction's name, such as "i32.store8"; "" where there is none */
    uint8_t access;   /* enum access_kind; ACCESS_CALL: no access, or it was read from a file */
    uint8_t width;    /* of a scalar access, in bytes */
    const struct report_frame *frames; /* innermost first: what is inlined, then what it is inlined into */
    uint32_t frame_count;
    uint32_t own;        /* index in `frames` of the one in the program's own code (own.h), OWN_NONE or OWN_UNKNOWN */
    const char *home;    /* the file that the module's function is declared in; NULL: not known (homes.c) */
    const char *no_line; /* why the innermost frame has no line, or there is none; NULL: it has, or is no instruction */
    const char *base;    /* what the address is made of, such as "local 3 (p) + 8"; NULL: not known */
};

/* The part of a pair whose sides ran in these calling contexts (ids of report_context; 0: in none, as the initial content,
 * the host). */
struct report_pair_context {
    uint32_t first, second;
    uint64_t instances, bytes;
};

/* The part of a pair whose second access began in this object (an id of report_object). */
struct report_pair_object {
    uint32_t object;
    uint64_t instances, bytes;
};

/* What a pair is by its code (docs/classes.md has each rule, and why it is sound).  Where no rule fits, none is guessed. */
enum pair_class {
    CLASS_NONE,
    CLASS_HOUSEKEEPING,
    CLASS_SPILL_RELOAD,
    CLASS_LOOP_INVARIANT_LOAD,
    CLASS_LOOP_INVARIANT_STORE,
    CLASS_OVERLAP,
    CLASS_WRITTEN_AGAIN,
    CLASS_INITIALISED_OVERWRITTEN,
    CLASS_FILL_UNCHANGED,
    CLASS_COPY_UNCHANGED,
    CLASS_SAME_VALUE,
    CLASS_NEXT_PHASE,
    CLASS_READ_AGAIN,
    PAIR_CLASSES,
};

/* Why no register could have kept the value. */
enum pair_mark {
    MARK_ATOMIC = 1, /* a side is atomic */
    MARK_COPY = 2,   /* a load of what a copy, fill, init or the host has handled */
};

struct report_class {
    uint64_t pairs, instances, bytes;
};

/* How far apart a pair's sides are (distance.h). */
struct report_distance {
    bool known; /* false: nothing is known, or there is no distance, from initial content */
    bool exact; /* false: estimated */
    struct pair_distance sums;
};

struct report_pair {
    uint8_t kind; /* enum defect_kind */
    struct report_side first, second;
    uint64_t instances, bytes;
    const struct report_pair_context *contexts; /* the most bytes first; sums are the pair's */
    size_t context_count;                       /* 0 where contexts were not followed */
    const struct report_pair_object *objects;   /* the most bytes first; sums are the pair's */
    size_t object_count;                        /* 0 where objects were not followed */
    uint8_t what;                               /* enum pair_class */
    uint8_t marks;                              /* of enum pair_mark */
    const char *advice;                         /* NULL: nothing is known to help */
    const char *constant; /* what the second access, a store, stores each time; NULL: not a constant */
    double effect;        /* effect.h: what mending it would save, as far as that can be estimated */
    struct report_distance distance;
    double cumulative; /* select.h: 0 to 1: bytes of this and all pairs of its kind that stand before it, of all of
                             its kind that were asked for */
};

/* A calling context: a function that was called, and the context in which the call stands. */
struct report_context {
    uint32_t id;             /* from 1 */
    uint32_t parent;         /* 0: the host called it, or outer frames are not kept */
    const char *function;    /* NULL: all contexts that were too many to be told apart */
    struct report_side call; /* the instruction, in the parent's function; loc 0: none, or it is not known */
};

/* Where the program trapped. */
struct report_trap {
    struct report_side *stack; /* owned: the instructions of the calls that were under way, the innermost first */
    size_t depth;
    bool has_address;
    uint64_t address, memory_size; /* of an access outside of memory: its first byte there, and how many there are */
};

struct report_total {
    uint64_t instances, bytes;
    double share; /* 0 to 1: of bytes stored (dead and silent stores) or loaded */
};

/* What data accesses touched (trace/object.h). */
struct report_object {
    uint32_t id;       /* from 1, by rank: the most bytes of redundant loads, dead and silent stores first */
    uint8_t kind;      /* enum object_kind */
    const char *name;  /* of static data, of the function of the stack's frames; NULL: there is none */
    uint32_t func;     /* of the stack's frames, the function's index; UINT32_MAX: none, or not known */
    const char *whole; /* of a variable's field, which `name` says as `config.items[].name`, the variable's name; of a
                                variable in a frame, `main: config`, the function's; else NULL */
    struct report_side call; /* of the heap: what called the allocating function; loc 0: no instruction */
    uint32_t context;        /* and in which context; 0: none, or not followed */
    uint64_t size;           /* of static data, of the variable that a field is in; of all blocks that were allocated */
    uint64_t field_size;     /* of the field, in all elements of an array together */
    uint64_t blocks;
    struct object_use use;
    struct report_total totals[DEFECT_KINDS]; /* shares are of all bytes of the kind */
};

/* Pairs of a kind whose sides come from one place of the source each. */
struct report_place {
    struct report_side
        first; /* of one of the pairs, as the next; of redundant loads it does not matter, and is all 0 */
    struct report_side side;
    uint64_t pairs, instances, bytes;
    double effect;     /* the sum of its pairs' */
    double cumulative; /* 0 to 1: of this and all places before it, of all places' */
};

/* Of a group, the pairs of one kind whose second sides come from one line of its source: those with the most effect. */
struct report_best {
    const struct report_pair *pair; /* one of them; NULL: the group stands too far behind to have it */
    uint64_t instances, bytes;      /* theirs together */
    double effect;
};

/* Pairs whose second sides are in one function, on one line, or in one object. */
struct report_group {
    const char *name; /* of a function without what a build adds, or of a line; NULL: an object */
    const char *file; /* of the function; NULL: not known, or no function */
    uint32_t func;    /* where the file is not known, the function's index; UINT32_MAX: that neither */
    uint32_t object;  /* its id; 0: none */
    bool folded;      /* all that is housekeeping; the name says so */
    uint64_t pairs, bytes[DEFECT_KINDS];
    uint64_t waste_bytes, waste_instances; /* all kinds but loads after a store */
    double effect;                         /* the sum of its pairs', of all kinds */
    struct report_best best;
    double cumulative; /* 0 to 1: waste of this and all better ranked groups, of all groups' */
};

/* Bytes that were unread at the end, by the instruction that stored them. */
struct report_unread {
    struct report_side store;
    uint64_t bytes;
};

struct report_opaque {
    const char *import; /* module.name */
    uint64_t calls;
};

struct report_missing {
    const char *why; /* a literal */
    uint64_t bytes;
};

/* How far source lines were found.  The bytes of a pair count as found when each of its sides that is an instruction
 * has a line. */
struct report_lines {
    bool asked;                     /* false: nobody looked */
    const char *source;             /* a literal: `dwarf`, `source map`; NULL: the module has no debug information */
    const char *warning;            /* what is missing or broken; NULL: nothing */
    uint64_t bytes, found;          /* of all pairs of all kinds */
    struct report_missing *missing; /* the rest, the most bytes first */
    size_t missing_count;
};

/* A pair's bytes in a row of the map. */
struct report_map_share {
    uint32_t row;
    uint8_t kind, origin;   /* of the first side */
    uint32_t first, second; /* their places, as in report_side */
    uint32_t object;        /* 0: not followed */
    uint64_t bytes;
};

/* A line of source near the places of pairs, with its indentation. */
struct report_source {
    const char *file; /* as frames have it */
    uint32_t line;
    const char *text;
};

/* One of the runs that a merged report is about. */
struct report_run {
    const char *report; /* the file that it came from */
    bool has_exit_code;
    uint32_t exit_code;
    const char *trap;
    uint64_t accesses;
};

/* Pairs that are not listed (suppress.h). */
struct report_suppressed {
    const char *name; /* of the suppression */
    bool baseline;    /* no suppression: they are in a report that is known */
    struct report_class sums[DEFECT_KINDS];
};

struct report {
    const char *input_path;
    uint64_t input_size;
    uint64_t input_hash;     /* FNV-1a of 64 bits; 0: not known */
    struct report_run *runs; /* of a merged report (merge.h), in the order of merging; the ending below is the worst */
    size_t run_count;        /* 0: one run */
    bool has_exit_code;
    uint32_t exit_code;
    const char *trap; /* NULL when the program ended by itself */
    struct report_trap trap_at;
    uint64_t accesses, loads, stores, rmws, fills, copies, inits, waits, host_reads, host_writes;
    uint64_t bytes_loaded, bytes_stored, unread_at_exit;
    struct report_unread *unread; /* adds up to unread_at_exit; the most bytes first */
    size_t unread_count;
    struct report_opaque *opaque; /* sorted by import */
    size_t opaque_count;
    struct report_total totals[DEFECT_KINDS];
    bool classed; /* somebody looked at the code */
    struct report_class classes[PAIR_CLASSES]
                               [DEFECT_KINDS]; /* sums over pairs; [CLASS_NONE]: of those without a class */
    bool unoptimised; /* most loads fetch fixed slots of their function's own frame anew (docs/classes.md) */
    struct report_pair
        *pairs; /* in the contract's order: kind, bytes descending, first (init, host, loc), second loc */
    size_t pair_count;
    bool shared_memory;     /* the module shares memory with threads that were not observed */
    uint64_t max_memory;    /* bytes that each memory of the program might grow to; 0: what the module says */
    uint64_t grows_refused; /* how often that kept one from growing */
    uint64_t lost;          /* accesses that another engine's trace had no room for: nothing else counts them */
    const char *by_trace;   /* why the program could not keep the analysis itself, which is faster; NULL if it could */
    struct report_lines lines;
    bool by_context;                 /* calling contexts were followed */
    bool contexts_merged;            /* and were too many */
    uint32_t context_depth;          /* frames of each; 0: all */
    struct report_context *contexts; /* ascending id: those that pairs are in, and their ancestors */
    size_t context_count;
    struct report_pair_context *pair_contexts; /* owner of all pairs' */
    bool by_object;                            /* objects were followed */
    struct report_object *objects;             /* by id; those that were accessed or allocated */
    size_t object_count;
    struct report_pair_object *pair_objects; /* owner of all pairs' */
    struct memory_map map;                   /* owned; no cells where addresses were not followed */
    struct report_map_share
        *map_shares; /* of each row, those that have most of its bytes; by row, the most bytes first */
    size_t map_share_count;
    struct report_source *sources; /* sorted by file and line; none where nobody asked for them */
    size_t source_count;
    bool selected;                        /* select.h: not all pairs are here any more, or in another order */
    uint64_t all_pairs[DEFECT_KINDS];     /* where selected: how many there were */
    double effect;                        /* select.h: of all pairs that were asked for */
    bool by_pair;                         /* --by pair */
    const char *grouped_by;               /* select.h: a literal; NULL: nobody asked for groups */
    struct report_group *groups;          /* where nobody did, and the first screen is wanted, by function */
    struct report_pair *bests;            /* owner of the pairs of groups' `best` */
    size_t group_count, group_total;      /* the second: before --top */
    uint8_t sorted_by;                    /* enum select_sort */
    uint64_t top;                         /* pairs of each kind that were asked for; 0: all */
    struct report_suppressed *suppressed; /* totals count them, `pairs` does not have them */
    size_t suppressed_count;
    struct report_class chosen[DEFECT_KINDS]; /* select.h: sums of what was asked for, before --top */
    bool fold;                                /* pairs of class housekeeping are not ranked, but summed up: */
    struct report_class folded[DEFECT_KINDS];
    const struct report_pair **
        ranked; /* select.h: pairs of all kinds together, in the order of --sort, without what is folded; NULL where nobody
                                          has selected */
    size_t ranked_count;
    struct report_place *places; /* redundant loads by where the program loads again, dead stores by both places; the */
    struct report_place *dead;   /* most bytes first, without what is folded.  NULL where nobody has selected */
    struct report_place *unread_places; /* of `unread`; without instances and effect */
    size_t place_count, dead_count, unread_place_count;
    struct report_frame **stacks; /* owner of every frame above */
    size_t stack_count, stack_capacity;
    struct strings *strings; /* owner of every string above */
};

/* A frame as it comes from debug information. */
struct report_raw_frame {
    const char *function, *home, *file; /* NULL: none */
    const char *text;                   /* NULL: none */
    size_t text_size;
    uint32_t line, column, indent;
};

/* Names of functions and opcodes, as report_build needs them; the strings need only live until the next call of the same
 * function, may hold any bytes, and are made harmless by report_build. */
struct report_names {
    void *self;
    /* bytes of the function's name, or NULL for `func[N]` */
    const char *(*func)(void *self, uint32_t func, size_t *size);
    /* Whether a function, by its name in a frame, has blocks of memory from others and hands them on to its callers; false also when memory
     * is short.  NULL: none does. */
    bool (*hands_on)(void *self, const char *function);
    const char *(*opcode)(void *self, uint16_t opcode);
    const char *(*op_at)(void *self, uint32_t file_off); /* of the instruction there; "" where there is none */
    /* module and name of an imported function */
    void (*import)(void *self, uint32_t func, const char **module, size_t *module_size, const char **name,
                   size_t *name_size);
    /* bytes of the name of a local of the function, or of a global, or NULL; either function may be NULL */
    const char *(*local)(void *self, uint32_t func, uint32_t index, size_t *size);
    const char *(*global)(void *self, uint32_t index, size_t *size);
    /* The frames of an instruction, innermost first, in `frames` (room for REPORT_FRAMES_MAX); *why: see no_line of
     * report_side.  Asked once for each site that occurs in a pair.  False when memory is short.  NULL: nobody wants
     * lines, and the two functions below are not called. */
    bool (*frames)(void *self, const struct site *site, struct report_raw_frame *frames, size_t *count,
                   const char **why);
    /* A line of a file that a frame named, with its indentation; NULL where there is none.  NULL: nobody wants them. */
    const char *(*source)(void *self, const char *file, uint32_t line, size_t *size);
    const char *(*lines_source)(void *self);  /* literals */
    const char *(*lines_warning)(void *self); /* after all frames were asked for */
};

/* How the run ended. */
struct report_ending {
    bool has_exit_code;
    uint32_t exit_code;
    const char *trap; /* NULL or a phrase of the contract */
    const struct trap_place *trap_at;
    uint32_t grows_refused;
    uint64_t lost; /* accesses */
};

struct facts;     /* facts/facts.h */
struct own_rules; /* own.h */

struct report_input {
    const char *path;
    uint64_t size, hash;
    bool shared_memory;
    const char *by_trace; /* a literal, or NULL */
    uint64_t max_memory;  /* as in struct report */
    uint32_t context_depth;
    struct facts *facts;         /* of the module's code; NULL: pairs get no class */
    const struct own_rules *own; /* NULL: none */
};

/* Makes *out from what the run left.  On failure *out needs no release. */
bool report_build(struct report *out, const struct counters *counters, const struct site_table *table,
                  const struct report_names *names, const struct report_input *input,
                  const struct report_ending *ending, struct error *err);
void report_release(struct report *r);

/* The name of a kind, class or mark, as JSON and options have it; of a class that is none `none`. */
const char *report_kind_name(unsigned kind);
const char *report_class_name(enum pair_class what);
const char *report_mark_name(enum pair_mark mark);

/* The index of the frame that a side is shown and known by: the own one; where there is none, the innermost that has a name.  0 also where
 * the side has no frames. */
static inline uint32_t report_own_index(const struct report_side *side)
{
    if (side->own < side->frame_count)
        return side->own;
    for (uint32_t i = 0; i < side->frame_count; i++)
        if (side->frames[i].function)
            return i;
    return 0;
}

/* That frame; NULL where the side has none. */
static inline const struct report_frame *report_own_frame(const struct report_side *side)
{
    return side->frame_count ? &side->frames[report_own_index(side)] : NULL;
}

/* Whether the pair has no rank of its own, since it is housekeeping, and that is folded. */
static inline bool report_folds(const struct report *r, const struct report_pair *p)
{
    return r->fold && p->what == CLASS_HOUSEKEEPING;
}

/* So much of anything in a million accesses, so that runs of different length compare. */
static inline double report_per_million(const struct report *r, uint64_t count)
{
    return r->accesses ? (double)count * 1e6 / (double)r->accesses : 0;
}

/* Bytes of all that is wasted on an object: loads after a store are no waste. */
uint64_t report_object_waste(const struct report_object *o);

/* How many objects pairs are in; these come first. */
size_t report_paired_objects(const struct report *r);

/* The context of this id, or NULL. */
const struct report_context *report_context_find(const struct report *r, uint32_t id);

#endif
