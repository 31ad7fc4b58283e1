#include "report/strings.h"

#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK_SIZE = 1 << 16, FIRST_SLOTS = 64 };

struct chunk {
    struct chunk *next;
    size_t used, size;
    char bytes[];
};

struct slot {
    uint64_t key;
    const char *text; /* NULL: free */
};

struct strings {
    struct chunk *chunks; /* the newest first */
    struct slot *slots;   /* a hash table with open addressing, at most half full */
    size_t slot_count;    /* a power of two */
    size_t filed;
};

struct strings *strings_new(void)
{
    struct strings *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->slot_count = FIRST_SLOTS;
    s->slots = calloc(s->slot_count, sizeof *s->slots);
    if (!s->slots) {
        free(s);
        return NULL;
    }
    return s;
}

void strings_free(struct strings *s)
{
    if (!s)
        return;
    for (struct chunk *c = s->chunks; c;) {
        struct chunk *next = c->next;
        free(c);
        c = next;
    }
    free(s->slots);
    free(s);
}

const char *strings_add(struct strings *s, const char *bytes, size_t size)
{
    struct chunk *c = s->chunks;
    if (!c || size >= c->size - c->used) {
        size_t room = size < CHUNK_SIZE ? CHUNK_SIZE : size + 1;
        c = malloc(sizeof *c + room);
        if (!c)
            return NULL;
        *c = (struct chunk){.next = s->chunks, .size = room};
        s->chunks = c;
    }
    char *copy = c->bytes + c->used;
    if (size)
        memcpy(copy, bytes, size);
    copy[size] = '\0';
    c->used += size + 1;
    return copy;
}

/* The slot of a key, or the free one where it belongs.  Fibonacci hashing: the keys are mostly small numbers. */
static struct slot *slot_of(struct slot *slots, size_t count, uint64_t key)
{
    size_t at = (size_t)((key * 0x9E3779B97F4A7C15u) >> 32) & (count - 1);
    while (slots[at].text && slots[at].key != key)
        at = (at + 1) & (count - 1);
    return &slots[at];
}

const char *strings_find(const struct strings *s, uint64_t key)
{
    return slot_of(s->slots, s->slot_count, key)->text;
}

static bool grow(struct strings *s)
{
    size_t count = s->slot_count * 2;
    struct slot *slots = calloc(count, sizeof *slots);
    if (!slots)
        return false;
    for (size_t i = 0; i < s->slot_count; i++) {
        if (s->slots[i].text)
            *slot_of(slots, count, s->slots[i].key) = s->slots[i];
    }
    free(s->slots);
    s->slots = slots;
    s->slot_count = count;
    return true;
}

bool strings_file(struct strings *s, uint64_t key, const char *text)
{
    if (s->filed >= s->slot_count / 2 && !grow(s))
        return false;
    *slot_of(s->slots, s->slot_count, key) = (struct slot){key, text};
    s->filed++;
    return true;
}

const char *strings_intern(struct strings *s, const char *bytes, size_t size)
{
    uint64_t key = hash_fnv1a((const uint8_t *)bytes, size) | (uint64_t)1 << 63;
    const char *text = strings_find(s, key);
    if (text && strlen(text) == size && (!size || memcmp(text, bytes, size) == 0))
        return text;
    bool filed = text != NULL;
    text = strings_add(s, bytes, size);
    return text && (filed || strings_file(s, key, text)) ? text : NULL;
}
