#include "symbol/lines.h"

#include "base/infile.h"
#include "symbol/debug_url.h"
#include "symbol/elf_image.h"
#include "symbol/package.h"
#include "symbol/source_map.h"
#include "symbol/split.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILE_MAX = 0x7fffffff };

struct symbol_lines {
    const struct wasm_module *module;
    uint64_t code_start;
    struct buf file;          /* a debug file's bytes */
    struct wasm_module other; /* that file, decoded */
    struct buf kept_file;     /* the same of a file that has names, but no DWARF, or parts of it only */
    struct wasm_module kept;
    const struct wasm_module *package; /* a file with parts, that the user names; NULL: none */
    struct split_files split;
    const struct wasm_module *dwarf_module; /* which module has the sections; NULL: none */
    const struct wasm_module *names;        /* a module of the same code that may have more names; NULL: none */
    struct dwarf_info *dwarf;               /* from when it is first asked */
    struct source_map *map;
    char *folder; /* of the map: its relative names count from there */
    struct source_text *text;
    char warning[600];
};

/* A custom section that is nothing but a name, such as external_debug_info; to be freed.  NULL: there is none. */
static char *named_file(const struct wasm_module *module, const char *section)
{
    const struct wasm_section *s = wasm_module_custom(module, section);
    if (!s)
        return NULL;
    struct error ignored = ERROR_INIT;
    struct cursor c = {module->bytes, s->items, s->end, &ignored};
    const char *bytes;
    uint32_t size;
    return cursor_name(&c, section, &bytes, &size) && size && !memchr(bytes, '\0', size) ? strndup(bytes, size) : NULL;
}

/* The folder of a path with its slash; to be freed. */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? strndup(path, (size_t)(slash - path) + 1) : strdup("./");
}

static bool same_code(const struct wasm_module *a, const struct wasm_module *b)
{
    const struct wasm_section *x = a->by_id[WASM_SECTION_CODE], *y = b->by_id[WASM_SECTION_CODE];
    if (!x || !y) /* a file with nothing but debug sections */
        return true;
    return x->end - x->content == y->end - y->content &&
           memcmp(x->content, y->content, (size_t)(x->end - x->content)) == 0;
}

/* `path`: of the file, or where relative names of a map without a file count from; NULL: the current folder. */
static bool take_map(struct symbol_lines *l, const char *path, const char *shown, struct error *err)
{
    const char *fault;
    l->map = source_map_read((const char *)l->file.data, l->file.size, &fault);
    l->folder = l->map && path ? folder_of(path) : NULL;
    buf_release(&l->file);
    if (l->map && fault)
        snprintf(l->warning, sizeof l->warning, "the source map '%.300s' is not whole: %s", shown, fault);
    return l->map || error_set(err, ERROR_IO, "'%s' is no source map: %s", shown, fault);
}

/* The file has names only, or parts: it stays, and there is room for one with more. */
static const struct wasm_module *keep(struct symbol_lines *l)
{
    l->kept_file = l->file;
    l->kept = l->other;
    buf_init(&l->file, FILE_MAX);
    l->other = (struct wasm_module){0};
    return &l->kept;
}

static bool take_module(struct symbol_lines *l, const char *path, struct error *err)
{
    struct error fault = ERROR_INIT;
    if (!wasm_module_read(&l->other, l->file.data, l->file.size, &fault))
        return error_set(err, ERROR_IO, "'%s' has no debug information: %s", path, fault.message);
    const bool has_dwarf = elf_image_possible(&l->other);
    if (!has_dwarf && package_possible(&l->other)) {
        l->package = keep(l);
        return true;
    }
    if (!has_dwarf && (!wasm_module_custom(&l->other, "name") || !same_code(l->module, &l->other)))
        return error_set(err, ERROR_IO, "'%s' has no debug information", path);
    if (!same_code(l->module, &l->other))
        return error_set(err, ERROR_IO, "'%s' is about other code than the module's", path);
    l->dwarf_module = has_dwarf ? &l->other : NULL;
    l->names = has_dwarf ? &l->other : keep(l);
    return !has_dwarf || split_files_open(&l->split, path, l->package, err);
}

/* What was read: a source map or a module. */
static bool take_content(struct symbol_lines *l, const char *path, const char *shown, struct error *err)
{
    return source_map_possible((const char *)l->file.data, l->file.size) ? take_map(l, path, shown, err)
                                                                         : take_module(l, shown, err);
}

static bool take_file(struct symbol_lines *l, const char *path, bool named_by_module, struct error *err)
{
    buf_release(&l->file);
    wasm_module_release(&l->other);
    bool read = named_by_module ? infile_read_regular(path, &l->file, err) : infile_read(path, &l->file, err);
    return read && take_content(l, path, path, err);
}

/* False and *err when there is nothing to be had there. */
static bool take_url(struct symbol_lines *l, struct debug_url *url, const char *name, const char *module_path,
                     struct error *err)
{
    if (url->kind == DEBUG_URL_NOWHERE)
        return error_set(err, ERROR_IO, "'%.200s', %s", name, url->fault);
    if (url->kind == DEBUG_URL_DATA) {
        buf_release(&l->file);
        l->file = url->data;
        buf_init(&url->data, 0);
        return take_content(l, module_path, "data:", err);
    }
    bool plain = url->plain_path && access(url->path, F_OK) != 0 && access(url->plain_path, F_OK) == 0;
    return take_file(l, plain ? url->plain_path : url->path, true, err);
}

/* Follows a section that names a file.  True unless memory is short. */
static bool follow(struct symbol_lines *l, const char *module_path, const char *section, struct error *err)
{
    char *name = named_file(l->module, section);
    if (!name)
        return true;
    struct debug_url url;
    struct error fault = ERROR_INIT;
    bool ok = debug_url_read(&url, name, module_path);
    if (!ok)
        error_no_memory(err);
    else if (url.kind == DEBUG_URL_FILE && !url.path)
        snprintf(l->warning, sizeof l->warning, "the module's debug information lies in '%.200s'", name);
    else if (!take_url(l, &url, name, module_path, &fault))
        snprintf(l->warning, sizeof l->warning, "the module's debug information: %.500s", fault.message);
    debug_url_release(&url);
    free(name);
    return ok;
}

static bool choose(struct symbol_lines *l, const struct symbol_options *o, struct error *err)
{
    if (o->debug_file && !take_file(l, o->debug_file, false, err))
        return false;
    if (l->dwarf_module || l->map)
        return true;
    if (elf_image_possible(l->module)) {
        l->dwarf_module = l->module;
        return split_files_open(&l->split, o->module_path, l->package, err);
    }
    if (!follow(l, o->module_path, "external_debug_info", err))
        return false;
    if (l->package && !l->dwarf_module)
        return error_set(err, ERROR_IO, "'%s' has parts of debug information, and the module has none of the rest",
                         o->debug_file);
    return l->dwarf_module || l->map || follow(l, o->module_path, "sourceMappingURL", err);
}

bool symbol_lines_open(struct symbol_lines **out, const struct wasm_module *module,
                       const struct symbol_options *options, struct error *err)
{
    struct symbol_lines *l = *out = calloc(1, sizeof *l);
    if (!l)
        return error_no_memory(err);
    l->module = module;
    buf_init(&l->file, FILE_MAX);
    const struct wasm_section *code = module->by_id[WASM_SECTION_CODE];
    if (code)
        l->code_start = (uint64_t)(code->content - module->bytes);
    if (!choose(l, options, err))
        return false;
    l->text = source_text_new(l->folder, options->moves, options->move_count);
    return l->text || error_no_memory(err);
}

void symbol_lines_close(struct symbol_lines *l)
{
    if (!l)
        return;
    dwarf_info_close(l->dwarf);
    source_map_free(l->map);
    source_text_free(l->text);
    wasm_module_release(&l->other);
    wasm_module_release(&l->kept);
    split_files_release(&l->split);
    buf_release(&l->file);
    buf_release(&l->kept_file);
    free(l->folder);
    free(l);
}

static void find_in_map(const struct symbol_lines *l, uint32_t func, uint32_t file_off, struct symbol_frame *frame,
                        size_t *count, const char **why)
{
    struct source_position p;
    size_t body = func - l->module->func_imports; /* an instruction's function is not imported */
    *why = "the source map has no line for it";
    if (body >= l->module->body_count || !source_map_find(l->map, l->module->bodies[body].code, file_off, &p))
        return;
    const struct wasm_body *b = &l->module->bodies[body];
    *frame = (struct symbol_frame){.home = source_map_first(l->map, b->code, b->end),
                                   .file = p.file,
                                   .content = p.text,
                                   .line = p.line,
                                   .column = p.column};
    *why = NULL;
    *count = 1;
}

/* Says what the debug information was found to have wrong until now. */
static void take_fault(struct symbol_lines *l)
{
    const char *fault = dwarf_info_fault(l->dwarf);
    const char *lack = dwarf_info_lack(l->dwarf);
    if (*l->warning)
        return;
    if (lack)
        snprintf(l->warning, sizeof l->warning, "%s", lack);
    else if (fault)
        snprintf(l->warning, sizeof l->warning, "the debug information is broken: %s", fault);
}

static bool open_dwarf(struct symbol_lines *l, struct error *err)
{
    return l->dwarf || dwarf_info_open(&l->dwarf, l->dwarf_module, l->module, &l->split, err);
}

bool symbol_lines_find(struct symbol_lines *l, uint32_t func, uint32_t file_off, struct symbol_frame *frames,
                       size_t *count, const char **why, struct error *err)
{
    *count = 0;
    *why = "the module has no debug information";
    if (l->map)
        find_in_map(l, func, file_off, frames, count, why);
    if (!l->dwarf_module || file_off < l->code_start)
        return true;
    if (!open_dwarf(l, err))
        return false;
    bool ok = dwarf_info_frames(l->dwarf, file_off - l->code_start, frames, count, why, err);
    take_fault(l);
    return ok;
}

const char *symbol_lines_text(struct symbol_lines *l, const struct symbol_frame *frame, size_t *size, uint32_t *indent)
{
    return frame->file ? source_text_line(l->text, frame->file, frame->content, frame->line, size, indent) : NULL;
}

const char *symbol_lines_around(struct symbol_lines *l, const char *file, uint32_t line, size_t *size)
{
    return source_text_whole_line(l->text, file, line, size);
}

bool symbol_lines_variables(struct symbol_lines *l, struct symbol_variables *out, struct symbol_variables *frames,
                            struct error *err)
{
    if (!l->dwarf_module)
        return true;
    if (!open_dwarf(l, err))
        return false;
    bool ok = dwarf_info_variables(l->dwarf, out, frames, err);
    take_fault(l);
    return ok;
}

bool symbol_lines_names_function(struct symbol_lines *l, bool (*fits)(void *self, const char *name), void *self,
                                 bool *found, struct error *err)
{
    *found = false;
    return !l->dwarf_module || (open_dwarf(l, err) && dwarf_info_names_function(l->dwarf, fits, self, found, err));
}

bool symbol_lines_function(struct symbol_lines *l, size_t body, const char **name, struct error *err)
{
    *name = NULL;
    if (!l->dwarf_module)
        return true;
    if (!open_dwarf(l, err))
        return false;
    *name = dwarf_info_function(l->dwarf, body);
    return true;
}

const struct wasm_module *symbol_lines_named(const struct symbol_lines *l)
{
    return l->names;
}

const char *symbol_lines_source(const struct symbol_lines *l)
{
    return l->dwarf_module ? "dwarf" : l->map ? "source map" : NULL;
}

const char *symbol_lines_warning(struct symbol_lines *l)
{
    if (*l->warning)
        return l->warning;
    return l->dwarf ? dwarf_info_misfit(l->dwarf) : NULL;
}

bool symbol_lines_failed(const struct symbol_lines *l)
{
    return l->text && source_text_failed(l->text);
}
