#include "analyze/clone_pairs.h"

#include "analyze/region.h"

struct clone_slot {
    uint32_t hash;
    uint32_t number; /* + 1; 0: free */
};

/* Regions of this size and more get huge pages: a look-up in them would miss the processor's table of translations, too. */
static const size_t huge_from = (size_t)4 << 20;

enum { SLOTS_AT_FIRST = 1024, PAIRS_AT_FIRST = 1024 };

void clone_pairs_release(struct clone_pairs *t)
{
    region_release(t->pairs, t->capacity * sizeof *t->pairs);
    region_release(t->slots, t->slot_count * sizeof *t->slots);
    *t = (struct clone_pairs){0};
}

static uint32_t hash_of(uint64_t key)
{
    return (uint32_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 32); /* 2^64 divided by the golden ratio */
}

static void *reserve(size_t size)
{
    void *region = region_reserve(size);
    if (region && size >= huge_from)
        region_want_huge(region, size);
    return region;
}

/* Two slots come of each, and each keeps its place in one of two rows, so that this goes through memory in order. */
static bool grow_slots(struct clone_pairs *t)
{
    size_t count = t->slot_count ? 2 * t->slot_count : SLOTS_AT_FIRST;
    struct clone_slot *slots = reserve(count * sizeof *slots);
    if (!slots)
        return false;
    for (size_t i = 0; i < t->slot_count; i++) {
        if (!t->slots[i].number)
            continue;
        size_t at = t->slots[i].hash & (count - 1);
        while (slots[at].number)
            at = (at + 1) & (count - 1);
        slots[at] = t->slots[i];
    }
    region_release(t->slots, t->slot_count * sizeof *t->slots);
    t->slots = slots;
    t->slot_count = count;
    return true;
}

static bool grow_pairs(struct clone_pairs *t)
{
    size_t capacity = t->capacity ? 2 * t->capacity : PAIRS_AT_FIRST, size = capacity * sizeof *t->pairs;
    struct clone_pair *pairs =
        t->capacity ? region_grow(t->pairs, t->capacity * sizeof *pairs, size) : region_reserve(size);
    if (!pairs)
        return false;
    if (size >= huge_from)
        region_want_huge(pairs, size);
    t->pairs = pairs;
    t->capacity = capacity;
    return true;
}

/* The slot that has the key, or the free one where it belongs. */
static struct clone_slot *find(const struct clone_pairs *t, uint64_t key, uint32_t hash)
{
    size_t at = hash & (t->slot_count - 1);
    for (;; at = (at + 1) & (t->slot_count - 1)) {
        struct clone_slot *slot = &t->slots[at];
        if (!slot->number || (slot->hash == hash && t->pairs[slot->number - 1].key == key))
            return slot;
    }
}

static uint64_t base_of(const struct clone_pairs *t, uint64_t key)
{
    return pair_key(pair_key_kind(key), site_base(t->table, pair_key_first(key)),
                    site_base(t->table, pair_key_second(key)));
}

size_t clone_pairs_put(struct clone_pairs *t, const struct clone_pair *pair)
{
    if (t->count >= t->slot_count / 2 && !grow_slots(t)) /* a pair may be new */
        return SIZE_MAX;
    uint64_t key = pair->key;
    struct clone_slot *slot = find(t, key, hash_of(key));
    if (!slot->number && t->table && t->count >= t->limit) {
        key = base_of(t, key);
        slot = find(t, key, hash_of(key));
    }
    if (!slot->number) {
        if (t->count >= t->capacity && !grow_pairs(t))
            return SIZE_MAX;
        t->pairs[t->count] = (struct clone_pair){.key = key};
        *slot = (struct clone_slot){hash_of(key), (uint32_t)++t->count};
    }
    struct clone_pair *to = &t->pairs[slot->number - 1];
    to->instances += pair->instances;
    to->bytes += pair->bytes;
    return slot->number - 1;
}

bool clone_pairs_add(struct clone_pairs *t, uint64_t key, uint64_t instances, uint64_t bytes)
{
    struct clone_pair *waits = &t->waiting[t->next];
    if (waits->key && clone_pairs_put(t, waits) == SIZE_MAX)
        return false;
    *waits = (struct clone_pair){key, instances, bytes};
    t->next = (t->next + 1) % CLONE_PAIRS_WAITING;
    if (t->slot_count)
        __builtin_prefetch(&t->slots[hash_of(key) & (t->slot_count - 1)]);
    return true;
}

bool clone_pairs_settle(struct clone_pairs *t)
{
    for (unsigned i = 0; i < CLONE_PAIRS_WAITING; i++, t->next = (t->next + 1) % CLONE_PAIRS_WAITING) {
        struct clone_pair *waits = &t->waiting[t->next];
        if (waits->key && clone_pairs_put(t, waits) == SIZE_MAX)
            return false;
        waits->key = 0;
    }
    return true;
}
