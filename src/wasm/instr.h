/* instr.h: reads one instruction after another from an expression or a function's body. */
#ifndef MT_WASM_INSTR_H
#define MT_WASM_INSTR_H

#include "wasm/module.h"
#include "wasm/opcode.h"

struct wasm_instr {
    enum wasm_opcode op;
    const uint8_t *start; /* the opcode's first byte, of its prefix where it has one */
    const uint8_t *imm;   /* behind the opcode */
    const uint8_t *end;
    uint32_t index; /* function, type, local, global, table, label, tag, data or element segment: the first immediate */
    uint32_t second;            /* the second, where two are read and it is no memory */
    struct wasm_type_use types; /* of block, heap and value types */
    uint32_t memory;            /* memory of a memarg; a copy's destination */
    uint32_t memory_from;       /* a copy's source */
    uint64_t static_offset;     /* of a memarg */
    uint8_t align_log2;
    uint8_t lane;
};

/* Reads the next instruction.  False and the cursor's error, with the offset, when there is none that we know. */
bool wasm_instr_read(struct cursor *c, struct wasm_instr *instr);

/* Walks an expression to behind the `end` that closes it; `visit` (may be NULL) sees each instruction of it and may
 * stop the walk with false, having set the error. */
bool wasm_expr_walk(struct cursor *c, bool (*visit)(void *self, const struct wasm_instr *instr), void *self);

/* Whether the instruction opens a block that an `end` (or a legacy `delegate`) closes. */
bool wasm_opens_block(enum wasm_opcode op);

/* Whether other code may run before what follows the instruction, on another stack. */
bool wasm_switches_stacks(enum wasm_opcode op);

#endif
