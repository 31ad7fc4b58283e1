#include "render/remarks.h"

#include "render/number.h"
#include "render/summary_parts.h"

#include <stdarg.h>
#include <stdio.h>

#define LINES_ENOUGH 0.9 /* a share of the bytes in pairs that needs no remark */

__attribute__((format(printf, 2, 3))) static void add(struct remarks *m, const char *format, ...)
{
    va_list args;
    if (m->count == REMARKS_MAX)
        return;
    va_start(args, format);
    vsnprintf(m->text[m->count++], REMARK_SIZE, format, args);
    va_end(args);
}

static void add_opaque(struct remarks *m, const struct report *r)
{
    uint64_t calls = 0;
    char number[NUMBER_SIZE];
    for (size_t i = 0; i < r->opaque_count; i++)
        calls += r->opaque[i].calls;
    number_grouped(number, calls);
    if (calls)
        add(m, "Unknown imports were called %s time%s: defects across these calls are hidden.", number,
            calls == 1 ? "" : "s");
}

static void add_lines(struct remarks *m, const struct report_lines *lines)
{
    char share[NUMBER_SIZE];
    if (!lines->asked || !lines->bytes || !lines->missing_count)
        return;
    const double found = (double)lines->found / (double)lines->bytes;
    number_share(share, found);
    if (!lines->source)
        add(m, "No source lines: compile and link it with -g.");
    else if (found < LINES_ENOUGH)
        add(m, "Source lines were found for %s of the bytes in pairs.", share);
}

static void add_suppressed(struct remarks *m, const struct report *r)
{
    uint64_t pairs = 0;
    char number[NUMBER_SIZE];
    for (size_t i = 0; i < r->suppressed_count; i++)
        for (unsigned kind = 0; kind < DEFECT_KINDS; kind++)
            pairs += r->suppressed[i].sums[kind].pairs;
    number_grouped(number, pairs);
    if (pairs)
        add(m, "Not listed: %s pair%s of the baseline or the suppressions.", number, pairs == 1 ? "" : "s");
}

void remarks_of(struct remarks *m, const struct report *r)
{
    char number[NUMBER_SIZE];
    m->count = 0;
    number_grouped(number, r->grows_refused);
    if (r->grows_refused)
        add(m, "It asked for more memory than --max-memory allows, %s time%s.", number,
            r->grows_refused == 1 ? "" : "s");
    add_opaque(m, r);
    if (r->shared_memory)
        add(m, "Other threads share its memory: what they do there was not observed.");
    add_lines(m, &r->lines);
    if (r->contexts_merged)
        add(m, "There are more calling contexts than room for them: --contexts DEPTH makes fewer.");
    add_suppressed(m, r);
}

void put_remark(struct output *out, const struct remarks *m, size_t index)
{
    put_within(out, m->text[index], screen_width(out));
    output_text(out, "\n");
}
