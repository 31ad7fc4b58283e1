#include "symbol/locals.h"

#include <stdlib.h>

enum { SUBSECTION_LOCALS = 2 };

/* Goes over a name map to behind it; *found gets the name of the wanted index, if it is there. */
static bool read_map(struct cursor *c, uint32_t wanted, struct wasm_name *found)
{
    uint32_t count, index;
    struct wasm_name name;
    if (!cursor_count(c, "name", 2, &count))
        return false;
    while (count--) {
        if (!cursor_leb_u32(c, "name", &index) || !cursor_name(c, "name", &name.bytes, &name.size))
            return false;
        if (index == wanted && name.size)
            *found = name;
    }
    return true;
}

static void read_maps(struct symbol_locals *l, struct cursor *c)
{
    uint32_t count, func;
    struct wasm_name ignored;
    l->end = c->end;
    if (!cursor_count(c, "name", 2, &count))
        return;
    while (count-- && cursor_leb_u32(c, "name", &func)) {
        if (func < l->func_count)
            l->maps[func] = (uint32_t)cursor_offset(c);
        if (!read_map(c, UINT32_MAX, &ignored))
            return;
    }
}

/* Reads the subsection of l->module, if it has one. */
static bool read_section(struct symbol_locals *l, struct error *err)
{
    const struct wasm_section *s = wasm_module_custom(l->module, "name");
    if (!s)
        return true;
    struct error ignored = ERROR_INIT;
    struct cursor c = {l->module->bytes, s->items, s->end, &ignored}, part;
    uint8_t id;
    uint32_t size;
    while (cursor_u8(&c, "name", &id) && cursor_leb_u32(&c, "name", &size) && cursor_split(&c, size, "name", &part)) {
        if (id != SUBSECTION_LOCALS)
            continue;
        l->maps = calloc(l->func_count + 1, sizeof *l->maps);
        if (!l->maps)
            return error_no_memory(err);
        read_maps(l, &part);
        break;
    }
    return true;
}

bool symbol_locals_read(struct symbol_locals *l, const struct wasm_module *module, const struct wasm_module *more,
                        struct error *err)
{
    *l = (struct symbol_locals){.module = module, .func_count = module->func_count};
    bool ok = read_section(l, err);
    if (ok && !l->maps && more) {
        l->module = more;
        ok = read_section(l, err);
    }
    return ok;
}

void symbol_locals_release(struct symbol_locals *l)
{
    free(l->maps);
    *l = (struct symbol_locals){0};
}

struct wasm_name symbol_locals_find(const struct symbol_locals *l, uint32_t func, uint32_t local)
{
    struct wasm_name found = {NULL, 0};
    if (!l->maps || func >= l->func_count || !l->maps[func])
        return found;
    struct error ignored = ERROR_INIT;
    struct cursor c = {l->module->bytes, l->module->bytes + l->maps[func], l->end, &ignored};
    read_map(&c, local, &found);
    return found;
}
