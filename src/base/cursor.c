#include "base/cursor.h"

struct cursor cursor_over(const uint8_t *bytes, size_t size, struct error *err)
{
    return (struct cursor){.start = bytes, .at = bytes, .end = bytes + size, .err = err};
}

static bool short_read(struct cursor *c, const char *what)
{
    return error_at(c->err, ERROR_INPUT, cursor_offset(c), "unexpected end in %s", what);
}

bool cursor_split(struct cursor *c, size_t n, const char *what, struct cursor *part)
{
    if (n > cursor_left(c))
        return short_read(c, what);
    *part = (struct cursor){.start = c->start, .at = c->at, .end = c->at + n, .err = c->err};
    c->at += n;
    return true;
}

bool cursor_skip(struct cursor *c, size_t n, const char *what)
{
    if (n > cursor_left(c))
        return short_read(c, what);
    c->at += n;
    return true;
}

bool cursor_u8(struct cursor *c, const char *what, uint8_t *value)
{
    if (c->at == c->end)
        return short_read(c, what);
    *value = *c->at++;
    return true;
}

bool cursor_u32_fixed(struct cursor *c, const char *what, uint32_t *value)
{
    if (cursor_left(c) < 4)
        return short_read(c, what);
    *value = (uint32_t)c->at[0] | (uint32_t)c->at[1] << 8 | (uint32_t)c->at[2] << 16 | (uint32_t)c->at[3] << 24;
    c->at += 4;
    return true;
}

/* Reads an unsigned LEB128 of at most `bits` bits. */
static bool leb_unsigned(struct cursor *c, unsigned bits, const char *what, uint64_t *value)
{
    const uint8_t *p = c->at;
    uint64_t result = 0;
    for (unsigned shift = 0; shift < bits; shift += 7) {
        if (p == c->end)
            return short_read(c, what);
        uint8_t byte = *p++;
        unsigned room = bits - shift; /* bits that this byte may still fill */
        if (room < 7 && (byte & 0x7f) >> room)
            return error_at(c->err, ERROR_INPUT, cursor_offset(c), "integer too large in %s", what);
        result |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80)) {
            c->at = p;
            *value = result;
            return true;
        }
    }
    return error_at(c->err, ERROR_INPUT, cursor_offset(c), "integer representation too long in %s", what);
}

/* Reads a signed LEB128 of at most `bits` bits, sign-extended to 64. */
static bool leb_signed(struct cursor *c, unsigned bits, const char *what, int64_t *value)
{
    const uint8_t *p = c->at;
    uint64_t result = 0;
    for (unsigned shift = 0; shift < bits; shift += 7) {
        if (p == c->end)
            return short_read(c, what);
        uint8_t byte = *p++;
        unsigned room = bits - shift;
        if (room < 7) { /* the bits above the sign bit must repeat it */
            uint8_t top = (uint8_t)((byte & 0x7f) >> (room - 1));
            if (top != 0 && top != (uint8_t)(0x7f >> (room - 1)))
                return error_at(c->err, ERROR_INPUT, cursor_offset(c), "integer too large in %s", what);
        }
        result |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80)) {
            unsigned used = shift + 7;
            if (used < 64 && byte & 0x40)
                result |= UINT64_MAX << used;
            c->at = p;
            *value = (int64_t)result;
            return true;
        }
    }
    return error_at(c->err, ERROR_INPUT, cursor_offset(c), "integer representation too long in %s", what);
}

bool cursor_leb_u32(struct cursor *c, const char *what, uint32_t *value)
{
    if (c->at < c->end && *c->at < 0x80) { /* most integers of a module are one byte long */
        *value = *c->at++;
        return true;
    }
    uint64_t wide = 0;
    if (!leb_unsigned(c, 32, what, &wide))
        return false;
    *value = (uint32_t)wide;
    return true;
}

bool cursor_leb_u64(struct cursor *c, const char *what, uint64_t *value)
{
    return leb_unsigned(c, 64, what, value);
}

bool cursor_leb_s32(struct cursor *c, const char *what, int32_t *value)
{
    int64_t wide;
    if (!leb_signed(c, 32, what, &wide))
        return false;
    *value = (int32_t)wide;
    return true;
}

bool cursor_leb_s33(struct cursor *c, const char *what, int64_t *value)
{
    return leb_signed(c, 33, what, value);
}

bool cursor_leb_s64(struct cursor *c, const char *what, int64_t *value)
{
    return leb_signed(c, 64, what, value);
}

bool cursor_count(struct cursor *c, const char *what, size_t least, uint32_t *count)
{
    struct cursor before = *c;
    if (!cursor_leb_u32(c, what, count))
        return false;
    if (*count > cursor_left(c) / least) {
        *c = before;
        return error_at(c->err, ERROR_INPUT, cursor_offset(c), "%s: count of %u does not fit into what is left", what,
                        *count);
    }
    return true;
}

bool cursor_name(struct cursor *c, const char *what, const char **bytes, uint32_t *size)
{
    struct cursor before = *c;
    if (!cursor_leb_u32(c, what, size))
        return false;
    if (*size > cursor_left(c)) {
        *c = before;
        return short_read(c, what);
    }
    *bytes = (const char *)c->at;
    c->at += *size;
    return true;
}
