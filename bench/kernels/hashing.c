/* A hash table with open addressing, keyed by numbers and by short strings. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#ifndef SCALE
#define SCALE 1
#endif

enum { CAPACITY = 1 << 16, NAMES = 4096, NAME = 12 };

static struct slot {
    uint32_t key, count;
} slots[CAPACITY];
static char names[NAMES][NAME];

/* Fowler, Noll, Vo. */
static uint32_t fnv(const char *s)
{
    uint32_t h = 2166136261u;
    while (*s)
        h = (h ^ (uint8_t)*s++) * 16777619u;
    return h;
}

static void count(uint32_t key)
{
    uint32_t at = key * 2654435761u >> 16;
    while (slots[at].key && slots[at].key != key)
        at = (at + 1) % CAPACITY;
    slots[at].key = key;
    slots[at].count++;
}

int main(void)
{
    for (int i = 0; i < NAMES; i++)
        snprintf(names[i], NAME, "name-%d", i * 7919 % 100003);
    uint32_t seed = 1;
    for (int round = 0; round < 12000000 / SCALE; round++) {
        seed = seed * 1664525 + 1013904223;
        if (round % 4 == 0)
            count(fnv(names[seed >> 20]) | 1);
        else
            count((seed >> 17) | 1);
    }
    uint64_t sum = 0;
    for (int i = 0; i < CAPACITY; i++)
        sum = sum * 31 + slots[i].count;
    printf("%llu\n", (unsigned long long)sum);
}
