/* online.h: code that keeps the planes (trace/planes.h) while the program runs, so that no records are needed. */
#ifndef MT_REWRITE_ONLINE_H
#define MT_REWRITE_ONLINE_H

#include "rewrite/emit.h"

/* Whether this access has code for the planes; others hand a record to the host at once. */
bool online_covers(const struct wasm_instr *instr, const struct site *site);

/* Adds the functions that the code calls. */
bool online_add_runtime(struct rewriter *rw);

/* A part of it, for a module that runs in halves (halves.c): what is called when no turns are left. */
bool halves_add_turn(struct rewriter *rw);
/* A call of a function of WASI with that many parameters, which the other run may have made already; leaves its result.  TEMP is a local of
 * type i32 that is free; behind it, halves_put_told tells of the result, in a local. */
bool halves_put_call(struct rewriter *rw, struct buf *b, uint32_t func, uint32_t params, uint32_t temp);
bool halves_put_told(struct rewriter *rw, struct buf *b, uint32_t result);
/* Chooses the functions that have a plain one beside them, and adds those, without their bodies. */
bool halves_add_plain(struct rewriter *rw);
/* Whether a function has one. */
bool halves_is_double(const struct rewriter *rw, uint32_t func);
/* At such a function's entry: goes to the plain one where planes are not kept. */
void halves_emit_choice(struct rewriter *rw, uint32_t func, struct buf *out);
/* A call in such a function, of that function (direct) or through a reference, which may come to a turn: where it does, nothing
 * changes while functions that know of no change are under way. */
bool halves_call_is_busy(const struct rewriter *rw, const struct wasm_instr *instr);
void halves_emit_busy(struct rewriter *rw, bool more, struct buf *out);
/* The body of the plain function: locals and code. */
bool halves_put_plain(struct rewriter *rw, uint32_t func);

/* One turn less. */
void halves_emit_turn(struct emitter *e);
/* Whether a body has calls or loops.  False where it cannot be read. */
bool halves_find_turns(struct cursor code, bool *found);

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
