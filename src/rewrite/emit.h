/* emit.h: a small assembler for the code that is added: instructions in a row, and temporaries as extra locals. */
#ifndef MT_REWRITE_EMIT_H
#define MT_REWRITE_EMIT_H

#include "rewrite/rewriter.h"

/* What a temporary local is for.  One local serves each purpose in a whole function. */
enum temp {
    TEMP_ADDR32,
    TEMP_ADDR64,
    TEMP_I32, /* first value operand */
    TEMP_I64,
    TEMP_F32,
    TEMP_F64,
    TEMP_V128,
    TEMP_SECOND_I32, /* second value operand: a cmpxchg's replacement */
    TEMP_SECOND_I64,
    TEMP_TIMEOUT,
    TEMP_RESULT_I32, /* what the instruction left */
    TEMP_RESULT_I64,
    TEMP_RESULT_F32,
    TEMP_RESULT_F64,
    TEMP_RESULT_V128,
    TEMP_OLD_I32, /* what memory held before a store */
    TEMP_OLD_I64,
    TEMP_OLD_V128,
    TEMP_RECORD, /* where the record goes */
    TEMP_HEAD,   /* the record's head, or the site's mark, in a hook */
    TEMP_CELL,   /* in a hook, where the site's cell lies */
    TEMP_MET32,  /* marks that an access met (trace/planes.h) */
    TEMP_MET64,
    TEMP_MET128,
    TEMP_ROW,      /* marks of bytes that a word met */
    TEMP_ROW_MORE, /* those behind the first four */
    TEMP_FINE,     /* where the marks of bytes lie */
    TEMP_FLAG,     /* 1 for a silent store */
    TEMP_ENTRY,    /* a table's entry */
    TEMP_MARK,     /* of a granule */
    TEMP_LATE,     /* where the late log goes on */
    TEMP_CONTEXT,  /* the function's calling context */
    TEMP_PARENT,   /* its caller's */
    TEMP_COUNT,
};

/* Instructions with one index, by their shortest names. */
static inline void put_get(struct buf *b, uint32_t local)
{
    wasm_put_op_u32(b, WASM_OP_LOCAL_GET, local);
}

static inline void put_set(struct buf *b, uint32_t local)
{
    wasm_put_op_u32(b, WASM_OP_LOCAL_SET, local);
}

static inline void put_tee(struct buf *b, uint32_t local)
{
    wasm_put_op_u32(b, WASM_OP_LOCAL_TEE, local);
}

static inline void put_global_get(struct buf *b, uint32_t global)
{
    wasm_put_op_u32(b, WASM_OP_GLOBAL_GET, global);
}

static inline void put_global_set(struct buf *b, uint32_t global)
{
    wasm_put_op_u32(b, WASM_OP_GLOBAL_SET, global);
}

/* A block, loop, if or try without results. */
static inline void put_open(struct buf *b, enum wasm_opcode op)
{
    wasm_put_op(b, op);
    buf_put_u8(b, 0x40);
}

struct branch_hint {
    uint32_t offset; /* from the code's start */
    uint32_t likely;
};

struct emitter {
    struct rewriter *rw;
    struct buf *out;
    uint32_t next_local;        /* the index that the next new temporary gets */
    uint32_t index[TEMP_COUNT]; /* UINT32_MAX: not there yet */
    uint8_t order[TEMP_COUNT];  /* new temporaries in the order of their indices */
    uint8_t count;
    struct buf *hints; /* where to note how likely branches are: struct branch_hint; or NULL */
};

void emitter_init(struct emitter *e, struct rewriter *rw, struct buf *out, uint32_t first_local);

/* Declares that a temporary is one of the function's parameters. */
void emitter_bind(struct emitter *e, enum temp temp, uint32_t local);

void emit_get(struct emitter *e, enum temp temp);
void emit_set(struct emitter *e, enum temp temp);
void emit_tee(struct emitter *e, enum temp temp);

/* The encoded value type of a temporary. */
uint8_t temp_type(enum temp temp);

/* Appends the declarations of the new temporaries, one group each; returns how many groups there are. */
unsigned emitter_put_locals(const struct emitter *e, struct buf *out);

/* The branch instruction that is appended next is nearly always or rarely taken. */
void emit_hint(struct emitter *e, bool likely);

/* If there may be no room for GUEST_SLACK bytes of records: makes it. */
void emit_check(struct rewriter *rw, struct buf *out);

/* Around a call in a function of ours, where the module has exceptions, else nothing: emit_try, the call, emit_catch; if that returns
 * true, what is to be done before an exception goes on; emit_rethrow, behind which the function ends.  The call's results are
 * the function's. */
void emit_try(const struct rewriter *rw, struct buf *out);
bool emit_catch(const struct rewriter *rw, struct buf *out);
void emit_rethrow(const struct rewriter *rw, struct buf *out);

/* Calls the host's function in that slot, from an i32 to an i32 (trace/guest.h).  False when there is no room for its type. */
bool emit_host_call(struct rewriter *rw, struct buf *out, unsigned slot);

/* A load or store of the trace memory. */
void emit_trace_op(struct rewriter *rw, struct buf *out, enum wasm_opcode op, unsigned align_log2, uint32_t offset);

/* Bytes from `base` + offset on, a local of an i64, or i32 if it is narrow: `length` of them, a local of an i64 (the offset is 0 then), or a
 * constant number. */
struct reach {
    uint32_t memory, base;
    bool is_narrow, has_length;
    uint32_t length, width;
    uint64_t offset;
};

/* outside.c: leaves word of them where they do not lie in memory, before what traps there. */
void emit_outside(struct rewriter *rw, struct buf *out, const struct reach *r);

/* access.c: the access itself and its record; operands are in their temporaries, a result is left on the stack.  The
 * head is a constant, or in TEMP_HEAD when `in_hook`. */
void emit_access(struct emitter *e, const struct wasm_instr *instr, const struct site *site, uint32_t head,
                 bool in_hook);
/* The same, but the record goes to TEMP_RECORD + at, and the trace's pointer stays where it is, to be set by emit_record_end
 * when several are written.  Returns where in the code the record has been written. */
uint32_t emit_access_at(struct emitter *e, const struct wasm_instr *instr, const struct site *site, uint32_t head,
                        uint32_t at);
/* So many bytes of records have been written at TEMP_RECORD. */
void emit_record_end(struct emitter *e, uint32_t size);
/* The temporaries of an access's operands in stack order, deepest first; returns how many. */
unsigned access_operands(const struct site *site, const struct wasm_instr *instr, enum temp operands[4]);
/* The local that a temporary has. */
uint32_t emit_local(struct emitter *e, enum temp temp);
/* The access without a record; what a store overwrites is in a temporary before it does. */
void emit_access_alone(struct emitter *e, const struct wasm_instr *instr, const struct site *site);
/* Behind a store: leaves 1 when it changed nothing, else 0. */
void emit_store_flag(struct emitter *e, const struct wasm_instr *instr, const struct site *site);
/* Bytes of its record. */
uint32_t access_record_size(const struct rewriter *rw, const struct site *site);

#endif
