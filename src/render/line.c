#include "render/line.h"

#include <string.h>

static void put(struct line *l, const char *text, size_t size)
{
    size_t room = LINE_SIZE - 1 - l->size; /* one byte is the newline's */
    if (size > room)
        size = room;
    memcpy(l->text + l->size, text, size);
    l->size += size;
}

void line_text(struct line *l, const char *text)
{
    put(l, text, strlen(text));
}

void line_decimal(struct line *l, uint64_t value)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    put(l, digits + at, sizeof digits - at);
}

void line_signed(struct line *l, int64_t value)
{
    if (value < 0)
        put(l, "-", 1);
    line_decimal(l, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void line_hex(struct line *l, uint64_t value, unsigned digits)
{
    char text[16];
    size_t at = sizeof text;
    do {
        text[--at] = "0123456789ABCDEF"[value & 15];
        value >>= 4;
    } while (value || (at > 0 && sizeof text - at < digits));
    put(l, text + at, sizeof text - at);
}

void line_end(struct line *l, struct output *out)
{
    l->text[l->size++] = '\n';
    output_put(out, l->text, l->size);
    l->size = 0;
}
