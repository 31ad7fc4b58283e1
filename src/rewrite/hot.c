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

#include "rewrite/hot_code.h"

static struct hot_table table_of(const struct hot *h, enum hot_which which)
{
    return hot_table(h->code.habit, h->code.store, h->code.width, which);
}

static bool meets_rows(const struct hot *h)
{
    return h->code.habit->mixed.log2 != 0;
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

/* Leaves the first one of the marks in `met`. */
static void put_first(const struct hot *h)
{
    get(h, h->code.shape->met);
    if (h->code.shape->met == TEMP_MET64)
        put_op(h, WASM_OP_I32_WRAP_I64);
    else if (h->code.shape->met == TEMP_MET128)
        put_lane_op(h, WASM_OP_I32X4_EXTRACT_LANE, 0);
}

/* Leaves 1 where `met` is not in the table; else the entry is TEMP_ENTRY. */
static void put_not_there(const struct hot *h, const struct hot_table *t)
{
    put_first(h);
    hot_set_entry(h, t);
    get(h, TEMP_ENTRY);
    plane(h, PLANE_CELLS, h->code.shape->load, h->code.cell + t->at);
    get(h, h->code.shape->met);
    code_differ(&h->code);
}

static void put_unread(const struct hot *h)
{
    get(h, h->code.shape->met);
    code_unread(&h->code);
}

static void put_lookup(const struct hot *h, bool rare)
{
    const struct hot_table t = table_of(h, HOT_MET);
    put_not_there(h, &t);
    if (rare)
        hot_br_else_rare(h, LABEL_UNKNOWN);
    else
        hot_br_rarely(h, LABEL_UNKNOWN);
    hot_increment(h, true, t.at + t.key_size);
    hot_br(h, WASM_OP_BR, LABEL_JUDGED);
}

static void put_meet(const struct hot *h)
{
    plane(h, code_touch_plane(&h->code), h->code.shape->load, code_marks_address(&h->code));
    set(h, h->code.shape->met);
}

/* Goes on where a store's silence is seen to, if it is silent. */
static void put_if_silent(const struct hot *h)
{
    get(h, TEMP_FLAG);
    if (h->code.habit->often_silent)
        hot_br(h, WASM_OP_BR_IF, LABEL_SILENT);
    else
        hot_br_rarely(h, LABEL_SILENT);
}

/* Behind the common way of a steady site.  Where it meets its own mark there is none to leave: of a store, its mark is the writers',
 * too, since nothing has touched the bytes in between. */
static void put_met_key(const struct hot *h)
{
    if (h->code.habit->key != h->code.own) {
        hot_br(h, WASM_OP_BR, LABEL_JUDGED);
        return;
    }
    if (h->code.store)
        put_if_silent(h);
    hot_br(h, WASM_OP_BR, LABEL_OUT);
}

/* What is common: goes on at LABEL_JUDGED, or where more is to be done. */
static void put_common(const struct hot *h)
{
    const struct habit *habit = h->code.habit;
    put_meet(h);
    if (meets_rows(h)) {
        get(h, h->code.shape->met);
        code_lanes(&h->code, MARK_MIXED);
        code_differ(&h->code);
        put_op(h, WASM_OP_I32_EQZ);
        hot_br(h, WASM_OP_BR_IF, LABEL_ROW);
    }
    if (habit->kind == HABIT_STEADY) {
        get(h, h->code.shape->met);
        code_lanes(&h->code, habit->key);
        code_differ(&h->code);
        hot_br_rarely(h, h->code.store ? LABEL_JUDGE : LABEL_LOOKUP);
        put_met_key(h);
        return;
    }
    if (h->code.store) { /* what it overwrites matters only where nobody has read it */
        put_unread(h);
        if (habit->kind == HABIT_READ) {
            hot_br_rarely(h, LABEL_LOOKUP);
            hot_br(h, WASM_OP_BR, LABEL_JUDGED);
            return;
        }
        put_op(h, WASM_OP_I32_EQZ);
        hot_br(h, WASM_OP_BR_IF, LABEL_JUDGED);
    }
    put_lookup(h, false);
}

/* What is no row of marks goes another way; bytes always have marks. */
static void put_sort_out(const struct hot *h)
{
    if (h->code.shape->fine)
        return;
    get(h, h->code.shape->met);
    code_test(&h->code, MARK_SHAPE_MASK, MARK_SHAPE);
    hot_br_else_rare(h, LABEL_FRESH);
}

/* What is rare, in the order of the labels. */
static void put_rest(struct hot *h)
{
    const struct habit *habit = h->code.habit;
    if (h->code.store && habit->kind == HABIT_STEADY) {
        hot_end(h); /* LABEL_JUDGE */
        put_unread(h);
        hot_br_else_rare(h, LABEL_LOOKUP);
        hot_increment(h, false, 0);
        hot_br(h, WASM_OP_BR, LABEL_JUDGED);
    }
    if (habit->kind != HABIT_VARIED) {
        hot_end(h); /* LABEL_LOOKUP */
        put_sort_out(h);
        put_lookup(h, true);
    }
    hot_end(h); /* LABEL_UNKNOWN */
    if (habit->kind == HABIT_VARIED)
        put_sort_out(h);
    const struct hot_table t = table_of(h, HOT_MET);
    hot_log_met(h, h->code.own, &t, LABEL_JUDGED);
    hot_end(h); /* LABEL_FRESH */
    put_touched(h);
    hot_br_else_rare(h, meets_rows(h) ? LABEL_SPLIT : LABEL_LEAVE);
    if (habit->kind == HABIT_STEADY) /* what met its key is what is not counted */
        hot_increment(h, false, 0);
    hot_br(h, WASM_OP_BR, LABEL_JUDGED);
    if (meets_rows(h)) {
        hot_end(h); /* LABEL_SPLIT */
        hot_split_row(h);
    }
    hot_end(h); /* LABEL_LEAVE */
    hot_log_access(h);
    hot_end(h); /* LABEL_JUDGED */
}

/* A silent store meets writers, which always are marks, or none. */
static void put_silent(struct hot *h)
{
    const struct habit *habit = h->code.habit;
    const struct hot_table t = table_of(h, HOT_SILENT);
    put_if_silent(h);
    hot_br(h, WASM_OP_BR, LABEL_MARK);
    hot_end(h); /* LABEL_SILENT */
    plane(h, code_writer_plane(&h->code), h->code.shape->load, code_marks_address(&h->code));
    set(h, h->code.shape->met);
    put_not_there(h, &t);
    if (habit->often_silent)
        hot_br_rarely(h, LABEL_SILENT_UNKNOWN);
    else
        hot_br_else_rare(h, LABEL_SILENT_UNKNOWN);
    hot_increment(h, true, t.at + t.key_size);
    hot_br(h, WASM_OP_BR, LABEL_MARK);
    hot_end(h); /* LABEL_SILENT_UNKNOWN */
    hot_log_met(h, h->code.own & ~(mark)MARK_FLAGS, &t, LABEL_MARK);
}

static void put_planes(struct hot *h)
{
    bool steady_store = h->code.store && h->code.habit->kind == HABIT_STEADY;
    hot_block(h, LABEL_OUT);
    if (meets_rows(h)) {
        hot_block(h, LABEL_ROW_UNKNOWN);
        hot_block(h, LABEL_ROW);
    }
    hot_block(h, LABEL_MARK);
    if (h->code.store) {
        hot_block(h, LABEL_SILENT_UNKNOWN);
        hot_block(h, LABEL_SILENT);
    }
    hot_block(h, LABEL_JUDGED);
    hot_block(h, LABEL_LEAVE);
    if (meets_rows(h))
        hot_block(h, LABEL_SPLIT);
    hot_block(h, LABEL_FRESH);
    hot_block(h, LABEL_UNKNOWN);
    if (h->code.habit->kind != HABIT_VARIED)
        hot_block(h, LABEL_LOOKUP);
    if (steady_store)
        hot_block(h, LABEL_JUDGE);
    hot_rare(h, LABEL_LEAVE);
    if (meets_rows(h)) {
        hot_rare(h, LABEL_ROW_UNKNOWN);
        hot_rare(h, LABEL_SPLIT);
    }
    hot_rare(h, LABEL_FRESH);
    hot_rare(h, LABEL_UNKNOWN);
    if (steady_store)
        hot_rare(h, LABEL_LOOKUP);
    if (h->code.store)
        hot_rare(h, LABEL_SILENT_UNKNOWN);
    if (h->code.shape->fine)
        hot_mix(h);
    put_common(h);
    put_rest(h);
    if (h->code.store)
        put_silent(h);
    hot_end(h); /* LABEL_MARK */
    code_mark(&h->code, code_touch_plane(&h->code));
    if (h->code.store)
        code_mark(&h->code, code_writer_plane(&h->code));
    if (meets_rows(h))
        hot_row(h);
    hot_end(h); /* LABEL_OUT */
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
