#include "render/runs.h"

#include "render/json_parts.h"
#include "render/number.h"

#include <inttypes.h>
#include <string.h>

enum { ENDINGS = 5 }; /* different ones that are named */

static bool ends_alike(const struct report_run *a, const struct report_run *b)
{
    if (a->trap || b->trap)
        return a->trap && b->trap && strcmp(a->trap, b->trap) == 0;
    return a->has_exit_code == b->has_exit_code && a->exit_code == b->exit_code;
}

static void put_ending(struct output *out, const struct report_run *run, uint64_t count)
{
    char number[NUMBER_SIZE];
    number_grouped(number, count);
    output_printf(out, "%s", number);
    if (run->trap && strcmp(run->trap, TRAP_UNKNOWN) == 0)
        output_text(out, " not known to have ended");
    else if (run->trap)
        output_printf(out, " ended early (%s)", run->trap);
    else if (run->has_exit_code)
        output_printf(out, " with exit status %" PRIu32, run->exit_code);
    else
        output_text(out, " without exit status");
}

void put_runs(struct output *out, const struct report *r)
{
    char number[NUMBER_SIZE];
    number_grouped(number, r->run_count);
    output_printf(out, "%s run%s, added up: ", number, r->run_count == 1 ? "" : "s");
    const struct report_run *seen[ENDINGS];
    size_t kinds = 0;
    uint64_t rest = r->run_count;
    for (size_t i = 0; i < r->run_count && kinds < ENDINGS; i++) {
        size_t k = 0;
        while (k < kinds && !ends_alike(seen[k], &r->runs[i]))
            k++;
        if (k < kinds)
            continue;
        uint64_t count = 0;
        for (size_t n = i; n < r->run_count; n++)
            count += ends_alike(&r->runs[i], &r->runs[n]);
        output_text(out, kinds ? ", " : "");
        put_ending(out, &r->runs[i], count);
        seen[kinds++] = &r->runs[i];
        rest -= count;
    }
    number_grouped(number, rest);
    output_printf(out, rest ? ", %s otherwise.\n" : ".\n", number);
}

void json_put_runs(struct output *out, const struct report *r)
{
    if (!r->run_count)
        return;
    output_printf(out, "  \"merged\": {\"count\": %zu, \"runs\": [", r->run_count);
    for (size_t i = 0; i < r->run_count && !output_failed(out); i++) {
        const struct report_run *run = &r->runs[i];
        output_text(out, i ? ",\n    {\"report\": " : "\n    {\"report\": ");
        json_put_string(out, run->report);
        output_text(out, ", \"exit_code\": ");
        if (run->has_exit_code)
            output_decimal(out, run->exit_code);
        else
            output_text(out, "null");
        output_text(out, ", \"trap\": ");
        json_put_string(out, run->trap);
        output_printf(out, ", \"accesses\": %" PRIu64 "}", run->accesses);
    }
    output_text(out, "\n  ]},\n");
}
