#include "analyze/pairs.h"

#include <stdlib.h>

enum { CAPACITY_AT_FIRST = 1024 };

void pair_table_release(struct pair_table *t)
{
    free(t->slots);
    *t = (struct pair_table){0};
}

/* The slot that has the key, or the empty one where it belongs. */
static struct pair_slot *find(struct pair_slot *slots, size_t capacity, uint64_t key)
{
    uint64_t hash = key * UINT64_C(0x9e3779b97f4a7c15); /* 2^64 divided by the golden ratio */
    size_t at = (size_t)(hash >> 32) & (capacity - 1);
    while (slots[at].key && slots[at].key != key)
        at = (at + 1) & (capacity - 1);
    return &slots[at];
}

static bool grow(struct pair_table *t)
{
    size_t capacity = t->capacity ? 2 * t->capacity : CAPACITY_AT_FIRST;
    struct pair_slot *slots = calloc(capacity, sizeof *slots);
    if (!slots)
        return false;
    for (size_t i = 0; i < t->capacity; i++) {
        if (t->slots[i].key)
            *find(slots, capacity, t->slots[i].key) = t->slots[i];
    }
    free(t->slots);
    t->slots = slots;
    t->capacity = capacity;
    return true;
}

static struct pair_slot *place(struct pair_table *t, enum defect_kind kind, site_id first, site_id second)
{
    uint64_t key = pair_key(kind, first, second);
    if (t->capacity) {
        struct pair_slot *slot = find(t->slots, t->capacity, key);
        if (slot->key)
            return slot;
    }
    if (t->count >= t->capacity / 2 && !grow(t))
        return NULL;
    struct pair_slot *slot = find(t->slots, t->capacity, key);
    slot->key = key;
    t->count++;
    return slot;
}

bool pair_table_add(struct pair_table *t, enum defect_kind kind, site_id first, site_id second, uint64_t bytes,
                    uint64_t stamp)
{
    bool fresh;
    return pair_table_add_fresh(t, kind, first, second, bytes, stamp, &fresh);
}

bool pair_table_add_fresh(struct pair_table *t, enum defect_kind kind, site_id first, site_id second, uint64_t bytes,
                          uint64_t stamp, bool *fresh)
{
    struct pair_slot *slot = place(t, kind, first, second);
    if (!slot)
        return false;
    *fresh = slot->stamp != stamp;
    slot->instances += *fresh;
    slot->stamp = stamp;
    slot->bytes += bytes;
    return true;
}

bool pair_table_add_many(struct pair_table *t, enum defect_kind kind, site_id first, site_id second, uint64_t instances,
                         uint64_t bytes)
{
    struct pair_slot *slot = place(t, kind, first, second);
    if (!slot)
        return false;
    slot->instances += instances;
    slot->bytes += bytes;
    return true;
}

bool pair_table_merge(struct pair_table *to, const struct pair_table *from)
{
    for (size_t i = 0; i < from->capacity; i++) {
        const struct pair_slot *s = &from->slots[i];
        if (s->key && !pair_table_add_many(to, pair_key_kind(s->key), pair_key_first(s->key), pair_key_second(s->key),
                                           s->instances, s->bytes))
            return false;
    }
    return true;
}

void pair_table_copy(const struct pair_table *t, struct pair_count *out)
{
    for (size_t i = 0; i < t->capacity; i++) {
        const struct pair_slot *slot = &t->slots[i];
        if (!slot->key)
            continue;
        *out++ = (struct pair_count){
            .kind = (uint8_t)pair_key_kind(slot->key),
            .first = pair_key_first(slot->key),
            .second = pair_key_second(slot->key),
            .instances = slot->instances,
            .bytes = slot->bytes,
        };
    }
}
