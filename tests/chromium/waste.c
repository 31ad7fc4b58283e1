/* A program with waste of all kinds, in functions that call each other, some of them inlined. */
#include <stddef.h>
#include <string.h>

enum { SIZE = 64 };

static volatile int sink;
static int table[SIZE], copy[SIZE];

static inline void put(int *to, int value)
{
    *(volatile int *)to = value;
}

__attribute__((noinline)) void clear(int *to)
{
    for (size_t i = 0; i < SIZE; i++)
        put(&to[i], 0);
}

__attribute__((noinline)) void fill(int *to)
{
    for (size_t i = 0; i < SIZE; i++)
        put(&to[i], (int)i * 3); /* over what clear put there */
}

__attribute__((noinline)) int sum(const int *from)
{
    int total = 0;
    for (size_t i = 0; i < SIZE; i++)
        total += *(const volatile int *)&from[i];
    return total;
}

int main(void)
{
    for (int round = 0; round < 20; round++) {
        clear(table);
        fill(table);
        fill(copy);
        sink = sum(table) + sum(table) + sum(copy);
    }
    return 0;
}
