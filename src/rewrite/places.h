/* places.h: from the instrumented module's instructions back to the input's.  Nobody keeps a table of them: after a trap the module
 * is rewritten once more, and where bodies are looked for, their instructions are noted. */
#ifndef MT_REWRITE_PLACES_H
#define MT_REWRITE_PLACES_H

#include "rewrite/rewrite.h"

struct noted_instr {
    size_t position; /* in the code of the body, without its locals */
    uint32_t file_off;
};

struct places {
    struct rewrite_place *items;
    size_t count;
    struct noted_instr *instrs; /* of the body that is being rewritten */
    size_t instr_count, instr_capacity;
};

/* Whether one of them lies in the function.  `p` may be NULL. */
bool places_in(const struct places *p, uint32_t func);

/* An instruction, and what is added for it, begins there.  False when memory is short. */
bool places_note(struct places *p, size_t position, uint32_t file_off);

/* The function is finished, and has so many bytes before its code. */
void places_find(struct places *p, uint32_t func, size_t before);

/* rewrite.c: rewrite_module, with p (which may be NULL) filled in. */
bool rewrite_noting(const struct wasm_module *module, const struct rewrite_options *options, struct buf *out,
                    struct site_table *sites, struct places *p, struct error *err);

#endif
