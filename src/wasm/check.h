/* check.h: whether indices name something of the module.  Most of validation is left to the engine; but the rewriter adds
 * to the index spaces at their ends, so that an index which is too large would come to name one of its own things, and an
 * invalid module would become a valid one. */
#ifndef MT_WASM_CHECK_H
#define MT_WASM_CHECK_H

#include "wasm/instr.h"
#include "wasm/module.h"

/* Each returns false and *err, with the offset. */

/* `locals`: how many there are, parameters included. */
bool wasm_check_instr(const struct wasm_module *m, const struct wasm_instr *instr, uint64_t locals, struct error *err);

/* `types_end` is above the indices that a type names (types.h). */
bool wasm_check_types(const struct wasm_module *m, uint32_t types_end, uint64_t at, struct error *err);

/* Walks a constant expression; functions that it refers to are declared. */
bool wasm_check_const(struct wasm_module *m, struct cursor *c);

/* Something outside of the code names the function: only such functions may be referred to by code. */
bool wasm_check_declare(struct wasm_module *m, uint32_t func, uint64_t at, struct error *err);

#endif
