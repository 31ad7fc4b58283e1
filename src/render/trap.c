/* Where the program trapped, in the summary. */
#include "render/names.h"
#include "render/summary_parts.h"

#include <inttypes.h>

enum {
    CALLS = 10,        /* shown of those that were under way */
    LINES = 5,         /* of one of them: what is inlined into one another */
    NAME_COLUMNS = 40, /* of a function's name */
    TEXT_COLUMN = 12,
};

/* One function, and its line where that is known. */
static void put_line(struct output *out, const char *how, const char *function, const struct report_frame *f)
{
    output_text(out, how);
    put_cut(out, function, NAME_COLUMNS);
    if (f && f->file) {
        output_text(out, ", ");
        put_styled_place(out, f, SUMMARY_WIDTH - NAME_COLUMNS - TEXT_COLUMN - 16);
    }
    output_text(out, "\n");
}

static void put_call(struct output *out, const struct report_side *side, bool is_first)
{
    output_printf(out, "  %-8" PRIX32 "  ", side->loc);
    const char *how = is_first ? "in " : "called by ";
    if (is_first && *side->op)
        output_printf(out, "%s ", side->op);
    const struct report_frame *inner = side->frame_count ? side->frames : NULL;
    put_line(out, how, inner && inner->function ? inner->function : side_name(side), inner);
    for (uint32_t i = 1; inner && i < side->frame_count && i < LINES; i++) {
        const struct report_frame *f = &inner[i];
        output_printf(out, "%*s", TEXT_COLUMN, "");
        put_line(out, "inlined into ", f->function ? f->function : "a function without a name", f);
    }
}

void put_trap(struct output *out, const struct report *r)
{
    const struct report_trap *t = &r->trap_at;
    if (t->has_address)
        output_printf(out, "It was an access at 0x%" PRIX64 ", where memory has 0x%" PRIX64 " bytes.\n", t->address,
                      t->memory_size);
    for (size_t i = 0; i < t->depth && i < CALLS; i++)
        put_call(out, &t->stack[i], i == 0);
    if (t->depth > CALLS)
        output_printf(out, "%*scalled by %zu more\n", TEXT_COLUMN, "", t->depth - CALLS);
}
