/* Everything outside of the code section that mentions functions: table and global initialisers, element segments and
 * exports.  The module was read before, so that nothing here can fail to parse. */
#include "rewrite/rewriter.h"
#include "wasm/types.h"

struct refs {
    struct rewriter *rw;
    struct buf *out;
    struct cursor c;
    const uint8_t *copied; /* up to here the section is in `out`, or replaced */
    bool replaced;
};

static struct refs refs_open(struct rewriter *rw, const struct wasm_section *s, struct buf *out)
{
    return (struct refs){.rw = rw, .out = out, .c = {rw->in->bytes, s->items, s->end, rw->err}, .copied = s->items};
}

static bool refs_close(struct refs *r)
{
    buf_put(r->out, r->copied, (size_t)(r->c.end - r->copied));
    return r->replaced;
}

static void replace(struct refs *r, const uint8_t *start, const uint8_t *end, uint32_t index)
{
    buf_put(r->out, r->copied, (size_t)(start - r->copied));
    wasm_put_u32(r->out, index);
    r->copied = end;
    r->replaced = true;
}

static bool visit(void *self, const struct wasm_instr *instr)
{
    struct refs *r = self;
    if (instr->op == WASM_OP_REF_FUNC && rewriter_func(r->rw, instr->index) != instr->index)
        replace(r, instr->imm, instr->end, rewriter_func(r->rw, instr->index));
    return true;
}

static void put_index(struct refs *r)
{
    const uint8_t *start = r->c.at;
    uint32_t func = 0;
    cursor_leb_u32(&r->c, "function index", &func);
    if (rewriter_func(r->rw, func) != func)
        replace(r, start, r->c.at, rewriter_func(r->rw, func));
}

bool refs_put_tables(struct rewriter *rw, struct buf *out)
{
    const struct wasm_section *s = rw->in->by_id[WASM_SECTION_TABLE];
    if (!s)
        return false;
    struct refs r = refs_open(rw, s, out);
    uint32_t types_end = 0;
    for (uint32_t i = 0; i < s->count; i++) {
        bool has_init = cursor_left(&r.c) >= 2 && r.c.at[0] == 0x40 && r.c.at[1] == 0;
        if (has_init)
            r.c.at += 2;
        wasm_skip_table_type(&r.c, &types_end);
        if (has_init)
            wasm_expr_walk(&r.c, visit, &r);
    }
    return refs_close(&r);
}

bool refs_put_globals(struct rewriter *rw, struct buf *out)
{
    const struct wasm_section *s = rw->in->by_id[WASM_SECTION_GLOBAL];
    if (!s)
        return false;
    struct refs r = refs_open(rw, s, out);
    uint32_t types_end = 0;
    for (uint32_t i = 0; i < s->count; i++) {
        wasm_skip_global_type(&r.c, &types_end);
        wasm_expr_walk(&r.c, visit, &r);
    }
    return refs_close(&r);
}

static void put_element(struct refs *r)
{
    uint32_t flags = 0, count = 0, table, types_end = 0;
    cursor_leb_u32(&r->c, "element segment", &flags);
    bool active = !(flags & 1), exprs = flags & 4;
    if (active && flags & 2)
        cursor_leb_u32(&r->c, "element segment", &table);
    if (active)
        wasm_expr_walk(&r->c, visit, r);
    if (flags & 3) {
        if (exprs)
            wasm_skip_value_type(&r->c, &types_end);
        else
            r->c.at++;
    }
    cursor_leb_u32(&r->c, "element segment", &count);
    while (count--) {
        if (exprs)
            wasm_expr_walk(&r->c, visit, r);
        else
            put_index(r);
    }
}

bool refs_put_elements(struct rewriter *rw, struct buf *out)
{
    const struct wasm_section *s = rw->in->by_id[WASM_SECTION_ELEMENT];
    if (!s)
        return false;
    struct refs r = refs_open(rw, s, out);
    for (uint32_t i = 0; i < s->count; i++)
        put_element(&r);
    return refs_close(&r);
}

bool refs_put_exports(struct rewriter *rw, struct buf *out)
{
    const struct wasm_section *s = rw->in->by_id[WASM_SECTION_EXPORT];
    if (!s)
        return false;
    struct refs r = refs_open(rw, s, out);
    for (uint32_t i = 0; i < s->count; i++) {
        const char *name;
        uint32_t size, index = 0;
        uint8_t kind = 0;
        cursor_name(&r.c, "export", &name, &size);
        cursor_u8(&r.c, "export", &kind);
        const uint8_t *start = r.c.at;
        cursor_leb_u32(&r.c, "export", &index);
        if (kind == WASM_EXTERN_FUNC && index < rw->wrapper_count && rw->entries[index])
            replace(&r, start, r.c.at, rw->entries[index]);
    }
    return refs_close(&r);
}
