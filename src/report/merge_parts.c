/* Pairs of two reports with their contexts and objects. */
#include "base/order.h"
#include "report/build.h"
#include "report/distance.h"
#include "trace/object.h"

#include <stdlib.h>
#include <string.h>

/* An id of the report that is added, and of the sum. */
struct map {
    uint32_t from, to;
};

/* What makes contexts the same: how they were entered. */
static int compare_contexts(const void *left, const void *right)
{
    const struct report_context *a = left, *b = right;
    int order = compare_u64(a->parent, b->parent);
    if (!order)
        order = compare_u64(a->call.loc, b->call.loc);
    return order ? order : compare_text(a->function, b->function);
}

static uint32_t find(const struct map *map, size_t count, uint32_t id)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (map[middle].from < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && map[low].from == id ? map[low].to : 0;
}

/* Parents come before their children, so their ids are those of the sum already.  Children of a new context are new themselves, so only
 * the old ones are searched. */
static bool merge_contexts(struct report *into, const struct report *from, struct map *map)
{
    size_t old = into->context_count;
    struct report_context *sorted = calloc(old + 1, sizeof *sorted);
    struct report_context *all = reallocarray(into->contexts, old + from->context_count + 1, sizeof *all);
    into->contexts = all ? all : into->contexts;
    if (!sorted || !all) {
        free(sorted);
        return false;
    }
    if (old)
        memcpy(sorted, all, old * sizeof *sorted);
    qsort(sorted, old, sizeof *sorted, compare_contexts);
    uint32_t next = old ? all[old - 1].id + 1 : 1;
    for (size_t i = 0; i < from->context_count; i++) {
        struct report_context c = from->contexts[i];
        c.parent = find(map, i, c.parent);
        const struct report_context *same = bsearch(&c, sorted, old, sizeof *sorted, compare_contexts);
        map[i] = (struct map){c.id, same ? same->id : next};
        if (same)
            continue;
        c.id = next++;
        all[into->context_count++] = c;
    }
    free(sorted);
    return true;
}

static int compare_objects(const void *left, const void *right)
{
    const struct report_object *a = left, *b = right;
    int order = compare_u64(a->kind, b->kind);
    if (!order)
        order = compare_text(a->name, b->name);
    if (!order)
        order = compare_u64(a->func, b->func);
    if (!order)
        order = compare_u64(a->call.loc, b->call.loc);
    if (!order)
        order = compare_u64(a->context, b->context);
    if (!order && a->kind != OBJECT_HEAP)
        order = compare_u64(a->size, b->size);
    return order;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return !a || (b && b < a) ? b : a;
}

/* Runs do not use their blocks at the same time: the peak is that of one. */
static void add_use(struct object_use *to, const struct object_use *from)
{
    to->loads += from->loads;
    to->stores += from->stores;
    to->bytes_loaded += from->bytes_loaded;
    to->bytes_stored += from->bytes_stored;
    to->freed += from->freed;
    to->live_blocks += from->live_blocks;
    to->live_bytes += from->live_bytes;
    to->lifetime += from->lifetime;
    to->never_read += from->never_read;
    to->never_read_blocks += from->never_read_blocks;
    to->smallest = smaller(to->smallest, from->smallest);
    to->largest = from->largest > to->largest ? from->largest : to->largest;
    if (from->peak_bytes > to->peak_bytes) {
        to->peak_bytes = from->peak_bytes;
        to->peak_blocks = from->peak_blocks;
    }
}

static void add_object(struct report_object *to, const struct report_object *from)
{
    for (int kind = 0; kind < DEFECT_KINDS; kind++) {
        to->totals[kind].instances += from->totals[kind].instances;
        to->totals[kind].bytes += from->totals[kind].bytes;
    }
    to->blocks += from->blocks;
    add_use(&to->use, &from->use);
    if (to->kind == OBJECT_HEAP)
        to->size += from->size;
}

static int compare_ranks(const void *left, const void *right)
{
    const struct report_object *a = left, *b = right;
    int order = compare_u64(report_object_waste(b), report_object_waste(a));
    if (!order)
        order = compare_u64(b->totals[DEFECT_SILENT_LOAD_AFTER_STORE].bytes,
                            a->totals[DEFECT_SILENT_LOAD_AFTER_STORE].bytes);
    if (!order)
        order = compare_u64(b->use.loads + b->use.stores, a->use.loads + a->use.stores);
    return order ? order : compare_u64(a->id, b->id);
}

/* The ids are from 1 on without gaps, before and afterwards. */
static void rank_objects(struct report *r, struct map *old)
{
    if (r->object_count)
        qsort(r->objects, r->object_count, sizeof *r->objects, compare_ranks);
    for (uint32_t i = 0; i < r->object_count; i++) {
        struct report_object *o = &r->objects[i];
        old[o->id - 1] = (struct map){o->id, i + 1};
        o->id = i + 1;
    }
}

/* Ids are ranks, so those of the sum's objects change, too: `old` tells how. */
static bool merge_objects(struct report *into, const struct report *from, const struct map *contexts, struct map *map,
                          struct map *old)
{
    size_t count = into->object_count;
    struct report_object *sorted = calloc(count + 1, sizeof *sorted);
    struct report_object *all = reallocarray(into->objects, count + from->object_count + 1, sizeof *all);
    into->objects = all ? all : into->objects;
    if (!sorted || !all) {
        free(sorted);
        return false;
    }
    if (count)
        memcpy(sorted, all, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare_objects);
    for (size_t i = 0; i < from->object_count; i++) {
        struct report_object o = from->objects[i];
        o.context = find(contexts, from->context_count, o.context);
        const struct report_object *same = bsearch(&o, sorted, count, sizeof *sorted, compare_objects);
        uint32_t id = same ? same->id : (uint32_t)into->object_count + 1;
        map[i] = (struct map){o.id, id};
        o.id = id;
        if (same)
            add_object(&all[id - 1], &o);
        else
            all[into->object_count++] = o;
    }
    free(sorted);
    rank_objects(into, old);
    for (size_t i = 0; i < from->object_count; i++)
        map[i].to = find(old, into->object_count, map[i].to);
    return true;
}

/* The new parts of all pairs, and room to sum up those of one. */
struct merged {
    struct report_pair_context *some;
    struct report_pair_context *contexts;
    struct report_pair_object *objects;
    size_t context_count, object_count;
};

static size_t rank(struct report_pair_context *parts, size_t count)
{
    count = parts_sum_up(parts, count);
    parts_sort(parts, count);
    return count;
}

static void add_contexts(struct merged *m, struct report_pair *to, const struct report_pair *pairs, size_t count)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < pairs[i].context_count; k++)
            m->some[n++] = pairs[i].contexts[k];
    to->contexts = m->contexts + m->context_count;
    to->context_count = rank(m->some, n);
    for (size_t i = 0; i < to->context_count; i++)
        m->contexts[m->context_count++] = m->some[i];
}

static void add_objects(struct merged *m, struct report_pair *to, const struct report_pair *pairs, size_t count)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < pairs[i].object_count; k++) {
            const struct report_pair_object *o = &pairs[i].objects[k];
            m->some[n++] = (struct report_pair_context){o->object, 0, o->instances, o->bytes};
        }
    to->objects = m->objects + m->object_count;
    to->object_count = rank(m->some, n);
    for (size_t i = 0; i < to->object_count; i++) {
        const struct report_pair_context *p = &m->some[i];
        m->objects[m->object_count++] = (struct report_pair_object){p->first, p->instances, p->bytes};
    }
}

static void merge_sorted(struct report *r, struct merged *m)
{
    size_t kept = 0;
    for (size_t i = 0, end; i < r->pair_count; i = end) {
        struct report_pair sum = r->pairs[i];
        for (end = i + 1; end < r->pair_count && compare_groups(&sum, &r->pairs[end]) == 0; end++) {
            sum.instances += r->pairs[end].instances;
            sum.bytes += r->pairs[end].bytes;
            sum.effect += r->pairs[end].effect;
            report_distance_add(&sum.distance, &r->pairs[end].distance);
        }
        add_contexts(m, &sum, &r->pairs[i], end - i);
        add_objects(m, &sum, &r->pairs[i], end - i);
        r->pairs[kept++] = sum;
    }
    r->pair_count = kept;
    qsort(r->pairs, kept, sizeof *r->pairs, compare_pairs);
}

static bool merge_pairs(struct report *into, const struct report *from)
{
    size_t contexts = 0, objects = 0, count = into->pair_count + from->pair_count;
    struct report_pair *all = reallocarray(into->pairs, count + 1, sizeof *all);
    if (!all)
        return false;
    into->pairs = all;
    if (from->pair_count)
        memcpy(all + into->pair_count, from->pairs, from->pair_count * sizeof *all);
    into->pair_count = count;
    for (size_t i = 0; i < count; i++) {
        contexts += all[i].context_count;
        objects += all[i].object_count;
    }
    struct merged m = {.some = calloc((contexts > objects ? contexts : objects) + 1, sizeof *m.some),
                       .contexts = calloc(contexts + 1, sizeof *m.contexts),
                       .objects = calloc(objects + 1, sizeof *m.objects)};
    bool ok = m.some && m.contexts && m.objects;
    if (ok) {
        qsort(all, count, sizeof *all, compare_groups);
        merge_sorted(into, &m);
        free(into->pair_contexts);
        free(into->pair_objects);
        into->pair_contexts = m.contexts;
        into->pair_objects = m.objects;
    } else {
        free(m.contexts);
        free(m.objects);
    }
    free(m.some);
    return ok;
}

static void drop_contexts(struct report *r)
{
    r->by_context = r->contexts_merged = false;
    r->context_depth = 0;
    r->context_count = 0;
    for (size_t i = 0; i < r->pair_count; i++)
        r->pairs[i].context_count = 0;
    for (size_t i = 0; i < r->object_count; i++)
        r->objects[i].context = 0;
}

static void drop_objects(struct report *r)
{
    r->by_object = false;
    r->object_count = 0;
    for (size_t i = 0; i < r->pair_count; i++)
        r->pairs[i].object_count = 0;
}

static void renumber(struct report *r, size_t contexts, const struct map *context_map, size_t objects,
                     const struct map *object_map)
{
    size_t context_parts = 0, object_parts = 0;
    for (size_t i = 0; i < r->pair_count; i++) {
        context_parts += r->pairs[i].context_count;
        object_parts += r->pairs[i].object_count;
    }
    for (size_t i = 0; context_map && i < context_parts; i++) {
        struct report_pair_context *c = &r->pair_contexts[i];
        c->first = find(context_map, contexts, c->first);
        c->second = find(context_map, contexts, c->second);
    }
    for (size_t i = 0; i < object_parts; i++)
        r->pair_objects[i].object = find(object_map, objects, r->pair_objects[i].object);
}

bool merge_parts(struct report *into, struct report *from, const char **lost)
{
    bool contexts_differ = into->by_context != from->by_context || into->context_depth != from->context_depth;
    bool objects_differ = into->by_object != from->by_object;
    if (contexts_differ || objects_differ)
        *lost = !objects_differ ? "calling contexts" : !contexts_differ ? "objects" : "calling contexts and objects";
    if (contexts_differ) {
        drop_contexts(into);
        drop_contexts(from);
    }
    if (objects_differ) {
        drop_objects(into);
        drop_objects(from);
    }
    into->contexts_merged = into->contexts_merged || from->contexts_merged;
    struct map *contexts = calloc(from->context_count + 1, sizeof *contexts);
    struct map *objects = calloc(from->object_count + 1, sizeof *objects);
    struct map *old = calloc(into->object_count + from->object_count + 1, sizeof *old);
    bool ok = contexts && objects && old && merge_contexts(into, from, contexts) &&
              merge_objects(into, from, contexts, objects, old);
    if (ok) {
        renumber(from, from->context_count, contexts, from->object_count, objects);
        renumber(into, 0, NULL, into->object_count, old);
        ok = merge_pairs(into, from);
    }
    free(contexts);
    free(objects);
    free(old);
    return ok;
}
