#include "render/intern.h"

#include "base/vec.h"

#include <stdlib.h>
#include <string.h>

void intern_open(struct intern *t)
{
    *t = (struct intern){0};
    buf_init(&t->bytes, SIZE_MAX / 2);
}

void intern_close(struct intern *t)
{
    buf_release(&t->bytes);
    free(t->ends);
    free(t->slots);
    *t = (struct intern){0};
}

const uint8_t *intern_get(const struct intern *t, size_t number, size_t *size)
{
    size_t start = number ? t->ends[number - 1] : 0;
    *size = t->ends[number] - start;
    return t->bytes.data + start;
}

static uint64_t hash_of(const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    uint64_t hash = 14695981039346656037u; /* FNV-1a */
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ at[i]) * 1099511628211u;
    return hash ^ hash >> 32;
}

/* The slot of an entry like this, or the empty one where it belongs. */
static size_t slot_of(const struct intern *t, const void *bytes, size_t size)
{
    size_t at = (size_t)hash_of(bytes, size) & (t->slot_count - 1);
    for (; t->slots[at]; at = (at + 1) & (t->slot_count - 1)) {
        size_t length;
        const uint8_t *entry = intern_get(t, t->slots[at] - 1, &length);
        if (length == size && (size == 0 || memcmp(entry, bytes, size) == 0))
            break;
    }
    return at;
}

/* At most half of the slots are in use. */
static bool make_room(struct intern *t)
{
    if (t->count >= UINT32_MAX - 1 || !vec_room((void **)&t->ends, &t->capacity, t->count, sizeof *t->ends))
        return false;
    if (t->count * 2 < t->slot_count)
        return true;
    size_t slot_count = t->slot_count ? t->slot_count * 2 : 64;
    uint32_t *slots = calloc(slot_count, sizeof *slots);
    if (!slots)
        return false;
    free(t->slots);
    t->slots = slots;
    t->slot_count = slot_count;
    for (size_t i = 0; i < t->count; i++) {
        size_t size;
        const uint8_t *entry = intern_get(t, i, &size);
        t->slots[slot_of(t, entry, size)] = (uint32_t)i + 1;
    }
    return true;
}

uint32_t intern_put(struct intern *t, const void *bytes, size_t size)
{
    if (!make_room(t))
        return UINT32_MAX;
    size_t at = slot_of(t, bytes, size);
    if (t->slots[at])
        return t->slots[at] - 1;
    if (!buf_put(&t->bytes, bytes, size))
        return UINT32_MAX;
    t->ends[t->count++] = t->bytes.size;
    t->slots[at] = (uint32_t)t->count;
    return (uint32_t)t->count - 1;
}

uint32_t intern_number(struct intern *t, const void *bytes, size_t size, bool *is_new)
{
    size_t before = t->count;
    uint32_t number = intern_put(t, bytes, size);
    *is_new = t->count != before;
    return number == UINT32_MAX ? 0 : number + 1;
}
