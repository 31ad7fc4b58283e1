#include "report/select.h"

#include "report/build.h"
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

bool report_choose(struct report *r, const struct report_selection *s)
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

/* A pair, and by what it is ranked. */
struct rank {
    double value;
    const struct report_pair *pair;
};

static double value_of(const struct report *r, enum select_sort sort, const struct report_pair *p)
{
    uint64_t whole = is_load(p->kind) ? r->bytes_loaded : r->bytes_stored;
    switch (sort) {
    case SELECT_BYTES:
        return (double)p->bytes;
    case SELECT_INSTANCES:
        return (double)p->instances;
    case SELECT_SHARE:
        return whole ? (double)p->bytes / (double)whole : 0;
    default:
        return p->effect;
    }
}

static int compare_ranks(const void *left, const void *right)
{
    const struct rank *a = left, *b = right;
    if (a->value != b->value)
        return a->value > b->value ? -1 : 1;
    if (a->pair->bytes != b->pair->bytes)
        return a->pair->bytes > b->pair->bytes ? -1 : 1;
    return compare_groups(a->pair, b->pair);
}

/* All pairs by rank; NULL when memory is short. */
static struct rank *rank_all(const struct report *r, enum select_sort sort)
{
    struct rank *ranks = calloc(r->pair_count + 1, sizeof *ranks);
    for (size_t i = 0; ranks && i < r->pair_count; i++)
        ranks[i] = (struct rank){value_of(r, sort, &r->pairs[i]), &r->pairs[i]};
    if (ranks && r->pair_count)
        qsort(ranks, r->pair_count, sizeof *ranks, compare_ranks);
    return ranks;
}

/* Kind by kind, each in the order of ranks. */
static bool sort_pairs(struct report *r, enum select_sort sort)
{
    struct rank *ranks = rank_all(r, sort);
    struct report_pair *sorted = calloc(r->pair_count + 1, sizeof *sorted);
    bool ok = ranks && sorted;
    size_t count = 0;
    for (unsigned kind = 0; ok && kind < DEFECT_KINDS; kind++)
        for (size_t i = 0; i < r->pair_count; i++)
            if (ranks[i].pair->kind == kind)
                sorted[count++] = *ranks[i].pair;
    free(ranks);
    free(ok ? r->pairs : sorted);
    if (ok)
        r->pairs = sorted;
    return ok;
}

/* Keeps the first `top` of each kind by rank, in the order in which they are.  Pairs that are folded have no rank. */
static bool cut(struct report *r, const struct report_selection *s)
{
    struct rank *ranks = rank_all(r, s->sort);
    bool *stays = calloc(r->pair_count + 1, sizeof *stays);
    bool ok = ranks && stays;
    uint64_t of_kind[DEFECT_KINDS] = {0};
    for (size_t i = 0; ok && i < r->pair_count; i++)
        stays[ranks[i].pair - r->pairs] = !report_folds(r, ranks[i].pair) && ++of_kind[ranks[i].pair->kind] <= s->top;
    size_t kept = 0;
    for (size_t i = 0; ok && i < r->pair_count; i++)
        if (stays[i])
            r->pairs[kept++] = r->pairs[i];
    if (ok)
        r->pair_count = kept;
    free(ranks);
    free(stays);
    return ok;
}

static bool note_ranks(struct report *r, enum select_sort sort)
{
    struct rank *ranks = rank_all(r, sort);
    r->ranked = calloc(r->pair_count + 1, sizeof(const struct report_pair *));
    for (size_t i = 0; ranks && r->ranked && i < r->pair_count; i++)
        if (!report_folds(r, ranks[i].pair))
            r->ranked[r->ranked_count++] = ranks[i].pair;
    free(ranks);
    return ranks && r->ranked;
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
        r->effect += p->effect;
        if (report_folds(r, p))
            add_pair(&r->folded[p->kind], p);
    }
    for (size_t i = 0; i < r->pair_count; i++) {
        struct report_pair *p = &r->pairs[i];
        so_far[p->kind] += p->bytes;
        p->cumulative = (double)so_far[p->kind] / (double)r->chosen[p->kind].bytes;
    }
}

static bool is_grouped(const struct report_selection *s)
{
    return s->by > SELECT_BY_PAIR || (s->by == SELECT_BY_DEFAULT && s->screen);
}

bool report_select(struct report *r, const struct report_selection *s, struct error *err)
{
    if (s->by == SELECT_BY_OBJECT && !r->by_object)
        return error_set(err, ERROR_USAGE, "--by object: objects were not followed");
    r->fold = !s->show_housekeeping;
    r->selected = (s->sort != SELECT_DEFAULT && s->sort != SELECT_BYTES) || s->top || s->min_share > 0 || s->only ||
                  s->focus_count || s->ignore_count || r->suppressed_count;
    for (unsigned kind = 0; kind < DEFECT_KINDS; kind++)
        r->all_pairs[kind] = report_suppressed_sum(r, kind).pairs;
    if (!report_choose(r, s))
        return error_no_memory(err);
    if (s->sort != SELECT_DEFAULT && !sort_pairs(r, s->sort))
        return error_no_memory(err);
    sum_up(r);
    if (!ranking_places(r, s) || (is_grouped(s) && !ranking_groups(r, s)) || (s->top && !cut(r, s)) ||
        !note_ranks(r, s->sort))
        return error_no_memory(err);
    r->sorted_by = (uint8_t)(s->sort == SELECT_DEFAULT ? SELECT_EFFECT : s->sort);
    r->top = s->top;
    r->by_pair = s->by == SELECT_BY_PAIR;
    return true;
}
