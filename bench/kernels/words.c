/* Values of 16 bits: sums, a filter, and Fletcher's checksum over them. */
#include <stdint.h>
#include <stdio.h>

#ifndef SCALE
#define SCALE 1
#endif

enum { COUNT = 20000 };

static int16_t samples[COUNT], filtered[COUNT];
static uint16_t table[256];

int main(void)
{
    for (int i = 0; i < COUNT; i++)
        samples[i] = (int16_t)(i * 7919 % 4001 - 2000);
    for (int i = 0; i < 256; i++)
        table[i] = (uint16_t)(i * 257);
    uint32_t a = 1, b = 0;
    for (int round = 0; round < 2000 / SCALE; round++) {
        for (int i = 2; i < COUNT - 2; i++)
            filtered[i] = (int16_t)((samples[i - 2] + 4 * samples[i - 1] + 6 * samples[i] + 4 * samples[i + 1] +
                                     samples[i + 2]) / 16);
        for (int i = 0; i < COUNT; i++) {
            a = (a + table[(uint16_t)filtered[i] & 255]) % 65535;
            b = (b + a) % 65535;
        }
        samples[round % COUNT] = (int16_t)b;
    }
    printf("%u %u\n", a, b);
}
