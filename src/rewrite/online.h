/* online.h: code that keeps the planes (trace/planes.h) while the program runs, so that no records are needed. */
#ifndef MT_REWRITE_ONLINE_H
#define MT_REWRITE_ONLINE_H

#include "rewrite/emit.h"

/* Whether this access has code for the planes; others hand a record to the host at once. */
bool online_covers(const struct wasm_instr *instr, const struct site *site);

/* Adds the functions that the code calls. */
bool online_add_runtime(struct rewriter *rw);

struct asm_memory;

/* Functions that online_add_range's call. */
struct range_calls {
    uint32_t split, split_both, logged;
};

/* A part of online_add_runtime: what fills and copies call (online_range.c). */
bool online_add_range(struct rewriter *rw, const struct asm_memory *memories, const struct range_calls *calls);

/* The access, and what it does to the planes; operands are in their temporaries, a result is left on the stack.  In a
 * hook the site's mark is in TEMP_HEAD and its cell in TEMP_CELL, else they are `own` and site->cell.
 * Returns where in the code the access itself ends. */
uint32_t online_emit(struct emitter *e, const struct wasm_instr *instr, const struct site *site, mark own,
                     bool in_hook);

/* Counts up the counter at this address. */
void online_emit_counter(struct emitter *e, uint32_t counter);

/* Hands the records that were just written to the host. */
void online_emit_flush(struct rewriter *rw, struct buf *out);

#endif
