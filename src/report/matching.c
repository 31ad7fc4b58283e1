#include "report/matching.h"

#include "base/order.h"
#include "base/vec.h"
#include "report/same_functions.h"

#include <stdlib.h>
#include <string.h>

enum { RECENT = 4096 }; /* sides whose function is looked up at once; a power of two */

const uint8_t match_kinds[DEFECT_KINDS] = {DEFECT_DEAD_STORE, DEFECT_SILENT_STORE, DEFECT_SILENT_LOAD_AFTER_LOAD,
                                           DEFECT_SILENT_LOAD_AFTER_STORE};

/* A side in a calling context, whose chain was looked up. */
struct recent {
    const struct report_side *side; /* NULL: free */
    uint32_t context;
    struct match_side found;
};

/* The functions of a side, outermost first: so many of the numbering's. */
struct chain {
    uint32_t first, count;
    const uint32_t *numbers; /* of these functions, once they are known */
    uint32_t index;
};

/* Functions and chains being collected; while that lasts, `number` of a side is the index of its chain here. */
struct numbering {
    struct strings *strings;
    struct same_function *items;
    size_t count, capacity;
    struct chain *chains;
    size_t chain_count, chain_capacity;
    struct recent recent[RECENT];
    const struct report *report; /* whose pairs are being taken */
    bool is_new, by_context;
};

static bool is_same_place(const struct report_side *a, const struct report_side *b)
{
    return a->origin == b->origin && a->frames == b->frames && a->name == b->name && a->func == b->func &&
           a->home == b->home && a->own == b->own;
}

static bool is_own(const struct report_side *side)
{
    return side->own < side->frame_count;
}

/* Adds functions of a side from that frame down to its instruction. */
static bool add_functions(struct numbering *n, const struct report_side *side, uint32_t from)
{
    for (uint32_t i = from + 1; i-- > 0;) {
        if (!vec_room((void **)&n->items, &n->capacity, n->count, sizeof *n->items) ||
            !function_of_side(n->strings, side, i, &n->items[n->count].function))
            return false;
        n->items[n->count++].is_new = n->is_new;
    }
    return true;
}

static void reverse(struct same_function *items, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        struct same_function kept = items[i];
        items[i] = items[count - 1 - i];
        items[count - 1 - i] = kept;
    }
}

/* Adds the functions of the calls that led to this context, up to the nearest own frame; where there is none, of all of them.
 * *shown is then the side with that frame. */
static bool add_callers(struct numbering *n, uint32_t context, const struct report_side **shown)
{
    const struct report_context *c = report_context_find(n->report, context);
    while (c && c->call.loc) {
        const struct report_side *call = &c->call;
        uint32_t from = is_own(call) ? call->own : call->frame_count ? call->frame_count - 1 : 0;
        size_t start = n->count;
        if (!add_functions(n, call, from))
            return false;
        reverse(n->items + start, n->count - start);
        if (is_own(call)) {
            *shown = call;
            return true;
        }
        c = c->parent ? report_context_find(n->report, c->parent) : NULL;
    }
    return true;
}

/* The chain of a side; its functions are added innermost first, and turned round. */
static bool find_chain(struct numbering *n, const struct report_side *side, uint32_t context, struct match_side *found)
{
    const struct report_side *shown = side;
    bool climb = n->by_context && context && !is_own(side);
    uint32_t from = climb && side->frame_count ? side->frame_count - 1 : report_own_index(side);
    size_t start = n->count;
    if (!vec_room((void **)&n->chains, &n->chain_capacity, n->chain_count, sizeof *n->chains) ||
        !add_functions(n, side, from))
        return false;
    reverse(n->items + start, n->count - start);
    if (climb && !add_callers(n, context, &shown))
        return false;
    reverse(n->items + start, n->count - start);
    const struct report_frame *frame = report_own_frame(shown);
    if (!function_of_side(n->strings, shown, report_own_index(shown), &found->function))
        return false;
    found->shown = frame && frame->function ? frame->function : *shown->name ? shown->name : found->function.name;
    found->file = frame ? frame->file : NULL;
    found->line = frame ? frame->line : 0;
    found->number = (uint32_t)n->chain_count;
    n->chains[n->chain_count++] = (struct chain){.first = (uint32_t)start, .count = (uint32_t)(n->count - start)};
    return true;
}

static bool take_side(struct numbering *n, const struct report_side *from, uint32_t context, struct match_side *side)
{
    uintptr_t key = (uintptr_t)from->frames ^ (uintptr_t)from->name ^ from->func ^ (uintptr_t)context << 20;
    struct recent *recent = &n->recent[(key * 0x9E3779B97F4A7C15u >> 32) & (RECENT - 1)];
    if (!recent->side || !is_same_place(recent->side, from) || recent->context != context) {
        recent->side = NULL;
        if (!find_chain(n, from, context, &recent->found))
            return false;
        recent->side = from;
        recent->context = context;
    }
    *side = recent->found;
    return true;
}

size_t matching_parts(const struct matching *m, const struct report_pair *p)
{
    return m->by_context && p->context_count ? p->context_count : 1;
}

static size_t count_parts(const struct matching *m, const struct report *r)
{
    size_t count = 0;
    for (size_t i = 0; i < r->pair_count; i++)
        count += matching_parts(m, &r->pairs[i]);
    return count;
}

static bool take_pair(struct numbering *n, const struct report_pair *from, const struct report_pair_context *part,
                      struct match_pair *p)
{
    const double share = from->bytes ? (double)part->bytes / (double)from->bytes : 1;
    *p = (struct match_pair){.instances = part->instances, .bytes = part->bytes, .effect = from->effect * share};
    while (match_kinds[p->kind] != from->kind)
        p->kind++;
    return take_side(n, &from->first, part->first, &p->first) && take_side(n, &from->second, part->second, &p->second);
}

static bool take_pairs(struct numbering *n, const struct matching *m, const struct report *r, struct match_pair *pairs)
{
    size_t at = 0;
    n->report = r;
    memset(n->recent, 0, sizeof n->recent);
    for (size_t i = 0; i < r->pair_count; i++) {
        const struct report_pair *from = &r->pairs[i];
        const struct report_pair_context whole = {.instances = from->instances, .bytes = from->bytes};
        size_t parts = matching_parts(m, from);
        for (size_t k = 0; k < parts; k++)
            if (!take_pair(n, from, m->by_context && from->context_count ? &from->contexts[k] : &whole, &pairs[at++]))
                return false;
    }
    return true;
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
            pairs[kept - 1].effect += all[i].pair.effect;
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

static int compare_chains(const void *left, const void *right)
{
    const struct chain *a = left, *b = right;
    int order = compare_u64(a->count, b->count);
    for (uint32_t i = 0; !order && i < a->count; i++)
        order = compare_u64(a->numbers[i], b->numbers[i]);
    return order;
}

/* Numbers chains by the numbers of their functions: by index of a chain, in `ranks`. */
static void rank_chains(struct numbering *n, const uint32_t *numbers, uint32_t *ranks)
{
    for (size_t i = 0; i < n->chain_count; i++) {
        n->chains[i].numbers = numbers + n->chains[i].first;
        n->chains[i].index = (uint32_t)i;
    }
    if (n->chain_count)
        qsort(n->chains, n->chain_count, sizeof *n->chains, compare_chains);
    uint32_t rank = 0;
    for (size_t i = 0; i < n->chain_count; i++) {
        rank += i && compare_chains(&n->chains[i - 1], &n->chains[i]) != 0;
        ranks[n->chains[i].index] = rank;
    }
}

static void set_numbers(struct match_pair *pairs, size_t count, const uint32_t *ranks)
{
    for (size_t i = 0; i < count; i++) {
        pairs[i].first.number = ranks[pairs[i].first.number];
        pairs[i].second.number = ranks[pairs[i].second.number];
    }
}

static bool number_all(struct numbering *n, struct matching *m)
{
    uint32_t *numbers = calloc(n->count + 1, sizeof *numbers), *ranks = calloc(n->chain_count + 1, sizeof *ranks);
    for (size_t i = 0; numbers && i < n->count; i++)
        n->items[i].number = &numbers[i];
    bool ok = numbers && ranks && same_functions_number(n->items, n->count);
    if (ok) {
        rank_chains(n, numbers, ranks);
        set_numbers(m->old, m->old_count, ranks);
        set_numbers(m->new, m->new_count, ranks);
    }
    free(numbers);
    free(ranks);
    return ok;
}

/* The pairs of both, with chains numbered. */
static bool collect(struct matching *m, const struct report *old, const struct report *new)
{
    struct numbering *n = calloc(1, sizeof *n);
    if (!n)
        return false;
    n->strings = m->strings;
    n->by_context = m->by_context;
    bool ok = take_pairs(n, m, old, m->old);
    n->is_new = true;
    ok = ok && take_pairs(n, m, new, m->new) && number_all(n, m);
    free(n->items);
    free(n->chains);
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
    *m =
        (struct matching){.strings = strings_new(),
                          .by_context = old->by_context && new->by_context && old->context_depth == new->context_depth};
    m->old_count = count_parts(m, old);
    m->new_count = count_parts(m, new);
    m->old = calloc(m->old_count + 1, sizeof *m->old);
    m->new = calloc(m->new_count + 1, sizeof *m->new);
    m->places = calloc(m->new_count + 1, sizeof *m->places);
    return m->strings && m->old && m->new && m->places &&collect(m, old, new) &&
           join_alike(m->old, &m->old_count, NULL) && join_alike(m->new, &m->new_count, m->places) && match(m);
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
