#include "report/merge.h"

#include "report/build.h"
#include "report/functions.h"
#include "report/suppress.h"

#include <stdlib.h>
#include <string.h>

static uint64_t least_known(uint64_t a, uint64_t b)
{
    return a < b ? a : b; /* 0: not known */
}

static void add_counts(struct report *to, const struct report *from)
{
    to->accesses += from->accesses;
    to->loads += from->loads;
    to->stores += from->stores;
    to->rmws += from->rmws;
    to->fills += from->fills;
    to->copies += from->copies;
    to->inits += from->inits;
    to->waits += from->waits;
    to->host_reads += from->host_reads;
    to->host_writes += from->host_writes;
    to->bytes_loaded += from->bytes_loaded;
    to->bytes_stored += from->bytes_stored;
    to->unread_at_exit += from->unread_at_exit;
    to->max_memory = to->max_memory == from->max_memory ? to->max_memory : 0;
    to->grows_refused += from->grows_refused;
    to->lost += from->lost;
    to->input_hash = least_known(to->input_hash, from->input_hash);
    to->shared_memory = to->shared_memory || from->shared_memory;
    to->by_trace = to->by_trace ? to->by_trace : from->by_trace;
    for (int kind = 0; kind < DEFECT_KINDS; kind++) {
        to->totals[kind].instances += from->totals[kind].instances;
        to->totals[kind].bytes += from->totals[kind].bytes;
    }
}

static int badness(const char *trap, bool has_exit_code, uint32_t exit_code)
{
    return trap ? 3 : !has_exit_code ? 2 : exit_code ? 1 : 0;
}

/* The first of the worst. */
static void add_ending(struct report *to, struct report *from)
{
    if (badness(from->trap, from->has_exit_code, from->exit_code) <=
        badness(to->trap, to->has_exit_code, to->exit_code))
        return;
    const struct report_trap at = to->trap_at;
    to->trap = from->trap;
    to->trap_at = from->trap_at;
    from->trap_at = at;
    to->has_exit_code = from->has_exit_code;
    to->exit_code = from->exit_code;
}

/* Room for so many more behind `count` items; NULL when memory is short. */
static void *grow(void *items, size_t count, size_t more, size_t size)
{
    return reallocarray(items, count + more + 1, size);
}

static bool add_runs(struct report *to, const struct report *from)
{
    struct report_run *runs = grow(to->runs, to->run_count, from->run_count, sizeof *runs);
    if (!runs)
        return false;
    to->runs = runs;
    if (from->run_count)
        memcpy(runs + to->run_count, from->runs, from->run_count * sizeof *runs);
    to->run_count += from->run_count;
    return true;
}

static int compare_opaque(const void *left, const void *right)
{
    return strcmp(((const struct report_opaque *)left)->import, ((const struct report_opaque *)right)->import);
}

static bool add_opaque(struct report *to, const struct report *from)
{
    struct report_opaque *all = grow(to->opaque, to->opaque_count, from->opaque_count, sizeof *all);
    if (!all)
        return false;
    to->opaque = all;
    for (size_t i = 0; i < from->opaque_count; i++) {
        size_t k = 0;
        while (k < to->opaque_count && strcmp(all[k].import, from->opaque[i].import) != 0)
            k++;
        if (k == to->opaque_count)
            all[to->opaque_count++] = (struct report_opaque){from->opaque[i].import, 0};
        all[k].calls += from->opaque[i].calls;
    }
    if (to->opaque_count)
        qsort(all, to->opaque_count, sizeof *all, compare_opaque);
    return true;
}

/* By name; how many pairs that are is not known, but in one of them at least. */
static bool add_suppressed(struct report *to, const struct report *from)
{
    struct report_suppressed *all = grow(to->suppressed, to->suppressed_count, from->suppressed_count, sizeof *all);
    if (!all)
        return false;
    to->suppressed = all;
    for (size_t i = 0; i < from->suppressed_count; i++) {
        const struct report_suppressed *s = &from->suppressed[i];
        size_t k = 0;
        while (k < to->suppressed_count && (all[k].baseline != s->baseline || strcmp(all[k].name, s->name) != 0))
            k++;
        if (k == to->suppressed_count)
            all[to->suppressed_count++] = (struct report_suppressed){.name = s->name, .baseline = s->baseline};
        for (int kind = 0; kind < DEFECT_KINDS; kind++) {
            struct report_class *sum = &all[k].sums[kind];
            const struct report_class *c = &s->sums[kind];
            sum->pairs = sum->pairs > c->pairs ? sum->pairs : c->pairs;
            sum->instances += c->instances;
            sum->bytes += c->bytes;
        }
    }
    return true;
}

static bool add_lines(struct report *r, const struct report *other)
{
    struct report_lines *to = &r->lines;
    const struct report_lines *from = &other->lines;
    size_t capacity = to->missing_count;
    for (size_t i = 0; i < from->missing_count; i++)
        if (!lines_add_missing(to, &capacity, from->missing[i].why, from->missing[i].bytes))
            return false;
    lines_sort_missing(to);
    to->asked = to->asked || from->asked;
    to->source = to->source ? to->source : from->source;
    to->warning = to->warning ? to->warning : from->warning;
    to->bytes += from->bytes;
    to->found += from->found;
    return true;
}

/* Of reports that do not list all pairs, how many pairs a class has is not known: at least as many as in either. */
static void add_classes(struct report *to, const struct report *from)
{
    to->classed = to->classed && from->classed;
    for (int what = 0; what < PAIR_CLASSES; what++)
        for (int kind = 0; kind < DEFECT_KINDS; kind++) {
            struct report_class *a = &to->classes[what][kind];
            const struct report_class *b = &from->classes[what][kind];
            a->pairs = a->pairs > b->pairs ? a->pairs : b->pairs;
            a->instances += b->instances;
            a->bytes += b->bytes;
        }
}

bool report_is_complete(const struct report *r)
{
    uint64_t bytes[DEFECT_KINDS] = {0};
    for (size_t i = 0; i < r->pair_count; i++)
        bytes[r->pairs[i].kind] += r->pairs[i].bytes;
    for (int kind = 0; kind < DEFECT_KINDS; kind++)
        if (bytes[kind] + report_suppressed_sum(r, (unsigned)kind).bytes != r->totals[kind].bytes)
            return false;
    return true;
}

bool report_finish_merge(struct report *r)
{
    finish_totals(r);
    if (r->classed && !r->suppressed_count && report_is_complete(r)) {
        memset(r->classes, 0, sizeof r->classes);
        finish_classes(r);
    }
    finish_objects(r);
    return functions_find_homes(r);
}

bool report_merge(struct report *into, struct report *from, const char **lost)
{
    add_counts(into, from);
    add_ending(into, from);
    add_classes(into, from);
    return add_runs(into, from) && add_suppressed(into, from) && add_opaque(into, from) && merge_unread(into, from) &&
           add_lines(into, from) && merge_parts(into, from, lost);
}
