/* Hot code (hot.c) and the planes of bytes: splitting granules, and loads of words that meet rows of bytes. */
#include "rewrite/hot_code.h"

static void put_is_mixed(const struct hot *h)
{
    get(h, TEMP_MARK);
    put_const(h, (int32_t)MARK_MIXED);
    put_op(h, WASM_OP_I32_EQ);
}

/* Leaves 1 if TEMP_MARK, a granule's, is a plain mark or none; or mixed, if so the access may find it. */
static void put_is_plain(const struct hot *h, bool or_mixed)
{
    get(h, TEMP_MARK);
    put_const(h, (int32_t)MARK_SHAPE_MASK);
    put_op(h, WASM_OP_I32_AND);
    put_const(h, MARK_SHAPE);
    put_op(h, WASM_OP_I32_EQ);
    get(h, TEMP_MARK);
    put_op(h, WASM_OP_I32_EQZ);
    put_op(h, WASM_OP_I32_OR);
    if (!or_mixed)
        return;
    put_is_mixed(h);
    put_op(h, WASM_OP_I32_OR);
}

/* Leaves 1 if the access is within the reach of the planes of bytes. */
static void put_is_near(const struct hot *h)
{
    code_effective(&h->code);
    put_const(h, FINE_LIMIT - 16);
    put_op(h, WASM_OP_I32_LT_U);
}

/* Leaves 1 if the granule of an access to bytes, whose mark is TEMP_MARK, can be split and holds all of the access. */
static void put_can_split(const struct hot *h)
{
    put_is_plain(h, h->code.store); /* of a store, only the writers may have to be split */
    put_is_near(h);
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

/* Leaves where the marks of the bytes of the granule lie that holds the access's byte `at`. */
static void put_granule_bytes(const struct hot *h, unsigned at)
{
    hot_granule(h, at);
    put_const(h, 2);
    put_op(h, WASM_OP_I32_SHL);
}

/* Gives the bytes of that granule, whose mark is TEMP_MARK, marks of their own; for a store also as to what wrote them. */
static void put_split(const struct hot *h, unsigned at)
{
    bool may_be_mixed = h->code.store || h->code.width > 2;
    put_granule_bytes(h, at);
    if (may_be_mixed) {
        put_granule_bytes(h, at);
        plane(h, PLANE_TOUCH_BYTES, WASM_OP_V128_LOAD, 0);
    }
    get(h, TEMP_MARK);
    put_const(h, (int32_t)MARK_NOBODY);
    get(h, TEMP_MARK);
    put_op(h, WASM_OP_SELECT);
    put_op(h, WASM_OP_I32X4_SPLAT);
    if (may_be_mixed) {
        put_is_mixed(h);
        put_op(h, WASM_OP_SELECT);
    }
    plane(h, PLANE_TOUCH_BYTES, WASM_OP_V128_STORE, 0);
    hot_granule(h, at);
    put_const(h, (int32_t)MARK_MIXED);
    plane(h, PLANE_TOUCH, WASM_OP_I32_STORE, 0);
    if (!h->code.store)
        return;
    put_granule_bytes(h, at);
    hot_granule(h, at);
    plane(h, PLANE_WRITER, WASM_OP_I32_LOAD, 0);
    put_op(h, WASM_OP_I32X4_SPLAT);
    plane(h, PLANE_WRITER_BYTES, WASM_OP_V128_STORE, 0);
    hot_granule(h, at);
    put_const(h, (int32_t)MARK_MIXED);
    plane(h, PLANE_WRITER, WASM_OP_I32_STORE, 0);
}

void hot_mix(struct hot *h)
{
    hot_block(h, LABEL_MIXED);
    hot_block(h, LABEL_MIX);
    code_guard(&h->code);
    hot_br_rarely(h, LABEL_MIX);
    hot_br(h, WASM_OP_BR, LABEL_MIXED);
    hot_end(h); /* LABEL_MIX */
    hot_granule(h, 0);
    plane(h, PLANE_TOUCH, WASM_OP_I32_LOAD, 0);
    set(h, TEMP_MARK);
    put_can_split(h);
    put_op(h, WASM_OP_I32_EQZ);
    hot_br_else_rare(h, LABEL_LEAVE);
    put_split(h, 0);
    hot_br(h, WASM_OP_BR, LABEL_MIXED);
    hot_end(h); /* LABEL_MIXED */
    code_fine(&h->code);
}

/* The granules that a row of bytes may lie in, by one of its bytes each. */
static unsigned row_granules(const struct hot *h, unsigned at[3])
{
    unsigned n = 0;
    for (unsigned i = 0; i < h->code.width; i += GRANULE)
        at[n++] = i;
    at[n++] = h->code.width - 1;
    return n;
}

static void put_mark_of(const struct hot *h, unsigned at)
{
    hot_granule(h, at);
    plane(h, PLANE_TOUCH, WASM_OP_I32_LOAD, 0);
    set(h, TEMP_MARK);
}

void hot_split_row(struct hot *h)
{
    unsigned at[3], n = row_granules(h, at);
    put_is_near(h);
    for (unsigned i = 0; i < n; i++) {
        put_mark_of(h, at[i]);
        put_is_plain(h, true);
        put_op(h, WASM_OP_I32_AND);
    }
    put_op(h, WASM_OP_I32_EQZ);
    hot_br_else_rare(h, LABEL_LEAVE);
    for (unsigned i = 0; i < n; i++) {
        put_mark_of(h, at[i]);
        put_split(h, at[i]);
    }
    hot_br(h, WASM_OP_BR, LABEL_ROW);
}

/* One half of a row: TEMP_ROW or TEMP_ROW_MORE, with the own mark in its place. */
static void put_swap(const struct hot *h, enum temp temp, uint32_t offset)
{
    get(h, TEMP_FINE);
    plane(h, PLANE_TOUCH_BYTES, WASM_OP_V128_LOAD, offset);
    set(h, temp);
    get(h, TEMP_FINE);
    put_const(h, (int32_t)h->code.own);
    put_op(h, WASM_OP_I32X4_SPLAT);
    plane(h, PLANE_TOUCH_BYTES, WASM_OP_V128_STORE, offset);
}

/* Leaves where half a row differs from the table's entry. */
static void put_half_differs(const struct hot *h, enum temp temp, uint32_t at)
{
    get(h, TEMP_ENTRY);
    plane(h, PLANE_CELLS, WASM_OP_V128_LOAD, h->code.cell + at);
    get(h, temp);
    put_op(h, WASM_OP_V128_XOR);
}

static void put_nobody(const struct hot *h)
{
    put_const(h, (int32_t)MARK_NOBODY);
    put_op(h, WASM_OP_I32X4_SPLAT);
}

static void put_has_nobody(const struct hot *h, enum temp temp)
{
    get(h, temp);
    put_nobody(h);
    put_op(h, WASM_OP_I32X4_EQ);
}

/* A load that met a byte that nobody had touched is not silent, whatever it met besides: so there are fewer rows. */
static void put_simplify(const struct hot *h)
{
    bool two = h->code.width == 8;
    put_has_nobody(h, TEMP_ROW);
    if (two) {
        put_has_nobody(h, TEMP_ROW_MORE);
        put_op(h, WASM_OP_V128_OR);
    }
    put_op(h, WASM_OP_V128_ANY_TRUE);
    put_open(h->code.e->out, WASM_OP_IF);
    put_nobody(h);
    set(h, TEMP_ROW);
    if (two) {
        put_nobody(h);
        set(h, TEMP_ROW_MORE);
    }
    put_op(h, WASM_OP_END);
}

void hot_row(struct hot *h)
{
    const struct hot_table t = hot_table(h->code.habit, false, h->code.width, HOT_MIXED);
    enum temp last = h->code.width == 8 ? TEMP_ROW_MORE : TEMP_ROW;
    hot_br(h, WASM_OP_BR, LABEL_OUT);
    hot_end(h); /* LABEL_ROW */
    code_fine(&h->code);
    put_swap(h, TEMP_ROW, 0);
    if (h->code.width == 8)
        put_swap(h, TEMP_ROW_MORE, 16);
    put_simplify(h);
    get(h, TEMP_ROW);
    put_lane_op(h, WASM_OP_I32X4_EXTRACT_LANE, 0);
    get(h, last);
    put_lane_op(h, WASM_OP_I32X4_EXTRACT_LANE, 3);
    put_const(h, HOT_LAST_FACTOR);
    put_op(h, WASM_OP_I32_MUL);
    put_op(h, WASM_OP_I32_ADD);
    hot_set_entry(h, &t);
    put_half_differs(h, TEMP_ROW, t.at);
    if (h->code.width == 8) {
        put_half_differs(h, TEMP_ROW_MORE, t.at + 16);
        put_op(h, WASM_OP_V128_OR);
    }
    put_op(h, WASM_OP_V128_ANY_TRUE);
    hot_br_rarely(h, LABEL_ROW_UNKNOWN);
    hot_increment(h, true, t.at + t.key_size);
    hot_br(h, WASM_OP_BR, LABEL_OUT);
    hot_end(h); /* LABEL_ROW_UNKNOWN */
    hot_log_met(h, h->code.own | LOG_LANES, &t, LABEL_OUT);
}
