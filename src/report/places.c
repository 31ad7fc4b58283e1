/* Redundant loads by the place that loads again.  An instruction is a place; so are all those that the source has on one line,
 * inlined through the same calls, since a compiler makes copies of a line (unrolled loops, say). */
#include "report/ranking.h"

#include <stdlib.h>
#include <string.h>

static int compare_text(const char *a, const char *b)
{
    if (a == b || !a || !b)
        return (a != NULL) - (b != NULL);
    return strcmp(a, b);
}

static int compare_u32(uint32_t a, uint32_t b)
{
    return (a > b) - (a < b);
}

static bool has_line(const struct report_side *s)
{
    return s->frame_count && s->frames->line;
}

static int compare_frames(const struct report_frame *a, const struct report_frame *b)
{
    int order = compare_u32(a->line, b->line);
    order = order ? order : compare_text(a->file, b->file);
    return order ? order : compare_text(a->function, b->function);
}

static int compare_sides(const struct report_side *a, const struct report_side *b)
{
    int order = compare_u32(a->func, b->func);
    if (order || a->loc == b->loc)
        return order;
    if (!has_line(a) || !has_line(b) || a->frame_count != b->frame_count)
        return compare_u32(a->loc, b->loc);
    for (uint32_t i = 0; !order && i < a->frame_count; i++)
        order = compare_frames(&a->frames[i], &b->frames[i]);
    return order;
}

/* Those without a line must not stand between two of one line: locations grow with lines only by chance. */
static int compare_kinds(const struct report_side *a, const struct report_side *b)
{
    int order = compare_u32(has_line(a), has_line(b));
    return order ? order : compare_u32(a->frame_count, b->frame_count);
}

static int by_side(const void *left, const void *right)
{
    const struct report_place *a = left, *b = right;
    int order = compare_kinds(&a->side, &b->side);
    return order ? order : compare_sides(&a->side, &b->side);
}

static int by_bytes(const void *left, const void *right)
{
    const struct report_place *a = left, *b = right;
    if (a->bytes != b->bytes)
        return a->bytes > b->bytes ? -1 : 1;
    return compare_u32(a->side.loc, b->side.loc);
}

static int by_instances(const void *left, const void *right)
{
    const struct report_place *a = left, *b = right;
    if (a->instances != b->instances)
        return a->instances > b->instances ? -1 : 1;
    return by_bytes(left, right);
}

static size_t merge(struct report_place *places, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        struct report_place *last = kept ? &places[kept - 1] : NULL;
        if (!last || by_side(last, &places[i]) != 0) {
            places[kept++] = places[i];
            continue;
        }
        last->instances += places[i].instances;
        last->bytes += places[i].bytes;
        if (places[i].side.loc <
            last->side.loc) /* so that the order of equals, and what is shown, is always the same */
            last->side = places[i].side;
    }
    return kept;
}

bool ranking_places(struct report *r, const struct report_selection *s)
{
    size_t count = 0;
    uint64_t so_far = 0;
    const struct report_class *chosen = &r->chosen[DEFECT_SILENT_LOAD_AFTER_LOAD];
    r->places = calloc(chosen->pairs + 1, sizeof *r->places);
    if (!r->places)
        return false;
    for (size_t i = 0; i < r->pair_count; i++) {
        const struct report_pair *p = &r->pairs[i];
        if (p->kind == DEFECT_SILENT_LOAD_AFTER_LOAD && !report_folds(r, p))
            r->places[count++] = (struct report_place){.side = p->second, .instances = p->instances, .bytes = p->bytes};
    }
    qsort(r->places, count, sizeof *r->places, by_side);
    r->place_count = merge(r->places, count);
    qsort(r->places, r->place_count, sizeof *r->places, s->sort == SELECT_INSTANCES ? by_instances : by_bytes);
    for (size_t i = 0; i < r->place_count; i++) {
        so_far += r->places[i].bytes;
        r->places[i].cumulative = (double)so_far / (double)chosen->bytes;
    }
    return true;
}
