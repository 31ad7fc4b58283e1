/* Pieces of code beside an access: site_code.h. */
#include "rewrite/site_code.h"

static const struct shape shapes[ONLINE_WIDTHS] = {
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

struct site_code code_of(struct emitter *e, const struct site *site, mark own, bool in_hook)
{
    return (struct site_code){
        .e = e,
        .shape = &shapes[shape_index(site->width)],
        .offset = (uint32_t)site->static_offset,
        .own = own,
        .cell = site->cell,
        .counter = site->counter,
        .store = site->kind == ACCESS_STORE,
        .width = site->width,
        .in_hook = in_hook,
        .key_size = cell_key_size(site->width),
        .slot_size = cell_slot_size(site->width),
        .habit = &site->habit,
    };
}

unsigned code_width_index(const struct site_code *c)
{
    return (unsigned)(c->shape - shapes);
}

void code_plane(const struct site_code *c, enum plane plane, enum wasm_opcode op, uint32_t offset)
{
    wasm_put_op(c->e->out, op);
    wasm_put_memarg(c->e->out, 0, c->e->rw->planes[plane], (uint64_t)offset + plane_shift(plane));
}

void code_unlikely(const struct site_code *c)
{
    emit_hint(c->e, false);
    put_open(c->e->out, WASM_OP_IF);
}

void code_effective(const struct site_code *c)
{
    emit_get(c->e, TEMP_ADDR32);
    if (c->offset) {
        wasm_put_i32_const(c->e->out, (int32_t)c->offset);
        wasm_put_op(c->e->out, WASM_OP_I32_ADD);
    }
}

uint32_t code_marks_address(const struct site_code *c)
{
    emit_get(c->e, c->shape->fine ? TEMP_FINE : TEMP_ADDR32);
    return c->shape->fine ? 0 : c->offset;
}

enum plane code_touch_plane(const struct site_code *c)
{
    return c->shape->fine ? PLANE_TOUCH_BYTES : PLANE_TOUCH;
}

enum plane code_writer_plane(const struct site_code *c)
{
    return c->shape->fine ? PLANE_WRITER_BYTES : PLANE_WRITER;
}

void code_guard(const struct site_code *c)
{
    struct buf *b = c->e->out;
    emit_get(c->e, TEMP_ADDR32);
    code_plane(c, PLANE_TOUCH, c->shape->guard, c->offset);
    if (c->store) {
        emit_get(c->e, TEMP_ADDR32);
        code_plane(c, PLANE_WRITER, c->shape->guard, c->offset);
        wasm_put_op(b, WASM_OP_I32_AND); /* MARK_MIXED has all bits */
    }
    wasm_put_i32_const(b, c->shape->mixed);
    wasm_put_op(b, WASM_OP_I32_NE);
}

void code_fine(const struct site_code *c)
{
    code_effective(c);
    wasm_put_i32_const(c->e->out, 2);
    wasm_put_op(c->e->out, WASM_OP_I32_SHL);
    emit_set(c->e, TEMP_FINE);
}

void code_own(const struct site_code *c)
{
    if (c->in_hook)
        emit_get(c->e, TEMP_HEAD);
    else
        wasm_put_i32_const(c->e->out, (int32_t)c->own);
}

void code_differ(const struct site_code *c)
{
    struct buf *b = c->e->out;
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

void code_lanes(const struct site_code *c, mark m)
{
    struct buf *b = c->e->out;
    if (c->shape->met == TEMP_MET64) {
        wasm_put_i64_const(b, (int64_t)(m | (uint64_t)m << 32));
        return;
    }
    wasm_put_i32_const(b, (int32_t)m);
    if (c->shape->met == TEMP_MET128)
        wasm_put_op(b, WASM_OP_I32X4_SPLAT);
}

void code_test(const struct site_code *c, uint32_t mask, uint32_t want)
{
    static const enum wasm_opcode and[] = {WASM_OP_I32_AND, WASM_OP_I64_AND, WASM_OP_V128_AND};
    code_lanes(c, mask);
    wasm_put_op(c->e->out, and[c->shape->met - TEMP_MET32]);
    code_lanes(c, want);
    code_differ(c);
}

/* Bytes' marks lie by themselves, so that they need not be told from other words. */
void code_unread(const struct site_code *c)
{
    if (c->shape->fine)
        code_test(c, MARK_UNREAD, 0);
    else
        code_test(c, MARK_SHAPE_MASK | MARK_UNREAD, MARK_SHAPE);
}

void code_mark(const struct site_code *c, enum plane plane)
{
    struct buf *b = c->e->out;
    uint32_t offset = code_marks_address(c);
    if (!c->in_hook) {
        code_lanes(c, c->own);
    } else {
        code_own(c);
        if (c->shape->met == TEMP_MET64) {
            wasm_put_op(b, WASM_OP_I64_EXTEND_I32_U);
            wasm_put_i64_const(b, INT64_C(0x100000001));
            wasm_put_op(b, WASM_OP_I64_MUL);
        } else if (c->shape->met == TEMP_MET128) {
            wasm_put_op(b, WASM_OP_I32X4_SPLAT);
        }
    }
    code_plane(c, plane, c->shape->store, offset);
}
