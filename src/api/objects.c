#include "api/objects.h"

#include "api/allocs.h"
#include "api/bounds.h"
#include "api/forwarder.h"
#include "api/locals.h"
#include "base/clean.h"
#include "report/pattern.h"
#include "symbol/data.h"
#include "symbol/demangle.h"
#include "symbol/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The name as reports show it, and as any of its forms; false also when memory is short. */
static bool is_shown_as(struct wasm_name name, const char *wanted)
{
    struct buf words, shown;
    buf_init(&words, SIZE_MAX / 2);
    buf_init(&shown, SIZE_MAX / 2);
    const struct pattern pattern = {wanted, true};
    bool ok = demangle_put(&words, name.bytes, name.size) &&
              clean_put(&shown, (const char *)words.data, words.size, SIZE_MAX) && buf_put_u8(&shown, 0) &&
              pattern_fits_function(&pattern, (const char *)shown.data);
    buf_release(&words);
    buf_release(&shown);
    return ok;
}

static bool is_called(struct wasm_name name, size_t func, const char *wanted)
{
    char number[32];
    if (name.bytes)
        return wasm_name_is(name, wanted) || is_shown_as(name, wanted);
    snprintf(number, sizeof number, "func[%zu]", func);
    return strcmp(number, wanted) == 0;
}

/* The wanted name, as pattern_fits_function has it. */
static bool fits_name(void *wanted, const char *function)
{
    const struct pattern pattern = {wanted, true};
    return pattern_fits_function(&pattern, function);
}

bool objects_hands_on(const char *function, const struct objects_alloc *allocs, size_t alloc_count)
{
    const struct wasm_name name = {.bytes = function, .size = (uint32_t)strlen(function)};
    const struct alloc_shape *shape = alloc_shape_of_name(name);
    for (size_t i = 0; i < alloc_count; i++)
        if (fits_name((void *)allocs[i].name, function))
            shape = &allocs[i].shape;
    return shape && shape->via;
}

/* Sets the shape of the functions that the user means.  One that hands on what others allocate may be inlined wherever it is called: then
 * only debug information knows of it. */
static bool find_alloc(struct objects *o, const struct wasm_module *module, const struct symbol_names *names,
                       struct symbol_lines *lines, const struct objects_alloc *a, struct error *err)
{
    bool found = false;
    for (size_t i = module->func_imports; i < names->count; i++)
        if (is_called(names->funcs[i], i, a->name)) {
            o->layout.allocs[i] = &a->shape;
            found = true;
        }
    if (!found && a->shape.via && lines && !symbol_lines_names_function(lines, fits_name, (void *)a->name, &found, err))
        return false;
    return found || error_set(err, ERROR_USAGE, "--alloc: the module has no function '%.60s'", a->name);
}

static bool find_allocs(struct objects *o, const struct wasm_module *module, struct symbol_lines *lines,
                        const struct objects_alloc *allocs, size_t alloc_count, struct error *err)
{
    struct symbol_names names;
    o->layout.allocs = calloc(module->func_count + 1, sizeof *o->layout.allocs);
    if (!o->layout.allocs)
        return error_no_memory(err);
    bool ok = symbol_names_read(&names, module, lines, err);
    for (size_t i = module->func_imports; ok && i < names.count; i++) {
        o->layout.allocs[i] = alloc_shape_of_name(names.funcs[i]);
        if (alloc_name_has_header(names.funcs[i]))
            o->layout.header = ALLOCS_ASSEMBLYSCRIPT_HEADER;
    }
    for (size_t i = module->func_imports; ok && i < names.count; i++) {
        uint32_t target = names.funcs[i].bytes ? UINT32_MAX : forwarder_target(module, (uint32_t)i);
        if (target != UINT32_MAX)
            o->layout.allocs[i] = alloc_shape_of_name(names.funcs[target]);
    }
    for (size_t a = 0; ok && a < alloc_count; a++)
        ok = find_alloc(o, module, &names, lines, &allocs[a], err);
    symbol_names_release(&names);
    return ok;
}

static bool add_static(struct object_layout *l, struct object_static s)
{
    if (!s.name)
        return false;
    l->statics[l->static_count++] = s;
    if (l->heap_base < s.address + s.size)
        l->heap_base = s.address + s.size;
    return true;
}

/* The segment's name, owned by the objects; NULL when memory is short. */
static const char *segment_name(struct objects *o, const struct symbol_segment *s)
{
    char *text = NULL;
    struct buf clean;
    buf_init(&clean, SIZE_MAX / 2);
    if (s->name.bytes)
        clean_put(&clean, s->name.bytes, s->name.size, SIZE_MAX);
    else
        buf_printf(&clean, "data segment %u", s->index);
    if (!clean.failed && (text = strndup((const char *)clean.data, clean.size)))
        o->names[o->name_count++] = text;
    buf_release(&clean);
    return text;
}

/* Segments first, so that variables hide them. */
static bool add_statics(struct objects *o, const struct symbol_data *d, struct error *err)
{
    struct object_layout *l = &o->layout;
    l->statics = calloc(d->segment_count + o->variables.count + 1, sizeof *l->statics);
    o->names = calloc(d->segment_count + 1, sizeof *o->names);
    bool ok = l->statics && o->names;
    for (size_t i = 0; ok && i < d->segment_count; i++) {
        const struct symbol_segment *s = &d->segments[i];
        if (s->placed && s->size)
            ok = add_static(l, (struct object_static){.address = s->address,
                                                      .size = s->size,
                                                      .name = segment_name(o, s),
                                                      .kind = OBJECT_SEGMENT,
                                                      .same = l->static_count});
    }
    const size_t before = l->static_count;
    for (size_t i = 0; ok && i < o->variables.count; i++) {
        const struct symbol_variable *v = &o->variables.items[i], *whole = &o->variables.items[v->whole];
        ok = add_static(l, (struct object_static){.address = v->address,
                                                  .size = v->size ? v->size : 1,
                                                  .name = whole->name,
                                                  .kind = OBJECT_VARIABLE,
                                                  .field = o->variables.items[v->same].field,
                                                  .whole = whole->total,
                                                  .same = before + v->same});
    }
    return ok || error_no_memory(err);
}

bool objects_read(struct objects *o, const struct wasm_module *module, struct symbol_lines *lines,
                  const struct objects_alloc *allocs, size_t alloc_count, struct error *err)
{
    *o = (struct objects){0};
    struct symbol_data d;
    const struct wasm_module *more = lines ? symbol_lines_named(lines) : NULL;
    bool ok = symbol_data_read(&d, module, more, err) &&
              (!lines || symbol_lines_variables(lines, &o->variables, &o->locals, err)) &&
              find_allocs(o, module, lines, allocs, alloc_count, err) && add_statics(o, &d, err) &&
              bounds_find(&o->layout, module, &d, err) &&
              (locals_read(&o->layout, &o->locals, module) || error_no_memory(err));
    symbol_data_release(&d);
    return ok;
}

void objects_release(struct objects *o)
{
    for (size_t i = 0; i < o->name_count; i++)
        free(o->names[i]);
    free(o->names);
    free(o->layout.statics);
    free(o->layout.locals);
    free(o->layout.local_first);
    free(o->layout.allocs);
    symbol_variables_release(&o->variables);
    symbol_variables_release(&o->locals);
    *o = (struct objects){0};
}
