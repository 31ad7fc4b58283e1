/* asm.h: a small assembler, for functions of the added code that are easier to read as text.
 *
 * A text is a row of words: names of instructions, and
 *
 *     $x =x &x        local.get, local.set, local.tee of the parameter or local x
 *     #12 ##12        i32.const, i64.const; a name instead of the number stands for one of the assembler's constants
 *     call:f          a function that was assembled before, or whose index is a constant
 *     host:N          a call of the host's function in slot N, from an i32 to an i32
 *     i32.load@m+8    a memory instruction: memory m, static offset 8 (may be left out)
 *     op:n            an instruction with one immediate, such as br_if:1 or global.get:NAME
 *
 * if, block and loop have no results.  The texts are ours: an error in one is a bug, which the assembler reports as
 * such. */
#ifndef MT_REWRITE_ASM_H
#define MT_REWRITE_ASM_H

#include "rewrite/rewriter.h"

struct asm_name {
    const char *name;
    int64_t value;
};

struct asm_memory {
    const char *name;
    uint32_t index, shift; /* added to every static offset */
};

struct asm_func {
    const char *name;
    const char *params;  /* such as "a:i b:l": name and type letter (rewriter_type) */
    const char *results; /* type letters */
    const char *locals;  /* as the parameters */
    const char *text;
};

/* Appends the functions; index[i] is what funcs[i] gets, and what call:NAME of it or a later one means. */
bool asm_add_funcs(struct rewriter *rw, const struct asm_func *funcs, size_t count, const struct asm_name *constants,
                   const struct asm_memory *memories, uint32_t *index);

#endif
