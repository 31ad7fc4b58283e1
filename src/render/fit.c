#include "render/fit.h"

#include "render/paths.h"

#include <inttypes.h>
#include <string.h>

enum { WHOLE = 4000 }; /* columns of a name that is cut even off a terminal */

size_t summary_width(const struct output *out)
{
    if (!out->columns)
        return SUMMARY_WIDTH;
    return out->columns < SUMMARY_WIDTH_MIN ? SUMMARY_WIDTH_MIN : out->columns;
}

size_t screen_width(const struct output *out)
{
    return out->columns ? summary_width(out) : SCREEN_WIDTH;
}

size_t summary_room(const struct output *out, size_t columns)
{
    enum { LEAST = 8 };
    size_t room = columns + summary_width(out);
    if (!out->columns)
        return WHOLE;
    return room > SUMMARY_WIDTH + LEAST ? room - SUMMARY_WIDTH : LEAST;
}

/* Bytes and columns of the character there.  From U+1100 on one may be two columns wide, and is taken to be. */
static size_t character(const char *text, size_t *columns)
{
    unsigned char lead = (unsigned char)text[0];
    *columns = lead > 0xE1 || (lead == 0xE1 && (unsigned char)text[1] >= 0x84) ? 2 : 1;
    return lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

/* The first bytes that take no more than `columns`, in *used. */
static size_t beginning(const char *text, size_t columns, size_t *used)
{
    size_t size = 0, part;
    *used = 0;
    while (text[size]) {
        size_t next = character(text + size, &part);
        if (*used + part > columns)
            break;
        size += next;
        *used += part;
    }
    return size;
}

/* The last bytes that take no more than `columns`, in *used. */
static const char *ending(const char *text, size_t columns, size_t *used)
{
    size_t part;
    for (*used = text_columns(text); *used > columns; *used -= part)
        text += character(text, &part);
    return text;
}

/* How a text of more than `room` columns is cut: so many bytes from its beginning, and its end. */
static size_t cut(const char *text, size_t room, const char **end, size_t *columns)
{
    size_t head, tail, size = beginning(text, room / 2, &head);
    *end = ending(text + size, room - room / 2 - 1, &tail);
    *columns = head + 1 + tail;
    return size;
}

size_t put_within(struct output *out, const char *text, size_t room)
{
    const size_t width = text_columns(text);
    const char *end;
    size_t columns;
    room = !out->columns ? WHOLE : room ? room : 1;
    if (width <= room) {
        output_text(out, text);
        return width;
    }
    output_put(out, text, cut(text, room, &end, &columns));
    output_text(out, "…");
    output_text(out, end);
    return columns;
}

void put_cut(struct output *out, const char *text, size_t columns)
{
    put_within(out, text, summary_room(out, columns));
}

void name_within(const struct output *out, const char *text, size_t room, char *name, size_t size)
{
    const char *end = "";
    size_t columns, head = strlen(text);
    const bool fits = out->columns ? text_columns(text) <= room && head < size : head < size;
    if (!fits)
        head = cut(text, room, &end, &columns);
    snprintf(name, size, "%.*s%s%s", (int)head, text, fits ? "" : "…", end);
}

size_t put_window(struct output *out, const char *text, size_t at, size_t room)
{
    size_t before = 0, used = 0, part;
    for (size_t i = 0; i < at && text[i]; before += part)
        i += character(text + i, &part);
    if (text_columns(text) > room && before + 2 > room) { /* leave out what is far before it */
        const size_t least = before - room / 2;
        for (used = 0; used < least; used += part)
            text += character(text, &part);
        output_text(out, "…");
        before = before - used + 1;
        room--;
    }
    if (text_columns(text) <= room) {
        output_text(out, text);
        return before;
    }
    output_put(out, text, beginning(text, room - 1, &used));
    output_text(out, "…");
    return before;
}

size_t wrapped_size(const char *text, size_t room)
{
    size_t size = strlen(text);
    if (size <= room)
        return size;
    for (size = room; size > 0 && text[size] != ' ';)
        size--;
    for (size = size ? size : room;
         size > 1 && ((unsigned char)text[size] & 0xC0) == 0x80;) /* not within a character */
        size--;
    return size;
}

void put_wrapped(struct output *out, const char *first, const char *next, const char *text)
{
    const size_t room = summary_width(out) - strlen(first);
    for (const char *before = first; *text; before = next) {
        size_t size = wrapped_size(text, room);
        output_text(out, before);
        output_put(out, text, size);
        output_text(out, "\n");
        text += size + (text[size] == ' ');
    }
}

enum { LINE_SIZE_MAX = 16 };

static void line_of(const struct report_frame *frame, char line[LINE_SIZE_MAX])
{
    *line = '\0';
    if (frame->line)
        snprintf(line, LINE_SIZE_MAX, ":%" PRIu32, frame->line);
}

size_t place_columns(const struct report_frame *frame)
{
    char line[LINE_SIZE_MAX];
    line_of(frame, line);
    return text_columns(frame->file) + strlen(line);
}

size_t put_place_within(struct output *out, const struct report_frame *frame, size_t room)
{
    char line[LINE_SIZE_MAX];
    line_of(frame, line);
    const char *file = frame->file;
    size_t columns = text_columns(file);
    room = out->columns ? room : WHOLE;
    output_style(out, STYLE_PLACE);
    if (columns + strlen(line) > room) {
        file = ending(file, room > strlen(line) + 1 ? room - strlen(line) - 1 : 1, &columns);
        const char *slash = strpbrk(file, "/\\");
        columns = slash ? text_columns(slash) : columns;
        file = slash ? slash : file;
        output_text(out, "…");
        columns++;
    }
    output_printf(out, "%s%s", file, line);
    output_style(out, STYLE_PLAIN);
    return columns + strlen(line);
}

void put_styled_place(struct output *out, const struct report_frame *frame, size_t columns)
{
    put_place_within(out, frame, summary_room(out, columns));
}
