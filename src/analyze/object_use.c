#include "analyze/object_use.h"

#include "analyze/region.h"

#include <string.h>

enum { GRANULE = 4, REACH = GRANULE * 8 }; /* bytes of memory by bit, by byte */

static const uint64_t limit = UINT64_C(1) << 32;

static size_t read_size(void)
{
    return (size_t)(limit / REACH);
}

bool object_uses_open(struct object_uses *u)
{
    u->now = 0;
    u->read = region_reserve(read_size());
    return u->read;
}

void object_uses_close(struct object_uses *u)
{
    region_release(u->read, read_size());
    u->read = NULL;
}

/* The granules that the bytes are in, as far as there are bits for them. */
static void span_of(uint64_t address, uint64_t size, uint64_t *first, uint64_t *end)
{
    uint64_t stop = address >= limit ? address : size < limit - address ? address + size : limit;
    *first = address / GRANULE;
    *end = stop > address ? (stop - 1) / GRANULE + 1 : *first;
}

static void set_bits(struct object_uses *u, uint64_t address, uint64_t size, bool value)
{
    uint64_t at, end;
    span_of(address, size, &at, &end);
    while (at < end) {
        if (at % 8 == 0 && end - at >= 8) {
            uint64_t bytes = (end - at) / 8;
            memset(u->read + at / 8, value ? 0xff : 0, (size_t)bytes);
            at += bytes * 8;
            continue;
        }
        uint8_t bit = (uint8_t)(1 << at % 8), *byte = &u->read[at / 8];
        *byte = (uint8_t)(value ? *byte | bit : *byte & ~bit);
        at++;
    }
}

void object_uses_read_range(struct object_uses *u, uint64_t address, uint64_t size)
{
    set_bits(u, address, size, true);
}

void object_uses_begin(struct object_uses *u, struct object_use *use, struct block *block)
{
    block->begin = u->now;
    set_bits(u, block->address, block->size, false);
    use->smallest = !use->smallest || block->size < use->smallest ? block->size : use->smallest;
    use->largest = block->size > use->largest ? block->size : use->largest;
    use->live_blocks++;
    use->live_bytes += block->size;
    if (use->live_bytes > use->peak_bytes) {
        use->peak_bytes = use->live_bytes;
        use->peak_blocks = use->live_blocks;
    }
}

/* Bytes of the block in granules of which none was read. */
static uint64_t unread_bytes(const struct object_uses *u, const struct block *block)
{
    uint64_t at, end, bytes = 0;
    span_of(block->address, block->size, &at, &end);
    for (; at < end; at++) {
        if (u->read[at / 8] >> at % 8 & 1)
            continue;
        uint64_t from = at * GRANULE, to = from + GRANULE, stop = block->address + block->size;
        from = from > block->address ? from : block->address;
        bytes += (to < stop ? to : stop) - from;
    }
    return bytes;
}

void object_uses_end(const struct object_uses *u, struct object_use *use, const struct block *block, bool freed)
{
    uint64_t unread = unread_bytes(u, block);
    use->never_read += unread;
    use->never_read_blocks += block->size && unread == block->size;
    use->lifetime += u->now - block->begin;
    if (!freed)
        return;
    use->freed++;
    use->live_blocks--;
    use->live_bytes -= block->size;
}
