#include "render/screen_rows.h"

#include "base/path.h"
#include "render/groups.h"
#include "render/number.h"
#include "render/object_text.h"
#include "render/paths.h"
#include "render/summary_parts.h"
#include "report/effect.h"
#include "report/functions.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    NAME_COLUMN = 24,
    INDENT = 6,       /* of what is below a row */
    PLACE_LEAST = 28, /* columns that a place may have beside a long name */
    ADVICE_LINES = 2,
    OTHER_COLUMNS = 30, /* of the other side's name */
    LABEL_SIZE = 128,
    NAME_SIZE = 400, /* of a side */
    TEXT_SIZE = 1024,
};

static char *name_of_group(const struct report *r, const struct report_group *g, struct functions *functions)
{
    if (g->object) {
        const struct report_object o = group_object(r, g);
        return object_words(r, &o);
    }
    const struct function f = {g->name, g->file, g->func};
    const char *label = functions_label(functions, g->name, &f);
    return label ? strdup(label) : NULL;
}

static bool add_groups(struct screen_rows *s, const struct report *r, uint64_t most)
{
    struct functions *functions = functions_of(r);
    bool ok = functions;
    for (size_t i = 0; ok && i < r->group_count; i++) {
        const struct report_group *g = &r->groups[i];
        if (g->folded)
            continue;
        if (s->count == most)
            break;
        struct screen_row *row = &s->rows[s->count++];
        *row = (struct screen_row){name_of_group(r, g, functions), g->effect, 0, g->best, false, false};
        for (unsigned kind = 0; kind < DEFECT_KINDS; kind++)
            row->bytes += g->bytes[kind];
        row->is_object = g->object;
        row->has_place = g->object || (r->grouped_by && strcmp(r->grouped_by, "line") == 0);
        ok = row->name;
    }
    functions_free(functions);
    s->all = r->group_total;
    for (size_t i = 0; i < r->group_count; i++)
        s->all -= r->groups[i].folded;
    return ok;
}

static bool add_pairs(struct screen_rows *s, const struct report *r, uint64_t most)
{
    for (size_t i = 0; i < r->ranked_count && s->count < most; i++) {
        const struct report_pair *p = r->ranked[i];
        struct screen_row *row = &s->rows[s->count++];
        struct report_best best = {p, p->instances, p->bytes, p->effect};
        *row = (struct screen_row){strdup(side_function(&p->second)), p->effect, p->bytes, best, false, false};
        if (!row->name)
            return false;
    }
    for (unsigned kind = 0; kind < DEFECT_KINDS; kind++)
        s->all += kind_ranked(r, kind);
    return true;
}

bool screen_rows_open(struct screen_rows *s, const struct report *r, uint64_t most)
{
    const size_t all = r->by_pair ? r->ranked_count : r->group_count;
    *s = (struct screen_rows){.rows = calloc((most < all ? (size_t)most : all) + 1, sizeof *s->rows)};
    bool ok = s->rows && (!all || (r->by_pair ? add_pairs(s, r, most) : add_groups(s, r, most)));
    if (!ok)
        screen_rows_close(s);
    return ok;
}

void screen_rows_close(struct screen_rows *s)
{
    for (size_t i = 0; i < s->count; i++)
        free(s->rows[i].name);
    free(s->rows);
    *s = (struct screen_rows){0};
}

size_t put_where(struct output *out, const char *function, const struct report_frame *frame, size_t room)
{
    const size_t name = text_columns(function), place = frame && frame->file ? place_columns(frame) : 0;
    room = out->columns ? room : SIZE_MAX / 2;
    if (!place || room < PLACE_LEAST)
        return put_within(out, function, room);
    const size_t both = room - 2, least = both / 2 < PLACE_LEAST ? both / 2 : PLACE_LEAST;
    size_t for_place = both > name + least ? both - name : least;
    for_place = place < for_place ? place : for_place;
    size_t used = put_within(out, function, both - for_place);
    output_text(out, ", ");
    return used + 2 + put_place_within(out, frame, for_place);
}

static const struct report_frame *frame_of(const struct screen_row *row)
{
    return row->best.pair ? report_own_frame(&row->best.pair->second) : NULL;
}

static const char *kind_words_of(unsigned kind)
{
    size_t row = 0;
    while (summary_kinds[row].kind != kind)
        row++;
    return summary_kinds[row].singular;
}

static bool is_one_place(const struct report_side *a, const struct report_side *b)
{
    const struct report_frame *x = report_own_frame(a), *y = report_own_frame(b);
    if (a->origin != b->origin || a->loc == b->loc)
        return a->origin == b->origin;
    return x && y && x->file && y->file && x->line && x->line == y->line && strcmp(x->file, y->file) == 0;
}

/* `clear (dead_stores.c:18)`, or `clear @2CF` where there is no line. */
static void name_side(const struct output *out, const struct report_side *side, char text[NAME_SIZE])
{
    const struct report_frame *f = report_own_frame(side);
    char name[NAME_SIZE / 2], file[NAME_SIZE / 4];
    name_within(out, side_function(side), OTHER_COLUMNS, name, sizeof name);
    if (f && f->file && f->line) {
        name_within(out, path_base(f->file), OTHER_COLUMNS / 2, file, sizeof file);
        snprintf(text, NAME_SIZE, "%s (%s:%" PRIu32 ")", name, file, f->line);
    } else if (side->loc) {
        snprintf(text, NAME_SIZE, "%s @%" PRIX32, name, side->loc);
    } else {
        snprintf(text, NAME_SIZE, "%s", name);
    }
}

/* What the row's best is: `dead store, 31.3 KiB, 32,000 times`. */
static void label_of(const struct report_best *best, char label[LABEL_SIZE])
{
    char bytes[NUMBER_SIZE], times[NUMBER_SIZE];
    number_bytes(bytes, best->bytes);
    number_grouped(times, best->instances);
    snprintf(label, LABEL_SIZE, "%s, %s, %s time%s", kind_words_of(best->pair->kind), bytes, times,
             best->instances == 1 ? "" : "s");
}

static void add_sentence(char text[TEXT_SIZE], const char *format, const char *word)
{
    const size_t size = strlen(text);
    snprintf(text + size, TEXT_SIZE - size, "%s", size ? " " : "");
    snprintf(text + strlen(text), TEXT_SIZE - strlen(text), format, word);
}

/* Where it is, unless the row says so; the other side, where that is elsewhere; the advice. */
static void words_of(const struct output *out, const struct screen_row *row, char text[TEXT_SIZE])
{
    const struct report_pair *p = row->best.pair;
    const char *advice = advice_of(p);
    char name[NAME_SIZE];
    *text = '\0';
    if (row->is_object) {
        name_side(out, &p->second, name);
        add_sentence(text, "By %s.", name);
    }
    if (p->kind == DEFECT_DEAD_STORE && p->first.origin == ORIGIN_SITE && !is_one_place(&p->first, &p->second)) {
        name_side(out, &p->first, name);
        add_sentence(text, "It overwrites what %s stored.", name);
    }
    if (advice)
        add_sentence(text, "%s", advice);
}

static size_t text_lines(const struct output *out, const char *text)
{
    size_t lines = 0;
    for (const char *at = text; *at && lines < ADVICE_LINES; lines++) {
        at += wrapped_size(at, screen_width(out) - INDENT);
        at += *at == ' ';
    }
    return lines;
}

size_t screen_row_lines(const struct output *out, const struct screen_row *row)
{
    const struct report_frame *f = frame_of(row);
    char text[TEXT_SIZE];
    if (!row->best.pair)
        return 0;
    words_of(out, row, text);
    return (f && f->text) + 1U + text_lines(out, text);
}

/* The part of a source line that there is room for, and below it the column, with the label. */
static void put_source(struct output *out, const struct report_frame *f, const char *label)
{
    const size_t room = out->columns ? screen_width(out) - INDENT : SIZE_MAX / 2;
    const size_t offset = f->column > f->indent && f->column - f->indent <= strlen(f->text) ? f->column - f->indent : 0;
    output_printf(out, "%*s", INDENT, "");
    output_style(out, STYLE_SOURCE);
    const size_t shown = put_window(out, f->text, offset ? offset - 1 : 0, room);
    output_style(out, STYLE_PLAIN);
    output_text(out, "\n");
    const size_t width = screen_width(out) - INDENT;
    size_t size = strlen(label);
    if (size >= shown && shown + 2 + size > width) /* on neither side: without how often */
        size = (size_t)(strstr(strstr(label, ", ") + 2, ", ") - label);
    output_printf(out, "%*s", INDENT, "");
    if (!offset)
        output_printf(out, "%s\n", label);
    else if (size >= shown || shown + 2 + size <= width)
        output_printf(out, "%*s^ %.*s\n", (int)shown, "", (int)size, label);
    else
        output_printf(out, "%*s%.*s ^\n", (int)(shown - size - 1), "", (int)size, label);
}

static void put_opened(struct output *out, const struct screen_row *row)
{
    const struct report_frame *f = frame_of(row);
    char label[LABEL_SIZE], text[TEXT_SIZE];
    if (!row->best.pair)
        return;
    label_of(&row->best, label);
    words_of(out, row, text);
    if (f && f->text)
        put_source(out, f, label);
    else
        output_printf(out, "%*s%s\n", INDENT, "", label);
    const size_t lines = text_lines(out, text), room = screen_width(out) - INDENT;
    const char *at = text;
    for (size_t i = 0; i < lines; i++) {
        size_t size = wrapped_size(at, room);
        bool cut = i + 1 == lines && at[size];
        output_printf(out, "%*s%.*s%s\n", INDENT, "", (int)(size - (cut && size == room)), at, cut ? "…" : "");
        at += size;
        at += *at == ' ';
    }
}

/* An instruction stands where there is no line. */
static void put_row(struct output *out, const struct report *r, const struct screen_row *row, size_t rank)
{
    char bytes[NUMBER_SIZE], place[16] = "";
    const struct report_frame *f = row->has_place ? NULL : frame_of(row);
    number_bytes(bytes, row->bytes);
    if (row->best.pair && !row->has_place && !(f && f->file) && row->best.pair->second.loc)
        snprintf(place, sizeof place, " @%" PRIX32, row->best.pair->second.loc);
    output_printf(out, "%2zu. ", rank);
    const enum effect_grade grade = effect_grade(r, row->effect);
    output_style(out, grade == EFFECT_HIGH ? STYLE_SUREST : grade == EFFECT_MEDIUM ? STYLE_WASTE : STYLE_PLAIN);
    output_printf(out, "%-6s", effect_grade_name(grade));
    output_style(out, STYLE_PLAIN);
    output_printf(out, "%12s  ", bytes);
    put_where(out, row->name, f, screen_width(out) - NAME_COLUMN - strlen(place));
    output_printf(out, "%s\n", place);
}

void screen_rows_put(struct output *out, const struct report *r, const struct screen_rows *s, size_t opened)
{
    char all[NUMBER_SIZE];
    if (!s->count)
        return;
    number_grouped(all, s->all);
    const char *by = r->by_pair ? "pair" : r->grouped_by ? r->grouped_by : "function";
    output_printf(out, "    effect       bytes  %s (%zu of %s)\n", by, s->count, all);
    for (size_t i = 0; i < s->count; i++) {
        put_row(out, r, &s->rows[i], i + 1);
        if (i < opened)
            put_opened(out, &s->rows[i]);
    }
}
