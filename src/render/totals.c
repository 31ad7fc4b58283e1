/* How much was accessed, and the table of kinds. */
#include "render/number.h"
#include "render/summary_parts.h"

#include <string.h>

enum { WIDE = 92 }; /* columns of the whole table */

void put_accesses(struct output *out, const struct report *r)
{
    const struct {
        uint64_t count;
        const char *one, *many;
    } parts[] = {
        {r->loads, "load", "loads"},
        {r->stores, "store", "stores"},
        {r->rmws, "atomic update", "atomic updates"},
        {r->waits, "atomic wait", "atomic waits"},
        {r->fills, "fill", "fills"},
        {r->copies, "copy", "copies"},
        {r->inits, "init", "inits"},
        {r->host_reads, "read by the host", "reads by the host"},
        {r->host_writes, "write by the host", "writes by the host"},
    };
    char number[NUMBER_SIZE];
    number_grouped(number, r->accesses);
    size_t column = strlen(number) + sizeof " accesses" - 1;
    output_printf(out, "\n%s access%s", number, r->accesses == 1 ? "" : "es");
    const char *separator = ": ";
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (parts[i].count == 0)
            continue;
        const char *word = parts[i].count == 1 ? parts[i].one : parts[i].many;
        number_grouped(number, parts[i].count);
        size_t size = 2 + strlen(number) + 1 + strlen(word);
        if (column + size >= summary_width(out)) { /* a comma may follow */
            separator = *separator == ':' ? ":\n  " : ",\n  ";
            column = 0;
        }
        output_printf(out, "%s%s %s", separator, number, word);
        column += size;
        separator = ", ";
    }
    output_text(out, "\n");
    number_bytes(number, r->bytes_loaded);
    output_printf(out, "%s loaded", number);
    number_bytes(number, r->bytes_stored);
    output_printf(out, ", %s stored", number);
    number_bytes(number, r->unread_at_exit);
    output_printf(out, ", of which %s %s unread at the end\n", number, r->unread_at_exit == 1 ? "was" : "were");
}

/* The column that narrow terminals do without. */
static void put_last(struct output *out, bool wide, const char *text)
{
    if (wide)
        output_printf(out, "%13s", text);
    output_text(out, "\n");
}

/* A report that is read back may have any totals, even more bytes an access than there are numbers for. */
static uint64_t whole(double value)
{
    return value < 0x1p64 ? (uint64_t)value : UINT64_MAX;
}

void put_totals(struct output *out, const struct report *r)
{
    const bool wide = summary_width(out) >= WIDE;
    output_printf(out, "\n%-20s%12s%18s%18s%11s", "", "bytes", "share", "times", "pairs");
    put_last(out, wide, "a million*");
    for (size_t i = 0; i < DEFECT_KINDS; i++) {
        const struct report_total *total = &r->totals[summary_kinds[i].kind];
        char bytes[NUMBER_SIZE], share[NUMBER_SIZE], times[NUMBER_SIZE], pairs[NUMBER_SIZE], million[NUMBER_SIZE];
        number_bytes(bytes, total->bytes);
        number_share(share, total->share);
        number_grouped(times, total->instances);
        number_bytes(million, whole(report_per_million(r, total->bytes)));
        number_grouped(pairs,
                       r->selected ? r->all_pairs[summary_kinds[i].kind] : kind_run_of(r, summary_kinds[i].kind).left);
        output_style(out, kind_style(summary_kinds[i].kind));
        output_printf(out, "%-20s", summary_kinds[i].plural);
        output_style(out, STYLE_PLAIN);
        output_printf(out, "%12s%8s of %s%18s%11s", bytes, share, summary_kinds[i].of, times, pairs);
        put_last(out, wide, million);
        put_wrapped(out, "    ", "    ", summary_kinds[i].meaning);
    }
    if (wide)
        output_text(out, "* bytes in a million accesses, so that runs of different length compare\n");
}
