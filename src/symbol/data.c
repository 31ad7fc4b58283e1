#include "symbol/data.h"

#include "wasm/instr.h"
#include "wasm/types.h"

#include <stdlib.h>

enum { SUBSECTION_GLOBALS = 7, SUBSECTION_DATA = 9 };
enum { SEGMENT_PASSIVE = 1, SEGMENT_WITH_MEMORY = 2 };

/* A constant expression: an integer constant, or something else. */
struct constant {
    uint64_t value;
    bool is_constant, is_other;
};

static bool see_constant(void *self, const struct wasm_instr *instr)
{
    struct constant *k = self;
    struct error ignored = ERROR_INIT;
    struct cursor c = {instr->start, instr->imm, instr->end, &ignored};
    int32_t narrow;
    int64_t wide;
    if (instr->op == WASM_OP_I32_CONST && cursor_leb_s32(&c, "constant", &narrow)) {
        k->value = (uint32_t)narrow;
        k->is_constant = true;
    } else if (instr->op == WASM_OP_I64_CONST && cursor_leb_s64(&c, "constant", &wide)) {
        k->value = (uint64_t)wide;
        k->is_constant = true;
    } else if (instr->op != WASM_OP_END) {
        k->is_other = true;
    }
    return true;
}

static bool read_constant(struct cursor *c, struct constant *k)
{
    *k = (struct constant){0};
    if (!wasm_expr_walk(c, see_constant, k))
        return false;
    k->is_constant = k->is_constant && !k->is_other;
    return true;
}

static void read_globals(struct symbol_data *d, struct cursor *c, uint32_t count)
{
    size_t first = d->global_count - count;
    for (size_t i = first; i < d->global_count; i++) {
        struct symbol_global *g = &d->globals[i];
        const uint8_t *type = c->at;
        struct wasm_type_use use = {0};
        struct constant k;
        if (!wasm_skip_global_type(c, &use))
            return;
        g->type = *type;
        g->is_mutable = c->at[-1] == 1;
        if (!read_constant(c, &k))
            return;
        g->value = k.value;
        g->has_value = k.is_constant;
    }
}

static void read_segments(struct symbol_data *d, struct cursor *c)
{
    for (size_t i = 0; i < d->segment_count; i++) {
        struct symbol_segment *s = &d->segments[i];
        uint32_t flags, memory = 0, size;
        struct constant k = {0};
        s->index = (uint32_t)i;
        if (!cursor_leb_u32(c, "data segment", &flags) ||
            (flags & SEGMENT_WITH_MEMORY && !cursor_leb_u32(c, "data segment", &memory)) ||
            (!(flags & SEGMENT_PASSIVE) && !read_constant(c, &k)) || !cursor_leb_u32(c, "data segment", &size))
            return;
        s->bytes = c->at;
        if (!cursor_skip(c, size, "data segment"))
            return;
        s->placed = k.is_constant && memory == 0;
        s->address = k.value;
        s->size = size;
    }
}

static void read_names(struct cursor *c, struct symbol_data *d, uint8_t id)
{
    uint32_t count, index;
    struct wasm_name name;
    if (!cursor_count(c, "name", 2, &count))
        return;
    while (count-- && cursor_leb_u32(c, "name", &index) && cursor_name(c, "name", &name.bytes, &name.size)) {
        if (id == SUBSECTION_GLOBALS && index < d->global_count && name.size)
            d->globals[index].name = name;
        if (id == SUBSECTION_DATA && index < d->segment_count && name.size)
            d->segments[index].name = name;
    }
}

static void read_name_section(struct symbol_data *d, const struct wasm_module *module)
{
    const struct wasm_section *s = wasm_module_custom(module, "name");
    if (!s)
        return;
    struct error ignored = ERROR_INIT;
    struct cursor c = {module->bytes, s->items, s->end, &ignored}, part;
    uint8_t id;
    uint32_t size;
    while (cursor_u8(&c, "name", &id) && cursor_leb_u32(&c, "name", &size) && cursor_split(&c, size, "name", &part))
        if (id == SUBSECTION_GLOBALS || id == SUBSECTION_DATA)
            read_names(&part, d, id);
}

bool symbol_data_read(struct symbol_data *d, const struct wasm_module *module, const struct wasm_module *more,
                      struct error *err)
{
    const struct wasm_section *globals = module->by_id[WASM_SECTION_GLOBAL], *data = module->by_id[WASM_SECTION_DATA];
    *d = (struct symbol_data){.segment_count = data ? data->count : 0, .global_count = module->global_count};
    d->segments = calloc(d->segment_count + 1, sizeof *d->segments);
    d->globals = calloc(d->global_count + 1, sizeof *d->globals);
    if (!d->segments || !d->globals)
        return error_no_memory(err);
    struct error ignored = ERROR_INIT;
    if (globals) {
        struct cursor c = {module->bytes, globals->items, globals->end, &ignored};
        read_globals(d, &c, globals->count);
    }
    if (data) {
        struct cursor c = {module->bytes, data->items, data->end, &ignored};
        read_segments(d, &c);
    }
    for (size_t i = 0; i < module->export_count; i++) {
        const struct wasm_export *e = &module->exports[i];
        if (e->kind == WASM_EXTERN_GLOBAL && e->index < d->global_count)
            d->globals[e->index].name = e->name;
    }
    if (more)
        read_name_section(d, more);
    read_name_section(d, module);
    return true;
}

void symbol_data_release(struct symbol_data *d)
{
    free(d->segments);
    free(d->globals);
    *d = (struct symbol_data){0};
}
