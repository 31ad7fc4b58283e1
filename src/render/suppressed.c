#include "render/suppressed.h"

#include "render/json_parts.h"
#include "render/names.h"
#include "render/number.h"
#include "report/functions.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN = 10 };

static struct report_class sum_of(const struct report_suppressed *s)
{
    struct report_class sum = {0};
    for (int kind = 0; kind < DEFECT_KINDS; kind++) {
        sum.pairs += s->sums[kind].pairs;
        sum.instances += s->sums[kind].instances;
        sum.bytes += s->sums[kind].bytes;
    }
    return sum;
}

void put_suppressed(struct output *out, const struct report *r)
{
    size_t used = 0, shown = 0;
    for (size_t i = 0; i < r->suppressed_count; i++)
        used += sum_of(&r->suppressed[i]).pairs > 0;
    if (!used)
        return;
    output_text(out, "\nTotals count these pairs, but they are not listed:\n");
    for (size_t i = 0; i < r->suppressed_count && shown < SHOWN; i++) {
        const struct report_suppressed *s = &r->suppressed[i];
        const struct report_class sum = sum_of(s);
        if (!sum.pairs)
            continue;
        char pairs[NUMBER_SIZE], bytes[NUMBER_SIZE];
        number_grouped(pairs, sum.pairs);
        number_bytes(bytes, sum.bytes);
        output_printf(out, "  %s pair%s, %s: ", pairs, sum.pairs == 1 ? "" : "s", bytes);
        output_printf(out, s->baseline ? "in the baseline\n" : "suppressed by '%s'\n", s->name);
        shown++;
    }
    if (used > SHOWN)
        output_printf(out, "  and those of %zu more suppressions, which the JSON report names\n", used - SHOWN);
}

void json_put_suppressed(struct output *out, const struct report *r)
{
    if (!r->suppressed_count)
        return;
    output_text(out, "  \"suppressed\": [");
    const char *separator = "\n";
    for (size_t i = 0; i < r->suppressed_count; i++)
        for (unsigned kind = 0; kind < DEFECT_KINDS; kind++) {
            const struct report_suppressed *s = &r->suppressed[i];
            const struct report_class *c = &s->sums[kind];
            if (!c->pairs)
                continue;
            output_printf(out, "%s    {\"by\": \"%s\", \"name\": ", separator,
                          s->baseline ? "baseline" : "suppression");
            json_put_string(out, s->name);
            output_printf(
                out, ", \"kind\": \"%s\", \"pairs\": %" PRIu64 ", \"instances\": %" PRIu64 ", \"bytes\": %" PRIu64 "}",
                kind_name(kind), c->pairs, c->instances, c->bytes);
            separator = ",\n";
        }
    output_text(out, *separator == ',' ? "\n  ],\n" : "],\n");
}

/* What an entry is made of. */
struct entry {
    unsigned kind;
    const char *functions[2], *owns[2], *files[2]; /* of the innermost function, the own one, that one's line */
    uint32_t lines[2];                             /* 0: not known */
    uint64_t bytes;
};

/* The file of the line, with as much of its path as the function's own needs to be told apart; that one where there is no line. */
static bool describe(struct functions *functions, const struct report_side *side, struct entry *e, unsigned which)
{
    const struct report_frame *f = report_own_frame(side);
    struct function inner, function;
    if (!functions_name_side(functions, side, 0, &inner) ||
        !functions_name_side(functions, side, report_own_index(side), &function))
        return false;
    e->functions[which] = inner.name;
    e->owns[which] = function.name;
    if (f && f->file && f->line) {
        const struct function of_line = {function.name, f->file, UINT32_MAX};
        e->files[which] = functions_tail(functions, &of_line);
        e->lines[which] = f->line;
    } else {
        e->files[which] =
            functions_is_single(functions, &function) || !function.file ? "" : functions_tail(functions, &function);
    }
    return true;
}

static int compare_entries(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    int order = (a->kind > b->kind) - (a->kind < b->kind);
    for (int i = 0; i < 2 && !order; i++) {
        order = strcmp(a->functions[i], b->functions[i]);
        if (!order)
            order = strcmp(a->owns[i], b->owns[i]);
        if (!order)
            order = strcmp(a->files[i], b->files[i]);
        if (!order)
            order = (a->lines[i] > b->lines[i]) - (a->lines[i] < b->lines[i]);
    }
    return order;
}

static int compare_sizes(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    if (a->bytes != b->bytes)
        return a->bytes > b->bytes ? -1 : 1;
    return compare_entries(left, right);
}

/* So that it fits itself alone.  Blanks at its ends would not be read. */
static void put_pattern(struct output *out, const char *text)
{
    for (const char *at = text; *at; at++) {
        if (strchr("*?\\", *at) || (*at == ' ' && (at == text || !at[1])))
            output_text(out, "\\");
        output_put(out, at, 1);
    }
}

static void put_condition(struct output *out, const struct entry *e, unsigned which)
{
    const char *side = which ? "second" : "first";
    output_printf(out, "%s.function = ", side);
    put_pattern(out, e->functions[which]);
    output_text(out, "\n");
    if (strcmp(e->owns[which], e->functions[which]) != 0) {
        output_printf(out, "%s.own = ", side);
        put_pattern(out, e->owns[which]);
        output_text(out, "\n");
    }
    if (!*e->files[which])
        return;
    output_printf(out, "%s.line = ", side);
    put_pattern(out, e->files[which]);
    if (e->lines[which])
        output_printf(out, ":%" PRIu32, e->lines[which]);
    output_text(out, "\n");
}

void render_suppressions(struct output *out, const struct report *r)
{
    struct entry *entries = calloc(r->pair_count + 1, sizeof *entries);
    struct functions *functions = functions_of(r);
    bool ok = entries && functions;
    for (size_t i = 0; ok && i < r->pair_count; i++) {
        entries[i].kind = r->pairs[i].kind;
        entries[i].bytes = r->pairs[i].bytes;
        ok = describe(functions, &r->pairs[i].first, &entries[i], 0) &&
             describe(functions, &r->pairs[i].second, &entries[i], 1);
    }
    if (!ok) {
        out->number = out->number ? out->number : ENOMEM;
        functions_free(functions);
        free(entries);
        return;
    }
    qsort(entries, r->pair_count, sizeof *entries, compare_entries);
    size_t count = 0;
    for (size_t i = 0; i < r->pair_count; i++) {
        if (count && compare_entries(&entries[count - 1], &entries[i]) == 0)
            entries[count - 1].bytes += entries[i].bytes;
        else
            entries[count++] = entries[i];
    }
    qsort(entries, count, sizeof *entries, compare_sizes);
    output_text(out, "# Suppressions for mem-tracer --suppressions; docs/ci.md says how they are written.\n");
    for (size_t i = 0; i < count; i++) {
        const struct entry *e = &entries[i];
        output_printf(out, "\n[%s: %s -> %s]\nkind = %s\n", kind_name(e->kind), e->owns[0], e->owns[1],
                      kind_name(e->kind));
        put_condition(out, e, 0);
        put_condition(out, e, 1);
    }
    functions_free(functions);
    free(entries);
}
