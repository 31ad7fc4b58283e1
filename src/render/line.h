/* line.h: one line of output, put together without printf: traces and lists by index have very many. */
#ifndef MT_RENDER_LINE_H
#define MT_RENDER_LINE_H

#include "render/output.h"

#include <stdint.h>

enum { LINE_SIZE = 512 }; /* no line of numbers comes near it; what does not fit is left out */

struct line {
    size_t size;
    char text[LINE_SIZE];
};

void line_text(struct line *l, const char *text);
void line_decimal(struct line *l, uint64_t value);
void line_signed(struct line *l, int64_t value);
void line_hex(struct line *l, uint64_t value, unsigned digits); /* upper case, at least so many digits */

/* Writes the line, ended by a newline, and empties it. */
void line_end(struct line *l, struct output *out);

#endif
