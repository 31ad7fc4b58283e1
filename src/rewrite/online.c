/* The code that stands beside an access and keeps the planes (trace/planes.h): what a site does when it meets the same
 * marks as last time.  Everything else is a call (online_runtime.c) behind a branch that is hinted to be unlikely. */
#include "rewrite/online.h"

#include "rewrite/site_code.h"

bool online_covers(const struct wasm_instr *instr, const struct site *site)
{
    uint8_t prefix = wasm_opcode_info(instr->op)->prefix;
    return (site->kind == ACCESS_LOAD || site->kind == ACCESS_STORE) && prefix != WASM_PREFIX_LAST;
}

void online_emit_flush(struct rewriter *rw, struct buf *out)
{
    wasm_put_op_u32(out, WASM_OP_CALL, rw->flush);
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
    uint32_t at = put_cell(c, field);
    code_plane(c, PLANE_CELLS, c->shape->load, at);
    code_differ(c);
}

static void put_increment(const struct site_code *c, uint32_t field)
{
    struct buf *b = c->e->out;
    put_cell(c, field);
    uint32_t at = put_cell(c, field);
    code_plane(c, PLANE_CELLS, WASM_OP_I64_LOAD, at);
    wasm_put_i64_const(b, 1);
    wasm_put_op(b, WASM_OP_I64_ADD);
    code_plane(c, PLANE_CELLS, WASM_OP_I64_STORE, at);
}

/* All of a load but itself, by a call. */
static void put_load_call(const struct site_code *c)
{
    code_effective(c);
    code_own(c);
    put_cell_itself(c);
    put_counter(c);
    wasm_put_op_u32(c->e->out, WASM_OP_CALL, c->e->rw->online_load[code_width_index(c)]);
}

/* Leaves 1 where a load does not meet the cell's first key. */
static void put_load_differs(const struct site_code *c)
{
    code_plane(c, code_touch_plane(c), c->shape->load, code_marks_address(c));
    put_differs(c, 0);
}

static void put_load(const struct site_code *c)
{
    struct buf *b = c->e->out;
    put_load_differs(c);
    code_unlikely(c);
    put_load_call(c);
    wasm_put_op(b, WASM_OP_ELSE);
    code_mark(c, code_touch_plane(c));
    wasm_put_op(b, WASM_OP_END);
}

/* A load of bytes looks into their plane only where it counts: the plane does not reach as far as the guest's memory may. */
static void put_fine_load(const struct site_code *c)
{
    struct buf *b = c->e->out;
    put_open(b, WASM_OP_BLOCK);
    put_open(b, WASM_OP_BLOCK);
    code_guard(c);
    emit_hint(c->e, false);
    wasm_put_op_u32(b, WASM_OP_BR_IF, 0);
    code_fine(c);
    put_load_differs(c);
    emit_hint(c->e, false);
    wasm_put_op_u32(b, WASM_OP_BR_IF, 0);
    code_mark(c, code_touch_plane(c));
    wasm_put_op_u32(b, WASM_OP_BR, 1);
    wasm_put_op(b, WASM_OP_END);
    put_load_call(c);
    wasm_put_op(b, WASM_OP_END);
}

/* The whole rest of a store, by a call. */
static void put_store_call(const struct site_code *c)
{
    code_effective(c);
    code_own(c);
    emit_get(c->e, TEMP_FLAG);
    put_cell_itself(c);
    wasm_put_op_u32(c->e->out, WASM_OP_CALL, c->e->rw->online_store[code_width_index(c)]);
}

/* A silent store meets writers. */
static void put_silent(const struct site_code *c)
{
    struct buf *b = c->e->out;
    emit_get(c->e, TEMP_FLAG);
    code_unlikely(c);
    code_plane(c, code_writer_plane(c), c->shape->load, code_marks_address(c));
    emit_tee(c->e, c->shape->met);
    put_differs(c, 2 * c->slot_size);
    code_unlikely(c);
    if (c->in_hook) {
        code_own(c);
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
    code_unlikely(c);
    put_store_call(c);
    wasm_put_op_u32(c->e->out, WASM_OP_BR, out);
    wasm_put_op(c->e->out, WASM_OP_END);
}

static void put_store(const struct site_code *c)
{
    struct buf *b = c->e->out;
    put_open(b, WASM_OP_BLOCK);
    if (c->shape->fine) {
        code_guard(c);
        put_store_way_out(c, 1);
        code_fine(c);
    }
    code_plane(c, code_touch_plane(c), c->shape->load, code_marks_address(c));
    emit_tee(c->e, c->shape->met);
    code_unread(c);
    code_unlikely(c);
    emit_get(c->e, c->shape->met);
    put_differs(c, 0);
    put_store_way_out(c, 2);
    put_increment(c, c->key_size);
    wasm_put_op(b, WASM_OP_END);
    put_silent(c);
    code_mark(c, code_touch_plane(c));
    code_mark(c, code_writer_plane(c));
    wasm_put_op(b, WASM_OP_END);
}

uint32_t online_emit(struct emitter *e, const struct wasm_instr *instr, const struct site *site, mark own, bool in_hook)
{
    bool store = site->kind == ACCESS_STORE;
    const struct site_code c = code_of(e, site, own, in_hook);
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
    } else if (c.shape->fine) {
        put_fine_load(&c);
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
