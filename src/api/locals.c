#include "api/locals.h"

#include "base/order.h"

#include <stdlib.h>
#include <string.h>

/* The function whose body has this offset in the code section's content; UINT32_MAX: none. */
static uint32_t func_at(const struct wasm_module *m, uint64_t code)
{
    const struct wasm_section *section = m->by_id[WASM_SECTION_CODE];
    size_t low = 0, high = m->body_count;
    if (!section)
        return UINT32_MAX;
    const uint64_t at = (uint64_t)(section->content - m->bytes) + code;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (m->bodies[middle].end <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low < m->body_count && m->bodies[low].start <= at ? (uint32_t)(m->func_imports + low) : UINT32_MAX;
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
 * neither is named: their function becomes UINT32_MAX.  `locals` are variables alone. */
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

/* By place in the array of variables: the function of those that are kept, UINT32_MAX of the others. */
static bool choose(const struct symbol_variables *v, const struct wasm_module *m, uint32_t *funcs)
{
    struct object_local *wholes = calloc(v->count + 1, sizeof *wholes);
    size_t count = 0;
    for (size_t i = 0; wholes && i < v->count; i++) {
        const struct symbol_variable *from = &v->items[i];
        funcs[i] = UINT32_MAX;
        if (from->whole == i)
            wholes[count++] = (struct object_local){
                .offset = from->address, .size = from->size, .func = func_at(m, from->code), .same = (uint32_t)i};
    }
    if (!wholes)
        return false;
    qsort(wholes, count, sizeof *wholes, compare_locals);
    drop_overlaps(wholes, count);
    for (size_t i = 0; i < count; i++)
        if (wholes[i].size)
            funcs[wholes[i].same] = wholes[i].func;
    free(wholes);
    return true;
}

bool locals_read(struct object_layout *l, const struct symbol_variables *v, const struct wasm_module *m)
{
    uint32_t *funcs = calloc(v->count + 1, sizeof *funcs);
    l->func_count = m->func_count;
    l->locals = calloc(v->count + 1, sizeof *l->locals);
    l->local_first = calloc(m->func_count + 1, sizeof *l->local_first);
    bool ok = funcs && l->locals && l->local_first && choose(v, m, funcs);
    for (size_t i = 0; ok && i < v->count; i++) {
        const struct symbol_variable *from = &v->items[i];
        l->locals[i] = (struct object_local){.offset = from->address,
                                             .size = from->size,
                                             .name = v->items[from->whole].name,
                                             .field = v->items[from->same].field,
                                             .func = funcs[from->whole],
                                             .same = (uint32_t)from->same};
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
