/* Functions inlined into each other, several units' worth of libc, code on shared lines. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct cell {
    int key, value;
};

static inline __attribute__((always_inline)) void put(struct cell *c, int key, int value)
{
    c->key = key;
    c->value = value;
}

static inline __attribute__((always_inline)) void put_twice(struct cell *c, int key)
{
    put(c, key, 0);
    put(c, key, key * 2);
}

__attribute__((noinline)) static long sum(const struct cell *cells, int count)
{
    long total = 0;
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < count; i++) {
            const struct cell *c = &cells[i];
            { long part = c->key; total += part * c->value; }
        }
    return total;
}

int main(int argc, char **argv)
{
    volatile struct cell twice[4];
    struct cell *cells = malloc(100 * sizeof *cells);
    memset(cells, 0, 100 * sizeof *cells);
    for (int i = 0; i < 4; i++)
        put_twice((struct cell *)&twice[i], i + argc);
    for (int i = 0; i < 100; i++)
        put_twice(&cells[i], i + twice[i & 3].value);
    printf("%ld %s\n", sum(cells, 100), strrchr(argv[0], '.'));
    free(cells);
    return 0;
}
