/* The form for programs: docs/report.md "Comparing two reports". */
#include "render/diff.h"
#include "render/json_parts.h"
#include "render/names.h"

#include <inttypes.h>
#include <string.h>

const char *diff_change_name(enum diff_change change)
{
    static const char *const names[] = {"appeared", "grew", "shrank", "gone", "same"};
    return names[change];
}

static void put_side(struct output *out, const char *key, const struct match_side *s)
{
    output_printf(out, "\"%s\": {\"function\": ", key);
    json_put_string(out, s->shown);
    if (s->function.file && (!s->file || strcmp(s->function.file, s->file) != 0)) {
        output_text(out, ", \"function_file\": ");
        json_put_string(out, s->function.file);
    }
    output_text(out, ", \"file\": ");
    json_put_string(out, s->file);
    output_printf(out, s->line ? ", \"line\": %" PRIu32 "}" : ", \"line\": null}", s->line);
}

static void put_counts(struct output *out, const char *key, const struct diff_count *c, bool group)
{
    output_printf(out, ", \"%s\": {", key);
    if (group)
        output_printf(out, "\"pairs\": %" PRIu64 ", ", c->pairs);
    output_printf(out, "\"instances\": %" PRIu64 ", \"bytes\": %" PRIu64, c->instances, c->bytes);
    output_printf(out, ", \"effect\": %.3f", c->effect);
    for (unsigned kind = 0; group && kind < DEFECT_KINDS; kind++)
        output_printf(out, ", \"%s\": %" PRIu64, kind_name(match_kinds[kind]), c->kinds[kind]);
    output_text(out, "}");
}

static void put_group(struct output *out, const struct report_diff *d, const struct diff_row *row)
{
    struct match_side there = *row->second;
    if (strcmp(d->by, "function") == 0)
        there.line = 0;
    if (strcmp(d->by, "object") == 0) {
        output_text(out, "\"at\": {\"object\": ");
        json_put_string(out, there.shown);
        output_text(out, "}");
    } else {
        put_side(out, "at", &there);
    }
    put_counts(out, "old", &row->old, true);
    put_counts(out, "new", &row->new, true);
}

static void put_pair(struct output *out, const struct diff_row *row)
{
    output_printf(out, "\"kind\": \"%s\", ", kind_name(match_kinds[row->kind]));
    put_side(out, "first", row->first);
    output_text(out, ", ");
    put_side(out, "second", row->second);
    put_counts(out, "old", &row->old, false);
    put_counts(out, "new", &row->new, false);
}

static void put_both(struct output *out, const char *key, uint64_t old, uint64_t new)
{
    output_printf(out, "\"%s\": {\"old\": %" PRIu64 ", \"new\": %" PRIu64 "}", key, old, new);
}

void render_diff_json(struct output *out, const struct report_diff *d)
{
    output_text(out, "{\n  \"schema\": \"mem-tracer.diff\", \"version\": 1,\n  ");
    put_both(out, "accesses", d->old->accesses, d->new->accesses);
    output_text(out, ",\n  ");
    put_both(out, "bytes_loaded", d->old->bytes_loaded, d->new->bytes_loaded);
    output_text(out, ",\n  ");
    put_both(out, "bytes_stored", d->old->bytes_stored, d->new->bytes_stored);
    output_text(out, ",\n  \"totals\": {");
    for (unsigned i = 0; i < DEFECT_KINDS; i++) {
        output_text(out, i ? ", " : "");
        put_both(out, kind_name(match_kinds[i]), d->old->totals[match_kinds[i]].bytes,
                 d->new->totals[match_kinds[i]].bytes);
    }
    if (d->by)
        output_printf(out, "},\n  \"by\": \"%s\",\n  \"groups\": [", d->by);
    else
        output_text(out, "},\n  \"pairs\": [");
    for (size_t i = 0; i < d->count && !output_failed(out); i++) {
        const struct diff_row *row = &d->rows[i];
        output_printf(out, "%s\n    {\"change\": \"%s\", ", i ? "," : "", diff_change_name(row->change));
        if (d->by)
            put_group(out, d, row);
        else
            put_pair(out, row);
        output_text(out, "}");
    }
    output_text(out, "\n  ]\n}\n");
}
