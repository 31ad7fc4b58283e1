#include "analyze/habits.h"

#include <stdlib.h>
#include <string.h>

enum {
    COVER = 1000,    /* sites that together make up less than one in so many of all runs are cold */
    ODD_SHARE = 50,  /* one in so many makes a site odd, or have a table of rows */
    MISS_SHARE = 25, /* of which one in so many may not be in it */
    ROWS_LOG2_MIN = 4,
    STEADY_SHARE = 30, /* a steady site meets something else no more than once in so many times */
    LOSS_SHARE = 5000, /* so seldom may a table's entries be in each other's way */
    SILENT_SHARE = 4,
    /* What is worth a new file, and that the next run compiles again: so many accesses of sites that were cold; */
    NEWS_SHARE = 10,
    /* so many entries of the late log, each of which costs as much as a hundred accesses; */
    LATE_SHARE = 50,
    /* or so many, and not just a few, if so many accesses would have code of another kind. */
    SOME_LATE = 500,
    LATE_MANY = 1000000,
    CHANGE_SHARE = 1000,
    TABLE_LOG2_MAX = 8,
    SEEDS = 64,
    PARTNERS_MAX = 400, /* that are looked at */
    SPARE_MARKS = 2,
};

/* What a site met, and how often. */
struct partner {
    mark met;
    uint64_t times;
};

/* The partners of all sites, in the order of the sites. */
struct partners {
    size_t *first; /* by site: its first one; of the site behind the last one, the end */
    struct partner *list, *silent_list;
    size_t *silent_first;
};

static int descending(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x < y) - (x > y);
}

/* What a site must have run to be as the wish says, and not be too rare to matter. */
static uint64_t least_runs(const struct habits_input *in, const struct habits_wish *wish, uint64_t total)
{
    size_t sites = in->table->count;
    uint64_t *sorted = malloc((sites + 1) * sizeof *sorted);
    if (!sorted)
        return UINT64_MAX;
    memcpy(sorted, in->runs, sites * sizeof *sorted);
    qsort(sorted, sites, sizeof *sorted, descending);
    uint64_t last = 0, sum = 0;
    for (; last < sites && last < wish->limit && sum < total - total / COVER; last++)
        sum += sorted[last];
    uint64_t least = last ? sorted[last - 1] : 1;
    free(sorted);
    return least > wish->least ? least : wish->least;
}

static mark met_mark(const struct pair_count *p)
{
    if (p->first == SITE_NONE)
        return 0;
    if (p->first == SITE_HOST_WRITE)
        return MARK_HOST;
    return mark_make(p->first, p->kind == DEFECT_SILENT_LOAD_AFTER_LOAD ? 0 : MARK_PUT | MARK_UNREAD);
}

static bool sort_partners(const struct habits_input *in, const struct pair_count *pairs, bool silent, size_t *first,
                          struct partner *list)
{
    size_t sites = in->table->count;
    size_t *next = calloc(sites + 1, sizeof *next);
    if (!next)
        return false;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < in->pairs->count; i++) {
            const struct pair_count *p = &pairs[i];
            if (p->second < SITE_FIRST || (p->kind == DEFECT_SILENT_STORE) != silent)
                continue;
            size_t site = p->second - SITE_FIRST;
            if (pass == 0)
                first[site + 1]++;
            else
                list[next[site]++] = (struct partner){met_mark(p), p->instances};
        }
        for (size_t i = 0; pass == 0 && i < sites; i++) {
            first[i + 1] += first[i];
            next[i] = first[i];
        }
    }
    free(next);
    return true;
}

static void partners_release(struct partners *p)
{
    free(p->first);
    free(p->silent_first);
    free(p->list);
    free(p->silent_list);
}

static bool partners_make(struct partners *p, const struct habits_input *in)
{
    size_t sites = in->table->count, n = in->pairs->count;
    struct pair_count *pairs = malloc((n + 1) * sizeof *pairs);
    *p = (struct partners){calloc(sites + 2, sizeof *p->first), malloc((n + 1) * sizeof *p->list),
                           malloc((n + 1) * sizeof *p->silent_list), calloc(sites + 2, sizeof *p->silent_first)};
    bool ok = pairs && p->first && p->list && p->silent_list && p->silent_first;
    if (ok) {
        pair_table_copy(in->pairs, pairs);
        ok = sort_partners(in, pairs, false, p->first, p->list) &&
             sort_partners(in, pairs, true, p->silent_first, p->silent_list);
    }
    free(pairs);
    return ok;
}

/* How often accesses would find another mark in their entry. */
static uint64_t loss_of(const struct partner *partners, size_t n, struct habit_table t)
{
    uint64_t sum[1 << TABLE_LOG2_MAX] = {0}, most[1 << TABLE_LOG2_MAX] = {0}, loss = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned at = hot_entry(&t, partners[i].met);
        sum[at] += partners[i].times;
        most[at] = partners[i].times > most[at] ? partners[i].times : most[at];
    }
    for (unsigned i = 0; i < 1u << t.log2; i++)
        loss += sum[i] - most[i];
    return loss;
}

/* The smallest table that is good enough, else the best one. */
static struct habit_table choose_table(const struct partner *partners, size_t n, uint64_t runs)
{
    struct habit_table best = {0, 0};
    uint64_t least = UINT64_MAX;
    for (unsigned log2 = 0; log2 <= TABLE_LOG2_MAX; log2++) {
        for (unsigned seed = 0; seed < SEEDS && (log2 || !seed) && least > runs / LOSS_SHARE; seed++) {
            struct habit_table t = {(uint8_t)log2, (uint8_t)seed};
            uint64_t loss = loss_of(partners, n, t);
            if (loss < least) {
                least = loss;
                best = t;
            }
        }
        if (least <= runs / LOSS_SHARE)
            break;
    }
    return best;
}

static const struct partner *most_frequent(const struct partner *partners, size_t n)
{
    const struct partner *most = NULL;
    for (size_t i = 0; i < n; i++)
        if (!most || partners[i].times > most->times)
            most = &partners[i];
    return most;
}

static uint64_t sum_of(const struct partner *partners, size_t n)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += partners[i].times;
    return sum;
}

/* The marks that a table starts with: of each entry the most frequent one. */
static void put_marks(struct habits *out, const struct partner *partners, size_t n, struct habit_table t)
{
    uint64_t most[1 << TABLE_LOG2_MAX] = {0};
    uint32_t *marks = out->marks + out->mark_count;
    memset(marks, 0, sizeof *marks << t.log2);
    for (size_t i = 0; i < n; i++) {
        unsigned at = hot_entry(&t, partners[i].met);
        if (partners[i].times > most[at]) {
            most[at] = partners[i].times;
            marks[at] = partners[i].met;
        }
    }
    out->mark_count += (size_t)1 << t.log2;
}

static bool may_mix(const struct site *site)
{
    return site->kind == ACCESS_LOAD && (site->width == 4 || site->width == 8);
}

/* For rows of so many marks: what rows there are is not known. */
static struct habit_table rows_table(size_t marks)
{
    struct habit_table t = {ROWS_LOG2_MIN, 0};
    while (t.log2 < TABLE_LOG2_MAX && (size_t)16 * marks > (size_t)1 << t.log2)
        t.log2++;
    return t;
}

static struct habit habit_of(const struct habits_input *in, const struct partners *all, size_t i, struct habits *out)
{
    const struct site *site = &in->table->sites[i];
    uint64_t runs = in->runs[i];
    bool store = site->kind == ACCESS_STORE;
    struct habit h = {.kind = HABIT_VARIED};
    bool often_mixed = in->odd[i] > runs / ODD_SHARE, was_mixed = site->habit.mixed.log2 != 0;
    if (often_mixed && (!may_mix(site) || (was_mixed && in->odd[i] > runs / MISS_SHARE)))
        return (struct habit){.kind = HABIT_ODD};
    struct partner found[PARTNERS_MAX + 1];
    size_t n = all->first[i + 1] - all->first[i];
    n = n < PARTNERS_MAX ? n : PARTNERS_MAX;
    memcpy(found, all->list + all->first[i], n * sizeof *found);
    uint64_t paired = sum_of(found, n), rest = runs > paired ? runs - paired : 0;
    if (!store) /* a load that is not silent met bytes that the host wrote, if not fresh memory */
        found[n++] = (struct partner){MARK_NOBODY, rest};
    const struct partner *most = most_frequent(found, n);
    if (often_mixed || was_mixed)
        h.mixed = rows_table(n);
    else if (most && most->times >= runs - runs / STEADY_SHARE) {
        h.kind = HABIT_STEADY;
        h.key = most->met;
        found[most - found].times = 0;
    } else if (store && rest >= runs - runs / STEADY_SHARE) {
        h.kind = HABIT_READ;
    }
    h.marks = (uint32_t)out->mark_count;
    h.met = choose_table(found, n, runs);
    put_marks(out, found, n, h.met);
    if (store) {
        const struct partner *silent = all->silent_list + all->silent_first[i];
        size_t silent_n = all->silent_first[i + 1] - all->silent_first[i];
        silent_n = silent_n < PARTNERS_MAX ? silent_n : PARTNERS_MAX;
        h.silent = choose_table(silent, silent_n, runs);
        put_marks(out, silent, silent_n, h.silent);
        h.often_silent = sum_of(silent, silent_n) > runs / SILENT_SHARE;
    }
    return h;
}

static struct habit keep_old(const struct habits *old, const struct habit *h, bool store, struct habits *out)
{
    struct habit kept = *h;
    if (!habit_is_hot(h))
        return kept;
    size_t n = habit_marks(h, store);
    memcpy(out->marks + out->mark_count, old->marks + h->marks, n * sizeof *out->marks);
    kept.marks = (uint32_t)out->mark_count;
    out->mark_count += n;
    return kept;
}

/* Room for another site's marks. */
static bool marks_room(struct habits *out, size_t *capacity)
{
    const size_t most = (size_t)2 << TABLE_LOG2_MAX;
    if (out->mark_count + most <= *capacity)
        return true;
    size_t larger = 2 * *capacity + most;
    uint32_t *marks = realloc(out->marks, larger * sizeof *marks);
    if (!marks)
        return false;
    out->marks = marks;
    *capacity = larger;
    return true;
}

static bool is_of_another_kind(const struct habit *a, const struct habit *b)
{
    return a->kind != b->kind || !a->mixed.log2 != !b->mixed.log2;
}

bool habits_derive(const struct habits_input *in, const struct habits_wish *wish, struct habits *out)
{
    uint64_t total = 0, news = 0, changes = 0;
    for (size_t i = 0; i < in->table->count; i++)
        total += in->runs[i];
    struct partners all;
    size_t capacity = 0;
    *out = (struct habits){.by_site = calloc(in->table->count + 1, sizeof *out->by_site), .count = in->table->count};
    bool ok = partners_make(&all, in) && out->by_site;
    uint64_t least = ok ? least_runs(in, wish, total) : UINT64_MAX;
    for (size_t i = 0; ok && i < in->table->count; i++) {
        const struct habit *old = i < wish->old->count ? &wish->old->by_site[i] : NULL;
        bool known = old && old->kind != HABIT_COLD;
        ok = marks_room(out, &capacity);
        if (!ok)
            break;
        if (known &&
            (in->runs[i] < least || old->kind == HABIT_ODD)) { /* odd sites stay so: their code finds out less */
            out->by_site[i] = keep_old(wish->old, old, in->table->sites[i].kind == ACCESS_STORE, out);
            continue;
        }
        if (in->runs[i] >= least)
            out->by_site[i] = habit_of(in, &all, i, out);
        news += known || out->by_site[i].kind == HABIT_COLD ? 0 : in->runs[i];
        changes += known && is_of_another_kind(old, &out->by_site[i]) ? in->runs[i] : 0;
    }
    ok = ok && marks_room(out, &capacity);
    if (ok) /* whoever takes the last site for a store finds marks, too */
        memset(out->marks + out->mark_count, 0, SPARE_MARKS * sizeof *out->marks);
    out->mark_count += ok ? SPARE_MARKS : 0;
    partners_release(&all);
    bool may_serve_better = in->late > total / SOME_LATE && in->late > LATE_MANY && changes > total / CHANGE_SHARE;
    return ok && (news > total / NEWS_SHARE || in->late > total / LATE_SHARE || may_serve_better);
}
