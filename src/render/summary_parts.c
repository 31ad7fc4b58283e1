#include "render/summary_parts.h"

#include "render/number.h"

#include "render/names.h"

#include <inttypes.h>
#include <string.h>

const struct kind_words summary_kinds[DEFECT_KINDS] = {
    {DEFECT_SILENT_LOAD_AFTER_LOAD, "redundant loads", "redundant load", "loaded",
     "fetched again, and not written since: the program has had the value"},
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

const char *side_function(const struct report_side *side)
{
    const struct report_frame *frame = report_own_frame(side);
    return frame && frame->function ? frame->function : side_name(side);
}

const char *advice_of(const struct report_pair *pair)
{
    return pair->advice                ? pair->advice
           : pair->marks & MARK_ATOMIC ? "Atomic: no register could have kept the value."
           : pair->marks               ? "Copied just before: no register could have kept the value."
                                       : NULL;
}

void put_lost(struct output *out, const struct report *r)
{
    char lost[NUMBER_LOST_SIZE];
    if (!r->lost)
        return;
    number_lost(lost, r->lost, r->accesses);
    output_printf(out, "%s.\n", lost);
}

void put_ending(struct output *out, const struct report *r, size_t width)
{
    if (!r->trap && r->has_exit_code) {
        output_printf(out, "The program ended by itself, with exit status %" PRIu32 ".\n", r->exit_code);
    } else if (!r->trap) {
        output_text(out, "The program ended by itself.\n");
    } else if (strcmp(r->trap, "interrupt") == 0) {
        output_text(out, "A signal interrupted the program; this is about what ran before.\n");
    } else if (strcmp(r->trap, "timeout") == 0) {
        output_text(out, "The program ran into the time limit; this is about what ran before.\n");
    } else if (strcmp(r->trap, "invalid exit status") == 0) {
        output_text(out, "The program ended itself with an exit status that is not allowed (126 or more).\n");
    } else if (strcmp(r->trap, TRAP_UNKNOWN) == 0) {
        output_text(out, "The program is not known to have ended: the trace does not say.\n");
    } else {
        output_text(out, "The program trapped: ");
        put_within(out, r->trap, width - 22);
        output_text(out, ".\n");
    }
}
