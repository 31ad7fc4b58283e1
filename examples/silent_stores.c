/* Silent stores: values that memory held already.
 *
 * clamp() writes each cell back, though hardly any is over the limit; mark() sets a flag again that has been up since
 * the first round.  Testing before storing would save both. */
#include <stdint.h>
#include <stdio.h>

#define NOINLINE __attribute__((noinline))

enum { CELLS = 512, ROUNDS = 60, LIMIT = 1000 };

static int32_t cells[CELLS];
static uint8_t dirty[CELLS];

NOINLINE static void heat(int32_t *c, int round)
{
    for (int i = round % 61; i < CELLS; i += 61)
        c[i] += 40;
}

NOINLINE static void clamp(int32_t *c, int count)
{
    for (int i = 0; i < count; i++)
        c[i] = c[i] > LIMIT ? LIMIT : c[i]; /* the waste: nearly always what is there */
}

NOINLINE static void mark(uint8_t *flags, int count)
{
    for (int i = 0; i < count; i++)
        flags[i] = 1; /* the waste: up since the first round */
}

int main(void)
{
    for (int i = 0; i < CELLS; i++)
        cells[i] = i * 2;
    for (int round = 0; round < ROUNDS; round++) {
        heat(cells, round);
        clamp(cells, CELLS);
        mark(dirty, CELLS);
    }
    int64_t sum = 0;
    int flags = 0;
    for (int i = 0; i < CELLS; i++) {
        sum += cells[i];
        flags += dirty[i];
    }
    printf("sum %lld, %d cells touched\n", (long long)sum, flags);
    return 0;
}
