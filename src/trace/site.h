/* site.h: the site table, one of the project's contracts: which instruction of the input a record came from.
 *
 * Two kinds of offset exist, so nothing here is called just `offset`: file_off counts from the start of the input file
 * (what reports print), code_off from the start of the code section's content (what DWARF counts from).
 *
 * A site is named by its id.  Ids below SITE_FIRST are no instructions: they stand for the host and its calls.  The
 * rewriter numbers sites upwards from SITE_FIRST in the order of the code section. */
#ifndef MT_TRACE_SITE_H
#define MT_TRACE_SITE_H

#include "trace/habit.h"

#include <stddef.h>
#include <stdint.h>

typedef uint32_t site_id;

enum {
    SITE_NONE = 0,         /* as a first side: the initial content; as a call site: no instruction entered the import */
    SITE_HOST_READ = 1,    /* head of a record: the host read a range */
    SITE_HOST_WRITE = 2,   /* head of a record: the host wrote a range; as a first side: `host` */
    SITE_OPAQUE_ENTER = 3, /* head of a record: an import that nobody knows is about to run */
    SITE_OPAQUE_LEAVE = 4, /* head of a record: it came back */
    SITE_CONTEXT = 5,      /* head of a record: what follows happens in this calling context (context.h) */
    SITE_CONTEXT_NEW = 6,  /* head of a record: a context occurs for the first time */
    SITE_OBJECT = 7,       /* head of a record: an allocation, or a new stack pointer (object.h) */
    SITE_FIRST = 8,
    SITE_LIMIT = 1 << 28, /* ids are below this: a record's head has 28 bits for them */
};

/* What a site does (docs/semantics.md "Accesses").  `cmpxchg` is an rmw that may write nothing. */
enum access_kind {
    ACCESS_CALL, /* no access: a call that may enter an import; host records name it */
    ACCESS_LOAD,
    ACCESS_STORE,
    ACCESS_RMW,
    ACCESS_CMPXCHG,
    ACCESS_WAIT,
    ACCESS_FILL,
    ACCESS_COPY,
    ACCESS_INIT,
    ACCESS_HOST_READ,
    ACCESS_HOST_WRITE,
    ACCESS_OPAQUE_ENTER, /* no access either: the barrier of docs/semantics.md "The host" */
    ACCESS_OPAQUE_LEAVE,
    ACCESS_CONTEXT, /* nor are these */
    ACCESS_CONTEXT_NEW,
    ACCESS_OBJECT,
};

/* Whether a record of this kind is neither an access nor a barrier. */
static inline int access_is_note(unsigned kind)
{
    return kind >= ACCESS_CONTEXT;
}

enum value_type { VALUE_NONE, VALUE_I32, VALUE_I64, VALUE_F32, VALUE_F64, VALUE_V128 };

struct site {
    uint64_t static_offset; /* of the memarg */
    uint32_t file_off;      /* the opcode's first byte; `loc` in reports */
    uint32_t func;          /* function index in the original module */
    uint32_t segment;       /* memory.init: data segment */
    uint32_t cell;          /* online analysis: where the site's cell lies (planes.h); 0: it has none */
    uint32_t counter;       /* where its counter does */
    /* In bytes from the start of the instrumented function's body: where the access ends; 0 for code in a function of its own.
     * Where the stretch of code without branches begins that its counter counts, or whose records become part of the trace at
     * its end, and where such a one ends. */
    uint32_t code_end, stretch_start, stretch_end;
    uint16_t opcode;      /* index into the opcode table (wasm/opcode.h) */
    uint16_t memory;      /* memory that is touched; a copy's destination */
    uint16_t memory_from; /* a copy's source */
    uint8_t kind;         /* enum access_kind */
    uint8_t width;        /* bytes that memory sees; 0 for bulk accesses and calls */
    uint8_t value;        /* enum value_type: what a load leaves, a store takes; what an rmw takes and leaves */
    uint8_t address_64;   /* 1: the address operand (a copy's too, if any side) is 64 bits wide */
    struct habit habit;   /* online analysis: what the site's code was made for; HABIT_COLD where it is a call */
};

struct site_table {
    struct site *sites; /* sites[id - SITE_FIRST] */
    size_t count;
    size_t capacity;
    uint32_t memories;           /* memories of the original module, imported ones included */
    uint32_t host_memory;        /* the memory that host records are about */
    uint64_t code_start;         /* file_off of the code section's content: code_off = file_off - code_start */
    const struct habits *habits; /* that the sites' come from; borrowed; NULL: there are none */
    /* Ids behind the last site's may stand for sites once more, each in one calling context (analyze/contexts.c): what they
     * stand for, as indices of `sites`, how many there are by now, and how many there can be. */
    const uint32_t *clones;
    size_t clone_count, clone_limit;
};

/* The id of the instruction itself. */
static inline site_id site_base(const struct site_table *t, site_id id)
{
    return id < SITE_FIRST + t->count ? id : SITE_FIRST + t->clones[id - SITE_FIRST - t->count];
}

static inline const struct site *site_get(const struct site_table *t, site_id id)
{
    return &t->sites[site_base(t, id) - SITE_FIRST];
}

/* `loc` of a second access or a call site. */
static inline uint32_t site_loc(const struct site_table *t, site_id id)
{
    return id < SITE_FIRST ? 0 : site_get(t, id)->file_off;
}

#endif
