/* The ranking by function, line or object that --by asks for. */
#include "render/groups.h"

#include "render/fit.h"
#include "render/json_parts.h"
#include "render/names.h"
#include "render/number.h"
#include "render/object_text.h"
#include "report/functions.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

enum { SHOWN = 20, NAME_COLUMN = 55 };

/* Fields are summed up by variable. */
struct report_object group_object(const struct report *r, const struct report_group *g)
{
    struct report_object o = r->objects[g->object - 1];
    if (o.whole)
        o.name = o.whole;
    return o;
}

static void put_name(struct output *out, const struct report *r, const struct report_group *g,
                     struct functions *functions)
{
    if (!g->object) {
        const struct function f = {g->name, g->file, g->func};
        const char *label = functions_label(functions, g->name, &f);
        out->number = label ? out->number : ENOMEM;
        put_within(out, label ? label : g->name, summary_width(out) - NAME_COLUMN);
        return;
    }
    const struct report_object o = group_object(r, g);
    char *words = object_words(r, &o);
    out->number = words ? out->number : ENOMEM;
    put_within(out, words ? words : "", summary_width(out) - NAME_COLUMN);
    free(words);
}

void put_groups(struct output *out, const struct report *r)
{
    if (!r->grouped_by)
        return;
    struct functions *functions = functions_of(r);
    if (!functions) {
        out->number = ENOMEM;
        return;
    }
    size_t most = r->top ? r->group_count : SHOWN;
    output_printf(out,
                  "\nBy %s of the second access (%zu of %zu; share: of the waste, added up):\n%11s%11s%11s%11s%9s\n",
                  r->grouped_by, r->group_count < most ? r->group_count : most, r->group_total, "waste", "redundant",
                  "dead", "silent", "share");
    for (size_t i = 0; i < r->group_count && i < most; i++) {
        const struct report_group *g = &r->groups[i];
        char waste[NUMBER_SIZE], loads[NUMBER_SIZE], dead[NUMBER_SIZE], silent[NUMBER_SIZE], share[NUMBER_SIZE];
        number_bytes(waste, g->waste_bytes);
        number_bytes(loads, g->bytes[DEFECT_SILENT_LOAD_AFTER_LOAD]);
        number_bytes(dead, g->bytes[DEFECT_DEAD_STORE]);
        number_bytes(silent, g->bytes[DEFECT_SILENT_STORE]);
        number_share(share, g->cumulative);
        output_printf(out, "%11s%11s%11s%11s%9s  ", waste, loads, dead, silent, share);
        put_name(out, r, g, functions);
        output_text(out, "\n");
    }
    functions_free(functions);
}

void json_put_groups(struct output *out, const struct report *r)
{
    if (!r->grouped_by)
        return;
    output_printf(out, "  \"groups\": {\"by\": \"%s\", \"list\": [", r->grouped_by);
    for (size_t i = 0; i < r->group_count && !output_failed(out); i++) {
        const struct report_group *g = &r->groups[i];
        output_text(out, i ? ",\n    {\"name\": " : "\n    {\"name\": ");
        const struct report_object o = g->object ? group_object(r, g) : (struct report_object){0};
        char *words = g->object ? object_words(r, &o) : NULL;
        if (g->object && !words)
            out->number = ENOMEM;
        json_put_string(out, g->object ? words : g->name);
        free(words);
        if (g->object)
            output_printf(out, ", \"object\": %" PRIu32, g->object);
        if (g->file) {
            output_text(out, ", \"file\": ");
            json_put_string(out, g->file);
        }
        if (g->func != UINT32_MAX)
            output_printf(out, ", \"func\": %" PRIu32, g->func);
        if (g->folded)
            output_text(out, ", \"housekeeping\": true");
        output_printf(out, ", \"pairs\": %" PRIu64 ", \"waste_bytes\": %" PRIu64 ", \"waste_instances\": %" PRIu64,
                      g->pairs, g->waste_bytes, g->waste_instances);
        for (unsigned kind = 0; kind < DEFECT_KINDS; kind++)
            output_printf(out, ", \"%s\": %" PRIu64, kind_name(kind), g->bytes[kind]);
        output_printf(out, ", \"cumulative\": %.6f", g->cumulative);
        json_put_effect(out, r, g->effect);
        output_text(out, "}");
    }
    output_text(out, "\n  ]},\n");
}
