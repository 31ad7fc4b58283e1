/* cursor.h: reads a span of bytes from front to back.
 *
 * A read that fails leaves the cursor where it was and sets the error with the offset of the item that could not be
 * read.  Offsets count from the start of the file that the span lies in.
 * LEB128: WebAssembly core specification 3.0, section 5.2.2 (binary format, integers). */
#ifndef MT_BASE_CURSOR_H
#define MT_BASE_CURSOR_H

#include "base/error.h"

#include <stddef.h>

struct cursor {
    const uint8_t *start; /* the first byte of the file */
    const uint8_t *at;    /* the next byte to read */
    const uint8_t *end;   /* behind the last byte of the span */
    struct error *err;
};

struct cursor cursor_over(const uint8_t *bytes, size_t size, struct error *err);

static inline size_t cursor_left(const struct cursor *c)
{
    return (size_t)(c->end - c->at);
}

static inline uint64_t cursor_offset(const struct cursor *c)
{
    return (uint64_t)(c->at - c->start);
}

/* A cursor over the next n bytes, which this one skips. */
bool cursor_split(struct cursor *c, size_t n, const char *what, struct cursor *part);

bool cursor_skip(struct cursor *c, size_t n, const char *what);
bool cursor_u8(struct cursor *c, const char *what, uint8_t *value);
bool cursor_u32_fixed(struct cursor *c, const char *what, uint32_t *value); /* four bytes, little end first */
bool cursor_leb_u32(struct cursor *c, const char *what, uint32_t *value);
bool cursor_leb_u64(struct cursor *c, const char *what, uint64_t *value);
bool cursor_leb_s32(struct cursor *c, const char *what, int32_t *value);
bool cursor_leb_s33(struct cursor *c, const char *what, int64_t *value);
bool cursor_leb_s64(struct cursor *c, const char *what, int64_t *value);

/* A vector's length, refused when even `least` bytes an element would not fit into what is left: a claimed count never
 * makes anybody allocate more than the bytes present could justify. */
bool cursor_count(struct cursor *c, const char *what, size_t least, uint32_t *count);

/* A name: its bytes are not copied, and are not checked to be UTF-8. */
bool cursor_name(struct cursor *c, const char *what, const char **bytes, uint32_t *size);

#endif
