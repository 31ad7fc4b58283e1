#include "render/summary_parts.h"

#include "render/names.h"

#include <inttypes.h>
#include <string.h>

const struct kind_words summary_kinds[DEFECT_KINDS] = {
    {DEFECT_SILENT_LOAD_AFTER_LOAD, "redundant loads", "redundant load", "loaded",
     "loaded again with nothing between: the program had the value already"},
    {DEFECT_DEAD_STORE, "dead stores", "dead store", "stored", "overwritten before anything read them"},
    {DEFECT_SILENT_STORE, "silent stores", "silent store", "stored", "wrote what memory held already"},
    {DEFECT_SILENT_LOAD_AFTER_STORE, "loads after a store", "load after a store", "loaded",
     "fetched what the program had just put there: often ordinary communication through memory"},
};

static void pass_over(const struct report *r, struct kind_run *run)
{
    for (; run->left && report_folds(r, run->next); run->left--)
        run->next++;
}

struct kind_run kind_run_of(const struct report *r, unsigned kind)
{
    struct kind_run run = {r->pairs, 0};
    for (size_t i = 0; i < r->pair_count; i++) {
        if (r->pairs[i].kind < kind)
            run.next = &r->pairs[i + 1];
        else if (r->pairs[i].kind == kind)
            run.left++;
    }
    pass_over(r, &run);
    return run;
}

const struct report_pair *kind_run_take(const struct report *r, struct kind_run *run)
{
    const struct report_pair *pair = run->next;
    if (!run->left)
        return NULL;
    run->next++;
    run->left--;
    pass_over(r, run);
    return pair;
}

uint64_t kind_ranked(const struct report *r, unsigned kind)
{
    if (!r->places) /* nobody has selected */
        return kind_run_of(r, kind).left;
    return r->chosen[kind].pairs - r->folded[kind].pairs;
}

enum output_style kind_style(unsigned kind)
{
    if (kind == DEFECT_SILENT_LOAD_AFTER_STORE)
        return STYLE_PLAIN;
    return kind == DEFECT_SILENT_STORE ? STYLE_WASTE : STYLE_SUREST;
}

size_t summary_width(const struct output *out)
{
    if (!out->columns)
        return SUMMARY_WIDTH;
    return out->columns < SUMMARY_WIDTH_MIN ? SUMMARY_WIDTH_MIN : out->columns;
}

size_t summary_room(const struct output *out, size_t columns)
{
    enum { LEAST = 8, WHOLE = 4000 }; /* names are whole off a terminal, but for those that nobody wrote */
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

static size_t width_of(const char *text)
{
    size_t width = 0, columns;
    while (*text) {
        text += character(text, &columns);
        width += columns;
    }
    return width;
}

void put_cut(struct output *out, const char *text, size_t columns)
{
    const size_t room = summary_room(out, columns), width = width_of(text);
    size_t size = 0, used = 0, part;
    if (width <= room) {
        output_text(out, text);
        return;
    }
    const size_t head = room / 2, tail = room - head - 1; /* besides the ellipsis */
    for (size_t next = character(text, &part); used + part <= head; next = character(text + size, &part)) {
        size += next;
        used += part;
    }
    output_put(out, text, size);
    output_text(out, "…");
    while (width - used > tail) {
        size += character(text + size, &part);
        used += part;
    }
    output_text(out, text + size);
}

void put_wrapped(struct output *out, const char *first, const char *next, const char *text)
{
    const size_t room = summary_width(out) - strlen(first);
    for (const char *before = first; *text; before = next) {
        size_t size = strlen(text);
        if (size > room)
            for (size = room; size > 1 && text[size] != ' ';)
                size--;
        output_text(out, before);
        output_put(out, text, size);
        output_text(out, "\n");
        text += size + (text[size] == ' ');
    }
}

static void put_place(struct output *out, const struct report_frame *frame, size_t columns)
{
    char line[16] = "";
    columns = summary_room(out, columns);
    if (frame->line)
        snprintf(line, sizeof line, ":%" PRIu32, frame->line);
    const char *file = frame->file;
    size_t size = strlen(file);
    if (size + strlen(line) > columns) {
        file += size - (columns - strlen(line));
        while (((unsigned char)*file & 0xC0) == 0x80) /* not from within a character */
            file++;
        const char *slash = strpbrk(file, "/\\");
        file = slash ? slash : file;
        output_text(out, "…");
    }
    output_printf(out, "%s%s", file, line);
}

void put_styled_place(struct output *out, const struct report_frame *frame, size_t columns)
{
    output_style(out, STYLE_PLACE);
    put_place(out, frame, columns);
    output_style(out, STYLE_PLAIN);
}

const char *side_function(const struct report_side *side)
{
    return side->frame_count && side->frames->function ? side->frames->function : side_name(side);
}
