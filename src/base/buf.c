#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_init(struct buf *b, size_t maximum)
{
    *b = (struct buf){.maximum = maximum};
}

void buf_init_over(struct buf *b, void *room, size_t size)
{
    *b = (struct buf){.data = room, .capacity = size, .maximum = size};
}

void buf_release(struct buf *b)
{
    free(b->data);
    buf_init(b, b->maximum);
}

void buf_clear(struct buf *b)
{
    b->size = 0;
    b->failed = false;
}

bool buf_reserve(struct buf *b, size_t more)
{
    if (b->failed)
        return false;
    if (more <= b->capacity - b->size)
        return true;
    if (more > b->maximum - b->size) {
        b->failed = true;
        return false;
    }
    size_t want = b->capacity < 64 ? 64 : b->capacity;
    while (want - b->size < more)
        want = want > b->maximum / 2 ? b->maximum : want * 2;
    uint8_t *grown = realloc(b->data, want);
    if (!grown) {
        b->failed = true;
        return false;
    }
    b->data = grown;
    b->capacity = want;
    return true;
}

bool buf_put(struct buf *b, const void *bytes, size_t n)
{
    if (!buf_reserve(b, n))
        return false;
    if (n)
        memcpy(b->data + b->size, bytes, n);
    b->size += n;
    return true;
}

bool buf_put_u8(struct buf *b, uint8_t byte)
{
    if (b->size == b->capacity && !buf_reserve(b, 1))
        return false;
    b->data[b->size++] = byte;
    return true;
}

bool buf_put_text(struct buf *b, const char *text)
{
    return buf_put(b, text, strlen(text));
}

bool buf_printf(struct buf *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    bool ok = n >= 0 && buf_reserve(b, (size_t)n + 1);
    if (ok) {
        vsnprintf((char *)b->data + b->size, (size_t)n + 1, format, again);
        b->size += (size_t)n;
    }
    va_end(again);
    return ok;
}

uint8_t *buf_detach(struct buf *b, size_t *size)
{
    uint8_t *data = b->data;
    *size = b->size;
    buf_init(b, b->maximum);
    return data;
}
