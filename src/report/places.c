/* Redundant loads by the place that loads again, dead stores by both places.  An instruction is a place; so are all those that the source has on one line,
 * inlined through the same calls, since a compiler makes copies of a line (unrolled loops, say). */
#include "base/order.h"
#include "report/ranking.h"

#include <stdlib.h>
#include <string.h>

static bool has_line(const struct report_side *s)
{
    return s->frame_count && s->frames->line;
}

static int compare_frames(const struct report_frame *a, const struct report_frame *b)
{
    int order = compare_u64(a->line, b->line);
    order = order ? order : compare_text(a->file, b->file);
    return order ? order : compare_text(a->function, b->function);
}

static int compare_sides(const struct report_side *a, const struct report_side *b)
{
    int order = compare_u64(a->func, b->func);
    if (order || a->loc == b->loc)
        return order;
    if (!has_line(a) || !has_line(b) || a->frame_count != b->frame_count)
        return compare_u64(a->loc, b->loc);
    for (uint32_t i = 0; !order && i < a->frame_count; i++)
        order = compare_frames(&a->frames[i], &b->frames[i]);
    return order;
}

/* Those without a line must not stand between two of one line: locations grow with lines only by chance. */
static int compare_kinds(const struct report_side *a, const struct report_side *b)
{
    int order = compare_u64(has_line(a), has_line(b));
    return order ? order : compare_u64(a->frame_count, b->frame_count);
}

static int compare_places(const struct report_side *a, const struct report_side *b)
{
    int order = compare_u64(a->origin, b->origin);
    order = order ? order : compare_kinds(a, b);
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
        places[filled] =
            (struct report_place){.side = p->second, .instances = p->instances, .bytes = p->bytes, .effect = p->effect};
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

bool ranking_places(struct report *r, const struct report_selection *s)
{
    r->places = rank_kind(r, s, DEFECT_SILENT_LOAD_AFTER_LOAD, &r->place_count);
    r->dead = rank_kind(r, s, DEFECT_DEAD_STORE, &r->dead_count);
    return r->places && r->dead;
}
