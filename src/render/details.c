#include "render/groups.h"
#include "render/names.h"
#include "render/number.h"
#include "render/object_text.h"
#include "render/paths.h"
#include "render/render.h"
#include "render/runs.h"
#include "render/summary_parts.h"
#include "render/suppressed.h"

#include "report/effect.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    WASTE = DEFECT_KINDS - 1, /* kinds that are surely waste stand first */
    WORST = 10,               /* pairs shown of the kinds that are waste */
    WORST_AFTER_STORE = 3,    /* and of the kind that may be none */
    IMPORTS = 10,             /* opaque imports named */
    NAME_COLUMNS = 54,        /* of a function's name */
    TRAP_COLUMNS = 70,
    PLACE_COLUMN = 23,                 /* where source lines begin */
    INTO_COLUMNS = 30,                 /* of the function that something is inlined into */
    FRAMES = 5,                        /* shown of one side */
    PATH_COLUMNS = SUMMARY_WIDTH - 13, /* of a call path */
};

static void put_head(struct output *out, const struct report *r)
{
    char size[NUMBER_SIZE];
    number_bytes(size, r->input_size);
    const char *slash = strrchr(r->input_path, '/');
    output_style(out, STYLE_HEAD);
    output_text(out, "Memory use of ");
    put_cut(out, slash ? slash + 1 : r->input_path, TRAP_COLUMNS);
    output_printf(out, " (%s)", size);
    output_style(out, STYLE_PLAIN);
    output_text(out, "\n\n");

    put_lost(out, r);
    if (r->run_count) {
        put_runs(out, r);
        if (r->trap_at.depth) {
            output_text(out, "The first that ended early, ");
            put_cut(out, r->trap, TRAP_COLUMNS);
            output_text(out, ":\n");
            put_trap(out, r);
        }
    } else {
        put_ending(out, r, summary_width(out));
        if (r->trap)
            put_trap(out, r);
    }
    if (r->grows_refused) {
        char times[NUMBER_SIZE];
        number_grouped(times, r->grows_refused);
        output_printf(out, "Before that, it asked for more memory than --max-memory allows, %s time%s.\n", times,
                      r->grows_refused == 1 ? "" : "s");
    }
}

/* A function behind the own one: what that is inlined into, or what is inlined in it. */
static void put_frame(struct output *out, const char *how, const struct report_frame *frame)
{
    output_printf(out, "%*s%s", PLACE_COLUMN, "", how);
    put_cut(out, frame->function ? frame->function : "a function without a name", INTO_COLUMNS);
    output_text(out, frame->file ? ", " : "");
    if (frame->file)
        put_styled_place(out, frame, SUMMARY_WIDTH - PLACE_COLUMN - INTO_COLUMNS - 16);
    output_text(out, "\n");
}

/* The source that an instruction came from: the own line, what is inlined there down to the instruction, and what that is inlined into. */
static void put_frames(struct output *out, const struct report_side *side)
{
    const struct report_frame *own = report_own_frame(side);
    const uint32_t at = report_own_index(side);
    uint32_t shown = 0;
    if (!own)
        return;
    output_printf(out, "%*s", PLACE_COLUMN, "");
    if (own->file)
        put_styled_place(out, own, SUMMARY_WIDTH - PLACE_COLUMN - 1);
    output_text(out, "\n");
    if (own->text) {
        output_printf(out, "%*s", PLACE_COLUMN + 2, "");
        output_style(out, STYLE_SOURCE);
        put_cut(out, own->text, SUMMARY_WIDTH - PLACE_COLUMN - 2);
        output_style(out, STYLE_PLAIN);
        output_text(out, "\n");
    }
    for (uint32_t i = at; i > 0 && ++shown < FRAMES; i--)
        put_frame(out, "through ", &side->frames[i - 1]);
    for (uint32_t i = at + 1; i < side->frame_count && ++shown < FRAMES; i++)
        put_frame(out, "inlined into ", &side->frames[i]);
    if (side->frame_count > FRAMES)
        output_printf(out, "%*sand %u more\n", PLACE_COLUMN, "", (unsigned)side->frame_count - FRAMES);
}

/* `before`: the side printed just before, or NULL; the same source is not printed twice. */
static void put_side(struct output *out, const char *when, const struct report_side *side,
                     const struct report_side *before)
{
    output_printf(out, "      %-6s ", when);
    if (side->origin == ORIGIN_INIT) {
        output_text(out, "init      (the memory's initial content)\n");
    } else if (side->origin == ORIGIN_HOST) {
        output_text(out, "host      (written by the host)\n");
    } else {
        output_printf(out, "%-8" PRIX32 "  %-26.26s ", side->loc, side->op);
        put_cut(out, side_function(side), NAME_COLUMNS - 4);
        output_text(out, "\n");
        if (!before || before->frames != side->frames)
            put_frames(out, side);
    }
}

/* What to do about a pair, wrapped at words. */
static void put_advice(struct output *out, const struct report_pair *pair)
{
    const char *text = advice_of(pair);
    if (text)
        put_wrapped(out, "      advice ", "             ", text);
}

/* The call paths of a pair that count most. */
static void put_paths(struct output *out, const struct report *r, const struct report_pair *pair)
{
    if (!pair->context_count)
        return;
    const struct report_pair_context *c = pair->contexts;
    char share[NUMBER_SIZE], count[NUMBER_SIZE];
    number_share(share, (double)c->bytes / (double)pair->bytes);
    number_grouped(count, pair->context_count);
    if (pair->context_count > 1)
        output_printf(out, "      paths  %s of the bytes have these, the first of %s:\n", share, count);
    output_text(out, pair->context_count > 1 ? "             " : "      paths  ");
    bool both = pair->first.origin != ORIGIN_SITE || c->first == c->second;
    if (!both) {
        put_path(out, r, c->first, SIZE_MAX, PATH_COLUMNS + summary_width(out) - SUMMARY_WIDTH);
        output_text(out, "\n             ");
    }
    put_path(out, r, c->second, SIZE_MAX, PATH_COLUMNS + summary_width(out) - SUMMARY_WIDTH);
    output_text(out, "\n");
}

/* Of redundant loads, dead and silent stores, all that were asked for. */
static uint64_t waste_chosen(const struct report *r)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < WASTE; i++)
        bytes += r->chosen[summary_kinds[i].kind].bytes;
    return bytes;
}

/* The pair's effect, and its share of the waste; loads after a store are among their own. */
static void put_share(struct output *out, const struct report *r, const struct report_pair *pair)
{
    bool waste = pair->kind != DEFECT_SILENT_LOAD_AFTER_STORE;
    uint64_t all = waste ? waste_chosen(r) : r->chosen[pair->kind].bytes;
    char share[NUMBER_SIZE];
    output_printf(out, ": %s effect", effect_grade_name(effect_grade(r, effect_of_pair(pair))));
    if (all) {
        number_share(share, (double)pair->bytes / (double)all);
        output_printf(out, ", %s of %s", share, waste ? "the waste" : "these");
    }
    output_text(out, "\n");
}

static void put_pair(struct output *out, const struct report *r, const struct kind_words *words, unsigned rank,
                     const struct report_pair *pair)
{
    char bytes[NUMBER_SIZE], times[NUMBER_SIZE];
    number_bytes(bytes, pair->bytes);
    number_grouped(times, pair->instances);
    output_printf(out, "%3u. ", rank);
    output_style(out, kind_style(pair->kind));
    output_text(out, words->singular);
    output_style(out, STYLE_PLAIN);
    output_printf(out, ", %s, %s time%s", bytes, times, pair->instances == 1 ? "" : "s");
    put_share(out, r, pair);
    put_side(out, "first", &pair->first, NULL);
    put_side(out, "then", &pair->second, &pair->first);
    put_advice(out, pair);
    put_paths(out, r, pair);
    put_pair_object(out, r, pair);
}

/* The first pairs of a list: how many of how many. */
static void put_heading(struct output *out, const char *words, uint64_t most, uint64_t all)
{
    char count[NUMBER_SIZE];
    number_grouped(count, all);
    output_printf(out, "\n%s (%" PRIu64 " of %s):\n", words, all < most ? all : most, count);
}

/* The words of the pair's kind; loads after a store, which are kept apart from what is waste, stand last. */
static size_t row_of(const struct report_pair *pair)
{
    size_t row = 0;
    while (summary_kinds[row].kind != pair->kind)
        row++;
    return row;
}

/* Pairs by rank: those of loads after a store, or all others. */
static void put_ranked(struct output *out, const struct report *r, bool after_store, uint64_t most)
{
    unsigned rank = 0;
    for (size_t i = 0; i < r->ranked_count && rank < most; i++) {
        const struct report_pair *pair = r->ranked[i];
        size_t row = row_of(pair);
        if ((row == WASTE) == after_store)
            put_pair(out, r, &summary_kinds[row], ++rank, pair);
    }
}

/* The worst of the kinds that are waste, judged together. */
static void put_worst(struct output *out, const struct report *r)
{
    const uint64_t most = r->top ? r->top : WORST;
    uint64_t all = 0;
    for (size_t i = 0; i < WASTE; i++)
        all += kind_ranked(r, summary_kinds[i].kind);
    if (!all)
        return;
    put_heading(out, "The worst pairs of redundant loads, dead and silent stores", most, all);
    put_ranked(out, r, false, most);
}

static void put_after_store(struct output *out, const struct report *r)
{
    const uint64_t most = r->top ? r->top : WORST_AFTER_STORE;
    uint64_t all = kind_ranked(r, DEFECT_SILENT_LOAD_AFTER_STORE);
    if (!all)
        return;
    put_heading(out, "The largest pairs of loads after a store, often ordinary communication", most, all);
    put_ranked(out, r, true, most);
}

/* What has no rank. */
static void put_folded(struct output *out, const struct report *r)
{
    uint64_t pairs = 0;
    char number[NUMBER_SIZE];
    for (size_t i = 0; i < DEFECT_KINDS; i++)
        pairs += r->folded[i].pairs;
    if (!pairs)
        return;
    number_grouped(number, pairs);
    output_printf(out,
                  "\nNot listed, the allocator's and runtime's own work: %s pair%s; --housekeeping show lists them.\n",
                  number, pairs == 1 ? "" : "s");
    const char *separator = "  ";
    unsigned listed = 0;
    for (size_t i = 0; i < DEFECT_KINDS; i++) {
        uint64_t bytes = r->folded[summary_kinds[i].kind].bytes;
        if (!bytes)
            continue;
        number_bytes(number, bytes);
        output_printf(out, "%s%s of %s", separator, number, summary_kinds[i].plural);
        separator = ++listed == 2 ? ",\n  " : ", ";
    }
    output_text(out, "\n");
}

static void put_paragraph(struct output *out, const char *text)
{
    output_text(out, "\n");
    put_wrapped(out, "", "", text);
}

static void put_lines(struct output *out, const struct report_lines *lines)
{
    if (!lines->asked || !lines->bytes || !lines->missing_count)
        return;
    char share[NUMBER_SIZE];
    if (!lines->source) {
        put_paragraph(out, "No source lines: the module has no debug information (compile and link it with -g).");
        return;
    }
    number_share(share, (double)lines->found / (double)lines->bytes);
    output_printf(out, "\nSource lines were found for %s of the bytes in pairs; for the rest:\n", share);
    for (size_t i = 0; i < lines->missing_count; i++) {
        number_share(share, (double)lines->missing[i].bytes / (double)lines->bytes);
        output_printf(out, "  %s (%s)\n", lines->missing[i].why, share);
    }
}

static void put_unoptimised(struct output *out, const struct report *r)
{
    if (r->unoptimised)
        put_paragraph(out, "Most loads fetch slots of their function's own frame anew: the code is not optimised (or "
                           "its compiler keeps "
                           "variables in memory). Compile it with optimisation before looking at anything else.");
}

static void put_merged(struct output *out, const struct report *r)
{
    if (r->contexts_merged)
        put_paragraph(
            out,
            "There are more calling contexts than there is room for; the rest are put down to one. A limit of their "
            "depth (--contexts DEPTH) makes fewer.");
}

static void put_by_trace(struct output *out, const char *why)
{
    char text[300];
    snprintf(text, sizeof text, "Analysed by trace, which takes longer than online, since %s.", why);
    put_paragraph(out, text);
}

static void put_hidden(struct output *out, const struct report *r)
{
    if (r->shared_memory)
        put_paragraph(out, "The module shares memory with other threads. What they do to it was not observed.");
    if (r->max_memory)
        output_printf(out, "\nIts memories were limited to %" PRIu64 " bytes (--max-memory).\n", r->max_memory);
    if (r->by_trace)
        put_by_trace(out, r->by_trace);
    if (r->opaque_count == 0)
        return;
    put_paragraph(out, "Imports that may do anything to memory were called. Each call hides the defects across it:");
    for (size_t i = 0; i < r->opaque_count && i < IMPORTS; i++) {
        char calls[NUMBER_SIZE];
        number_grouped(calls, r->opaque[i].calls);
        output_text(out, "  ");
        put_cut(out, r->opaque[i].import, NAME_COLUMNS);
        output_printf(out, ": %s call%s\n", calls, r->opaque[i].calls == 1 ? "" : "s");
    }
    if (r->opaque_count > IMPORTS)
        output_printf(out, "  and %zu more imports, which the JSON report names\n", r->opaque_count - IMPORTS);
}

void render_details(struct output *out, const struct report *r)
{
    put_head(out, r);
    put_unoptimised(out, r);
    if (r->grouped_by)
        put_groups(out, r);
    else
        put_lead(out, r);
    put_accesses(out, r);
    if (r->pair_count) {
        put_totals(out, r);
        put_worst(out, r);
        put_after_store(out, r);
        put_folded(out, r);
    } else if (r->selected) {
        put_totals(out, r);
        output_text(out, r->suppressed_count ? "\nNo pair is left that was to be listed.\n"
                                             : "\nNone of the pairs is among those that were asked for.\n");
    } else {
        output_text(out, "\nNo dead store, silent store or silent load was seen.\n");
    }
    put_unread(out, r);
    put_suppressed(out, r);
    put_object_ranking(out, r);
    put_object_use(out, r);
    put_lines(out, &r->lines);
    put_merged(out, r);
    put_hidden(out, r);
    char pairs[NUMBER_SIZE];
    number_grouped(pairs, r->pair_count);
    output_printf(out,
                  "\nMore: -f lists all pairs by place (%s), -ff each one by trace index, -fff the whole trace;\n"
                  "--format json is for scripts.\n",
                  pairs);
}
