#include "rewrite/places.h"

#include "base/order.h"
#include "base/vec.h"

#include <stdlib.h>

bool places_in(const struct places *p, uint32_t func)
{
    for (size_t i = 0; p && i < p->count; i++)
        if (p->items[i].func == func)
            return true;
    return false;
}

bool places_note(struct places *p, size_t position, uint32_t file_off)
{
    if (!vec_room((void **)&p->instrs, &p->instr_capacity, p->instr_count, sizeof *p->instrs))
        return false;
    p->instrs[p->instr_count++] = (struct noted_instr){position, file_off};
    return true;
}

static uint64_t position_of(const void *instr)
{
    return ((const struct noted_instr *)instr)->position;
}

/* The last that begins there or before. */
static const struct noted_instr *instr_at(const struct places *p, uint64_t position)
{
    size_t until = order_until(p->instrs, p->instr_count, sizeof *p->instrs, position, position_of);
    return until ? &p->instrs[until - 1] : NULL;
}

void places_find(struct places *p, uint32_t func, size_t before)
{
    for (size_t i = 0; i < p->count; i++) {
        struct rewrite_place *place = &p->items[i];
        const struct noted_instr *instr = NULL;
        if (place->func == func && place->offset >= before)
            instr = instr_at(p, place->offset - before);
        if (!instr)
            continue;
        place->found = true;
        place->file_off = instr->file_off;
    }
}

/* A frame may be of another module, one that the program was linked with: functions of the same index lie elsewhere there. */
static bool drop_others(const struct buf *out, struct rewrite_place *places, size_t count, struct error *err)
{
    struct wasm_module module;
    bool ok = wasm_module_read(&module, out->data, out->size, err);
    for (size_t i = 0; ok && i < count; i++)
        places[i].found =
            places[i].found &&
            module.bodies[places[i].func - module.func_imports].code + places[i].offset == places[i].module_offset;
    wasm_module_release(&module);
    return ok;
}

bool rewrite_find_places(const struct wasm_module *module, const struct rewrite_options *options,
                         struct rewrite_place *places, size_t count, struct error *err)
{
    struct places p = {.items = places, .count = count};
    struct site_table sites;
    struct buf out;
    buf_init(&out, SIZE_MAX / 2);
    for (size_t i = 0; i < count; i++)
        places[i].found = false;
    bool ok = rewrite_noting(module, options, &out, &sites, &p, err) && drop_others(&out, places, count, err);
    site_table_release(&sites);
    buf_release(&out);
    free(p.instrs);
    return ok;
}
