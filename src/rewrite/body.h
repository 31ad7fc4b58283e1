/* body.h: a function's body while it is rewritten.
 *
 * Room for records is checked once for a whole region of code.  A region is a stretch of static code whose records are
 * all preceded, on every path, by its one check, and which no path runs through twice without passing the check again;
 * so it ends at calls (the callee writes records), at loop headers, and where paths meet of which only some have passed
 * the check.  The records of a region fit into GUEST_SLACK bytes. */
#ifndef MT_REWRITE_BODY_H
#define MT_REWRITE_BODY_H

#include "rewrite/context.h"
#include "rewrite/emit.h"

struct block {
    uint32_t region; /* in which the block was entered */
    uint32_t room;   /* that the region had there */
    uint32_t epoch;  /* in which it was entered */
    bool is_loop;
    bool split;       /* an if whose first arm ended in another region */
    bool epoch_split; /* the same for epochs */
};

struct body {
    struct rewriter *rw;
    struct emitter emitter;
    struct buf *code;
    const uint8_t *copied; /* up to here the original code is in `code`, or replaced */
    uint32_t func;
    bool noted;    /* places are looked for in the function */
    bool inlining; /* else everything goes through hooks */
    bool exact;    /* refs_find_exact, once that is known */
    bool exact_known;
    struct block *blocks;
    size_t depth, capacity;
    int loops;              /* that are open */
    uint32_t region;        /* 0: none */
    uint32_t regions;       /* handed out */
    uint32_t epoch, epochs; /* as regions, but only calls end one: the trace says already which context this is */
    struct context_needs needs;
    uint32_t calls;         /* so far */
    uint32_t region_room;   /* bytes of records that the region may still take */
    uint32_t counter;       /* of the stretch without branches that is open; 0: none yet */
    uint32_t counter_start; /* where in `code` its counting stands */
    bool recording;         /* such a stretch's records are being written: TEMP_RECORD is where they begin */
    uint32_t recorded;      /* bytes of them */
    size_t recorded_first;  /* index of the first of their sites */
    struct buf hints;       /* the emitter's */
};

static inline uint32_t body_file_off(const struct body *b, const uint8_t *at)
{
    return (uint32_t)(at - b->rw->in->bytes);
}

/* Replaces an instruction: what stands before it is copied, it is left out. */
static inline void body_replace(struct body *b, const struct wasm_instr *instr)
{
    buf_put(b->code, b->copied, (size_t)(instr->start - b->copied));
    b->copied = instr->end;
}

/* What the stretch has recorded becomes part of the trace.  Until then it is not: where a trap ends the stretch, the host
 * adds what was written (site.code_end). */
void body_end_records(struct body *b);

/* Rewrites a load, store or other access.  False and the rewriter's error where it is none of the module, or memory is short. */
bool body_access(struct body *b, const struct wasm_instr *instr);

#endif
