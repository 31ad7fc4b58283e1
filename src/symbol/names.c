#include "symbol/names.h"

#include <stdlib.h>
#include <string.h>

enum { SUBSECTION_FUNCTIONS = 1 };

static void read_map(struct symbol_names *names, struct cursor *c)
{
    uint32_t count;
    if (!cursor_count(c, "name", 2, &count))
        return;
    while (count--) {
        uint32_t index;
        struct wasm_name name;
        if (!cursor_leb_u32(c, "name", &index) || !cursor_name(c, "name", &name.bytes, &name.size))
            return;
        if (index < names->count && name.size)
            names->funcs[index] = name;
    }
}

static void read_name_section(struct symbol_names *names, const struct wasm_module *module)
{
    const struct wasm_section *s = wasm_module_custom(module, "name");
    if (!s)
        return;
    struct error ignored = ERROR_INIT;
    struct cursor c = {module->bytes, s->items, s->end, &ignored};
    uint8_t id;
    uint32_t size;
    struct cursor part;
    while (cursor_u8(&c, "name", &id) && cursor_leb_u32(&c, "name", &size) && cursor_split(&c, size, "name", &part))
        if (id == SUBSECTION_FUNCTIONS)
            read_map(names, &part);
}

/* Debug information has the names of functions even where a tool has taken them from the module. */
static bool read_debug_names(struct symbol_names *names, const struct wasm_module *module, struct symbol_lines *lines,
                             struct error *err)
{
    for (size_t i = module->func_imports; i < names->count; i++) {
        const char *name = NULL;
        if (!names->funcs[i].bytes && !symbol_lines_function(lines, i - module->func_imports, &name, err))
            return false;
        if (name)
            names->funcs[i] = (struct wasm_name){.bytes = name, .size = (uint32_t)strlen(name)};
    }
    return true;
}

bool symbol_names_read(struct symbol_names *names, const struct wasm_module *module, struct symbol_lines *lines,
                       struct error *err)
{
    const struct wasm_module *more = lines ? symbol_lines_named(lines) : NULL;
    names->count = module->func_count;
    names->funcs = calloc(names->count ? names->count : 1, sizeof *names->funcs);
    if (!names->funcs)
        return error_no_memory(err);
    if (more)
        read_name_section(names, more);
    read_name_section(names, module);
    if (lines && !read_debug_names(names, module, lines, err))
        return false;
    for (size_t i = 0; i < module->export_count; i++) {
        const struct wasm_export *e = &module->exports[i];
        if (e->kind == WASM_EXTERN_FUNC && !names->funcs[e->index].bytes)
            names->funcs[e->index] = e->name;
    }
    uint32_t func = 0;
    for (size_t i = 0; i < module->import_count; i++)
        if (module->imports[i].kind == WASM_EXTERN_FUNC) {
            if (!names->funcs[func].bytes)
                names->funcs[func] = module->imports[i].name;
            func++;
        }
    return true;
}

void symbol_names_release(struct symbol_names *names)
{
    free(names->funcs);
    *names = (struct symbol_names){0};
}
