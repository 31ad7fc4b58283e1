/* wasi_code.h: the part of a wrapper that records what a function of WASI did to memory, in the functions that all wrappers call for it.
 *
 * What the call may overwrite is noted before it, in the scratch space (rewriter.h): iovecs from the first one that is not empty on,
 * and what kinds of subscriptions there are. */
#ifndef MT_REWRITE_WASI_CODE_H
#define MT_REWRITE_WASI_CODE_H

#include "rewrite/rewriter.h"
#include "rewrite/wasi.h"

/* Appends the functions. */
bool wasi_add_functions(struct rewriter *rw);

/* Before the call: the wrapper's parameters are those of the import. */
void wasi_put_before(struct rewriter *rw, struct buf *b, const struct wasi_func *func);

/* Behind it: the accesses, with the call site and the result in these locals, and what they tell about later calls. */
void wasi_put_after(struct rewriter *rw, struct buf *b, const struct wasi_func *func, uint32_t site, uint32_t error);

#endif
