/* Everything outside of the code section that mentions functions: table and global initialisers, element segments and
 * exports.  The module was read before, so that nothing here can fail to parse.
 *
 * A reference to an import is not of exactly its type, one to its wrapper is (custom descriptors).  So that no invalid module becomes a valid one, a
 * constant expression with such a reference is kept as it was: as the value of one more global, of the type that is wanted of it.  In code, a
 * block takes care of that (body.c). */
#include "rewrite/rewriter.h"
#include "wasm/types.h"

struct refs {
    struct rewriter *rw;
    struct buf *out;
    struct cursor c;
    const uint8_t *copied; /* up to here the section is in `out`, or replaced */
    bool replaced;
    bool widens; /* in the expression that is being read */
    bool proves; /* such expressions are kept */
};

static struct refs refs_open(struct rewriter *rw, const struct wasm_section *s, struct buf *out)
{
    return (struct refs){.rw = rw,
                         .out = out,
                         .c = {rw->in->bytes, s->items, s->end, rw->err},
                         .copied = s->items,
                         .proves = rw->proves};
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
    if (r->proves && instr->op == WASM_OP_REF_FUNC)
        r->widens = r->widens || rewriter_widens(r->rw, instr->index);
    if (instr->op == WASM_OP_REF_FUNC && rewriter_func(r->rw, instr->index) != instr->index)
        replace(r, instr->imm, instr->end, rewriter_func(r->rw, instr->index));
    return true;
}

/* An expression whose value has the type at [type, type_end). */
static void put_expression(struct refs *r, const uint8_t *type, const uint8_t *type_end)
{
    const uint8_t *start = r->c.at;
    r->widens = false;
    wasm_expr_walk(&r->c, visit, r);
    if (!r->widens)
        return;
    struct buf *b = &r->rw->proofs;
    buf_put(b, type, (size_t)(type_end - type));
    buf_put_u8(b, 0); /* it does not change */
    buf_put(b, start, (size_t)(r->c.at - start));
    r->rw->proof_count++;
}

static void put_index(struct refs *r)
{
    const uint8_t *start = r->c.at;
    uint32_t func = 0;
    cursor_leb_u32(&r->c, "function index", &func);
    if (rewriter_func(r->rw, func) != func)
        replace(r, start, r->c.at, rewriter_func(r->rw, func));
}

bool rewriter_widens(const struct rewriter *rw, uint32_t func)
{
    return func < rw->in->func_imports && rewriter_func(rw, func) != func &&
           !wasm_module_import_func(rw->in, func)->exact;
}

static bool see_exact(void *self, const struct wasm_instr *instr)
{
    bool *exact = self;
    *exact = *exact || instr->types.exact;
    return true;
}

bool refs_find_exact(struct rewriter *rw, uint32_t func, bool *exact)
{
    struct wasm_type_use use = {0};
    struct cursor c;
    if (!rewriter_code(rw, func, &use, &c))
        return false;
    *exact = rw->in->has_exact || use.exact;
    return wasm_expr_walk(&c, see_exact, exact);
}

bool refs_put_tables(struct rewriter *rw, struct buf *out)
{
    const struct wasm_section *s = rw->in->by_id[WASM_SECTION_TABLE];
    if (!s)
        return false;
    struct refs r = refs_open(rw, s, out);
    struct wasm_type_use use = {0};
    for (uint32_t i = 0; i < s->count; i++) {
        bool has_init = cursor_left(&r.c) >= 2 && r.c.at[0] == 0x40 && r.c.at[1] == 0;
        if (has_init)
            r.c.at += 2;
        const uint8_t *type = r.c.at;
        struct cursor behind = r.c;
        wasm_skip_value_type(&behind, &use);
        wasm_skip_table_type(&r.c, &use);
        if (has_init)
            put_expression(&r, type, behind.at);
    }
    return refs_close(&r);
}

bool refs_put_globals(struct rewriter *rw, struct buf *out)
{
    const struct wasm_section *s = rw->in->by_id[WASM_SECTION_GLOBAL];
    if (!s)
        return false;
    struct refs r = refs_open(rw, s, out);
    struct wasm_type_use use = {0};
    for (uint32_t i = 0; i < s->count; i++) {
        const uint8_t *type = r.c.at;
        wasm_skip_global_type(&r.c, &use);
        put_expression(&r, type, r.c.at - 1); /* without its mutability */
    }
    return refs_close(&r);
}

static void put_element(struct refs *r)
{
    uint32_t flags = 0, count = 0, table;
    struct wasm_type_use use = {0};
    cursor_leb_u32(&r->c, "element segment", &flags);
    bool active = !(flags & 1), exprs = flags & 4;
    if (active && flags & 2)
        cursor_leb_u32(&r->c, "element segment", &table);
    if (active)
        wasm_expr_walk(&r->c, visit, r);
    static const uint8_t funcref[] = {WASM_TYPE_FUNCREF};
    const uint8_t *type = funcref, *type_end = funcref + sizeof funcref;
    if (flags & 3 && exprs) {
        type = r->c.at;
        wasm_skip_value_type(&r->c, &use);
        type_end = r->c.at;
    } else if (flags & 3) {
        r->c.at++;
    }
    cursor_leb_u32(&r->c, "element segment", &count);
    while (count--) {
        if (exprs)
            put_expression(r, type, type_end);
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
