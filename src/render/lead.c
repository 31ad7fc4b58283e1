/* What the summary begins with: where to look first. */
#include "render/names.h"
#include "render/number.h"
#include "render/summary_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { ROWS = 5, TEXT_COLUMN = 48, TEXT_COLUMNS = SUMMARY_WIDTH - TEXT_COLUMN };

static void put_columns(struct output *out)
{
    output_printf(out, "%12s%9s%10s%15s\n", "bytes", "share", "added up", "times");
}

static void put_numbers(struct output *out, uint64_t bytes, double share, double cumulative, uint64_t instances)
{
    char size[NUMBER_SIZE], part[NUMBER_SIZE], sum[NUMBER_SIZE], times[NUMBER_SIZE];
    number_bytes(size, bytes);
    number_share(part, share);
    number_share(sum, cumulative);
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

/* The source below a function's name: the innermost line, and the function of the module that it is inlined into. */
static void put_source(struct output *out, const struct report_side *side)
{
    if (!side->frame_count)
        return;
    const struct report_frame *inner = side->frames, *outer = &side->frames[side->frame_count - 1];
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
    if (side->origin == ORIGIN_SITE && side->loc && !(side->frame_count && side->frames->file))
        snprintf(place, sizeof place, " @%" PRIX32, side->loc);
    output_text(out, before);
    put_cut(out, side_function(side), TEXT_COLUMNS - strlen(before) - strlen(place));
    output_printf(out, "%s\n", place);
}

static void put_heading(struct output *out, const struct report *r, const char *words, uint64_t all, const char *unit)
{
    const uint64_t most = r->top ? r->top : ROWS;
    char count[NUMBER_SIZE];
    number_grouped(count, all);
    output_text(out, "\n");
    output_style(out, STYLE_SUREST);
    output_text(out, words);
    output_style(out, STYLE_PLAIN);
    output_printf(out, " (%" PRIu64 " of %s%s)\n", all < most ? all : most, count, unit);
    put_columns(out);
}

static void put_places(struct output *out, const struct report *r)
{
    const uint64_t most = r->top ? r->top : ROWS;
    if (!r->place_count)
        return;
    put_heading(out, r, "Redundant loads, by the place that loads again", r->place_count, " places");
    for (size_t i = 0; i < r->place_count && i < most; i++) {
        const struct report_place *p = &r->places[i];
        double share = (double)p->bytes / (double)r->chosen[DEFECT_SILENT_LOAD_AFTER_LOAD].bytes;
        put_numbers(out, p->bytes, share, p->cumulative, p->instances);
        put_function(out, "", &p->side);
        put_source(out, &p->side);
    }
}

static void put_dead(struct output *out, const struct report *r)
{
    const uint64_t most = r->top ? r->top : ROWS, all = r->chosen[DEFECT_DEAD_STORE].bytes;
    struct kind_run run = kind_run_of(r, DEFECT_DEAD_STORE);
    const struct report_pair *p;
    uint64_t so_far = 0;
    if (!run.left)
        return;
    put_heading(out, r, "Dead stores, by bytes", kind_ranked(r, DEFECT_DEAD_STORE), " pairs");
    for (size_t i = 0; i < most && (p = kind_run_take(r, &run)); i++) {
        so_far += p->bytes;
        put_numbers(out, p->bytes, (double)p->bytes / (double)all, (double)so_far / (double)all, p->instances);
        put_function(out, "", &p->first);
        put_source(out, &p->first);
        output_printf(out, "%*s", TEXT_COLUMN, "");
        if (p->first.origin == ORIGIN_SITE && p->first.loc == p->second.loc) {
            output_text(out, "then the same again\n");
            continue;
        }
        put_function(out, "then ", &p->second);
        if (p->second.frames != p->first.frames)
            put_source(out, &p->second);
    }
}

void put_lead(struct output *out, const struct report *r)
{
    if (!r->places) /* nobody has selected */
        return;
    put_places(out, r);
    put_dead(out, r);
}
