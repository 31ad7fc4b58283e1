/* byte_source.h: bytes in memory as a source for readers of trace files. */
#ifndef MT_TESTS_BYTE_SOURCE_H
#define MT_TESTS_BYTE_SOURCE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct bytes {
    const uint8_t *at;
    size_t size;
};

static inline size_t read_bytes(void *self, uint8_t *to, size_t size)
{
    struct bytes *b = self;
    size_t n = size < b->size ? size : b->size;
    if (n)
        memcpy(to, b->at, n);
    b->at += n;
    b->size -= n;
    return n;
}

#endif
