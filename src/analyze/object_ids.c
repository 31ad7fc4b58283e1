#include "analyze/object_ids.h"

#include "analyze/region.h"

#include <stdlib.h>

enum { SLOTS_AT_FIRST = 4096 };

bool object_ids_open(struct object_ids *o, size_t id_limit, size_t clone_limit)
{
    *o = (struct object_ids){.id_limit = id_limit, .clone_limit = clone_limit, .slot_count = SLOTS_AT_FIRST};
    o->last = region_reserve(id_limit * sizeof *o->last);
    o->origin = region_reserve(clone_limit * sizeof *o->origin);
    o->object = region_reserve(clone_limit * sizeof *o->object);
    o->slots = calloc(o->slot_count, sizeof *o->slots);
    return o->last && o->origin && o->object && o->slots;
}

void object_ids_close(struct object_ids *o)
{
    region_release(o->last, o->id_limit * sizeof *o->last);
    region_release(o->origin, o->clone_limit * sizeof *o->origin);
    region_release(o->object, o->clone_limit * sizeof *o->object);
    free(o->slots);
    *o = (struct object_ids){0};
}

/* The slot of a clone of these, or the free one where it belongs. */
static uint32_t *find_slot(struct object_ids *o, site_id origin, uint32_t object)
{
    uint64_t key = (uint64_t)origin << 32 | object;
    size_t at = (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (o->slot_count - 1);
    while (o->slots[at] && (o->origin[o->slots[at] - 1] != origin || o->object[o->slots[at] - 1] != object + 1))
        at = (at + 1) & (o->slot_count - 1);
    return &o->slots[at];
}

static bool grow(struct object_ids *o)
{
    uint32_t *old = o->slots;
    size_t count = o->slot_count;
    o->slots = calloc(2 * count, sizeof *o->slots);
    if (!o->slots) {
        o->slots = old;
        return false;
    }
    o->slot_count = 2 * count;
    for (size_t i = 0; i < count; i++)
        if (old[i])
            *find_slot(o, o->origin[old[i] - 1], o->object[old[i] - 1] - 1) = old[i];
    free(old);
    return true;
}

site_id object_ids_find(struct object_ids *o, struct site_table *table, uint32_t *clones, site_id id, uint32_t index,
                        uint32_t object)
{
    uint32_t *slot = find_slot(o, id, object);
    if (!*slot) {
        size_t n = table->clone_count;
        if (n >= o->clone_limit)
            return id;
        o->origin[n] = id;
        o->object[n] = object + 1;
        clones[n] = index;
        table->clone_count++;
        *slot = (uint32_t)n + 1;
        if (++o->used >= o->slot_count / 2) {
            if (!grow(o))
                return SITE_NONE;
            slot = find_slot(o, id, object);
        }
    }
    site_id clone = (site_id)(SITE_FIRST + table->count + *slot - 1);
    o->last[id] = (struct object_last){object + 1, clone};
    return clone;
}
