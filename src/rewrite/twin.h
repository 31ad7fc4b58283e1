/* twin.h: stretches of code that stand in a body twice, once with what keeps planes and once without (trace/halves.h): in that way a run
 * that passes by costs hardly more than the program itself.
 *
 * A twin begins and ends where the operand stack is as its block began, so that the two are the arms of an `if` without a type.
 * It holds no call, so whether planes are kept does not change within it; blocks lie in it as a whole or not at all. */
#ifndef MT_REWRITE_TWIN_H
#define MT_REWRITE_TWIN_H

#include "rewrite/rewriter.h"

struct twin {
    const uint8_t *start, *end;
    bool never_ends; /* its last instruction is an unconditional branch */
};

struct twins {
    struct twin *items; /* owned; in the order of the code */
    size_t count, capacity;
};

/* The twins of a body's code.  None where it has instructions of which it is not known what they do to the stack.  False when memory is
 * short, or the code cannot be read. */
bool twins_find(const struct wasm_module *module, struct cursor code, struct twins *twins);
void twins_release(struct twins *twins);

/* Within a twin, which is a block more: an instruction's labels that lead out of `depth` blocks lead out of one more.  False if it has
 * none. */
bool twin_put_labels(const struct wasm_instr *instr, uint32_t depth, struct buf *out);

/* The code of a twin as it was. */
bool twin_put_plain(const struct wasm_module *module, const struct twin *twin, struct buf *out, struct error *err);

#endif
