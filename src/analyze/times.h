/* times.h: when bytes were last touched, or written: the low bits of the number of the access that did it, for each granule
 * of 4 guest bytes, and for each byte where those of a granule differ.  Who did it is the shadow's to know (shadow.h).
 *
 * Numbers have 31 bits.  times_age must be called every TIMES_AGE accesses at the latest: what is older than that is said to be
 * so old, and no number comes to look young. */
#ifndef MT_ANALYZE_TIMES_H
#define MT_ANALYZE_TIMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TIMES_MASK UINT32_C(0x7fffffff)
#define TIMES_MIXED UINT32_C(0x80000000) /* of a granule: its bytes have times of their own */
#define TIMES_AGE (UINT32_C(1) << 29)

/* Of a window of 4 GiB; regions that get memory as they are touched, all 0 at first. */
struct times {
    uint32_t *granules, *bytes;
};

bool times_open(struct times *t); /* false when memory is short; may be closed even so */
void times_close(struct times *t);

/* [address, address + size) was touched at `time`. */
void times_put(const struct times *t, uint64_t address, uint64_t size, uint32_t time);

/* The time of the byte at `address`, and for how many of the `size` bytes from there it surely holds: 1 or more. */
uint64_t times_look(const struct times *t, uint64_t address, uint64_t size, uint32_t *time);

/* Of `count` granules from `first` on: what is older than TIMES_AGE is as old as that from now on. */
void times_age(const struct times *t, size_t first, size_t count, uint32_t now);

/* How many accesses after `time` it is `now`. */
static inline uint32_t times_since(uint32_t now, uint32_t time)
{
    return (now - time) & TIMES_MASK;
}

static inline uint32_t times_aged(uint32_t now, uint32_t time)
{
    return times_since(now, time) > TIMES_AGE ? (now - TIMES_AGE) & TIMES_MASK : time;
}

/* The same as times_put of one or two bytes that lie in one granule. */
static inline void times_put_bytes(const struct times *t, uint64_t address, unsigned count, uint32_t time)
{
    uint32_t *granule = &t->granules[address / 4], *bytes = &t->bytes[address & ~(uint64_t)3];
    uint32_t all = *granule;
    if (all == time)
        return;
    if (all != TIMES_MIXED) {
        bytes[0] = bytes[1] = bytes[2] = bytes[3] = all;
        *granule = TIMES_MIXED;
    }
    for (unsigned i = 0; i < count; i++)
        bytes[address % 4 + i] = time;
}

#endif
