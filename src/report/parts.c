/* What pairs are told apart by: calling contexts and objects.  The analysis counts each combination for itself; a report has the
 * two lists apart, each of which adds up to the pair.  There can be millions of parts, so they are first put where their pair's
 * are, and then sorted pair by pair. */
#include "base/order.h"
#include "report/build.h"

#include <stdlib.h>

/* A pair of the counters as one number: kind, first and second site, in the order of their locations, as sites are numbered. */
enum { PLACE_KIND = 56, PLACE_FIRST = 28, PLACE_SITE = (1 << 28) - 1 };

struct place {
    uint64_t place;
    size_t pair; /* index of the counters' */
};

/* The parts of all pairs. */
struct parts {
    struct place *places; /* in their order */
    size_t *ranks;        /* of the counters' pairs: where in `places` */
    size_t *first;        /* of each of `places`, its first part; one more than there are */
    struct report_pair_context *parts;
};

static int compare_keys(const void *left, const void *right)
{
    const struct report_pair_context *a = left, *b = right;
    int order = compare_u64(a->first, b->first);
    return order ? order : compare_u64(a->second, b->second);
}

static int compare_sizes(const void *left, const void *right)
{
    const struct report_pair_context *a = left, *b = right;
    int order = compare_u64(b->bytes, a->bytes);
    if (!order)
        order = compare_u64(b->instances, a->instances);
    return order ? order : compare_keys(a, b);
}

void parts_sort(struct report_pair_context *parts, size_t count)
{
    if (count > 1)
        qsort(parts, count, sizeof *parts, compare_sizes);
}

size_t parts_sum_up(struct report_pair_context *parts, size_t count)
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

static int compare_places(const void *left, const void *right)
{
    const struct place *a = left, *b = right;
    return compare_u64(a->place, b->place);
}

static void parts_close(struct parts *p)
{
    free(p->places);
    free(p->ranks);
    free(p->first);
    free(p->parts);
}

static bool parts_open(struct parts *p, const struct counters *counters)
{
    size_t count = counters->pair_count;
    *p = (struct parts){.places = calloc(count + 1, sizeof *p->places),
                        .ranks = calloc(count + 1, sizeof *p->ranks),
                        .first = calloc(count + 2, sizeof *p->first)};
    if (!p->places || !p->ranks || !p->first)
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct pair_count *c = &counters->pairs[i];
        p->places[i] =
            (struct place){(uint64_t)c->kind << PLACE_KIND | (uint64_t)c->first << PLACE_FIRST | c->second, i};
    }
    qsort(p->places, count, sizeof *p->places, compare_places);
    for (size_t i = 0; i < count; i++)
        p->ranks[p->places[i].pair] = i;
    return true;
}

/* Adds up the parts of each pair that are alike, if there may be any, and sorts them. */
static void finish(struct parts *p, size_t pairs, bool alike)
{
    size_t kept = 0, next = 0;
    for (size_t i = 0; i < pairs; i++) {
        struct report_pair_context *parts = p->parts + next;
        size_t count = p->first[i + 1] - next;
        next = p->first[i + 1];
        if (alike)
            count = parts_sum_up(parts, count);
        parts_sort(parts, count);
        if (parts != p->parts + kept)
            memmove(p->parts + kept, parts, count * sizeof *parts);
        p->first[i] = kept;
        kept += count;
    }
    p->first[pairs] = kept;
}

/* Puts each part where its pair's are; by context, or by object, whose ids are `ranks`. */
static bool fill(struct parts *p, const struct counters *counters, const uint32_t *ranks)
{
    size_t pairs = counters->pair_count, count = counters->context_pair_count;
    p->parts = malloc((count + 1) * sizeof *p->parts);
    if (!p->parts)
        return false;
    memset(p->first, 0, (pairs + 2) * sizeof *p->first);
    for (size_t i = 0; i < count; i++)
        p->first[p->ranks[counters->context_pairs[i].pair] + 2]++;
    for (size_t i = 2; i < pairs + 2; i++)
        p->first[i] += p->first[i - 1];
    for (size_t i = 0; i < count; i++) { /* first[i + 1] moves from the first to behind the last */
        const struct context_pair_count *c = &counters->context_pairs[i];
        struct report_pair_context *part = &p->parts[p->first[p->ranks[c->pair] + 1]++];
        *part = (struct report_pair_context){c->first_context, c->second_context, c->instances, c->bytes};
        if (ranks) {
            part->first = ranks[c->object];
            part->second = 0;
        }
    }
    finish(p, pairs, counters->objects != NULL);
    return true;
}

/* Orders pairs as parts are by their places. */
static int compare_pair_places(const void *left, const void *right)
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

/* Whether the place is the pair's. */
static bool is_of(const struct build *b, uint64_t place, const struct report_pair *p)
{
    site_id first = (site_id)(place >> PLACE_FIRST) & PLACE_SITE, second = (site_id)place & PLACE_SITE;
    uint8_t origin = first == SITE_NONE ? ORIGIN_INIT : first == SITE_HOST_WRITE ? ORIGIN_HOST : ORIGIN_SITE;
    return place >> PLACE_KIND == p->kind && origin == p->first.origin && site_loc(b->table, first) == p->first.loc &&
           site_loc(b->table, second) == p->second.loc;
}

/* Tells each pair where its parts are.  Places and pairs have the same order, once the pairs are sorted. */
static bool hand_out(struct build *b, const struct parts *parts, size_t places,
                     void (*give)(struct report *r, struct report_pair *p, size_t first, size_t count))
{
    struct report *r = b->out;
    struct report_pair **pairs = calloc(r->pair_count + 1, sizeof(struct report_pair *));
    if (!pairs)
        return false;
    for (size_t i = 0; i < r->pair_count; i++)
        pairs[i] = &r->pairs[i];
    qsort(pairs, r->pair_count, sizeof *pairs, compare_pair_places);
    size_t at = 0;
    for (size_t i = 0; i < r->pair_count; i++) {
        size_t first = parts->first[at];
        while (at < places && is_of(b, parts->places[at].place, pairs[i]))
            at++;
        give(r, pairs[i], first, parts->first[at] - first);
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

static bool give_contexts(struct build *b, const struct counters *counters, struct parts *parts)
{
    struct report *r = b->out;
    if (!fill(parts, counters, NULL))
        return false;
    r->by_context = true;
    r->contexts_merged = counters->contexts_merged;
    r->pair_contexts = parts->parts;
    parts->parts = NULL;
    return hand_out(b, parts, counters->pair_count, give_pair_contexts) && give_nodes(b, counters);
}

static bool give_objects(struct build *b, const struct counters *counters, struct parts *parts)
{
    struct report *r = b->out;
    b->object_ids = calloc(counters->object_count, sizeof *b->object_ids);
    if (!b->object_ids || !build_objects(b, counters, b->object_ids) || !fill(parts, counters, b->object_ids))
        return false;
    size_t count = parts->first[counters->pair_count];
    r->by_object = true;
    r->pair_objects = calloc(count + 1, sizeof *r->pair_objects);
    if (!r->pair_objects)
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct report_pair_context *p = &parts->parts[i];
        r->pair_objects[i] = (struct report_pair_object){p->first, p->instances, p->bytes};
    }
    return hand_out(b, parts, counters->pair_count, give_pair_objects);
}

bool build_parts(struct build *b, const struct counters *counters)
{
    if (!counters->contexts && !counters->objects)
        return true;
    struct parts parts;
    bool ok = parts_open(&parts, counters) && (!counters->contexts || give_contexts(b, counters, &parts)) &&
              (!counters->objects || give_objects(b, counters, &parts));
    parts_close(&parts);
    return ok;
}
