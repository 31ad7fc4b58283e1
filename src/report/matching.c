#include "report/matching.h"

#include "base/order.h"
#include "base/vec.h"
#include "report/same_functions.h"

#include <stdlib.h>
#include <string.h>

enum { RECENT = 4096 }; /* sides whose function is looked up at once; a power of two */

const uint8_t match_kinds[DEFECT_KINDS] = {DEFECT_DEAD_STORE, DEFECT_SILENT_STORE, DEFECT_SILENT_LOAD_AFTER_LOAD,
                                           DEFECT_SILENT_LOAD_AFTER_STORE};

struct recent {
    const struct report_side *side; /* NULL: free */
    uint32_t index;
};

/* Functions being collected; while that lasts, `number` of a side is the index of its function here. */
struct numbering {
    struct strings *strings;
    struct same_function *items;
    size_t count, capacity;
    struct recent recent[RECENT];
    bool is_new;
};

static bool is_same_place(const struct report_side *a, const struct report_side *b)
{
    return a->origin == b->origin && a->frames == b->frames && a->name == b->name && a->func == b->func &&
           a->home == b->home;
}

static bool number_side(struct numbering *n, const struct report_side *side, uint32_t *index)
{
    uintptr_t key = (uintptr_t)side->frames ^ (uintptr_t)side->name ^ side->func;
    struct recent *recent = &n->recent[(key * 0x9E3779B97F4A7C15u >> 32) & (RECENT - 1)];
    if (!recent->side || !is_same_place(recent->side, side)) {
        if (!vec_room((void **)&n->items, &n->capacity, n->count, sizeof *n->items) ||
            !function_of_side(n->strings, side, 0, &n->items[n->count].function))
            return false;
        n->items[n->count].is_new = n->is_new;
        *recent = (struct recent){side, (uint32_t)n->count++};
    }
    *index = recent->index;
    return true;
}

static bool take_side(struct numbering *n, const struct report_side *from, struct match_side *side)
{
    const struct report_frame *f = from->frame_count ? from->frames : NULL;
    if (!number_side(n, from, &side->number) || !n->items)
        return false;
    side->function = n->items[side->number].function;
    side->shown = f && f->function ? f->function : *from->name ? from->name : side->function.name;
    side->file = f ? f->file : NULL;
    side->line = f ? f->line : 0;
    return true;
}

static bool take_pairs(struct numbering *n, const struct report *r, struct match_pair **pairs, bool is_new)
{
    *pairs = calloc(r->pair_count + 1, sizeof **pairs);
    n->is_new = is_new;
    memset(n->recent, 0, sizeof n->recent);
    for (size_t i = 0; *pairs && i < r->pair_count; i++) {
        const struct report_pair *from = &r->pairs[i];
        struct match_pair *p = &(*pairs)[i];
        p->instances = from->instances;
        p->bytes = from->bytes;
        while (match_kinds[p->kind] != from->kind)
            p->kind++;
        if (!take_side(n, &from->first, &p->first) || !take_side(n, &from->second, &p->second))
            return false;
    }
    return *pairs != NULL;
}

static int compare(const struct match_pair *a, const struct match_pair *b)
{
    int order = compare_u64(a->kind, b->kind);
    order = order ? order : compare_u64(a->first.number, b->first.number);
    order = order ? order : compare_u64(a->second.number, b->second.number);
    order = order ? order : compare_u64(a->first.line, b->first.line);
    return order ? order : compare_u64(a->second.line, b->second.line);
}

static int compare_pairs(const void *left, const void *right)
{
    return compare(left, right);
}

int match_compare_shown(const struct match_pair *a, const struct match_pair *b)
{
    int order = compare_u64(a->kind, b->kind);
    order = order ? order : function_compare(&a->first.function, &b->first.function);
    order = order ? order : function_compare(&a->second.function, &b->second.function);
    order = order ? order : compare_u64(a->first.line, b->first.line);
    return order ? order : compare_u64(a->second.line, b->second.line);
}

/* A pair of a report, while they are sorted. */
struct numbered {
    struct match_pair pair;
    uint32_t place;
};

/* Those that differ only in their offsets become one; places[i], if it is wanted, is then where the i-th has gone. */
static bool join_alike(struct match_pair *pairs, size_t *count, uint32_t *places)
{
    struct numbered *all = calloc(*count + 1, sizeof *all);
    size_t kept = 0;
    if (!all)
        return false;
    for (size_t i = 0; i < *count; i++)
        all[i] = (struct numbered){pairs[i], (uint32_t)i};
    qsort(all, *count, sizeof *all, compare_pairs);
    for (size_t i = 0; i < *count; i++) {
        if (kept && compare(&pairs[kept - 1], &all[i].pair) == 0) {
            pairs[kept - 1].instances += all[i].pair.instances;
            pairs[kept - 1].bytes += all[i].pair.bytes;
        } else {
            pairs[kept++] = all[i].pair;
        }
        if (places)
            places[all[i].place] = (uint32_t)kept - 1;
    }
    free(all);
    *count = kept;
    return true;
}

static void set_numbers(struct match_pair *pairs, size_t count, const uint32_t *numbers)
{
    for (size_t i = 0; i < count; i++) {
        pairs[i].first.number = numbers[pairs[i].first.number];
        pairs[i].second.number = numbers[pairs[i].second.number];
    }
}

/* The pairs of both, with functions numbered. */
static bool collect(struct matching *m, const struct report *old, const struct report *new)
{
    struct numbering *n = calloc(1, sizeof *n);
    if (!n)
        return false;
    n->strings = m->strings;
    bool ok = take_pairs(n, old, &m->old, false) && take_pairs(n, new, &m->new, true);
    uint32_t *numbers = ok ? calloc(n->count + 1, sizeof *numbers) : NULL;
    for (size_t i = 0; numbers && i < n->count; i++)
        n->items[i].number = &numbers[i];
    ok = numbers && same_functions_number(n->items, n->count);
    if (ok) {
        set_numbers(m->old, old->pair_count, numbers);
        set_numbers(m->new, new->pair_count, numbers);
    }
    free(numbers);
    free(n->items);
    free(n);
    return ok;
}

/* Whether both may be one pair whose lines have moved: both sides by as many, or only one, the other being in another
 * file. */
static bool is_moved(const struct match_pair *a, const struct match_pair *b)
{
    return a->first.line == b->first.line || a->second.line == b->second.line ||
           (int64_t)a->second.line - a->first.line == (int64_t)b->second.line - b->first.line;
}

static bool is_same_group(const struct match_pair *a, const struct match_pair *b)
{
    return a->kind == b->kind && a->first.number == b->first.number && a->second.number == b->second.number;
}

static const struct match_pair *any_side(const struct match *c)
{
    return c->old ? c->old : c->new;
}

/* Joins a pair that is gone with one that appeared in the same functions.  The list is sorted, so that the partners are
 * near each other, and several keep their order. */
static void join_moved(struct match *m, size_t count)
{
    size_t start = 0; /* of the group */
    for (size_t i = 0; i < count; i++) {
        struct match *gone = &m[i];
        if (!gone->old || gone->new)
            continue;
        while (start < i && (!any_side(&m[start]) || !is_same_group(any_side(&m[start]), gone->old)))
            start++;
        for (size_t k = start; k < count; k++) {
            struct match *c = &m[k];
            if (any_side(c) && !is_same_group(any_side(c), gone->old))
                break;
            if (c->old || !c->new || !is_moved(gone->old, c->new))
                continue;
            gone->new = c->new;
            c->new = NULL; /* so that the entry is none */
            break;
        }
    }
}

static bool match(struct matching *m)
{
    struct match *all = calloc(m->old_count + m->new_count + 1, sizeof *all);
    size_t i = 0, k = 0, n = 0;
    if (!all)
        return false;
    while (i < m->old_count || k < m->new_count) {
        int order = i == m->old_count ? 1 : k == m->new_count ? -1 : compare(&m->old[i], &m->new[k]);
        struct match *c = &all[n++];
        if (order <= 0)
            c->old = &m->old[i++];
        if (order >= 0)
            c->new = &m->new[k++];
    }
    join_moved(all, n);
    m->matches = all;
    for (i = 0; i < n; i++)
        if (all[i].old || all[i].new) /* not joined with another */
            all[m->count++] = all[i];
    return true;
}

bool matching_make(struct matching *m, const struct report *old, const struct report *new)
{
    *m = (struct matching){.old_count = old->pair_count, .new_count = new->pair_count, .strings = strings_new()};
    m->places = calloc(new->pair_count + 1, sizeof *m->places);
    return m->strings && m->places && collect(m, old, new) && join_alike(m->old, &m->old_count, NULL) &&
           join_alike(m->new, &m->new_count, m->places) && match(m);
}

void matching_release(struct matching *m)
{
    free(m->old);
    free(m->new);
    free(m->places);
    free(m->matches);
    strings_free(m->strings);
    *m = (struct matching){0};
}
