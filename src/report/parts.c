/* What pairs are told apart by: calling contexts and objects.  The analysis counts each combination for itself; a report has the
 * two lists apart, each of which adds up to the pair.  There can be millions of parts, so their places are single numbers. */
#include "base/order.h"
#include "report/build.h"

#include <stdlib.h>

/* A place here: kind, first and second site, in the order of their locations, as sites are numbered. */
enum { PLACE_KIND = 56, PLACE_FIRST = 28, PLACE_SITE = (1 << 28) - 1 };

static int compare_keys(const void *left, const void *right)
{
    const struct part *a = left, *b = right;
    int order = compare_u64(a->place, b->place);
    if (!order)
        order = compare_u64(a->key[0], b->key[0]);
    return order ? order : compare_u64(a->key[1], b->key[1]);
}

static int compare_sizes(const void *left, const void *right)
{
    const struct part *a = left, *b = right;
    int order = compare_u64(a->place, b->place);
    if (!order)
        order = compare_u64(b->bytes, a->bytes);
    if (!order)
        order = compare_u64(b->instances, a->instances);
    return order ? order : compare_keys(a, b);
}

void parts_sort(struct part *parts, size_t count)
{
    qsort(parts, count, sizeof *parts, compare_sizes);
}

size_t parts_sum_up(struct part *parts, size_t count)
{
    size_t last = 0;
    if (!count)
        return 0;
    qsort(parts, count, sizeof *parts, compare_keys);
    for (size_t i = 1; i < count; i++) {
        if (compare_keys(&parts[last], &parts[i]) != 0) {
            parts[++last] = parts[i];
            continue;
        }
        parts[last].instances += parts[i].instances;
        parts[last].bytes += parts[i].bytes;
    }
    return last + 1;
}

static struct part part_of(const struct context_pair_count *c)
{
    return (struct part){.place =
                             (uint64_t)c->of.kind << PLACE_KIND | (uint64_t)c->of.first << PLACE_FIRST | c->of.second,
                         .instances = c->of.instances,
                         .bytes = c->of.bytes};
}

/* Orders pairs as parts are by their places. */
static int compare_places(const void *left, const void *right)
{
    const struct report_pair *const *x = left, *const *y = right;
    const struct report_pair *a = *x, *b = *y;
    static const uint8_t rank[] = {[ORIGIN_INIT] = 0, [ORIGIN_HOST] = 1, [ORIGIN_SITE] = 2};
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->first.origin != b->first.origin)
        return rank[a->first.origin] < rank[b->first.origin] ? -1 : 1;
    int order = compare_u64(a->first.loc, b->first.loc);
    return order ? order : compare_u64(a->second.loc, b->second.loc);
}

/* Whether a part is one of the pair's. */
static bool is_of(const struct build *b, const struct part *part, const struct report_pair *p)
{
    site_id first = (site_id)(part->place >> PLACE_FIRST) & PLACE_SITE, second = (site_id)part->place & PLACE_SITE;
    uint8_t origin = first == SITE_NONE ? ORIGIN_INIT : first == SITE_HOST_WRITE ? ORIGIN_HOST : ORIGIN_SITE;
    return part->place >> PLACE_KIND == p->kind && origin == p->first.origin &&
           site_loc(b->table, first) == p->first.loc && site_loc(b->table, second) == p->second.loc;
}

/* Tells each pair where its parts are.  Parts and pairs have the same order, once the pairs are sorted. */
static bool hand_out(struct build *b, const struct part *parts, size_t count,
                     void (*give)(struct report *r, struct report_pair *p, size_t first, size_t count))
{
    struct report *r = b->out;
    struct report_pair **pairs = calloc(r->pair_count + 1, sizeof(struct report_pair *));
    if (!pairs)
        return false;
    for (size_t i = 0; i < r->pair_count; i++)
        pairs[i] = &r->pairs[i];
    qsort(pairs, r->pair_count, sizeof *pairs, compare_places);
    size_t at = 0;
    for (size_t i = 0; i < r->pair_count; i++) {
        size_t first = at;
        while (at < count && is_of(b, &parts[at], pairs[i]))
            at++;
        give(r, pairs[i], first, at - first);
    }
    free(pairs);
    return true;
}

static void give_pair_contexts(struct report *r, struct report_pair *p, size_t first, size_t count)
{
    p->contexts = r->pair_contexts + first;
    p->context_count = count;
}

static void give_pair_objects(struct report *r, struct report_pair *p, size_t first, size_t count)
{
    p->objects = r->pair_objects + first;
    p->object_count = count;
}

/* Of the contexts that pairs and their objects are in. */
static bool give_nodes(struct build *b, const struct counters *counters)
{
    uint8_t *used = calloc(counters->context_count, 1);
    for (size_t i = 0; used && i < counters->context_pair_count; i++) {
        const struct context_pair_count *c = &counters->context_pairs[i];
        used[c->first_context] = used[c->second_context] = 1;
        if (counters->objects)
            used[counters->objects[c->object].context] = 1;
    }
    bool ok = used && build_contexts(b, counters, used);
    free(used);
    return ok;
}

static bool give_contexts(struct build *b, const struct counters *counters, struct part *parts)
{
    struct report *r = b->out;
    size_t count = counters->context_pair_count;
    for (size_t i = 0; i < count; i++) {
        parts[i] = part_of(&counters->context_pairs[i]);
        parts[i].key[0] = counters->context_pairs[i].first_context;
        parts[i].key[1] = counters->context_pairs[i].second_context;
    }
    if (counters->objects) /* else there are no two alike */
        count = parts_sum_up(parts, count);
    parts_sort(parts, count);
    r->by_context = true;
    r->contexts_merged = counters->contexts_merged;
    r->pair_contexts = calloc(count + 1, sizeof *r->pair_contexts);
    if (!r->pair_contexts)
        return false;
    for (size_t i = 0; i < count; i++)
        r->pair_contexts[i] =
            (struct report_pair_context){parts[i].key[0], parts[i].key[1], parts[i].instances, parts[i].bytes};
    return hand_out(b, parts, count, give_pair_contexts) && give_nodes(b, counters);
}

static bool give_objects(struct build *b, const struct counters *counters, struct part *parts)
{
    struct report *r = b->out;
    size_t count = counters->context_pair_count;
    uint32_t *ranks = calloc(counters->object_count, sizeof *ranks);
    if (!ranks || !build_objects(b, counters, ranks)) {
        free(ranks);
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        parts[i] = part_of(&counters->context_pairs[i]);
        parts[i].key[0] = ranks[counters->context_pairs[i].object];
    }
    free(ranks);
    count = parts_sum_up(parts, count);
    parts_sort(parts, count);
    r->by_object = true;
    r->pair_objects = calloc(count + 1, sizeof *r->pair_objects);
    if (!r->pair_objects)
        return false;
    for (size_t i = 0; i < count; i++)
        r->pair_objects[i] = (struct report_pair_object){parts[i].key[0], parts[i].instances, parts[i].bytes};
    return hand_out(b, parts, count, give_pair_objects);
}

bool build_parts(struct build *b, const struct counters *counters)
{
    if (!counters->contexts && !counters->objects)
        return true;
    struct part *parts = calloc(counters->context_pair_count + 1, sizeof *parts);
    bool ok = parts && (!counters->contexts || give_contexts(b, counters, parts)) &&
              (!counters->objects || give_objects(b, counters, parts));
    free(parts);
    return ok;
}
