#include "api/naming.h"

#include "symbol/demangle.h"
#include "wasm/instr.h"
#include "wasm/opcode.h"

_Static_assert((int)REPORT_FRAMES_MAX == (int)SYMBOL_FRAMES_MAX, "frames are handed on");

bool naming_open(struct naming *n, const struct wasm_module *module, struct symbol_lines *lines, struct error *err)
{
    *n = (struct naming){.module = module, .lines = lines, .err = err};
    buf_init(&n->words, SIZE_MAX / 2);
    const struct wasm_module *more = lines ? symbol_lines_named(lines) : NULL;
    return symbol_names_read(&n->names, module, lines, err) && symbol_locals_read(&n->locals, module, more, err) &&
           symbol_data_read(&n->data, module, more, err);
}

void naming_close(struct naming *n)
{
    symbol_names_release(&n->names);
    symbol_locals_release(&n->locals);
    symbol_data_release(&n->data);
    buf_release(&n->words);
}

bool naming_failed(const struct naming *n)
{
    return n->failed || (n->lines && symbol_lines_failed(n->lines));
}

static const char *func_name(void *self, uint32_t func, size_t *size)
{
    struct naming *n = self;
    if (func >= n->names.count || !n->names.funcs[func].bytes)
        return NULL;
    const struct wasm_name *name = &n->names.funcs[func];
    buf_clear(&n->words);
    *size = name->size;
    if (!demangle_put(&n->words, name->bytes, name->size))
        n->failed = true;
    if (n->words.failed || !n->words.size)
        return name->bytes;
    *size = n->words.size;
    return (const char *)n->words.data;
}

static bool hands_on(void *self, const char *function)
{
    const struct naming *n = self;
    return objects_hands_on(function, n->allocs, n->alloc_count);
}

static const char *local_name(void *self, uint32_t func, uint32_t index, size_t *size)
{
    const struct wasm_name name = symbol_locals_find(&((struct naming *)self)->locals, func, index);
    *size = name.size;
    return name.bytes;
}

static const char *global_name(void *self, uint32_t index, size_t *size)
{
    const struct symbol_data *data = &((struct naming *)self)->data;
    if (index >= data->global_count)
        return NULL;
    *size = data->globals[index].name.size;
    return data->globals[index].name.bytes;
}

static const char *opcode_name(void *self, uint16_t opcode)
{
    (void)self;
    return wasm_opcode_info((enum wasm_opcode)opcode)->name;
}

static const char *op_at(void *self, uint32_t file_off)
{
    const struct wasm_module *m = ((struct naming *)self)->module;
    struct error ignored = ERROR_INIT;
    struct cursor c = {m->bytes, m->bytes + file_off, m->bytes + m->size, &ignored};
    struct wasm_instr instr;
    return file_off < m->size && wasm_instr_read(&c, &instr) ? opcode_name(self, (uint16_t)instr.op) : "";
}

static void import_name(void *self, uint32_t func, const char **module, size_t *module_size, const char **name,
                        size_t *name_size)
{
    struct naming *n = self;
    const struct wasm_import *import = wasm_module_import_func(n->module, func);
    *module = import->module.bytes;
    *module_size = import->module.size;
    *name = import->name.bytes;
    *name_size = import->name.size;
}

static bool find_frames(void *self, const struct site *site, struct report_raw_frame *frames, size_t *count,
                        const char **why)
{
    struct naming *n = self;
    struct symbol_frame found[SYMBOL_FRAMES_MAX];
    if (!symbol_lines_find(n->lines, site->func, site->file_off, found, count, why, n->err))
        return false;
    for (size_t i = 0; i < *count; i++) {
        frames[i] = (struct report_raw_frame){.function = found[i].function,
                                              .home = found[i].home,
                                              .file = found[i].file,
                                              .line = found[i].line,
                                              .column = found[i].column};
        frames[i].text = symbol_lines_text(n->lines, &found[i], &frames[i].text_size, &frames[i].indent);
    }
    return true;
}

static const char *source_line(void *self, const char *file, uint32_t line, size_t *size)
{
    return symbol_lines_around(((struct naming *)self)->lines, file, line, size);
}

static const char *lines_source(void *self)
{
    return symbol_lines_source(((struct naming *)self)->lines);
}

static const char *lines_warning(void *self)
{
    return symbol_lines_warning(((struct naming *)self)->lines);
}

struct report_names naming_names(struct naming *n)
{
    return (struct report_names){.self = n,
                                 .func = func_name,
                                 .hands_on = hands_on,
                                 .opcode = opcode_name,
                                 .op_at = op_at,
                                 .local = local_name,
                                 .global = global_name,
                                 .import = import_name,
                                 .frames = n->lines ? find_frames : NULL,
                                 .source = n->lines && n->sources ? source_line : NULL,
                                 .lines_source = lines_source,
                                 .lines_warning = lines_warning};
}
