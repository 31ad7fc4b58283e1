/* What the summary begins with: where to look first. */
#include "render/names.h"
#include "render/number.h"
#include "render/summary_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { ROWS = 5, TEXT_COLUMN = 48, TEXT_COLUMNS = SUMMARY_WIDTH - TEXT_COLUMN };

static void put_columns(struct output *out, const char *last)
{
    output_printf(out, "%12s%9s%10s", "bytes", "share", "added up");
    if (*last)
        output_printf(out, "%15s", last);
    output_text(out, "\n");
}

/* Without instances where they are none. */
static void put_numbers(struct output *out, uint64_t bytes, double share, double cumulative, uint64_t instances)
{
    char size[NUMBER_SIZE], part[NUMBER_SIZE], sum[NUMBER_SIZE], times[NUMBER_SIZE] = "";
    number_bytes(size, bytes);
    number_share(part, share);
    number_share(sum, cumulative);
    if (instances)
        number_grouped(times, instances);
    output_printf(out, "%12s%9s%10s%15s", size, part, sum, times);
    if (strlen(times) > 15) /* so that the text stays in its columns */
        output_printf(out, "\n%*s", TEXT_COLUMN - 2, "");
    output_text(out, "  ");
}

static void put_line(struct output *out, const char *before, const struct report_frame *frame)
{
    output_printf(out, "%*s%s", TEXT_COLUMN, "", before);
    put_styled_place(out, frame, TEXT_COLUMNS - 6);
    output_text(out, "\n");
}

/* The source below a function's name: the own line, and the function of the module that it is inlined into. */
static void put_source(struct output *out, const struct report_side *side)
{
    if (!side->frame_count)
        return;
    const struct report_frame *inner = report_own_frame(side), *outer = &side->frames[side->frame_count - 1];
    if (inner->file)
        put_line(out, "  ", inner);
    if (inner->text) {
        output_printf(out, "%*s    ", TEXT_COLUMN, "");
        output_style(out, STYLE_SOURCE);
        put_cut(out, inner->text, TEXT_COLUMNS - 4);
        output_style(out, STYLE_PLAIN);
        output_text(out, "\n");
    }
    if (inner == outer)
        return;
    output_printf(out, "%*sin ", TEXT_COLUMN, "");
    put_cut(out, outer->function ? outer->function : side->name, TEXT_COLUMNS - 3);
    output_text(out, "\n");
    if (outer->file)
        put_line(out, "  ", outer);
}

static void put_function(struct output *out, const char *before, const struct report_side *side)
{
    char place[16] = "";
    const struct report_frame *own = report_own_frame(side);
    if (side->origin == ORIGIN_SITE && side->loc && !(own && own->file))
        snprintf(place, sizeof place, " @%" PRIX32, side->loc);
    output_text(out, before);
    put_cut(out, side_function(side), TEXT_COLUMNS - strlen(before) - strlen(place));
    output_printf(out, "%s\n", place);
}

static void put_heading(struct output *out, const struct report *r, const char *words, uint64_t all, const char *unit,
                        const char *last)
{
    const uint64_t most = r->top ? r->top : ROWS;
    char count[NUMBER_SIZE];
    number_grouped(count, all);
    output_text(out, "\n");
    output_style(out, STYLE_SUREST);
    output_text(out, words);
    output_style(out, STYLE_PLAIN);
    output_printf(out, " (%" PRIu64 " of %s%s)\n", all < most ? all : most, count, unit);
    put_columns(out, last);
}

static void put_place_numbers(struct output *out, const struct report *r, const struct report_place *p, unsigned kind)
{
    double share = (double)p->bytes / (double)r->chosen[kind].bytes;
    put_numbers(out, p->bytes, share, p->cumulative, p->instances);
}

static void put_redundant(struct output *out, const struct report *r)
{
    const uint64_t most = r->top ? r->top : ROWS;
    if (!r->place_count)
        return;
    put_heading(out, r, "Redundant loads, by the place that loads again", r->place_count, " places", "times");
    for (size_t i = 0; i < r->place_count && i < most; i++) {
        const struct report_place *p = &r->places[i];
        put_place_numbers(out, r, p, DEFECT_SILENT_LOAD_AFTER_LOAD);
        put_function(out, "", &p->side);
        put_source(out, &p->side);
    }
}

static bool is_same_line(const struct report_side *a, const struct report_side *b)
{
    const struct report_frame *x = report_own_frame(a), *y = report_own_frame(b);
    return x && y && x->line && x->line == y->line && x->file && y->file && strcmp(x->file, y->file) == 0;
}

static void put_dead(struct output *out, const struct report *r)
{
    const uint64_t most = r->top ? r->top : ROWS;
    if (!r->dead_count)
        return;
    put_heading(out, r, "Dead stores, by both places", r->dead_count, " pairs of places", "times");
    for (size_t i = 0; i < r->dead_count && i < most; i++) {
        const struct report_place *p = &r->dead[i];
        put_place_numbers(out, r, p, DEFECT_DEAD_STORE);
        put_function(out, "", &p->first);
        put_source(out, &p->first);
        output_printf(out, "%*s", TEXT_COLUMN, "");
        bool same = p->first.origin == ORIGIN_SITE && p->first.loc && p->first.loc == p->side.loc;
        if (same || is_same_line(&p->first, &p->side)) {
            output_text(out, same ? "then the same again\n" : "then the same line again\n");
            continue;
        }
        put_function(out, "then ", &p->side);
        put_source(out, &p->side);
    }
}

void put_lead(struct output *out, const struct report *r)
{
    if (!r->places) /* nobody has selected */
        return;
    put_redundant(out, r);
    put_dead(out, r);
}

void put_unread(struct output *out, const struct report *r)
{
    const uint64_t most = r->top ? r->top : ROWS;
    if (!r->unread_place_count)
        return;
    put_heading(out, r, "Unread at the end, by the place that stores", r->unread_place_count, " places", "");
    for (size_t i = 0; i < r->unread_place_count && i < most; i++) {
        const struct report_place *p = &r->unread_places[i];
        put_numbers(out, p->bytes, (double)p->bytes / (double)r->unread_at_exit, p->cumulative, 0);
        put_function(out, "", &p->side);
        put_source(out, &p->side);
    }
}
