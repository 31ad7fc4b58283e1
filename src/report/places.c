/* Redundant loads by the place that loads again, dead stores by both places, bytes unread at the end by what stored them.  A place is the line of the own frame (own.h), whatever is inlined
 * there and how often the compiler made copies of it (unrolled loops, clones); where there is no line, an instruction. */
#include "base/order.h"
#include "report/ranking.h"

#include <stdlib.h>
#include <string.h>

static const struct report_frame *line_of(const struct report_side *s)
{
    const struct report_frame *f = report_own_frame(s);
    return f && f->line && f->file ? f : NULL;
}

static int compare_sides(const struct report_side *a, const struct report_side *b)
{
    const struct report_frame *x = line_of(a), *y = line_of(b);
    if (!x || !y) {
        int order = compare_u64(x != NULL, y != NULL);
        order = order ? order : compare_u64(a->func, b->func);
        return order ? order : compare_u64(a->loc, b->loc);
    }
    int order = compare_u64(x->line, y->line);
    return order ? order : compare_text(x->file, y->file);
}

static int compare_places(const struct report_side *a, const struct report_side *b)
{
    int order = compare_u64(a->origin, b->origin);
    return order ? order : compare_sides(a, b);
}

static int by_sides(const void *left, const void *right)
{
    const struct report_place *a = left, *b = right;
    int order = compare_places(&a->side, &b->side);
    return order ? order : compare_places(&a->first, &b->first);
}

static int by_bytes(const void *left, const void *right)
{
    const struct report_place *a = left, *b = right;
    if (a->bytes != b->bytes)
        return a->bytes > b->bytes ? -1 : 1;
    int order = compare_u64(a->first.loc, b->first.loc);
    return order ? order : compare_u64(a->side.loc, b->side.loc);
}

static int by_effect(const void *left, const void *right)
{
    const struct report_place *a = left, *b = right;
    if (a->effect != b->effect)
        return a->effect > b->effect ? -1 : 1;
    return by_bytes(left, right);
}

static int by_instances(const void *left, const void *right)
{
    const struct report_place *a = left, *b = right;
    if (a->instances != b->instances)
        return a->instances > b->instances ? -1 : 1;
    return by_bytes(left, right);
}

/* What is shown of several that are alike must not depend on their order. */
static bool stands_before(const struct report_place *a, const struct report_place *b)
{
    return a->first.loc != b->first.loc ? a->first.loc < b->first.loc : a->side.loc < b->side.loc;
}

static size_t merge(struct report_place *places, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        struct report_place *last = kept ? &places[kept - 1] : NULL;
        if (!last || by_sides(last, &places[i]) != 0) {
            places[kept++] = places[i];
            continue;
        }
        last->pairs += places[i].pairs;
        last->instances += places[i].instances;
        last->bytes += places[i].bytes;
        last->effect += places[i].effect;
        if (stands_before(&places[i], last)) {
            last->first = places[i].first;
            last->side = places[i].side;
        }
    }
    return kept;
}

static int (*order_of(enum select_sort sort))(const void *, const void *)
{
    bool bytes = sort == SELECT_BYTES || sort == SELECT_SHARE;
    return sort == SELECT_INSTANCES ? by_instances : bytes ? by_bytes : by_effect;
}

/* The places of a kind; NULL when memory is short. */
static struct report_place *rank_kind(const struct report *r, const struct report_selection *s, unsigned kind,
                                      size_t *count)
{
    size_t filled = 0;
    uint64_t so_far = 0;
    struct report_place *places = calloc(r->chosen[kind].pairs + 1, sizeof *places);
    if (!places)
        return NULL;
    for (size_t i = 0; i < r->pair_count; i++) {
        const struct report_pair *p = &r->pairs[i];
        if (p->kind != kind || report_folds(r, p))
            continue;
        places[filled] = (struct report_place){
            .side = p->second, .pairs = 1, .instances = p->instances, .bytes = p->bytes, .effect = p->effect};
        if (kind == DEFECT_DEAD_STORE)
            places[filled].first = p->first;
        filled++;
    }
    qsort(places, filled, sizeof *places, by_sides);
    *count = merge(places, filled);
    qsort(places, *count, sizeof *places, order_of(s->sort));
    for (size_t i = 0; i < *count; i++) {
        so_far += places[i].bytes;
        places[i].cumulative = (double)so_far / (double)r->chosen[kind].bytes;
    }
    return places;
}

/* Bytes that were unread at the end, and so the same for every selection. */
static struct report_place *rank_unread(const struct report *r, size_t *count)
{
    uint64_t so_far = 0;
    struct report_place *places = calloc(r->unread_count + 1, sizeof *places);
    if (!places)
        return NULL;
    for (size_t i = 0; i < r->unread_count; i++)
        places[i] = (struct report_place){.side = r->unread[i].store, .bytes = r->unread[i].bytes};
    qsort(places, r->unread_count, sizeof *places, by_sides);
    *count = merge(places, r->unread_count);
    qsort(places, *count, sizeof *places, by_bytes);
    for (size_t i = 0; i < *count; i++) {
        so_far += places[i].bytes;
        places[i].cumulative = (double)so_far / (double)r->unread_at_exit;
    }
    return places;
}

bool ranking_places(struct report *r, const struct report_selection *s)
{
    r->places = rank_kind(r, s, DEFECT_SILENT_LOAD_AFTER_LOAD, &r->place_count);
    r->dead = rank_kind(r, s, DEFECT_DEAD_STORE, &r->dead_count);
    r->unread_places = rank_unread(r, &r->unread_place_count);
    return r->places && r->dead && r->unread_places;
}
