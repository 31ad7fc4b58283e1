/* Loads after a store: values that went through memory and came straight back.
 *
 * WebAssembly's locals have no address, so whatever has one lives in memory: split() hands back two numbers through
 * pointers, and its caller loads at once what it has just stored.  `turns` is loaded and stored for every step since
 * it is counted in a function that is not inlined.  Returning a value and counting in a local would keep all of this in
 * registers. */
#include <stdint.h>
#include <stdio.h>

#define NOINLINE __attribute__((noinline))

enum { NUMBERS = 3000 };

static uint32_t turns;

NOINLINE static void split(uint32_t n, uint32_t *tens, uint32_t *ones)
{
    *tens = n / 10;
    *ones = n % 10;
}

NOINLINE static void count_turn(void)
{
    turns++; /* the waste: its value was stored a moment ago */
}

NOINLINE static uint32_t digit_sum(uint32_t n)
{
    uint32_t sum = 0;
    while (n != 0) {
        uint32_t tens, ones;
        split(n, &tens, &ones); /* the waste: two values that could have been returned */
        sum += ones;
        n = tens;
        count_turn();
    }
    return sum;
}

int main(void)
{
    uint32_t sum = 0;
    for (uint32_t n = 0; n < NUMBERS; n++)
        sum += digit_sum(n * 7919);
    printf("digit sums: %u in %u turns\n", sum, turns);
    return 0;
}
