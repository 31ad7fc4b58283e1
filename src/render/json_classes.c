/* The parts of the JSON report that come from the classes of docs/classes.md. */
#include "render/json_parts.h"

#include "render/names.h"
#include "report/effect.h"

#include <inttypes.h>

void json_put_classes(struct output *out, const struct report *r)
{
    if (!r->classed)
        return;
    output_printf(out, "  \"unoptimised\": %s,\n  \"classes\": [", r->unoptimised ? "true" : "false");
    const char *separator = "\n";
    for (unsigned what = 0; what < PAIR_CLASSES; what++)
        for (unsigned kind = 0; kind < DEFECT_KINDS; kind++) {
            const struct report_class *c = &r->classes[what][kind];
            if (!c->pairs)
                continue;
            output_printf(out,
                          "%s    {\"class\": \"%s\", \"kind\": \"%s\", \"pairs\": %" PRIu64 ", \"instances\": %" PRIu64
                          ", \"bytes\": %" PRIu64 "}",
                          separator, report_class_name((enum pair_class)what), kind_name(kind), c->pairs, c->instances,
                          c->bytes);
            separator = ",\n";
        }
    output_text(out, *separator == ',' ? "\n  ],\n" : "],\n");
}

void json_put_effect(struct output *out, const struct report *r, double effect)
{
    output_printf(out, ", \"effect\": %.3f, \"effect_share\": %.6f, \"effect_grade\": \"%s\"", effect,
                  effect_share(r, effect), effect_grade_name(effect_grade(r, effect)));
}

void json_put_pair_class(struct output *out, const struct report_pair *pair)
{
    if (pair->what != CLASS_NONE)
        output_printf(out, ", \"class\": \"%s\"", report_class_name((enum pair_class)pair->what));
    if (pair->advice) {
        output_text(out, ", \"advice\": ");
        json_put_string(out, pair->advice);
    }
    if (pair->constant) {
        output_text(out, ", \"constant\": ");
        json_put_string(out, pair->constant);
    }
    if (pair->marks) {
        output_text(out, ", \"marks\": [");
        const char *separator = "\"";
        for (unsigned mark = MARK_ATOMIC; mark <= MARK_COPY; mark <<= 1)
            if (pair->marks & mark) {
                output_printf(out, "%s%s\"", separator, report_mark_name((enum pair_mark)mark));
                separator = ", \"";
            }
        output_text(out, "]");
    }
}
