/* tally.h: how often each of many keys came up: a hash table that only ever grows. */
#ifndef MT_ANALYZE_TALLY_H
#define MT_ANALYZE_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tally_key {
    uint64_t low, high, more; /* low is never 0 */
};

struct tally_slot {
    struct tally_key key; /* low 0: free */
    uint64_t count;
};

struct tally {
    struct tally_slot *slots;
    size_t capacity; /* a power of two */
    size_t used;
};

bool tally_init(struct tally *t); /* false when memory is short */
void tally_release(struct tally *t);
bool tally_grow(struct tally *t);

/* Multiplicative hashing (Knuth, The Art of Computer Programming 3, section 6.4). */
static inline size_t tally_place(const struct tally *t, struct tally_key key)
{
    uint64_t mixed = (key.low ^ key.high * UINT64_C(0xd6e8feb86659fd93) ^ key.more * UINT64_C(0xa0761d6478bd642f)) *
                     UINT64_C(0x9e3779b97f4a7c15);
    return (size_t)(mixed >> 32) & (t->capacity - 1);
}

/* False when memory is short. */
static inline bool tally_add(struct tally *t, struct tally_key key, uint64_t count)
{
    size_t at = tally_place(t, key);
    while (t->slots[at].key.low != key.low || t->slots[at].key.high != key.high || t->slots[at].key.more != key.more) {
        if (!t->slots[at].key.low) {
            t->slots[at] = (struct tally_slot){key, count};
            return ++t->used < t->capacity / 2 || tally_grow(t);
        }
        at = (at + 1) & (t->capacity - 1);
    }
    t->slots[at].count += count;
    return true;
}

#endif
