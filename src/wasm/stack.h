/* stack.h: how many operands an instruction takes from the stack and leaves there (core specification, appendix "Index of
 * Instructions"). */
#ifndef MT_WASM_STACK_H
#define MT_WASM_STACK_H

#include "wasm/instr.h"

struct wasm_effect {
    uint32_t pops, pushes;
};

/* False for instructions of which this is not known: control instructions but calls, and those of garbage collection, exceptions, stack
 * switching. */
bool wasm_stack_effect(const struct wasm_module *module, const struct wasm_instr *instr, struct wasm_effect *effect);

/* The same for the type of a block, a loop or an if; of a block that takes something, false. */
bool wasm_block_results(const struct wasm_module *module, const struct wasm_instr *instr, uint32_t *results);

#endif
