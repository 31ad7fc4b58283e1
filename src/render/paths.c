#include "render/paths.h"

#include "base/path.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { FRAMES_MAX = 64, FRAME_SIZE = 400 };

/* The innermost frames of a path, the innermost first. */
struct path {
    char frames[FRAMES_MAX][FRAME_SIZE];
    size_t count;
    bool cut; /* there are more */
};

size_t text_columns(const char *text)
{
    size_t columns = 0;
    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;
        if ((byte & 0xC0) == 0x80)
            continue;
        columns += byte > 0xE1 || (byte == 0xE1 && (unsigned char)text[1] >= 0x84) ? 2 : 1;
    }
    return columns;
}

int whole_characters(const char *text, size_t limit)
{
    size_t size = strnlen(text, limit);
    while (size && ((unsigned char)text[size] & 0xC0) == 0x80)
        size--;
    return (int)size;
}

/* Takes back a character of which a cut has left a part. */
static void mend(char *text)
{
    size_t n = strlen(text), lead = n;
    while (lead && ((unsigned char)text[lead - 1] & 0xC0) == 0x80)
        lead--;
    if (!lead)
        return;
    unsigned char byte = (unsigned char)text[lead - 1];
    size_t length = byte < 0xC0 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
    if (n - (lead - 1) < length)
        text[lead - 1] = '\0';
}

static void add_frame(struct path *p, const char *function, const char *file, uint32_t line, uint32_t loc)
{
    if (p->count == FRAMES_MAX) {
        p->cut = true;
        return;
    }
    char *frame = p->frames[p->count++];
    if (file && line)
        snprintf(frame, FRAME_SIZE, "%.*s (%.*s:%" PRIu32 ")", whole_characters(function, 300), function,
                 whole_characters(path_base(file), 60), path_base(file), line);
    else if (loc)
        snprintf(frame, FRAME_SIZE, "%.300s@%" PRIX32, function, loc);
    else
        snprintf(frame, FRAME_SIZE, "%.300s", function);
    mend(frame);
}

/* The functions in which a call stands, which may be inlined into one another. */
static void add_call(struct path *p, const struct report_side *call, const char *function)
{
    if (call->frame_count == 0)
        add_frame(p, function, NULL, 0, call->loc);
    for (uint32_t i = 0; i < call->frame_count; i++) {
        const struct report_frame *f = &call->frames[i];
        add_frame(p, f->function ? f->function : function, f->file, f->line, call->loc);
    }
}

static void read_path(struct path *p, const struct report *r, uint32_t id)
{
    p->count = 0;
    p->cut = false;
    const struct report_context *c = report_context_find(r, id);
    if (!c)
        return;
    add_frame(p, c->function ? c->function : "(contexts that were too many)", NULL, 0, 0);
    while (c->parent && !p->cut) {
        const struct report_context *parent = report_context_find(r, c->parent);
        const char *function = parent && parent->function ? parent->function : "(contexts that were too many)";
        add_call(p, &c->call, function);
        if (!parent)
            return;
        c = parent;
    }
}

/* From the frame `first` outwards. */
static void put_frames(struct output *out, const struct path *p, size_t first, size_t frames, size_t columns)
{
    const size_t between = 3, cut = 4; /* ` > `, and `… > ` */
    size_t end = first + 1, used = text_columns(p->frames[first]);
    while (end < p->count && end - first < frames) {
        size_t more = between + text_columns(p->frames[end]);
        if (columns != SIZE_MAX && used + more + (end + 1 < p->count || p->cut ? cut : 0) > columns)
            break;
        used += more;
        end++;
    }
    if (end < p->count || p->cut)
        output_text(out, "… > ");
    while (end-- > first) {
        output_text(out, p->frames[end]);
        if (end > first)
            output_text(out, " > ");
    }
}

void put_path(struct output *out, const struct report *r, uint32_t id, size_t frames, size_t columns)
{
    struct path p;
    read_path(&p, r, id);
    if (p.count)
        put_frames(out, &p, 0, frames, columns);
    else
        output_text(out, "host");
}

void put_call_path(struct output *out, const struct report *r, uint32_t id, size_t frames)
{
    struct path p;
    read_path(&p, r, id);
    if (p.count > 1)
        put_frames(out, &p, 1, frames, SIZE_MAX);
}
