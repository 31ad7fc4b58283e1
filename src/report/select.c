#include "report/select.h"

#include "report/pattern.h"
#include "report/ranking.h"
#include "report/suppress.h"

#include <stdlib.h>

static bool is_load(unsigned kind)
{
    return kind == DEFECT_SILENT_LOAD_AFTER_LOAD || kind == DEFECT_SILENT_LOAD_AFTER_STORE;
}

/* A selection's patterns, as they are meant in the report. */
struct wanted {
    const struct report_selection *s;
    struct pattern *focus, *ignore;
};

static bool fits_any(const struct pattern *patterns, size_t count, const struct report_pair *p)
{
    for (size_t i = 0; i < count; i++)
        if (pattern_fits_side(&patterns[i], &p->first) || pattern_fits_side(&patterns[i], &p->second))
            return true;
    return false;
}

static bool is_wanted(const struct report *r, const struct wanted *w, const struct report_pair *p)
{
    const struct report_selection *s = w->s;
    uint64_t whole = is_load(p->kind) ? r->bytes_loaded : r->bytes_stored;
    if (s->only && p->kind != s->kind)
        return false;
    if (s->min_share > 0 && (double)p->bytes < s->min_share * (double)whole)
        return false;
    if (s->focus_count && !fits_any(w->focus, s->focus_count, p))
        return false;
    return !fits_any(w->ignore, s->ignore_count, p);
}

/* NULL when memory is short. */
static struct pattern *read_patterns(const struct report *r, const char **texts, size_t count)
{
    struct pattern *patterns = calloc(count + 1, sizeof *patterns);
    if (!patterns)
        return NULL;
    for (size_t i = 0; i < count; i++)
        patterns[i] = pattern_of(r, texts[i]);
    return patterns;
}

static bool choose(struct report *r, const struct report_selection *s)
{
    struct wanted w = {s, read_patterns(r, s->focus, s->focus_count), read_patterns(r, s->ignore, s->ignore_count)};
    bool ok = w.focus && w.ignore;
    size_t kept = 0;
    for (size_t i = 0; ok && i < r->pair_count; i++) {
        r->all_pairs[r->pairs[i].kind]++;
        if (is_wanted(r, &w, &r->pairs[i]))
            r->pairs[kept++] = r->pairs[i];
    }
    if (ok)
        r->pair_count = kept;
    free(w.focus);
    free(w.ignore);
    return ok;
}

/* Equal ones stay as they were: by their places in the array. */
static int compare_instances(const void *left, const void *right)
{
    const struct report_pair *a = left, *b = right;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->instances != b->instances)
        return a->instances > b->instances ? -1 : 1;
    if (a->first.loc != b->first.loc)
        return a->first.loc < b->first.loc ? -1 : 1;
    return a->second.loc < b->second.loc ? -1 : a->second.loc > b->second.loc;
}

/* Pairs that are folded have no rank. */
static void cut(struct report *r, uint64_t top)
{
    size_t kept = 0;
    uint64_t of_kind[DEFECT_KINDS] = {0};
    for (size_t i = 0; i < r->pair_count; i++)
        if (!report_folds(r, &r->pairs[i]) && ++of_kind[r->pairs[i].kind] <= top)
            r->pairs[kept++] = r->pairs[i];
    r->pair_count = kept;
}

static void add_pair(struct report_class *to, const struct report_pair *p)
{
    to->pairs++;
    to->instances += p->instances;
    to->bytes += p->bytes;
}

/* Sums and cumulative shares of the pairs, which are in their order. */
static void sum_up(struct report *r)
{
    uint64_t so_far[DEFECT_KINDS] = {0};
    for (size_t i = 0; i < r->pair_count; i++) {
        const struct report_pair *p = &r->pairs[i];
        add_pair(&r->chosen[p->kind], p);
        if (report_folds(r, p))
            add_pair(&r->folded[p->kind], p);
    }
    for (size_t i = 0; i < r->pair_count; i++) {
        struct report_pair *p = &r->pairs[i];
        so_far[p->kind] += p->bytes;
        p->cumulative = (double)so_far[p->kind] / (double)r->chosen[p->kind].bytes;
    }
}

bool report_select(struct report *r, const struct report_selection *s, struct error *err)
{
    if (s->by == SELECT_BY_OBJECT && !r->by_object)
        return error_set(err, ERROR_USAGE, "--by object: objects were not followed");
    r->fold = !s->show_housekeeping;
    r->selected = s->sort != SELECT_BYTES || s->top || s->min_share > 0 || s->only || s->focus_count ||
                  s->ignore_count || r->suppressed_count;
    for (unsigned kind = 0; kind < DEFECT_KINDS; kind++)
        r->all_pairs[kind] = report_suppressed_sum(r, kind).pairs;
    if (!choose(r, s))
        return error_no_memory(err);
    if (s->sort == SELECT_INSTANCES && r->pair_count)
        qsort(r->pairs, r->pair_count, sizeof *r->pairs, compare_instances);
    sum_up(r);
    if (!ranking_places(r, s) || (s->by != SELECT_BY_PAIR && !ranking_groups(r, s)))
        return error_no_memory(err);
    if (s->top)
        cut(r, s->top);
    r->sorted_by = (uint8_t)s->sort;
    r->top = s->top;
    return true;
}
