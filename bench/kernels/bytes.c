/* Strings and bytes, by hand-written loops: lengths, searches, reversals, copies, counts. */
#include <stdio.h>
#include <stdlib.h>

#ifndef SCALE
#define SCALE 1
#endif

enum { SIZE = 1 << 16 };

static char text[SIZE], copy[SIZE];
static unsigned counts[256];

static size_t length(const char *s)
{
    const char *p = s;
    while (*p)
        p++;
    return (size_t)(p - s);
}

static const char *find(const char *s, char c)
{
    while (*s && *s != c)
        s++;
    return s;
}

static void reverse(char *s, size_t n)
{
    for (size_t i = 0; i < n / 2; i++) {
        char c = s[i];
        s[i] = s[n - 1 - i];
        s[n - 1 - i] = c;
    }
}

int main(void)
{
    unsigned seed = 1;
    for (int i = 0; i < SIZE - 1; i++) {
        seed = seed * 1103515245 + 12345;
        text[i] = (char)('a' + (seed >> 16) % 26);
    }
    unsigned long sum = 0;
    for (int round = 0; round < 700 / SCALE; round++) {
        size_t n = length(text);
        for (size_t i = 0; i <= n; i++)
            copy[i] = text[i];
        for (const char *p = text; *p; p = *p ? p + 1 : p)
            p = find(p, 'q'), sum++;
        reverse(copy, n);
        for (size_t i = 0; i < n; i++)
            counts[(unsigned char)copy[i]]++;
        text[round % SIZE] ^= 1;
    }
    for (int i = 0; i < 256; i++)
        sum = sum * 31 + counts[i];
    printf("%lu\n", sum);
}
