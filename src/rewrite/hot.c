/* Code for the planes that calls nothing (trace/planes.h has its cell and the late log).
 *
 * What the site meets is compared with the one mark that it nearly always met, or looked up in the site's own table; what
 * is not there either goes to the late log.
 *
 * The engine lays out behind the function what a branch hint calls unlikely: but only the block that begins right there,
 * and not what that one branches to.  So rare code has no ifs.  It stands behind the ends of blocks, which hinted branches
 * from the common code lead to (some of them never taken, for the hint alone: the engine drops those); and a branch within
 * rare code is hinted to be likely, which makes what follows it rare.  Rare code goes back to common code by plain branches
 * only: where a conditional one did, the engine would have to put moves between registers on its way, among common code. */
#include "rewrite/hot.h"

#include "rewrite/site_code.h"

/* Ends of blocks, the innermost block first. */
enum label {
    LABEL_MIX,     /* the access to bytes is not to a mixed granule */
    LABEL_MIXED,   /* it is */
    LABEL_JUDGE,   /* a store did not meet what it nearly always does */
    LABEL_LOOKUP,  /* what was met is to be found in the table */
    LABEL_UNKNOWN, /* it is not there */
    LABEL_FRESH,   /* it is not a row of marks */
    LABEL_LEAVE,   /* nor nothing: the host is to see to it */
    LABEL_JUDGED,  /* what was met is counted */
    LABEL_SILENT,  /* the store was silent */
    LABEL_SILENT_UNKNOWN,
    LABEL_MARK, /* only the own mark is still to be left */
    LABEL_OUT,  /* nothing is */
    LABEL_WAIT, /* within rare code: the late log is full */
    LABEL_ROOM, /* it has room */
    LABEL_COUNT,
};

struct hot {
    struct site_code code;
    enum label open[LABEL_COUNT]; /* the blocks that are open, the outermost first */
    unsigned depth;
};

static const uint32_t late_limit = LATE_SIZE - LATE_SLACK;

static void put_const(const struct hot *h, int64_t value)
{
    wasm_put_i32_const(h->code.e->out, (int32_t)value);
}

static void put_op(const struct hot *h, enum wasm_opcode op)
{
    wasm_put_op(h->code.e->out, op);
}

static void get(const struct hot *h, enum temp temp)
{
    emit_get(h->code.e, temp);
}

static void set(const struct hot *h, enum temp temp)
{
    emit_set(h->code.e, temp);
}

static void plane(const struct hot *h, enum plane p, enum wasm_opcode op, uint32_t offset)
{
    code_plane(&h->code, p, op, offset);
}

static void put_block(struct hot *h, enum label label)
{
    put_open(h->code.e->out, WASM_OP_BLOCK);
    h->open[h->depth++] = label;
}

/* What follows is reached by branches to the label. */
static void put_end(struct hot *h)
{
    put_op(h, WASM_OP_END);
    h->depth--;
}

static void put_br(const struct hot *h, enum wasm_opcode op, enum label label)
{
    uint32_t depth = 0;
    while (h->open[h->depth - 1 - depth] != label)
        depth++;
    wasm_put_op_u32(h->code.e->out, op, depth);
}

/* Branches within common code, to rare code. */
static void put_br_rarely(const struct hot *h, enum label label)
{
    emit_hint(h->code.e, false);
    put_br(h, WASM_OP_BR_IF, label);
}

/* Branches within rare code: what follows is rare too. */
static void put_br_else_rare(const struct hot *h, enum label label)
{
    emit_hint(h->code.e, true);
    put_br(h, WASM_OP_BR_IF, label);
}

/* Never branches, but makes the code at the label rare. */
static void put_rare(const struct hot *h, enum label label)
{
    put_const(h, 0);
    put_br_rarely(h, label);
}

/* One more at an address; TEMP_ENTRY's, if the field is in a table. */
static void put_increment(const struct hot *h, bool in_table, uint32_t field)
{
    for (int i = 0; i < 2; i++) {
        if (in_table)
            get(h, TEMP_ENTRY);
        else
            put_const(h, 0);
    }
    plane(h, PLANE_CELLS, WASM_OP_I64_LOAD, h->code.cell + field);
    wasm_put_i64_const(h->code.e->out, 1);
    put_op(h, WASM_OP_I64_ADD);
    plane(h, PLANE_CELLS, WASM_OP_I64_STORE, h->code.cell + field);
}

/* The late log: an entry is begun, gets its words, and is ended; then the log may have to be waited for. */
static void put_entry_begin(const struct hot *h)
{
    put_const(h, 0);
    plane(h, PLANE_CELLS, WASM_OP_I32_LOAD, CELLS_LATE_AT);
    set(h, TEMP_LATE);
}

static void put_entry_end(const struct hot *h, unsigned size)
{
    put_const(h, 0);
    get(h, TEMP_LATE);
    put_const(h, (size + 7) & ~7u);
    put_op(h, WASM_OP_I32_ADD);
    emit_tee(h->code.e, TEMP_LATE);
    plane(h, PLANE_CELLS, WASM_OP_I32_STORE, CELLS_LATE_AT);
}

/* Goes on at the label, once there is room for another entry.  The program's thread can do nothing but wait: a call in rare
 * code would cost common code its registers. */
static void put_wait(struct hot *h, enum label label)
{
    struct buf *b = h->code.e->out;
    put_block(h, LABEL_ROOM);
    put_block(h, LABEL_WAIT);
    get(h, TEMP_LATE);
    put_const(h, late_limit);
    put_op(h, WASM_OP_I32_LE_U);
    put_br_rarely(h, LABEL_ROOM);
    put_const(h, 1); /* nothing but a jump is left of this, which the engine leaves out */
    put_br_rarely(h, LABEL_WAIT);
    put_op(h, WASM_OP_UNREACHABLE);
    put_end(h); /* LABEL_WAIT */
    put_const(h, 0);
    put_const(h, 1);
    put_op(h, WASM_OP_I32_ATOMIC_STORE);
    wasm_put_memarg(b, 2, h->code.e->rw->planes[PLANE_CELLS], CELLS_LATE_FULL);
    put_open(b, WASM_OP_LOOP);
    put_const(h, 0);
    put_op(h, WASM_OP_I32_ATOMIC_LOAD);
    wasm_put_memarg(b, 2, h->code.e->rw->planes[PLANE_CELLS], CELLS_LATE_FULL);
    put_op(h, WASM_OP_I32_EQZ);
    emit_hint(h->code.e, true);
    wasm_put_op_u32(b, WASM_OP_BR_IF, 1);
    put_const(h, 1); /* the loop again, which this makes rare */
    emit_hint(h->code.e, false);
    wasm_put_op_u32(b, WASM_OP_BR_IF, 0);
    put_op(h, WASM_OP_UNREACHABLE);
    put_op(h, WASM_OP_END);
    put_op(h, WASM_OP_UNREACHABLE);
    put_end(h); /* LABEL_ROOM */
    put_br(h, WASM_OP_BR, label);
}

/* The marks in `met` were met; goes on at the label. */
static void put_met_entry(struct hot *h, mark own, enum label label)
{
    put_entry_begin(h);
    get(h, TEMP_LATE);
    put_const(h, own | LOG_COUNT);
    plane(h, PLANE_CELLS, WASM_OP_I32_STORE, 0);
    get(h, TEMP_LATE);
    get(h, h->code.shape->met);
    plane(h, PLANE_CELLS, h->code.shape->store, 4);
    put_entry_end(h, 4 + 4 * cell_lanes(h->code.width));
    put_wait(h, label);
}

/* Leaves the address of the access's first granule. */
static void put_granule(const struct hot *h)
{
    code_effective(&h->code);
    put_const(h, -GRANULE);
    put_op(h, WASM_OP_I32_AND);
}

/* The granules that the access touches are pending: no others, else one such access after the other would have to be left to the
 * host in a row of them. */
static void put_pending(const struct hot *h)
{
    static const enum wasm_opcode stores[] = {WASM_OP_I32_STORE, WASM_OP_I64_STORE, WASM_OP_V128_STORE};
    unsigned whole = h->code.width == 16  ? 2
                     : h->code.width == 8 ? 1
                                          : 0; /* the granules that it touches in any case */
    put_granule(h);
    wasm_put_i64_const(h->code.e->out, (int64_t)(MARK_PENDING | (uint64_t)MARK_PENDING << 32));
    if (whole == 2)
        put_op(h, WASM_OP_I64X2_SPLAT);
    else if (whole == 0)
        put_op(h, WASM_OP_I32_WRAP_I64);
    plane(h, PLANE_TOUCH, stores[whole], 0);
    if (h->code.width == 1)
        return;
    code_effective(&h->code);
    put_const(h, h->code.width - 1);
    put_op(h, WASM_OP_I32_ADD);
    put_const(h, -GRANULE);
    put_op(h, WASM_OP_I32_AND);
    put_const(h, (int32_t)MARK_PENDING);
    plane(h, PLANE_TOUCH, WASM_OP_I32_STORE, 0);
}

/* Leaves the access to the host. */
static void put_leave(struct hot *h)
{
    unsigned vectors = late_granules(h->code.width) / 4;
    put_entry_begin(h);
    get(h, TEMP_LATE);
    put_const(h, h->code.own);
    if (h->code.store) {
        get(h, TEMP_FLAG);
        put_const(h, LATE_SILENT_SHIFT);
        put_op(h, WASM_OP_I32_SHL);
        put_op(h, WASM_OP_I32_OR);
    }
    plane(h, PLANE_CELLS, WASM_OP_I32_STORE, 0);
    get(h, TEMP_LATE);
    code_effective(&h->code);
    plane(h, PLANE_CELLS, WASM_OP_I32_STORE, 4);
    for (unsigned i = 0; i < vectors; i++) {
        get(h, TEMP_LATE);
        put_granule(h);
        plane(h, PLANE_TOUCH, WASM_OP_V128_LOAD, 16 * i);
        plane(h, PLANE_CELLS, WASM_OP_V128_STORE, 8 + 16 * i);
    }
    put_entry_end(h, 8 + 16 * vectors);
    put_pending(h);
    put_wait(h, LABEL_OUT);
}

/* Leaves 1 unless `met` is the marks of granules that nothing has touched. */
static void put_touched(const struct hot *h)
{
    code_effective(&h->code);
    put_const(h, GRANULE - 1);
    put_op(h, WASM_OP_I32_AND);
    get(h, h->code.shape->met);
    code_lanes(&h->code, 0);
    code_differ(&h->code);
    put_op(h, WASM_OP_I32_OR);
}

/* Sets TEMP_ENTRY: where, in a table, the entry of `met` lies (hot_entry). */
static void put_entry_of(const struct hot *h, const struct habit_table *t)
{
    unsigned size_log2 = hot_entry_size(h->code.width) == 32 ? 5 : 4;
    if (!t->log2) {
        put_const(h, 0);
        set(h, TEMP_ENTRY);
        return;
    }
    get(h, h->code.shape->met);
    if (h->code.shape->met == TEMP_MET64) {
        put_op(h, WASM_OP_I32_WRAP_I64);
    } else if (h->code.shape->met == TEMP_MET128) {
        put_op(h, WASM_OP_I32X4_EXTRACT_LANE);
        buf_put_u8(h->code.e->out, 0);
    }
    put_const(h, habit_factor(t));
    put_op(h, WASM_OP_I32_MUL);
    put_const(h, 32 - t->log2 - size_log2);
    put_op(h, WASM_OP_I32_SHR_U);
    put_const(h, ((1 << t->log2) - 1) << size_log2);
    put_op(h, WASM_OP_I32_AND);
    set(h, TEMP_ENTRY);
}

/* Leaves 1 where `met` is not in the table; else the entry is TEMP_ENTRY. */
static void put_not_there(const struct hot *h, const struct habit_table *t, unsigned table)
{
    put_entry_of(h, t);
    get(h, TEMP_ENTRY);
    plane(h, PLANE_CELLS, h->code.shape->load, h->code.cell + table);
    get(h, h->code.shape->met);
    code_differ(&h->code);
}

/* Leaves 1 where `met` has a lane that is not like this. */
static void put_test(const struct hot *h, uint32_t mask)
{
    get(h, h->code.shape->met);
    code_test(&h->code, mask, MARK_SHAPE);
}

static void put_lookup(const struct hot *h, bool rare)
{
    put_not_there(h, &h->code.habit->met, hot_table_at());
    if (rare)
        put_br_else_rare(h, LABEL_UNKNOWN);
    else
        put_br_rarely(h, LABEL_UNKNOWN);
    put_increment(h, true, hot_table_at() + h->code.key_size);
    put_br(h, WASM_OP_BR, LABEL_JUDGED);
}

static void put_is_mixed(const struct hot *h)
{
    get(h, TEMP_MARK);
    put_const(h, (int32_t)MARK_MIXED);
    put_op(h, WASM_OP_I32_EQ);
}

/* Leaves 1 if the granule of an access to bytes, whose mark is TEMP_MARK, is plain or untouched, within the reach of the
 * planes of bytes, and holds all of the access. */
static void put_can_split(const struct hot *h)
{
    get(h, TEMP_MARK);
    put_const(h, (int32_t)MARK_SHAPE_MASK);
    put_op(h, WASM_OP_I32_AND);
    put_const(h, MARK_SHAPE);
    put_op(h, WASM_OP_I32_EQ);
    get(h, TEMP_MARK);
    put_op(h, WASM_OP_I32_EQZ);
    put_op(h, WASM_OP_I32_OR);
    if (h->code.store) { /* only the writers may have to be split */
        put_is_mixed(h);
        put_op(h, WASM_OP_I32_OR);
    }
    code_effective(&h->code);
    put_const(h, FINE_LIMIT);
    put_op(h, WASM_OP_I32_LT_U);
    put_op(h, WASM_OP_I32_AND);
    if (h->code.width == 1)
        return;
    code_effective(&h->code);
    put_const(h, GRANULE - 1);
    put_op(h, WASM_OP_I32_AND);
    put_const(h, GRANULE - 1);
    put_op(h, WASM_OP_I32_NE);
    put_op(h, WASM_OP_I32_AND);
}

/* Leaves where the marks of the granule's bytes lie. */
static void put_granule_bytes(const struct hot *h)
{
    put_granule(h);
    put_const(h, 2);
    put_op(h, WASM_OP_I32_SHL);
}

/* Gives the bytes of a granule marks of their own, for a store also as to what wrote them. */
static void put_split(const struct hot *h)
{
    put_granule_bytes(h);
    if (h->code.store) {
        put_granule_bytes(h);
        plane(h, PLANE_TOUCH_BYTES, WASM_OP_V128_LOAD, 0);
    }
    get(h, TEMP_MARK);
    put_const(h, (int32_t)MARK_NOBODY);
    get(h, TEMP_MARK);
    put_op(h, WASM_OP_SELECT);
    put_op(h, WASM_OP_I32X4_SPLAT);
    if (h->code.store) {
        put_is_mixed(h);
        put_op(h, WASM_OP_SELECT);
    }
    plane(h, PLANE_TOUCH_BYTES, WASM_OP_V128_STORE, 0);
    put_granule(h);
    put_const(h, (int32_t)MARK_MIXED);
    plane(h, PLANE_TOUCH, WASM_OP_I32_STORE, 0);
    if (!h->code.store)
        return;
    put_granule_bytes(h);
    put_granule(h);
    plane(h, PLANE_WRITER, WASM_OP_I32_LOAD, 0);
    put_op(h, WASM_OP_I32X4_SPLAT);
    plane(h, PLANE_WRITER_BYTES, WASM_OP_V128_STORE, 0);
    put_granule(h);
    put_const(h, (int32_t)MARK_MIXED);
    plane(h, PLANE_WRITER, WASM_OP_I32_STORE, 0);
}

/* Sees to it that the planes of bytes are the ones that count, and sets TEMP_FINE. */
static void put_mix(struct hot *h)
{
    put_block(h, LABEL_MIXED);
    put_block(h, LABEL_MIX);
    code_guard(&h->code);
    put_br_rarely(h, LABEL_MIX);
    put_br(h, WASM_OP_BR, LABEL_MIXED);
    put_end(h); /* LABEL_MIX */
    put_granule(h);
    plane(h, PLANE_TOUCH, WASM_OP_I32_LOAD, 0);
    set(h, TEMP_MARK);
    put_can_split(h);
    put_op(h, WASM_OP_I32_EQZ);
    put_br_else_rare(h, LABEL_LEAVE);
    put_split(h);
    put_br(h, WASM_OP_BR, LABEL_MIXED);
    put_end(h); /* LABEL_MIXED */
    code_fine(&h->code);
}

static void put_meet(const struct hot *h)
{
    plane(h, code_touch_plane(&h->code), h->code.shape->load, code_marks_address(&h->code));
    set(h, h->code.shape->met);
}

/* What is common: goes on at LABEL_JUDGED, or where more is to be done. */
static void put_common(const struct hot *h)
{
    const struct habit *habit = h->code.habit;
    put_meet(h);
    if (habit->kind == HABIT_STEADY) {
        get(h, h->code.shape->met);
        code_lanes(&h->code, habit->key);
        code_differ(&h->code);
        put_br_rarely(h, h->code.store ? LABEL_JUDGE : LABEL_LOOKUP);
        put_br(h, WASM_OP_BR, LABEL_JUDGED);
        return;
    }
    if (h->code.store) { /* what it overwrites matters only where nobody has read it */
        put_test(h, MARK_SHAPE_MASK | MARK_UNREAD);
        if (habit->kind == HABIT_READ) {
            put_br_rarely(h, LABEL_LOOKUP);
            put_br(h, WASM_OP_BR, LABEL_JUDGED);
            return;
        }
        put_op(h, WASM_OP_I32_EQZ);
        put_br(h, WASM_OP_BR_IF, LABEL_JUDGED);
    }
    put_lookup(h, false);
}

/* What is no row of marks goes another way; bytes always have marks. */
static void put_sort_out(const struct hot *h)
{
    if (h->code.shape->fine)
        return;
    put_test(h, MARK_SHAPE_MASK);
    put_br_else_rare(h, LABEL_FRESH);
}

/* What is rare, in the order of the labels. */
static void put_rest(struct hot *h)
{
    const struct habit *habit = h->code.habit;
    if (h->code.store && habit->kind == HABIT_STEADY) {
        put_end(h); /* LABEL_JUDGE */
        put_test(h, MARK_SHAPE_MASK | MARK_UNREAD);
        put_br_else_rare(h, LABEL_LOOKUP);
        put_increment(h, false, 0);
        put_br(h, WASM_OP_BR, LABEL_JUDGED);
    }
    if (habit->kind != HABIT_VARIED) {
        put_end(h); /* LABEL_LOOKUP */
        put_sort_out(h);
        put_lookup(h, true);
    }
    put_end(h); /* LABEL_UNKNOWN */
    if (habit->kind == HABIT_VARIED)
        put_sort_out(h);
    put_met_entry(h, h->code.own, LABEL_JUDGED);
    put_end(h); /* LABEL_FRESH */
    put_touched(h);
    put_br_else_rare(h, LABEL_LEAVE);
    if (habit->kind == HABIT_STEADY) /* what met its key is what is not counted */
        put_increment(h, false, 0);
    put_br(h, WASM_OP_BR, LABEL_JUDGED);
    put_end(h); /* LABEL_LEAVE */
    put_leave(h);
    put_end(h); /* LABEL_JUDGED */
}

/* A silent store meets writers, which always are marks, or none. */
static void put_silent(struct hot *h)
{
    const struct habit *habit = h->code.habit;
    unsigned table = hot_silent_at(habit, h->code.width);
    get(h, TEMP_FLAG);
    if (habit->often_silent)
        put_br(h, WASM_OP_BR_IF, LABEL_SILENT);
    else
        put_br_rarely(h, LABEL_SILENT);
    put_br(h, WASM_OP_BR, LABEL_MARK);
    put_end(h); /* LABEL_SILENT */
    plane(h, code_writer_plane(&h->code), h->code.shape->load, code_marks_address(&h->code));
    set(h, h->code.shape->met);
    put_not_there(h, &habit->silent, table);
    if (habit->often_silent)
        put_br_rarely(h, LABEL_SILENT_UNKNOWN);
    else
        put_br_else_rare(h, LABEL_SILENT_UNKNOWN);
    put_increment(h, true, table + h->code.key_size);
    put_br(h, WASM_OP_BR, LABEL_MARK);
    put_end(h); /* LABEL_SILENT_UNKNOWN */
    put_met_entry(h, h->code.own & ~(mark)MARK_FLAGS, LABEL_MARK);
}

static void put_planes(struct hot *h)
{
    bool steady_store = h->code.store && h->code.habit->kind == HABIT_STEADY;
    put_block(h, LABEL_OUT);
    put_block(h, LABEL_MARK);
    if (h->code.store) {
        put_block(h, LABEL_SILENT_UNKNOWN);
        put_block(h, LABEL_SILENT);
    }
    put_block(h, LABEL_JUDGED);
    put_block(h, LABEL_LEAVE);
    put_block(h, LABEL_FRESH);
    put_block(h, LABEL_UNKNOWN);
    if (h->code.habit->kind != HABIT_VARIED)
        put_block(h, LABEL_LOOKUP);
    if (steady_store)
        put_block(h, LABEL_JUDGE);
    put_rare(h, LABEL_LEAVE);
    put_rare(h, LABEL_FRESH);
    put_rare(h, LABEL_UNKNOWN);
    if (steady_store)
        put_rare(h, LABEL_LOOKUP);
    if (h->code.store)
        put_rare(h, LABEL_SILENT_UNKNOWN);
    if (h->code.shape->fine)
        put_mix(h);
    put_common(h);
    put_rest(h);
    if (h->code.store)
        put_silent(h);
    put_end(h); /* LABEL_MARK */
    code_mark(&h->code, code_touch_plane(&h->code));
    if (h->code.store)
        code_mark(&h->code, code_writer_plane(&h->code));
    put_end(h); /* LABEL_OUT */
}

uint32_t hot_emit(struct emitter *e, const struct wasm_instr *instr, const struct site *site, mark own)
{
    struct hot h = {.code = code_of(e, site, own, false)};
    emit_access_alone(e, instr, site);
    uint32_t end = (uint32_t)e->out->size;
    if (h.code.store) {
        emit_store_flag(e, instr, site);
        emit_set(e, TEMP_FLAG);
    }
    put_planes(&h);
    return end;
}
