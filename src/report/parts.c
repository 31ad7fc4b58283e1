/* What pairs are told apart by: calling contexts and objects.  The analysis counts each combination for itself; a report has the
 * two lists apart, each of which adds up to the pair. */
#include "report/build.h"

#include <stdlib.h>

/* A part of a pair of locations. */
struct part {
    uint8_t kind, origin;
    uint32_t first_loc, second_loc;
    uint32_t key[2]; /* the contexts of both sides; or the object, and 0 */
    uint64_t instances, bytes;
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

static int compare_keys(const void *left, const void *right)
{
    const struct part *a = left, *b = right;
    int order = compare_places(a, b);
    if (!order)
        order = compare_u64(a->key[0], b->key[0]);
    return order ? order : compare_u64(a->key[1], b->key[1]);
}

/* By place, then the most bytes first. */
static int compare_sizes(const void *left, const void *right)
{
    const struct part *a = left, *b = right;
    int order = compare_places(a, b);
    if (!order)
        order = compare_u64(b->bytes, a->bytes);
    if (!order)
        order = compare_u64(b->instances, a->instances);
    return order ? order : compare_keys(a, b);
}

static struct part part_of(const struct site_table *table, const struct context_pair_count *c)
{
    return (struct part){.kind = c->of.kind,
                         .origin = c->of.first == SITE_NONE         ? ORIGIN_INIT
                                   : c->of.first == SITE_HOST_WRITE ? ORIGIN_HOST
                                                                    : ORIGIN_SITE,
                         .first_loc = site_loc(table, c->of.first),
                         .second_loc = site_loc(table, c->of.second),
                         .instances = c->of.instances,
                         .bytes = c->of.bytes};
}

/* Adds up parts that are alike, and puts them into their order; returns how many are left. */
static size_t sum_up(struct part *parts, size_t count)
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
    qsort(parts, last + 1, sizeof *parts, compare_sizes);
    return last + 1;
}

/* Where the parts of a pair are; returns how many. */
static size_t find_parts(const struct part *parts, size_t count, const struct report_pair *p, size_t *first)
{
    const struct part key = {
        .kind = p->kind, .origin = p->first.origin, .first_loc = p->first.loc, .second_loc = p->second.loc};
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (compare_places(&parts[middle], &key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *first = low;
    while (low < count && compare_places(&parts[low], &key) == 0)
        low++;
    return low - *first;
}

static bool give_contexts(struct build *b, const struct counters *counters, struct part *parts)
{
    struct report *r = b->out;
    size_t count = counters->context_pair_count;
    uint8_t *used = calloc(counters->context_count, 1);
    for (size_t i = 0; i < count; i++) {
        parts[i] = part_of(b->table, &counters->context_pairs[i]);
        parts[i].key[0] = counters->context_pairs[i].first_context;
        parts[i].key[1] = counters->context_pairs[i].second_context;
    }
    count = sum_up(parts, count);
    r->by_context = true;
    r->contexts_merged = counters->contexts_merged;
    r->pair_contexts = calloc(count + 1, sizeof *r->pair_contexts);
    if (!used || !r->pair_contexts) {
        free(used);
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        r->pair_contexts[i] =
            (struct report_pair_context){parts[i].key[0], parts[i].key[1], parts[i].instances, parts[i].bytes};
        used[parts[i].key[0]] = used[parts[i].key[1]] = 1;
    }
    for (size_t i = 0; i < r->pair_count; i++) {
        size_t first;
        r->pairs[i].context_count = find_parts(parts, count, &r->pairs[i], &first);
        r->pairs[i].contexts = r->pair_contexts + first;
    }
    for (size_t i = 0; counters->objects && i < counters->context_pair_count; i++)
        used[counters->objects[counters->context_pairs[i].object].context] = 1;
    bool ok = build_contexts(b, counters, used);
    free(used);
    return ok;
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
        parts[i] = part_of(b->table, &counters->context_pairs[i]);
        parts[i].key[0] = ranks[counters->context_pairs[i].object];
    }
    free(ranks);
    count = sum_up(parts, count);
    r->by_object = true;
    r->pair_objects = calloc(count + 1, sizeof *r->pair_objects);
    if (!r->pair_objects)
        return false;
    for (size_t i = 0; i < count; i++)
        r->pair_objects[i] = (struct report_pair_object){parts[i].key[0], parts[i].instances, parts[i].bytes};
    for (size_t i = 0; i < r->pair_count; i++) {
        size_t first;
        r->pairs[i].object_count = find_parts(parts, count, &r->pairs[i], &first);
        r->pairs[i].objects = r->pair_objects + first;
    }
    return true;
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
