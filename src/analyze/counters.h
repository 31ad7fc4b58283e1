/* counters.h: what an analysis by location comes to: totals, and pairs of sites.  Plain data; the analysis that made it
 * is done.  Words and rules: docs/semantics.md. */
#ifndef MT_ANALYZE_COUNTERS_H
#define MT_ANALYZE_COUNTERS_H

#include "trace/context.h"
#include "trace/record.h"

/* In the alphabetical order that the report's contract asks for. */
enum defect_kind {
    DEFECT_DEAD_STORE,
    DEFECT_SILENT_LOAD_AFTER_LOAD,
    DEFECT_SILENT_LOAD_AFTER_STORE,
    DEFECT_SILENT_STORE,
    DEFECT_KINDS,
};

/* How far apart the sides of pairs are (docs/report.md "Distances"): how many accesses lie between them, by powers of ten: 0 to 9, 10 to 99, …,
 * a million and more. */
enum { DISTANCE_BUCKETS = 7 };

enum distance_span { SPAN_ROUND, SPAN_BETWEEN, SPAN_FAR, DISTANCE_SPANS };

enum {
    SPAN_CALL_LIMIT = 100,    /* sides in two functions that are so far apart are not in one round any more */
    SPAN_NEAR_LIMIT = 100,    /* what is nearer is not far, even if the first side has run again since */
    SPAN_FAR_LIMIT = 1000000, /* what is as far is far, even if the first side has not */
};

/* Bytes of a pair.  Pairs with initial content have none. */
struct pair_distance {
    uint64_t buckets[DISTANCE_BUCKETS];
    uint64_t spans[DISTANCE_SPANS];
    uint64_t places;  /* of a load: at how many addresses it began; an estimate; 0: not known */
    uint64_t samples; /* that all above was estimated by; 0: it was counted */
};

struct pair_count {
    uint8_t kind;       /* enum defect_kind */
    site_id first;      /* SITE_NONE: initial content · SITE_HOST_WRITE: the host · else a site */
    site_id second;     /* a site; of a host write the call site, SITE_NONE where no instruction entered the import */
    uint64_t instances; /* second accesses that formed at least one pair of this group */
    uint64_t bytes;
};

/* A part of a pair, told apart by the calling contexts of both sides, indices of counters.contexts, and the object in which the
 * second access began, an index of counters.objects.  0 where they are not followed. */
struct context_pair_count {
    uint32_t pair; /* index of counters.pairs */
    uint32_t first_context, second_context;
    uint32_t object;
    uint64_t instances, bytes;
};

/* How an object was used.  An access counts for the object in which it begins; an atomic update loads and stores. */
struct object_use {
    uint64_t loads, stores; /* accesses by the program and the host */
    uint64_t bytes_loaded, bytes_stored;
    /* Of the heap's blocks, all of one object together: */
    uint64_t freed;                         /* blocks; the others were in use at the end: */
    uint64_t live_blocks, live_bytes;       /* that were */
    uint64_t peak_blocks, peak_bytes;       /* that were in use when their bytes were most */
    uint64_t smallest, largest;             /* bytes of a block */
    uint64_t lifetime;                      /* accesses from its allocation to its end, the sum */
    uint64_t never_read, never_read_blocks; /* bytes that nothing read in that time, and blocks with none that was */
};

/* An object (trace/object.h), or all that are alike. */
struct object_count {
    uint8_t kind;      /* enum object_kind */
    const char *name;  /* of static data; whoever gave it owns it */
    const char *field; /* of a variable's field, the same; else NULL */
    uint32_t func;     /* of the stack: the function whose frames they are */
    site_id site;      /* of the heap: what called the allocating function; SITE_NONE: the host did */
    uint32_t context;  /* and in which context, if they are followed */
    uint64_t blocks;   /* of the heap: that were allocated, and their bytes */
    uint64_t bytes;    /* of static data: its size; of a field: the variable's */
    uint64_t field_bytes;
    struct object_use use;
};

/* A calling context (trace/context.h). */
struct context_node {
    uint32_t parent; /* 0: none */
    site_id site;    /* of the call; SITE_NONE: the host called, or it is not known */
    uint32_t func;   /* that was called; CONTEXT_NO_FUNC for the first two */
};

/* What is counted in a cell of a map: bytes of pairs by kind, where the second access lies, and of all accesses. */
enum { MAP_TOUCHED = DEFECT_KINDS, MAP_COUNTS };

enum { MAP_SHARES = 32 };

/* A pair's bytes in a row of a map. */
struct map_share {
    site_id first, second;
    uint32_t object; /* index of counters.objects, where objects are followed */
    uint8_t kind;    /* enum defect_kind */
    uint64_t bytes;  /* 0: the row has no more pairs */
};

/* Memory 0, over addresses and time (memory_map.h). */
struct memory_map {
    uint64_t row_bytes;      /* of addresses, that a row stands for */
    uint64_t column_records; /* time that a column stands for: so many records, accesses nearly all */
    uint32_t rows, columns;
    uint64_t (*cells)[MAP_COUNTS];          /* [column * rows + row]; NULL: addresses were not followed */
    struct map_share (*shares)[MAP_SHARES]; /* of each row, those that have most of its bytes */
};

/* Bytes that nobody had read at the end, by the site that wrote them. */
struct unread_count {
    site_id site;
    uint64_t bytes;
};

struct opaque_count {
    uint32_t func; /* function index of the import */
    uint64_t calls;
};

struct counters {
    uint64_t accesses[ACCESS_OPAQUE_LEAVE + 1]; /* by enum access_kind; cmpxchg apart from rmw */
    uint64_t bytes_loaded;                      /* by load, rmw, wait and copy */
    uint64_t bytes_stored;                      /* by store, rmw that wrote, fill, copy and init */
    uint64_t unread_at_exit;
    struct unread_count *unread; /* add up to that; ascending site */
    size_t unread_count;
    struct pair_count *pairs; /* in no particular order; each (kind, first, second) once */
    size_t pair_count;
    struct pair_distance *distances; /* of each pair; NULL: they were not followed */
    bool distances_sampled;          /* they are estimates; those without samples are not known */
    struct opaque_count *opaque;     /* ascending func */
    size_t opaque_count;
    /* Where contexts were followed; else NULL.  Sums over contexts are the counts of `pairs`. */
    struct context_node *contexts; /* [0] is outside of all functions, [1] all that were too many; parents come first */
    size_t context_count;
    struct context_pair_count *context_pairs;
    size_t context_pair_count;
    bool contexts_merged;         /* there were too many */
    struct object_count *objects; /* where objects were followed; else NULL */
    size_t object_count;
    struct memory_map map;
};

void counters_release(struct counters *c); /* frees the arrays, not *c */

/* The number of numbered accesses. */
uint64_t counters_accesses(const struct counters *c);

#endif
