#include "api/locals.h"

#include "api/frames.h"
#include "base/order.h"
#include "symbol/code.h"

#include <stdlib.h>
#include <string.h>

/* The function that begins there, in the code section's content; UINT32_MAX: none, as where debug information is about other code. */
static uint32_t func_at(const struct wasm_module *m, uint64_t code)
{
    const struct symbol_code c = symbol_code_of(m);
    const size_t body = code_body_at(&c, code);
    return body < c.count && code_body_begins(&c, body, code) ? (uint32_t)(m->func_imports + body) : UINT32_MAX;
}

/* A variable before its fields; those that do not fit to any function last. */
static int compare_locals(const void *left, const void *right)
{
    const struct object_local *a = left, *b = right;
    int order = compare_u64(a->func, b->func);
    order = order ? order : compare_u64(a->offset, b->offset);
    order = order ? order : compare_u64(a->field != NULL, b->field != NULL);
    return order ? order : compare_u64(a->same, b->same);
}

/* Compilers put variables that do not live at the same time into one place.  Which of them is there is not known, so
 * neither is named: their size becomes 0.  `locals` are variables alone. */
static void drop_overlaps(struct object_local *locals, size_t count)
{
    for (size_t i = 0, last = 0; i < count; i++) {
        uint32_t func = locals[i].func;
        uint64_t end = locals[i].offset + locals[i].size;
        for (last = i + 1; last < count && locals[last].func == func && locals[last].offset < end; last++)
            if (locals[last].offset + locals[last].size > end)
                end = locals[last].offset + locals[last].size;
        if (last == i + 1)
            continue;
        for (size_t k = i; k < last; k++)
            locals[k].size = 0;
        i = last - 1;
    }
}

/* What the locals of a function count from in the layout. */
struct frame {
    uint64_t code;       /* of the function, as in symbol_variable */
    uint32_t base, func; /* func UINT32_MAX: where its frame is cannot be told */
    uint64_t shift;      /* to be added to what the debug information says */
    bool below;
};

static struct frame find_frame(const struct object_layout *l, const struct wasm_module *m,
                               const struct symbol_variable *v)
{
    struct frame f = {.code = v->code, .base = v->base, .func = func_at(m, v->code)};
    if (f.func == UINT32_MAX)
        return f;
    const struct frame_code code = frame_code_read(m, f.func, l->stack_global, v->base);
    f.below = !code.sets_pointer;
    f.shift = f.below ? STACK_RED_ZONE - code.base : 0;
    if (f.below && (!code.has_base || code.base > STACK_RED_ZONE))
        f.func = UINT32_MAX;
    return f;
}

/* Fills `funcs` by place in the array of variables: the function of those that are kept, UINT32_MAX of the others; and the layout's locals of
 * pieces of variables. */
static bool choose(struct object_layout *l, const struct symbol_variables *v, const struct wasm_module *m,
                   uint32_t *funcs)
{
    struct object_local *wholes = calloc(v->count + 1, sizeof *wholes);
    size_t count = 0;
    struct frame frame = {0};
    for (size_t i = 0; wholes && i < v->count; i++) {
        const struct symbol_variable *from = &v->items[i];
        if (from->whole == i && (from->code != frame.code || from->base != frame.base))
            frame = find_frame(l, m, from);
        if (from->whole == i)
            funcs[i] = frame.func;
        l->locals[i] =
            (struct object_local){.offset = from->address + frame.shift, .size = from->size, .below = frame.below};
        if (from->same == from->whole)
            wholes[count++] = (struct object_local){.offset = from->address + frame.shift,
                                                    .size = from->size,
                                                    .func = funcs[from->whole],
                                                    .same = (uint32_t)from->whole};
    }
    if (!wholes)
        return false;
    qsort(wholes, count, sizeof *wholes, compare_locals);
    drop_overlaps(wholes, count);
    for (size_t i = 0; i < count; i++)
        if (!wholes[i].size)
            funcs[wholes[i].same] = UINT32_MAX;
    free(wholes);
    return true;
}

bool locals_read(struct object_layout *l, const struct symbol_variables *v, const struct wasm_module *m)
{
    uint32_t *funcs = calloc(v->count + 1, sizeof *funcs);
    l->func_count = m->func_count;
    l->locals = calloc(v->count + 1, sizeof *l->locals);
    l->local_first = calloc(m->func_count + 1, sizeof *l->local_first);
    bool ok = funcs && l->locals && l->local_first && choose(l, v, m, funcs);
    for (size_t i = 0; ok && i < v->count; i++) {
        const struct symbol_variable *from = &v->items[i];
        struct object_local *local = &l->locals[i];
        local->name = v->items[from->whole].name;
        local->field = v->items[from->same].field;
        local->func = funcs[from->whole];
        local->same = (uint32_t)from->same;
    }
    free(funcs);
    if (!ok)
        return false;
    l->local_count = v->count;
    qsort(l->locals, l->local_count, sizeof *l->locals, compare_locals);
    size_t at = 0;
    for (uint32_t func = 0; func <= m->func_count; func++) {
        while (at < l->local_count && l->locals[at].func < func)
            at++;
        l->local_first[func] = (uint32_t)at;
    }
    return true;
}
