/* Calling contexts of pairs. */
#include "report/build.h"

#include <stdlib.h>

/* A pair of locations in a pair of contexts. */
struct part {
    uint8_t kind, origin;
    uint32_t first_loc, second_loc;
    struct report_pair_context in;
};

static int compare_u64(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int compare_places(const struct part *a, const struct part *b)
{
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->origin != b->origin)
        return a->origin < b->origin ? -1 : 1;
    if (a->first_loc != b->first_loc)
        return a->first_loc < b->first_loc ? -1 : 1;
    return compare_u64(a->second_loc, b->second_loc);
}

/* By place, then the most bytes first. */
static int compare_parts(const void *left, const void *right)
{
    const struct part *a = left, *b = right;
    int order = compare_places(a, b);
    if (!order)
        order = compare_u64(b->in.bytes, a->in.bytes);
    if (!order)
        order = compare_u64(b->in.instances, a->in.instances);
    if (!order)
        order = compare_u64(a->in.first, b->in.first);
    return order ? order : compare_u64(a->in.second, b->in.second);
}

static struct part part_of(const struct site_table *table, const struct context_pair_count *c)
{
    struct part p = {.kind = c->of.kind,
                     .origin = c->of.first == SITE_NONE         ? ORIGIN_INIT
                               : c->of.first == SITE_HOST_WRITE ? ORIGIN_HOST
                                                                : ORIGIN_SITE,
                     .first_loc = site_loc(table, c->of.first),
                     .second_loc = site_loc(table, c->of.second),
                     .in = {c->first_context, c->second_context, c->of.instances, c->of.bytes}};
    return p;
}

/* The first part that does not stand before the pair. */
static size_t find_parts(const struct part *parts, size_t count, const struct part *key)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (compare_places(&parts[middle], key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void give_parts(struct report *r, const struct part *parts, size_t count)
{
    for (size_t i = 0; i < r->pair_count; i++) {
        struct report_pair *p = &r->pairs[i];
        const struct part key = {
            .kind = p->kind, .origin = p->first.origin, .first_loc = p->first.loc, .second_loc = p->second.loc};
        size_t first = find_parts(parts, count, &key), end = first;
        while (end < count && compare_places(&parts[end], &key) == 0)
            end++;
        p->contexts = r->pair_contexts + first;
        p->context_count = end - first;
    }
}

/* Marks the contexts that pairs are in, and what leads to them; returns how many there are. */
static size_t mark_used(const struct counters *counters, uint8_t *used)
{
    size_t count = 0;
    for (size_t i = 0; i < counters->context_pair_count; i++)
        used[counters->context_pairs[i].first_context] = used[counters->context_pairs[i].second_context] = 1;
    used[0] = 0; /* outside of all functions: no context */
    for (size_t i = counters->context_count; i-- > 1;) { /* parents come first */
        if (used[i] && counters->contexts[i].parent)
            used[counters->contexts[i].parent] = 1;
        count += used[i];
    }
    return count;
}

static bool build_nodes(struct build *b, const struct counters *counters)
{
    struct report *r = b->out;
    uint8_t *used = calloc(counters->context_count, 1);
    if (!used)
        return false;
    size_t count = mark_used(counters, used);
    r->contexts = calloc(count + 1, sizeof *r->contexts);
    bool ok = r->contexts != NULL;
    for (size_t i = 1; ok && i < counters->context_count; i++) {
        const struct context_node *from = &counters->contexts[i];
        if (!used[i])
            continue;
        struct report_context *to = &r->contexts[r->context_count++];
        *to = (struct report_context){.id = (uint32_t)i, .parent = from->parent};
        if (from->func != CONTEXT_NO_FUNC)
            ok = (to->function = build_func_name(b, from->func)) != NULL;
        ok = ok && build_side(b, from->site, &to->call);
    }
    free(used);
    return ok;
}

bool build_contexts(struct build *b, const struct counters *counters)
{
    struct report *r = b->out;
    if (!counters->contexts)
        return true;
    size_t count = counters->context_pair_count;
    r->by_context = true;
    r->contexts_merged = counters->contexts_merged;
    r->pair_contexts = calloc(count + 1, sizeof *r->pair_contexts);
    struct part *parts = calloc(count + 1, sizeof *parts);
    bool ok = r->pair_contexts && parts;
    for (size_t i = 0; ok && i < count; i++)
        parts[i] = part_of(b->table, &counters->context_pairs[i]);
    if (ok) {
        qsort(parts, count, sizeof *parts, compare_parts);
        for (size_t i = 0; i < count; i++)
            r->pair_contexts[i] = parts[i].in;
        give_parts(r, parts, count);
    }
    free(parts);
    return ok && build_nodes(b, counters);
}

const struct report_context *report_context_find(const struct report *r, uint32_t id)
{
    size_t low = 0, high = r->context_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (r->contexts[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < r->context_count && r->contexts[low].id == id ? &r->contexts[low] : NULL;
}
