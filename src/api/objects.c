#include "api/objects.h"

#include "api/locals.h"
#include "base/clean.h"
#include "report/pattern.h"
#include "symbol/data.h"
#include "symbol/demangle.h"
#include "symbol/names.h"
#include "wasm/types.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kind_names[ALLOC_KINDS] = {[ALLOC_MALLOC] = "malloc",
                                                    [ALLOC_CALLOC] = "calloc",
                                                    [ALLOC_REALLOC] = "realloc",
                                                    [ALLOC_ALIGNED] = "aligned",
                                                    [ALLOC_POSIX_MEMALIGN] = "posix_memalign",
                                                    [ALLOC_FREE] = "free",
                                                    [ALLOC_RUST_REALLOC] = "rust_realloc"};

/* Names of functions that allocate: of C (and what dlmalloc and emscripten call them), of C++ (mangled, and in words), of Rust
 * (also with its crate in front), of AssemblyScript. */
static const struct known {
    const char *name;
    uint8_t kind;
    bool prefix; /* names that begin so */
} known[] = {
    {"malloc", ALLOC_MALLOC, false},
    {"dlmalloc", ALLOC_MALLOC, false},
    {"__libc_malloc", ALLOC_MALLOC, false},
    {"emscripten_builtin_malloc", ALLOC_MALLOC, false},
    {"calloc", ALLOC_CALLOC, false},
    {"dlcalloc", ALLOC_CALLOC, false},
    {"__libc_calloc", ALLOC_CALLOC, false},
    {"emscripten_builtin_calloc", ALLOC_CALLOC, false},
    {"realloc", ALLOC_REALLOC, false},
    {"dlrealloc", ALLOC_REALLOC, false},
    {"__libc_realloc", ALLOC_REALLOC, false},
    {"emscripten_builtin_realloc", ALLOC_REALLOC, false},
    {"aligned_alloc", ALLOC_ALIGNED, false},
    {"memalign", ALLOC_ALIGNED, false},
    {"dlmemalign", ALLOC_ALIGNED, false},
    {"posix_memalign", ALLOC_POSIX_MEMALIGN, false},
    {"free", ALLOC_FREE, false},
    {"dlfree", ALLOC_FREE, false},
    {"__libc_free", ALLOC_FREE, false},
    {"emscripten_builtin_free", ALLOC_FREE, false},
    {"_Znw", ALLOC_MALLOC, true},
    {"_Zna", ALLOC_MALLOC, true},
    {"_ZdlPv", ALLOC_FREE, true},
    {"_ZdaPv", ALLOC_FREE, true},
    {"operator new(", ALLOC_MALLOC, true},
    {"operator new[](", ALLOC_MALLOC, true},
    {"operator delete(", ALLOC_FREE, true},
    {"operator delete[](", ALLOC_FREE, true},
    {"__rust_alloc", ALLOC_MALLOC, false},
    {"__rust_alloc_zeroed", ALLOC_MALLOC, false},
    {"__rust_realloc", ALLOC_RUST_REALLOC, false},
    {"__rust_dealloc", ALLOC_FREE, false},
    {"__new", ALLOC_MALLOC, false},
    {"~lib/rt/itcms/__new", ALLOC_MALLOC, false},
    {"~lib/rt/stub/__new", ALLOC_MALLOC, false},
    {"~lib/rt/tlsf/__alloc", ALLOC_MALLOC, false},
    {"~lib/rt/tlsf/__free", ALLOC_FREE, false},
};

enum alloc_kind objects_alloc_kind(const char *name)
{
    for (int i = 1; i < ALLOC_KINDS; i++)
        if (strcmp(kind_names[i], name) == 0)
            return (enum alloc_kind)i;
    return ALLOC_NONE;
}

/* Rust's v0 names end in their length and the plain name: `_RNvCs…_7___rustc12___rust_alloc`. */
static bool is_rust_name(struct wasm_name name, const char *plain)
{
    char end[64];
    int n = snprintf(end, sizeof end, "%zu_%s", strlen(plain), plain);
    return name.size > (uint32_t)n && memcmp(name.bytes, "_R", 2) == 0 &&
           memcmp(name.bytes + name.size - n, end, (size_t)n) == 0;
}

static enum alloc_kind kind_of(struct wasm_name name)
{
    for (size_t i = 0; name.bytes && i < sizeof known / sizeof *known; i++) {
        const struct known *k = &known[i];
        size_t n = strlen(k->name);
        if (name.size < n)
            continue;
        bool begins = memcmp(name.bytes, k->name, n) == 0;
        if ((begins && (k->prefix || name.size == n)) ||
            (strncmp(k->name, "__rust_", 7) == 0 && is_rust_name(name, k->name)))
            return (enum alloc_kind)k->kind;
    }
    return ALLOC_NONE;
}

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

static bool find_allocs(struct objects *o, const struct wasm_module *module, const struct wasm_module *more,
                        const struct objects_alloc *allocs, size_t alloc_count, struct error *err)
{
    struct symbol_names names;
    o->layout.allocs = calloc(module->func_count + 1, 1);
    if (!o->layout.allocs)
        return error_no_memory(err);
    bool ok = symbol_names_read(&names, module, more, err);
    for (size_t i = module->func_imports; ok && i < names.count; i++)
        o->layout.allocs[i] = (uint8_t)kind_of(names.funcs[i]);
    for (size_t a = 0; ok && a < alloc_count; a++) {
        bool found = false;
        for (size_t i = module->func_imports; i < names.count; i++)
            if (is_called(names.funcs[i], i, allocs[a].name)) {
                o->layout.allocs[i] = (uint8_t)allocs[a].kind;
                found = true;
            }
        if (!found)
            ok = error_set(err, ERROR_USAGE, "--alloc: the module has no function '%.60s'", allocs[a].name);
    }
    symbol_names_release(&names);
    return ok;
}

/* The stack pointer: a global of that name, or the first that looks like it, as compilers put it: it can change, and begins
 * with an address that is a multiple of 16. */
static void find_stack(struct object_layout *l, const struct wasm_module *module, const struct symbol_data *d)
{
    l->stack_global = UINT32_MAX;
    if (!module->memory_count)
        return;
    uint8_t type = module->memories[0].is_64 ? WASM_TYPE_I64 : WASM_TYPE_I32;
    for (uint32_t i = 0; i < d->global_count; i++) {
        const struct symbol_global *g = &d->globals[i];
        if (g->type != type || !g->is_mutable || !g->has_value)
            continue;
        bool named = g->name.bytes && wasm_name_is(g->name, "__stack_pointer");
        bool looks = !g->name.bytes && g->value >= 1024 && g->value % 16 == 0 && l->stack_global == UINT32_MAX;
        if (named || looks) {
            l->stack_global = i;
            l->stack_top = g->value;
        }
        if (named)
            return;
    }
}

static void raise_heap_base(struct object_layout *l, uint64_t address)
{
    if (l->heap_base < address)
        l->heap_base = address;
}

static bool add_static(struct object_layout *l, struct object_static s)
{
    if (!s.name)
        return false;
    l->statics[l->static_count++] = s;
    raise_heap_base(l, s.address + s.size);
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
              find_allocs(o, module, more, allocs, alloc_count, err) && add_statics(o, &d, err);
    if (ok)
        find_stack(&o->layout, module, &d);
    ok = ok && (locals_read(&o->layout, &o->locals, module) || error_no_memory(err));
    if (ok) {
        struct object_layout *l = &o->layout;
        raise_heap_base(l, l->stack_top);
        for (size_t i = 0; i < d.global_count; i++)
            if (d.globals[i].has_value && d.globals[i].name.bytes && wasm_name_is(d.globals[i].name, "__heap_base"))
                l->heap_base = d.globals[i].value;
    }
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
