/* context.h: code that knows in which calling context it runs (trace/context.h).
 *
 * A function takes up its context when it is entered, from what its caller left in globals: where in the caller's node the
 * call's word is, the caller's context (or, in a tail call, that of the caller's caller), the call's site, and, where a wrapper of
 * an import may be entered, the context of the caller itself.  If the word names a node of the function, that is it: what comes next
 * after the caller's context and the call's site depends on nothing but the function.  It keeps it in a local, so that nothing needs to be
 * put back after a call, whichever way that ends.  Both the word and the site are used up.  A call that comes from no call instruction
 * finds the site 0: it is one of the host, and its parent is in a global that wrappers of imports set. */
#ifndef MT_REWRITE_CONTEXT_H
#define MT_REWRITE_CONTEXT_H

#include "rewrite/emit.h"

/* What a body has in it. */
struct context_needs {
    uint32_t calls; /* how many */
    bool tail_calls, accesses;
};

/* Reads a body behind its locals. */
bool context_find_needs(struct cursor code, struct context_needs *needs);

bool context_is_tail_call(enum wasm_opcode op);

/* Adds the functions that the code calls. */
bool context_add_runtime(struct rewriter *rw);

/* At a function's entry: sets TEMP_CONTEXT, and TEMP_PARENT if there are tail calls. */
void context_emit_entry(struct emitter *e, uint32_t func, const struct context_needs *needs);

/* Before a call whose site has this id, the n-th of the body. */
void context_emit_call(struct emitter *e, site_id site, uint32_t n, bool tail, bool may_enter_wrapper);

/* Uses up what a caller left. */
void context_emit_used(struct rewriter *rw, struct buf *b);

/* Before an access: sees to it that the trace says which context this is. */
void context_emit_check(struct emitter *e);

/* In a wrapper, whose call site is in a local already: sets `context` to that of the caller. */
void context_emit_wrapper(struct rewriter *rw, struct buf *b, uint32_t site, uint32_t context);
/* The same check there. */
void context_emit_wrapper_check(struct rewriter *rw, struct buf *b, uint32_t context);
/* A wrapper that the host may call back from: the import is the context of such calls, and `saved` keeps the one before. */
void context_emit_import(struct rewriter *rw, struct buf *b, uint32_t func, uint32_t saved);
void context_emit_import_end(struct rewriter *rw, struct buf *b, uint32_t saved);

#endif
