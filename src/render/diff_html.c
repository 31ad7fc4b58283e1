/* What has changed, as a page by itself: no script, nothing that it loads. */
#include "render/diff.h"
#include "render/names.h"
#include "render/number.h"
#include "render/summary_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char head[] =
    "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n<title>mem-tracer: what has changed</title>\n<style>\n"
    "body { margin: 0 auto; padding: 1.2rem; max-width: 1200px; font: 15px/1.45 system-ui, \"DejaVu Sans\", "
    "sans-serif; }\n"
    "h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; }\n"
    "table { border-collapse: collapse; width: 100%; }\n"
    "td, th { text-align: left; vertical-align: top; padding: .25rem .6rem; border-bottom: 1px solid #8886; "
    "overflow-wrap: anywhere; }\n"
    "td.n, th.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; overflow-wrap: normal; "
    "}\n"
    ".w { white-space: nowrap; } .worse { color: #c2374b; } .better { color: #2a8a57; } .quiet { opacity: .7; }\n"
    "@media (max-width: 700px) { tr { display: grid; grid-template-columns: repeat(4, auto); } th { display: none; }\n"
    "td { border: 0; } tr { border-bottom: 1px solid #8886; } td.where, td.name { grid-column: 1 / -1; } }\n"
    "</style>\n</head>\n<body>\n<h1>What has changed</h1>\n";

static void put_escaped(struct output *out, const char *text)
{
    for (const char *c = text; *c; c++) {
        const char *entity = *c == '&'   ? "&amp;"
                             : *c == '<' ? "&lt;"
                             : *c == '>' ? "&gt;"
                             : *c == '"' ? "&quot;"
                                         : NULL;
        if (entity)
            output_text(out, entity);
        else
            output_put(out, c, 1);
    }
}

/* In percent of what it was, red where it is more; empty where it was not there. */
static void put_change(struct output *out, uint64_t old, uint64_t new)
{
    const char *how = new > old ? "worse" : "better";
    if (old && new != old)
        output_printf(out, "<td class=\"n %s\">%+.1f%%</td>", how, 100 * ((double)new - (double)old) / (double)old);
    else
        output_text(out, "<td class=\"n\"></td>");
}

static void put_number_cell(struct output *out, void (*words)(char text[NUMBER_SIZE], uint64_t value), uint64_t value)
{
    char text[NUMBER_SIZE];
    words(text, value);
    output_printf(out, "<td class=\"n\">%s</td>", text);
}

static void put_total(struct output *out, const char *name, void (*words)(char text[NUMBER_SIZE], uint64_t value),
                      uint64_t old, uint64_t new)
{
    output_printf(out, "<tr><td class=\"name\">%s</td>", name);
    put_number_cell(out, words, old);
    put_number_cell(out, words, new);
    put_change(out, old, new);
    output_text(out, "</tr>\n");
}

static void put_totals_table(struct output *out, const struct report_diff *d)
{
    output_text(
        out, "<table id=\"totals\">\n<tr><th></th><th class=\"n\">before</th><th class=\"n\">now</th><th></th></tr>\n");
    put_total(out, "accesses", number_grouped, d->old->accesses, d->new->accesses);
    put_total(out, "bytes loaded", number_bytes, d->old->bytes_loaded, d->new->bytes_loaded);
    put_total(out, "bytes stored", number_bytes, d->old->bytes_stored, d->new->bytes_stored);
    for (unsigned i = 0; i < DEFECT_KINDS; i++)
        put_total(out, diff_kind_words(i)->plural, number_bytes, d->old->totals[match_kinds[i]].bytes,
                  d->new->totals[match_kinds[i]].bytes);
    output_text(out, "</table>\n");
}

static void put_side(struct output *out, const struct match_side *s, bool line)
{
    put_escaped(out, s->shown);
    if (!s->file)
        return;
    output_text(out, " <span class=\"quiet\">");
    put_escaped(out, s->file);
    if (line && s->line)
        output_printf(out, ":%" PRIu32, s->line);
    output_text(out, "</span>");
}

static void put_row(struct output *out, const struct report_diff *d, const struct diff_row *row)
{
    char bytes[NUMBER_SIZE];
    const bool more = row->new.bytes > row->old.bytes;
    number_bytes(bytes, diff_size(row));
    output_printf(out, "<tr><td class=\"n %s\">%c%s</td><td class=\"w\">%s</td>", more ? "worse" : "better",
                  more ? '+' : '-', bytes, diff_change_name(row->change));
    put_number_cell(out, number_bytes, row->old.bytes);
    put_number_cell(out, number_bytes, row->new.bytes);
    output_text(out, "<td class=\"where\">");
    if (row->first) {
        output_printf(out, "%s: ", diff_kind_words(row->kind)->singular);
        put_side(out, row->first, true);
        output_text(out, " &rarr; ");
    }
    put_side(out, row->second, !d->by || strcmp(d->by, "line") == 0);
    output_text(out, "</td></tr>\n");
}

static void put_rows(struct output *out, const struct report_diff *d)
{
    const char *what = d->by ? d->by : "pair";
    size_t shown = 0, all = d->total - d->changes[DIFF_SAME];
    output_printf(out, "<h2>By %s</h2>\n<p>Appeared: %zu, grew: %zu, shrank: %zu, gone: %zu; as before: %zu.</p>\n",
                  what, d->changes[DIFF_APPEARED], d->changes[DIFF_GREW], d->changes[DIFF_SHRANK],
                  d->changes[DIFF_GONE], d->changes[DIFF_SAME]);
    output_text(out, "<table id=\"changes\">\n<tr><th class=\"n\">change</th><th></th><th class=\"n\">before</th>"
                     "<th class=\"n\">now</th><th></th></tr>\n");
    for (size_t i = 0; i < d->count && !output_failed(out); i++)
        if (d->rows[i].change != DIFF_SAME) {
            put_row(out, d, &d->rows[i]);
            shown++;
        }
    output_text(out, "</table>\n");
    if (all > shown)
        output_printf(out, "<p class=\"quiet\">%zu more are not listed (--top).</p>\n", all - shown);
}

void render_diff_html(struct output *out, const struct report_diff *d)
{
    output_text(out, head);
    put_totals_table(out, d);
    put_rows(out, d);
    output_text(out, "</body>\n</html>\n");
}
