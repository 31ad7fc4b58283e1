#include "analyze/times.h"

#include "analyze/region.h"

enum { GRANULE_BYTES = 4 };
/* A page more, for an access that ends behind the window. */
static const size_t granules_size = ((size_t)1 << 32) + 4096, bytes_size = ((size_t)1 << 34) + 4096;

bool times_open(struct times *t)
{
    t->granules = region_reserve(granules_size);
    t->bytes = region_reserve(bytes_size);
    return t->granules && t->bytes;
}

void times_close(struct times *t)
{
    region_release(t->granules, granules_size);
    region_release(t->bytes, bytes_size);
    *t = (struct times){0};
}

void times_put(const struct times *t, uint64_t address, uint64_t size, uint32_t time)
{
    address = (uint32_t)address;
    while (size) {
        unsigned first = address % GRANULE_BYTES;
        uint64_t count = GRANULE_BYTES - first < size ? GRANULE_BYTES - first : size;
        if (count == GRANULE_BYTES)
            t->granules[address / GRANULE_BYTES] = time;
        else
            times_put_bytes(t, address, (unsigned)count, time);
        address += count;
        size -= count;
    }
}

uint64_t times_look(const struct times *t, uint64_t address, uint64_t size, uint32_t *time)
{
    address = (uint32_t)address;
    const uint32_t *granule = &t->granules[address / GRANULE_BYTES];
    if (*granule == TIMES_MIXED) {
        *time = t->bytes[address];
        return 1;
    }
    *time = *granule;
    uint64_t same = GRANULE_BYTES - address % GRANULE_BYTES;
    while (same < size && *++granule == *time)
        same += GRANULE_BYTES;
    return same < size ? same : size;
}

void times_age(const struct times *t, size_t first, size_t count, uint32_t now)
{
    for (size_t i = first; i < first + count; i++) {
        uint32_t *granule = &t->granules[i], *bytes = &t->bytes[i * GRANULE_BYTES];
        if (*granule == TIMES_MIXED) {
            for (unsigned b = 0; b < GRANULE_BYTES; b++)
                bytes[b] = times_aged(now, bytes[b]);
        } else if (*granule) { /* 0: nothing, mostly, and no page shall be made for it */
            *granule = times_aged(now, *granule);
        }
    }
}
