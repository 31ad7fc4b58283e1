#include "report/select.h"

#include "report/ranking.h"
#include "report/suppress.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

static bool is_load(unsigned kind)
{
    return kind == DEFECT_SILENT_LOAD_AFTER_LOAD || kind == DEFECT_SILENT_LOAD_AFTER_STORE;
}

/* The whole name, or up to a signature or type arguments. */
static bool is_named(const char *name, const char *wanted)
{
    size_t size = strlen(wanted);
    return name && strncmp(name, wanted, size) == 0 && (!name[size] || name[size] == '(' || name[size] == '<');
}

static bool side_is_in(const struct report_side *side, const char *wanted)
{
    bool found = is_named(side->name, wanted);
    for (uint32_t i = 0; i < side->frame_count && !found; i++)
        found = is_named(side->frames[i].function, wanted);
    return found;
}

static bool side_fits(const struct report_side *side, const regex_t *expression)
{
    bool found = *side->name && regexec(expression, side->name, 0, NULL, 0) == 0;
    for (uint32_t i = 0; i < side->frame_count && !found; i++)
        found = side->frames[i].function && regexec(expression, side->frames[i].function, 0, NULL, 0) == 0;
    return found;
}

static bool is_wanted(const struct report *r, const struct report_selection *s, const regex_t *ignore,
                      const struct report_pair *p)
{
    uint64_t whole = is_load(p->kind) ? r->bytes_loaded : r->bytes_stored;
    if (s->only && p->kind != s->kind)
        return false;
    if (s->min_share > 0 && (double)p->bytes < s->min_share * (double)whole)
        return false;
    if (s->focus && !side_is_in(&p->first, s->focus) && !side_is_in(&p->second, s->focus))
        return false;
    return !ignore || (!side_fits(&p->first, ignore) && !side_fits(&p->second, ignore));
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
    regex_t expression;
    if (s->by == SELECT_BY_OBJECT && !r->by_object)
        return error_set(err, ERROR_USAGE, "--by object: objects were not followed");
    if (s->ignore && regcomp(&expression, s->ignore, REG_EXTENDED | REG_NOSUB))
        return error_set(err, ERROR_USAGE, "--ignore: '%.200s' is no regular expression", s->ignore);
    r->fold = !s->show_housekeeping;
    r->selected = s->sort != SELECT_BYTES || s->top || s->min_share > 0 || s->only || s->focus || s->ignore ||
                  r->suppressed_count;
    for (unsigned kind = 0; kind < DEFECT_KINDS; kind++)
        r->all_pairs[kind] = report_suppressed_sum(r, kind).pairs;
    size_t kept = 0;
    for (size_t i = 0; i < r->pair_count; i++) {
        r->all_pairs[r->pairs[i].kind]++;
        if (is_wanted(r, s, s->ignore ? &expression : NULL, &r->pairs[i]))
            r->pairs[kept++] = r->pairs[i];
    }
    r->pair_count = kept;
    if (s->ignore)
        regfree(&expression);
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
