/* hot_code.h: pieces of hot code (hot.c): blocks and branches, tables, the late log. */
#ifndef MT_REWRITE_HOT_CODE_H
#define MT_REWRITE_HOT_CODE_H

#include "rewrite/site_code.h"

/* Ends of blocks, the innermost block first. */
enum label {
    LABEL_MIX,     /* the access to bytes is not to a mixed granule */
    LABEL_MIXED,   /* it is */
    LABEL_JUDGE,   /* a store did not meet what it nearly always does */
    LABEL_LOOKUP,  /* what was met is to be found in the table */
    LABEL_UNKNOWN, /* it is not there */
    LABEL_FRESH,   /* it is not a row of marks */
    LABEL_SPLIT,   /* nor nothing, but it may be made a row of marks of bytes */
    LABEL_LEAVE,   /* that neither: the host is to see to it */
    LABEL_JUDGED,  /* what was met is counted */
    LABEL_SILENT,  /* the store was silent */
    LABEL_SILENT_UNKNOWN,
    LABEL_ROW,         /* a row of marks of bytes was met */
    LABEL_ROW_UNKNOWN, /* it is not in its table */
    LABEL_MARK,        /* only the own mark is still to be left */
    LABEL_OUT,         /* nothing is */
    LABEL_WAIT,        /* within rare code: the late log is full */
    LABEL_ROOM,        /* it has room */
    LABEL_COUNT,
};

struct hot {
    struct site_code code;
    enum label open[LABEL_COUNT]; /* the blocks that are open, the outermost first */
    unsigned depth;
};

static inline void put_const(const struct hot *h, int64_t value)
{
    wasm_put_i32_const(h->code.e->out, (int32_t)value);
}

static inline void put_op(const struct hot *h, enum wasm_opcode op)
{
    wasm_put_op(h->code.e->out, op);
}

static inline void put_lane_op(const struct hot *h, enum wasm_opcode op, uint8_t lane)
{
    wasm_put_op(h->code.e->out, op);
    buf_put_u8(h->code.e->out, lane);
}

static inline void get(const struct hot *h, enum temp temp)
{
    emit_get(h->code.e, temp);
}

static inline void set(const struct hot *h, enum temp temp)
{
    emit_set(h->code.e, temp);
}

static inline void plane(const struct hot *h, enum plane p, enum wasm_opcode op, uint32_t offset)
{
    code_plane(&h->code, p, op, offset);
}

void hot_block(struct hot *h, enum label label);
/* What follows is reached by branches to the label of the innermost block. */
void hot_end(struct hot *h);
void hot_br(const struct hot *h, enum wasm_opcode op, enum label label);
/* Branches within common code, to rare code. */
void hot_br_rarely(const struct hot *h, enum label label);
/* Branches within rare code: what follows is rare too. */
void hot_br_else_rare(const struct hot *h, enum label label);
/* Never branches, but makes the code at the label rare. */
void hot_rare(const struct hot *h, enum label label);

/* One more at an address in the cell; TEMP_ENTRY's, if the field is in a table. */
void hot_increment(const struct hot *h, bool in_table, uint32_t field);
/* Sets TEMP_ENTRY from the mark on the stack: where, in a table, its entry lies (trace/planes.h). */
void hot_set_entry(const struct hot *h, const struct hot_table *t);
/* Leaves the address of the access's granule that holds its byte `at`. */
void hot_granule(const struct hot *h, unsigned at);

/* Rows of marks were met, those in `met` or TEMP_ROW and TEMP_ROW_MORE, whose table does not hold them; `word` is the entry's
 * first one.  Goes on at the label. */
void hot_log_met(struct hot *h, uint32_t word, const struct hot_table *t, enum label label);
/* Leaves the access to the host, and the code at LABEL_OUT. */
void hot_log_access(struct hot *h);

/* hot_bytes.c: of an access to bytes, sees to it that the planes of bytes are the ones that count, and sets TEMP_FINE. */
void hot_mix(struct hot *h);
/* The ways of a load that often meets rows of bytes: at LABEL_SPLIT; at LABEL_ROW and behind, with the ends of both blocks. */
void hot_split_row(struct hot *h);
void hot_row(struct hot *h);

#endif
