#include "base/clean.h"

static const char replacement[] = "\xEF\xBF\xBD";
static const char ellipsis[] = "\xE2\x80\xA6";

/* One character, or one malformed sequence, at the front of [p, p + size), size >= 1.  Returns the bytes that it takes;
 * *code is UINT32_MAX for a malformed one. */
static size_t decode(const uint8_t *p, size_t size, uint32_t *code)
{
    uint8_t lead = p[0];
    *code = lead;
    if (lead < 0x80)
        return 1;
    *code = UINT32_MAX;
    if (lead < 0xC2 || lead > 0xF4)
        return 1;
    size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    uint8_t low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;  /* neither overlong … */
    uint8_t high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF; /* … nor surrogate, nor above U+10FFFF */
    uint32_t value = lead & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++) {
        if (i == size || p[i] < low || p[i] > high)
            return i;
        value = value << 6 | (p[i] & 0x3Fu);
        low = 0x80;
        high = 0xBF;
    }
    *code = value;
    return length;
}

static bool harmful(uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code <= 0x9F) || (code >= 0x2028 && code <= 0x202E) ||
           (code >= 0x2066 && code <= 0x2069) || code == UINT32_MAX;
}

bool clean_put(struct buf *out, const char *bytes, size_t size, size_t limit)
{
    const uint8_t *p = (const uint8_t *)bytes;
    size_t start = out->size;
    size_t cut = start; /* the last place where the ellipsis still fits */
    for (size_t at = 0; at < size;) {
        uint32_t code;
        size_t length = decode(p + at, size - at, &code);
        bool replace = harmful(code);
        size_t shown = replace ? sizeof replacement - 1 : length;
        if (shown > limit - (out->size - start)) {
            out->size = cut;
            return buf_put_text(out, ellipsis);
        }
        if (!buf_put(out, replace ? (const void *)replacement : p + at, shown))
            return false;
        if (limit - (out->size - start) >= sizeof ellipsis - 1)
            cut = out->size;
        at += length;
    }
    return true;
}

bool clean_put_utf8(struct buf *out, const char *bytes, size_t size)
{
    const uint8_t *p = (const uint8_t *)bytes;
    for (size_t at = 0; at < size;) {
        uint32_t code;
        size_t length = decode(p + at, size - at, &code);
        bool malformed = code == UINT32_MAX;
        buf_put(out, malformed ? (const void *)replacement : p + at, malformed ? sizeof replacement - 1 : length);
        at += length;
    }
    return !out->failed;
}

bool clean_is_utf8(const char *bytes, size_t size)
{
    uint32_t code = 0;
    for (size_t at = 0; at < size && code != UINT32_MAX;)
        at += decode((const uint8_t *)bytes + at, size - at, &code);
    return code != UINT32_MAX;
}
