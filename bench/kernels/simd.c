/* Vectors of 16 bytes: sums of products, a blend of two pictures, and copies that are not aligned. */
#include <stdint.h>
#include <stdio.h>
#include <wasm_simd128.h>

#ifndef SCALE
#define SCALE 1
#endif

enum { SIZE = 1 << 16 };

static float x[SIZE / 4], y[SIZE / 4];
static uint8_t first[SIZE + 16], second[SIZE + 16], mixed[SIZE + 16];

int main(void)
{
    for (int i = 0; i < SIZE / 4; i++) {
        x[i] = (float)(i % 97);
        y[i] = (float)(i % 89) / 8;
    }
    for (int i = 0; i < SIZE + 16; i++) {
        first[i] = (uint8_t)(i * 7);
        second[i] = (uint8_t)(i * 13);
    }
    float sum = 0;
    for (int round = 0; round < 14000 / SCALE; round++) {
        v128_t total = wasm_f32x4_splat(0);
        for (int i = 0; i < SIZE / 4; i += 4)
            total = wasm_f32x4_add(total, wasm_f32x4_mul(wasm_v128_load(x + i), wasm_v128_load(y + i)));
        sum += wasm_f32x4_extract_lane(total, 0) + wasm_f32x4_extract_lane(total, 3);
        for (int i = 0; i < SIZE; i += 16)
            wasm_v128_store(mixed + i, wasm_u8x16_avgr(wasm_v128_load(first + i), wasm_v128_load(second + i)));
        if (round % 16 == 0)
            for (int i = 0; i < SIZE; i += 16)
                wasm_v128_store(first + i, wasm_v128_load(mixed + i + 3));
        x[round % (SIZE / 4)] += 1;
    }
    printf("%g %d\n", (double)sum, mixed[1234]);
}
