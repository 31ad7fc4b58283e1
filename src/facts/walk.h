/* walk.h: the values on the operand stack and in locals, as far as they are known in a stretch of code without branches;
 * private to this folder. */
#ifndef MT_FACTS_WALK_H
#define MT_FACTS_WALK_H

#include "wasm/instr.h"
#include "wasm/module.h"

enum { WALK_STACK = 64 }; /* operands looked at; deeper ones are not known */

enum walk_kind { WALK_UNKNOWN, WALK_CONST, WALK_LOCAL, WALK_GLOBAL, WALK_FETCHED, WALK_SHIFTED };

/* What an operand is: base + addend. */
struct walk_value {
    uint8_t kind;
    bool entry;       /* WALK_GLOBAL: read where nothing that the function did before can have changed it */
    uint32_t index;   /* of the local or global */
    uint32_t reading; /* WALK_GLOBAL: file_off of the instruction that read it */
    int32_t named;    /* the local that it was fetched from last; -1: none */
    int64_t
        addend; /* WALK_CONST: the value; WALK_FETCHED: the bytes that were fetched.  WALK_SHIFTED: shifts and ors of such */
};

struct walk_local {
    uint32_t writes;         /* in the whole function; a parameter has one at its entry */
    uint32_t last_write;     /* file_off, while walking; 0: none yet */
    uint32_t last_step;      /* that may have been of another value: not its own, no constant, no global */
    uint32_t stretch;        /* in which `alias` holds; 0: always from here on */
    struct walk_value alias; /* what it was set to */
};

struct walk {
    const struct wasm_module *module;
    struct walk_local *locals;
    uint32_t local_count;
    struct walk_value stack[WALK_STACK];
    uint32_t depth;
    uint32_t stretch; /* number of the present one, from 1 */
    uint32_t blocks;  /* open ones, the function's own not counted */
    bool wrote_global;
};

/* The operand `down` places below the top. */
struct walk_value walk_operand(const struct walk *w, uint32_t down);

/* Makes the instruction's changes. */
void walk_step(struct walk *w, const struct wasm_instr *instr);

#endif
