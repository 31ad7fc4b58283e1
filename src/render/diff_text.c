/* What has changed, for people: totals, then one list by the size of the change.  On a terminal that is too narrow for a row, its places
 * stand in lines of their own, and long names are cut. */
#include "base/buf.h"
#include "render/diff.h"
#include "render/names.h"
#include "render/number.h"
#include "render/summary_parts.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum { SHOWN = 20, INDENT = 13 };

const struct kind_words *diff_kind_words(unsigned kind)
{
    unsigned i = 0;
    while (summary_kinds[i].kind != match_kinds[kind])
        i++;
    return &summary_kinds[i];
}

/* By how much something changed, in percent of what it was; nothing where it was not there. */
static void percent(char text[NUMBER_SIZE], uint64_t old, uint64_t new)
{
    double change = old ? 100 * ((double)new - (double)old) / (double)old : 0;
    *text = '\0';
    if (old && new != old)
        snprintf(text, NUMBER_SIZE, change >= 1000 ? "%+.0f%%" : "%+.1f%%", change);
}

static void put_total(struct output *out, const char *name, const char *old, const char *new, const char *change)
{
    output_printf(out, "%-20s%14s%14s%9s", name, old, new, change);
}

static void put_accesses_line(struct output *out, const struct report_diff *d)
{
    char old[NUMBER_SIZE], new[NUMBER_SIZE], change[NUMBER_SIZE];
    number_grouped(old, d->old->accesses);
    number_grouped(new, d->new->accesses);
    percent(change, d->old->accesses, d->new->accesses);
    put_total(out, "accesses", old, new, change);
    output_text(out, "\n");
}

static void put_bytes_line(struct output *out, const char *name, uint64_t before, uint64_t now)
{
    char old[NUMBER_SIZE], new[NUMBER_SIZE], change[NUMBER_SIZE];
    number_bytes(old, before);
    number_bytes(new, now);
    percent(change, before, now);
    put_total(out, name, old, new, change);
}

static void put_totals_table(struct output *out, const struct report_diff *d)
{
    output_printf(out, "%-20s%14s%14s%9s   %s\n", "", "before", "now", "", "share of the bytes");
    put_accesses_line(out, d);
    put_bytes_line(out, "bytes loaded", d->old->bytes_loaded, d->new->bytes_loaded);
    output_text(out, "\n");
    put_bytes_line(out, "bytes stored", d->old->bytes_stored, d->new->bytes_stored);
    output_text(out, "\n");
    for (unsigned i = 0; i < DEFECT_KINDS; i++) {
        char old[NUMBER_SIZE], new[NUMBER_SIZE];
        const struct report_total *before = &d->old->totals[match_kinds[i]], *now = &d->new->totals[match_kinds[i]];
        put_bytes_line(out, diff_kind_words(i)->plural, before->bytes, now->bytes);
        number_share(old, before->share);
        number_share(new, now->share);
        output_printf(out, "   %s -> %s\n", old, new);
    }
}

/* FUNCTION (FILE:LINE), as much of the file as tells it from others. */
static void name_side(struct output *out, struct buf *text, struct functions *functions, const struct match_side *s,
                      bool line)
{
    const struct function there = {s->function.name, s->file, UINT32_MAX};
    buf_clear(text);
    if (line && s->file && s->line) {
        buf_printf(text, "%s (%s:%" PRIu32 ")", s->shown, functions_tail(functions, &there), s->line);
    } else {
        const char *label = functions ? functions_label(functions, s->shown, &s->function) : s->shown;
        out->number = label ? out->number : ENOMEM;
        buf_printf(text, "%s", label ? label : s->shown);
    }
    if (!buf_put_u8(text, 0))
        out->number = ENOMEM;
}

/* What put_cut takes for so many columns of the terminal. */
static void put_in(struct output *out, const struct buf *text, size_t columns)
{
    if (!out->number)
        put_cut(out, (const char *)text->data, columns + SUMMARY_WIDTH - summary_width(out));
}

static void put_names(struct output *out, const struct report_diff *d, const struct diff_row *row, size_t before)
{
    const size_t width = summary_width(out);
    struct buf first, second;
    buf_init(&first, SIZE_MAX / 2);
    buf_init(&second, SIZE_MAX / 2);
    const bool again = row->first && row->first->line && row->first->line == row->second->line &&
                       row->first->number == row->second->number;
    name_side(out, &second, row->functions, row->second, !d->by || strcmp(d->by, "line") == 0);
    if (row->first)
        name_side(out, &first, row->functions, row->first, true);
    size_t size = before + second.size + (again ? strlen(", the same line again") : row->first ? first.size + 4 : 0);
    const bool narrow = out->columns && size > width;
    if (narrow)
        output_printf(out, "\n%*s", INDENT, "");
    if (again) {
        put_in(out, &second, width - INDENT - strlen(", the same line again"));
        output_text(out, ", the same line again\n");
    } else {
        if (row->first) {
            put_in(out, &first, width - INDENT);
            output_text(out, narrow ? "\n" : " -> ");
            if (narrow)
                output_printf(out, "%*s", INDENT, "-> ");
        }
        put_in(out, &second, width - INDENT);
        output_text(out, "\n");
    }
    buf_release(&first);
    buf_release(&second);
}

static void put_row(struct output *out, const struct report_diff *d, const struct diff_row *row)
{
    enum { BEFORE_PAIR = 11 + 2 + 8 + 9 + 2 + 20, BEFORE_GROUP = 11 + 2 + 8 + 9 + 2 };
    char bytes[NUMBER_SIZE], text[NUMBER_SIZE + 1], change[NUMBER_SIZE];
    number_bytes(bytes, diff_size(row));
    snprintf(text, sizeof text, "%c%s", row->new.bytes > row->old.bytes ? '+' : '-', bytes);
    percent(change, row->new.pairs ? row->old.bytes : 0, row->new.bytes);
    output_printf(out, "%11s  %-8s%9s  ", text, diff_change_name(row->change), change);
    if (!d->by)
        output_printf(out, "%-19s ", diff_kind_words(row->kind)->singular);
    put_names(out, d, row, d->by ? BEFORE_GROUP : BEFORE_PAIR);
}

void render_diff_text(struct output *out, const struct report_diff *d)
{
    const char *what = d->by ? d->by : "pair";
    put_totals_table(out, d);
    size_t changed = 0, shown = 0;
    for (unsigned i = 0; i < d->count; i++)
        changed += d->rows[i].change != DIFF_SAME;
    const size_t most = d->count < d->total || changed < SHOWN ? changed : SHOWN;
    output_printf(out, "\n%ss that appeared: %zu, grew: %zu, shrank: %zu, are gone: %zu", what,
                  d->changes[DIFF_APPEARED], d->changes[DIFF_GREW], d->changes[DIFF_SHRANK], d->changes[DIFF_GONE]);
    output_printf(out, "; as before: %zu\n", d->changes[DIFF_SAME]);
    if (most)
        output_text(out, "\n");
    for (size_t i = 0; i < d->count && shown < most; i++)
        if (d->rows[i].change != DIFF_SAME) {
            put_row(out, d, &d->rows[i]);
            shown++;
        }
    size_t all = d->total - d->changes[DIFF_SAME];
    if (all > shown)
        output_printf(out, "%*sand %zu more (--top N, --format json)\n", INDENT, "", all - shown);
}
