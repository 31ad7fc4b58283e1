/* sketch.h: about how many different numbers there were, in a few bytes: HyperLogLog (P. Flajolet, É. Fusy, O. Gandouet, F. Meunier: HyperLogLog:
 * the analysis of a near-optimal cardinality estimation algorithm, 2007), with linear counting for small numbers, as there. */
#ifndef MT_ANALYZE_SKETCH_H
#define MT_ANALYZE_SKETCH_H

#include <stddef.h>
#include <stdint.h>

/* A number was there.  `size` is a power of two. */
static inline void sketch_add(uint8_t *sketch, size_t size, uint64_t number)
{
    /* the finaliser of MurmurHash3, so that neighbours do not look alike */
    uint64_t h = number + UINT64_C(0x9e3779b97f4a7c15);
    h = (h ^ h >> 33) * UINT64_C(0xff51afd7ed558ccd);
    h = (h ^ h >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
    h ^= h >> 33;
    uint8_t rank = (uint8_t)(__builtin_ctzll(h >> 32 | (uint64_t)1 << 32) + 1);
    uint8_t *place = &sketch[h & (size - 1)];
    if (*place < rank)
        *place = rank;
}

/* How many different ones: with 64 bytes, two of three estimates are within 13 %. */
uint64_t sketch_count(const uint8_t *sketch, size_t size);

#endif
