/* The first screen: what somebody at a terminal wants to know first, in 24 lines of 80 columns.  Everything else stands behind --details
 * (details.c). */
#include "base/path.h"
#include "render/number.h"
#include "render/remarks.h"
#include "render/render.h"
#include "render/screen_rows.h"
#include "render/summary_parts.h"
#include "report/effect.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    SCREEN_LINES = 24,
    ROWS = 5,   /* of the ranking */
    OPENED = 3, /* of these with their source and advice */
    BLANKS = 2, /* lines that are left out where there is no room */
};

/* A line with a name in it, which is cut where the line would not fit. */
static void put_fitting(struct output *out, const char *before, const char *name, const char *after)
{
    output_text(out, before);
    put_within(out, name, screen_width(out) - strlen(before) - strlen(after));
    output_printf(out, "%s\n", after);
}

static void put_head(struct output *out, const struct report *r)
{
    char size[NUMBER_SIZE], accesses[NUMBER_SIZE], after[2 * NUMBER_SIZE + 20];
    number_bytes(size, r->input_size);
    number_grouped(accesses, r->accesses);
    snprintf(after, sizeof after, " (%s), %s access%s", size, accesses, r->accesses == 1 ? "" : "es");
    output_style(out, STYLE_HEAD);
    put_fitting(out, "Memory use of ", path_base(r->input_path), after);
    output_style(out, STYLE_PLAIN);
}

static void put_unoptimised_line(struct output *out)
{
    output_style(out, STYLE_SUREST);
    output_text(out, "Not optimised: compile it with optimisation before looking at anything else.");
    output_style(out, STYLE_PLAIN);
    output_text(out, "\n");
}

static void put_runs_line(struct output *out, const struct report *r)
{
    char count[NUMBER_SIZE], before[NUMBER_SIZE + 60];
    number_grouped(count, r->run_count);
    snprintf(before, sizeof before, "%s run%s, added up; %s", count, r->run_count == 1 ? "" : "s",
             r->trap ? "the first that ended early: " : "all ended by themselves");
    if (r->trap) {
        put_fitting(out, before, r->trap, "");
        return;
    }
    output_text(out, before);
    if (r->has_exit_code)
        output_printf(out, ", with exit status %" PRIu32 "%s", r->exit_code, r->exit_code ? " at worst" : "");
    output_text(out, "\n");
}

/* Of the calls that were under way, the one to show behind the innermost: the nearest in the program's own code, if that is not. */
static size_t find_caller(const struct report_trap *t)
{
    size_t i = 0;
    while (i < t->depth && t->stack[i].own >= t->stack[i].frame_count)
        i++;
    return i && i < t->depth ? i : 1;
}

/* Where it trapped: who was called by whom, in one line. */
static void put_trap_line(struct output *out, const struct report_trap *t)
{
    char address[32] = "";
    if (t->has_address)
        snprintf(address, sizeof address, "at 0x%" PRIX64 ", ", t->address);
    size_t room = screen_width(out) - 2 - strlen(address);
    output_printf(out, "  %s", address);
    const size_t caller = find_caller(t), count = t->depth < 2 ? t->depth : 2;
    for (size_t i = 0; i < count; i++) {
        const struct report_side *side = &t->stack[i ? caller : 0];
        const char *how = !i ? "in " : caller == 1 ? ", called by " : ", reached from ";
        const size_t left = count - i, before = strlen(how);
        const size_t part = room / left > before ? room / left - before : 1;
        output_text(out, how);
        room -= before + put_where(out, side_function(side), report_own_frame(side), part);
    }
    output_text(out, "\n");
}

static void put_verdict(struct output *out, const struct report *r, const struct screen_rows *rows)
{
    static const char *const words[] = {[EFFECT_LOW] = "Little", [EFFECT_MEDIUM] = "Something", [EFFECT_HIGH] = "Much"};
    char share[NUMBER_SIZE], most[NUMBER_SIZE];
    if (!r->pair_count && !r->selected) {
        output_text(out, "Nothing to gain: no dead store, silent store or silent load was seen.\n");
        return;
    }
    if (!rows->count) {
        output_text(out, r->suppressed_count ? "No pair is left that was to be listed.\n"
                         : r->selected       ? "None of the pairs is among those that were asked for.\n"
                                       : "Little to gain: all of it is the allocator's and runtime's own work.\n");
        return;
    }
    const struct screen_row *first = &rows->rows[0];
    const enum effect_grade grade = effect_grade(r, r->effect);
    number_share(share, effect_share(r, r->effect));
    number_share(most, effect_share(r, first->effect));
    char before[2 * NUMBER_SIZE + 80];
    snprintf(before, sizeof before, "%s to gain: about %s of what the accesses cost, %s in ", words[grade], share,
             most);
    output_style(out, grade == EFFECT_HIGH ? STYLE_SUREST : STYLE_PLAIN);
    put_fitting(out, before, first->name, "");
    output_style(out, STYLE_PLAIN);
}

static void put_shares(struct output *out, const struct report *r)
{
    char redundant[NUMBER_SIZE], dead[NUMBER_SIZE], silent[NUMBER_SIZE];
    number_share(redundant, r->totals[DEFECT_SILENT_LOAD_AFTER_LOAD].share);
    number_share(dead, r->totals[DEFECT_DEAD_STORE].share);
    number_share(silent, r->totals[DEFECT_SILENT_STORE].share);
    output_printf(out, "Bytes loaded: %s redundant; bytes stored: %s dead, %s silent.\n", redundant, dead, silent);
}

static void put_more(struct output *out, const struct report *r, size_t remarks)
{
    char pairs[NUMBER_SIZE];
    number_grouped(pairs, r->pair_count);
    output_text(out, "More: --details");
    if (remarks)
        output_printf(out, " (%zu remark%s)", remarks, remarks == 1 ? "" : "s");
    output_printf(out, ", -f (%s pair%s), --by %s, --report x.html\n", pairs, r->pair_count == 1 ? "" : "s",
                  r->grouped_by && strcmp(r->grouped_by, "line") == 0 ? "function" : "line");
}

/* What of the screen there is room for. */
struct layout {
    size_t opened, remarks, blanks;
};

static struct layout lay_out(struct output *out, const struct report *r, const struct screen_rows *rows,
                             const struct remarks *remarks)
{
    struct layout l = {0};
    size_t used =
        5U + r->unoptimised + (r->trap_at.depth > 0 ? 1 : 0) + (r->lost ? 1 : 0) + (rows->count ? rows->count + 1 : 0);
    size_t lines = SCREEN_LINES + (rows->count > ROWS ? rows->count - ROWS : 0); /* --top asks for more */
    if (remarks->count) {
        l.remarks = 1;
        used++;
    }
    for (size_t i = 0; i < rows->count && i < OPENED; i++) {
        size_t more = screen_row_lines(out, &rows->rows[i]);
        if (used + more > lines)
            break;
        used += more;
        l.opened++;
    }
    while (l.blanks < (rows->count ? BLANKS : 1) && used < lines) {
        l.blanks++;
        used++;
    }
    while (l.remarks < remarks->count && used < lines) {
        l.remarks++;
        used++;
    }
    return l;
}

void render_first_screen(struct output *out, const struct report *r)
{
    struct screen_rows rows;
    struct remarks remarks;
    if (!screen_rows_open(&rows, r, r->top ? r->top : ROWS)) {
        out->number = out->number ? out->number : ENOMEM;
        return;
    }
    remarks_of(&remarks, r);
    const struct layout l = lay_out(out, r, &rows, &remarks);
    put_head(out, r);
    put_lost(out, r);
    if (r->unoptimised)
        put_unoptimised_line(out);
    if (r->run_count)
        put_runs_line(out, r);
    else
        put_ending(out, r, screen_width(out));
    if (r->trap_at.depth)
        put_trap_line(out, &r->trap_at);
    put_verdict(out, r, &rows);
    if (r->pair_count || r->selected)
        put_shares(out, r);
    for (size_t i = 0; i < l.remarks; i++)
        put_remark(out, &remarks, i);
    output_text(out, l.blanks > 0 ? "\n" : "");
    screen_rows_put(out, r, &rows, l.opened);
    output_text(out, l.blanks > 1 ? "\n" : "");
    put_more(out, r, remarks.count - l.remarks);
    screen_rows_close(&rows);
}
