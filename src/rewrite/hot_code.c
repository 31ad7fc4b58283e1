#include "rewrite/hot_code.h"

static const uint32_t late_limit = LATE_SIZE - LATE_SLACK;

void hot_block(struct hot *h, enum label label)
{
    put_open(h->code.e->out, WASM_OP_BLOCK);
    h->open[h->depth++] = label;
}

void hot_end(struct hot *h)
{
    put_op(h, WASM_OP_END);
    h->depth--;
}

void hot_br(const struct hot *h, enum wasm_opcode op, enum label label)
{
    uint32_t depth = 0;
    while (h->open[h->depth - 1 - depth] != label)
        depth++;
    wasm_put_op_u32(h->code.e->out, op, depth);
}

void hot_br_rarely(const struct hot *h, enum label label)
{
    emit_hint(h->code.e, false);
    hot_br(h, WASM_OP_BR_IF, label);
}

void hot_br_else_rare(const struct hot *h, enum label label)
{
    emit_hint(h->code.e, true);
    hot_br(h, WASM_OP_BR_IF, label);
}

void hot_rare(const struct hot *h, enum label label)
{
    put_const(h, 0);
    hot_br_rarely(h, label);
}

void hot_increment(const struct hot *h, bool in_table, uint32_t field)
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

void hot_set_entry(const struct hot *h, const struct hot_table *t)
{
    if (!t->habit.log2) {
        put_op(h, WASM_OP_DROP);
        put_const(h, 0);
        set(h, TEMP_ENTRY);
        return;
    }
    put_const(h, habit_factor(&t->habit));
    put_op(h, WASM_OP_I32_MUL);
    put_const(h, 32 - t->habit.log2 - t->entry_log2);
    put_op(h, WASM_OP_I32_SHR_U);
    put_const(h, ((1 << t->habit.log2) - 1) << t->entry_log2);
    put_op(h, WASM_OP_I32_AND);
    set(h, TEMP_ENTRY);
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
    hot_block(h, LABEL_ROOM);
    hot_block(h, LABEL_WAIT);
    get(h, TEMP_LATE);
    put_const(h, late_limit);
    put_op(h, WASM_OP_I32_LE_U);
    hot_br_rarely(h, LABEL_ROOM);
    put_const(h, 1); /* nothing but a jump is left of this, which the engine leaves out */
    hot_br_rarely(h, LABEL_WAIT);
    put_op(h, WASM_OP_UNREACHABLE);
    hot_end(h); /* LABEL_WAIT */
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
    hot_end(h); /* LABEL_ROOM */
    hot_br(h, WASM_OP_BR, label);
}

void hot_log_met(struct hot *h, uint32_t word, const struct hot_table *t, enum label label)
{
    put_entry_begin(h);
    get(h, TEMP_LATE);
    put_const(h, word | LOG_COUNT);
    plane(h, PLANE_CELLS, WASM_OP_I32_STORE, 0);
    get(h, TEMP_LATE);
    bool row = word & LOG_LANES;
    get(h, row ? TEMP_ROW : h->code.shape->met);
    plane(h, PLANE_CELLS, row ? WASM_OP_V128_STORE : h->code.shape->store, 4);
    if (t->lanes == 8) {
        get(h, TEMP_LATE);
        get(h, TEMP_ROW_MORE);
        plane(h, PLANE_CELLS, WASM_OP_V128_STORE, 20);
    }
    put_entry_end(h, 4u + 4u * t->lanes);
    put_wait(h, label);
}

void hot_granule(const struct hot *h, unsigned at)
{
    code_effective(&h->code);
    if (at) {
        put_const(h, at);
        put_op(h, WASM_OP_I32_ADD);
    }
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
    hot_granule(h, 0);
    wasm_put_i64_const(h->code.e->out, (int64_t)(MARK_PENDING | (uint64_t)MARK_PENDING << 32));
    if (whole == 2)
        put_op(h, WASM_OP_I64X2_SPLAT);
    else if (whole == 0)
        put_op(h, WASM_OP_I32_WRAP_I64);
    plane(h, PLANE_TOUCH, stores[whole], 0);
    if (h->code.width == 1)
        return;
    hot_granule(h, h->code.width - 1);
    put_const(h, (int32_t)MARK_PENDING);
    plane(h, PLANE_TOUCH, WASM_OP_I32_STORE, 0);
}

void hot_log_access(struct hot *h)
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
        hot_granule(h, 0);
        plane(h, PLANE_TOUCH, WASM_OP_V128_LOAD, 16 * i);
        plane(h, PLANE_CELLS, WASM_OP_V128_STORE, 8 + 16 * i);
    }
    put_entry_end(h, 8 + 16 * vectors);
    put_pending(h);
    put_wait(h, LABEL_OUT);
}
