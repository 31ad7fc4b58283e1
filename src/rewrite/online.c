/* The code that stands beside an access and keeps the planes (trace/planes.h): what a site does when it meets the same
 * marks as last time.  Everything else is a call (online_runtime.c) behind a branch that is hinted to be unlikely. */
#include "rewrite/online.h"

#include "trace/planes.h"

/* How an access of some width goes to the planes. */
static const struct shape {
    uint8_t width;
    bool fine; /* in the planes of bytes */
    enum wasm_opcode load, store, guard; /* guard: of the touch plane, which must show that the granules are mixed */
    int32_t mixed;                       /* what the guard then loads */
    enum temp met;
} shapes[ONLINE_WIDTHS] = {
    {1, true, WASM_OP_I32_LOAD, WASM_OP_I32_STORE, WASM_OP_I32_LOAD8_U, 0xff, TEMP_MET32},
    {2, true, WASM_OP_I64_LOAD, WASM_OP_I64_STORE, WASM_OP_I32_LOAD16_U, 0xffff, TEMP_MET64},
    {4, false, WASM_OP_I32_LOAD, WASM_OP_I32_STORE, 0, 0, TEMP_MET32},
    {8, false, WASM_OP_I64_LOAD, WASM_OP_I64_STORE, 0, 0, TEMP_MET64},
    {16, false, WASM_OP_V128_LOAD, WASM_OP_V128_STORE, 0, 0, TEMP_MET128},
};

static unsigned shape_index(unsigned width)
{
    return width == 1 ? 0 : width == 2 ? 1 : width == 4 ? 2 : width == 8 ? 3 : 4;
}

struct site_code {
    struct emitter *e;
    const struct shape *shape;
    uint32_t offset; /* the static one */
    mark own;
    uint32_t cell, counter;
    bool in_hook; /* own and cell are in temporaries, and the counter is the cell's */
    bool store;
    unsigned width;
    unsigned key_size, slot_size;
};

bool online_covers(const struct wasm_instr *instr, const struct site *site)
{
    uint8_t prefix = wasm_opcode_info(instr->op)->prefix;
    return (site->kind == ACCESS_LOAD || site->kind == ACCESS_STORE) && prefix != WASM_PREFIX_LAST;
}

void online_emit_flush(struct rewriter *rw, struct buf *out)
{
    wasm_put_op_u32(out, WASM_OP_CALL, rw->flush);
}

static void put_plane(const struct site_code *c, enum plane plane, enum wasm_opcode op, uint32_t offset)
{
    wasm_put_op(c->e->out, op);
    wasm_put_memarg(c->e->out, 0, c->e->rw->planes[plane], (uint64_t)offset + plane_shift(plane));
}

/* An `if` that is rarely entered. */
static void put_unlikely(const struct site_code *c)
{
    emit_hint(c->e);
    put_open(c->e->out, WASM_OP_IF);
}

static void put_effective(const struct site_code *c)
{
    emit_get(c->e, TEMP_ADDR32);
    if (c->offset) {
        wasm_put_i32_const(c->e->out, (int32_t)c->offset);
        wasm_put_op(c->e->out, WASM_OP_I32_ADD);
    }
}

/* The address of the marks; `offset` goes with it. */
static uint32_t put_marks_address(const struct site_code *c)
{
    emit_get(c->e, c->shape->fine ? TEMP_FINE : TEMP_ADDR32);
    return c->shape->fine ? 0 : c->offset;
}

static enum plane touch_plane(const struct site_code *c)
{
    return c->shape->fine ? PLANE_TOUCH_BYTES : PLANE_TOUCH;
}

static enum plane writer_plane(const struct site_code *c)
{
    return c->shape->fine ? PLANE_WRITER_BYTES : PLANE_WRITER;
}

/* Leaves 1 unless the planes of bytes are the ones that count. */
static void put_guard(const struct site_code *c)
{
    struct buf *b = c->e->out;
    emit_get(c->e, TEMP_ADDR32);
    put_plane(c, PLANE_TOUCH, c->shape->guard, c->offset);
    wasm_put_i32_const(b, c->shape->mixed);
    wasm_put_op(b, WASM_OP_I32_NE);
}

static void put_fine(const struct site_code *c)
{
    put_effective(c);
    wasm_put_i32_const(c->e->out, 2);
    wasm_put_op(c->e->out, WASM_OP_I32_SHL);
    emit_set(c->e, TEMP_FINE);
}

/* Leaves an address for an access to the cell; `field` is then that access's static offset. */
static uint32_t put_cell(const struct site_code *c, uint32_t field)
{
    if (c->in_hook) {
        emit_get(c->e, TEMP_CELL);
        return field;
    }
    wasm_put_i32_const(c->e->out, 0);
    return c->cell + field;
}

/* The site's own mark, in one lane. */
static void put_own(const struct site_code *c)
{
    if (c->in_hook)
        emit_get(c->e, TEMP_HEAD);
    else
        wasm_put_i32_const(c->e->out, (int32_t)c->own);
}

static void put_cell_itself(const struct site_code *c)
{
    if (c->in_hook)
        emit_get(c->e, TEMP_CELL);
    else
        wasm_put_i32_const(c->e->out, (int32_t)c->cell);
}

static void put_counter(const struct site_code *c)
{
    if (c->in_hook) {
        emit_get(c->e, TEMP_CELL);
        wasm_put_i32_const(c->e->out, (int32_t)cell_counter(c->store, c->width));
        wasm_put_op(c->e->out, WASM_OP_I32_ADD);
    } else {
        wasm_put_i32_const(c->e->out, (int32_t)c->counter);
    }
}

/* Leaves 1 where the value on the stack is not the key at `field` of the cell. */
static void put_differs(const struct site_code *c, uint32_t field)
{
    struct buf *b = c->e->out;
    uint32_t at = put_cell(c, field);
    put_plane(c, PLANE_CELLS, c->shape->load, at);
    switch (c->shape->met) {
    case TEMP_MET32:
        wasm_put_op(b, WASM_OP_I32_NE);
        return;
    case TEMP_MET64:
        wasm_put_op(b, WASM_OP_I64_NE);
        return;
    default:
        wasm_put_op(b, WASM_OP_V128_XOR);
        wasm_put_op(b, WASM_OP_V128_ANY_TRUE);
    }
}

/* Leaves 1 where the value on the stack has a mark that nobody has read, or is no row of marks. */
static void put_unread(const struct site_code *c)
{
    struct buf *b = c->e->out;
    const uint32_t mask = MARK_SHAPE_MASK | MARK_UNREAD;
    switch (c->shape->met) {
    case TEMP_MET32:
        wasm_put_i32_const(b, (int32_t)mask);
        wasm_put_op(b, WASM_OP_I32_AND);
        wasm_put_i32_const(b, MARK_SHAPE);
        wasm_put_op(b, WASM_OP_I32_NE);
        return;
    case TEMP_MET64:
        wasm_put_i64_const(b, (int64_t)(mask | (uint64_t)mask << 32));
        wasm_put_op(b, WASM_OP_I64_AND);
        wasm_put_i64_const(b, (int64_t)(MARK_SHAPE | (uint64_t)MARK_SHAPE << 32));
        wasm_put_op(b, WASM_OP_I64_NE);
        return;
    default:
        wasm_put_i32_const(b, (int32_t)mask);
        wasm_put_op(b, WASM_OP_I32X4_SPLAT);
        wasm_put_op(b, WASM_OP_V128_AND);
        wasm_put_i32_const(b, MARK_SHAPE);
        wasm_put_op(b, WASM_OP_I32X4_SPLAT);
        wasm_put_op(b, WASM_OP_V128_XOR);
        wasm_put_op(b, WASM_OP_V128_ANY_TRUE);
    }
}

/* The site's own mark to a plane. */
static void put_mark(const struct site_code *c, enum plane plane)
{
    struct buf *b = c->e->out;
    uint32_t offset = put_marks_address(c);
    if (c->shape->met == TEMP_MET64 && !c->in_hook) {
        wasm_put_i64_const(b, (int64_t)(c->own | (uint64_t)c->own << 32));
    } else {
        put_own(c);
        if (c->shape->met == TEMP_MET64) {
            wasm_put_op(b, WASM_OP_I64_EXTEND_I32_U);
            wasm_put_i64_const(b, INT64_C(0x100000001));
            wasm_put_op(b, WASM_OP_I64_MUL);
        } else if (c->shape->met == TEMP_MET128) {
            wasm_put_op(b, WASM_OP_I32X4_SPLAT);
        }
    }
    put_plane(c, plane, c->shape->store, offset);
}

static void put_increment(const struct site_code *c, uint32_t field)
{
    struct buf *b = c->e->out;
    put_cell(c, field);
    uint32_t at = put_cell(c, field);
    put_plane(c, PLANE_CELLS, WASM_OP_I64_LOAD, at);
    wasm_put_i64_const(b, 1);
    wasm_put_op(b, WASM_OP_I64_ADD);
    put_plane(c, PLANE_CELLS, WASM_OP_I64_STORE, at);
}

static void put_load(const struct site_code *c)
{
    struct buf *b = c->e->out;
    if (c->shape->fine) {
        put_guard(c);
        put_fine(c);
    }
    put_plane(c, touch_plane(c), c->shape->load, put_marks_address(c));
    put_differs(c, 0);
    if (c->shape->fine)
        wasm_put_op(b, WASM_OP_I32_OR);
    put_unlikely(c);
    put_effective(c);
    put_own(c);
    put_cell_itself(c);
    put_counter(c);
    wasm_put_op_u32(b, WASM_OP_CALL, c->e->rw->online_load[c->shape - shapes]);
    wasm_put_op(b, WASM_OP_ELSE);
    put_mark(c, touch_plane(c));
    wasm_put_op(b, WASM_OP_END);
}

/* The whole rest of a store, by a call. */
static void put_store_call(const struct site_code *c)
{
    put_effective(c);
    put_own(c);
    emit_get(c->e, TEMP_FLAG);
    put_cell_itself(c);
    wasm_put_op_u32(c->e->out, WASM_OP_CALL, c->e->rw->online_store[c->shape - shapes]);
}

/* A silent store meets writers. */
static void put_silent(const struct site_code *c)
{
    struct buf *b = c->e->out;
    emit_get(c->e, TEMP_FLAG);
    put_unlikely(c);
    put_plane(c, writer_plane(c), c->shape->load, put_marks_address(c));
    emit_tee(c->e, c->shape->met);
    put_differs(c, 2 * c->slot_size);
    put_unlikely(c);
    if (c->in_hook) {
        put_own(c);
        wasm_put_i32_const(b, ~MARK_FLAGS);
        wasm_put_op(b, WASM_OP_I32_AND);
    } else {
        wasm_put_i32_const(b, (int32_t)(c->own & ~(mark)MARK_FLAGS));
    }
    emit_get(c->e, c->shape->met);
    put_cell_itself(c);
    wasm_put_op_u32(b, WASM_OP_CALL, c->e->rw->online_silent[c->key_size == 16 ? 2 : c->shape->met == TEMP_MET64]);
    wasm_put_op(b, WASM_OP_ELSE);
    put_increment(c, 2 * c->slot_size + c->key_size);
    wasm_put_op(b, WASM_OP_END);
    wasm_put_op(b, WASM_OP_END);
}

/* Leaves the store's code, `out` labels outside, by way of a call. */
static void put_store_way_out(const struct site_code *c, uint32_t out)
{
    put_unlikely(c);
    put_store_call(c);
    wasm_put_op_u32(c->e->out, WASM_OP_BR, out);
    wasm_put_op(c->e->out, WASM_OP_END);
}

static void put_store(const struct site_code *c)
{
    struct buf *b = c->e->out;
    put_open(b, WASM_OP_BLOCK);
    if (c->shape->fine) {
        put_guard(c);
        put_store_way_out(c, 1);
        put_fine(c);
    }
    put_plane(c, touch_plane(c), c->shape->load, put_marks_address(c));
    emit_tee(c->e, c->shape->met);
    put_unread(c);
    put_unlikely(c);
    emit_get(c->e, c->shape->met);
    put_differs(c, 0);
    put_store_way_out(c, 2);
    put_increment(c, c->key_size);
    wasm_put_op(b, WASM_OP_END);
    put_silent(c);
    put_mark(c, touch_plane(c));
    put_mark(c, writer_plane(c));
    wasm_put_op(b, WASM_OP_END);
}

uint32_t online_emit(struct emitter *e, const struct wasm_instr *instr, const struct site *site, mark own, bool in_hook)
{
    bool store = site->kind == ACCESS_STORE;
    const struct site_code c = {
        .e = e,
        .shape = &shapes[shape_index(site->width)],
        .offset = (uint32_t)site->static_offset,
        .own = own,
        .cell = site->cell,
        .counter = site->counter,
        .store = store,
        .width = site->width,
        .in_hook = in_hook,
        .key_size = cell_key_size(site->width),
        .slot_size = cell_slot_size(site->width),
    };
    emit_access_alone(e, instr, site);
    uint32_t end = (uint32_t)e->out->size;
    /* Memory has a page less than 4 GiB, so this one traps; the planes' shifts would take its offset past 32 bits. */
    if (site->static_offset >= UINT32_C(0xffff0000))
        return end;
    if (in_hook)
        put_increment(&c, cell_counter(store, site->width));
    if (store) {
        emit_store_flag(e, instr, site);
        emit_set(e, TEMP_FLAG);
        put_store(&c);
    } else {
        put_load(&c);
    }
    return end;
}

void online_emit_counter(struct emitter *e, uint32_t counter)
{
    const struct site_code c = {.e = e, .cell = counter};
    put_increment(&c, 0);
}
