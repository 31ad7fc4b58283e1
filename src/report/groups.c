/* Pairs summed up by function, line or object.  A pair is put down to where its second side is: that is the access which found
 * the value there, or overwrote it. */
#include "base/buf.h"
#include "base/order.h"
#include "report/functions.h"
#include "report/ranking.h"
#include "report/strings.h"
#include "trace/object.h"

#include <stdlib.h>
#include <string.h>

enum { BESTS = 10 }; /* groups that have a `best` at least */

static bool name_group(struct report *r, enum select_by by, const struct report_side *side, struct report_group *g)
{
    const struct report_frame *f = report_own_frame(side);
    struct function function;
    if (!function_of_side(r->strings, side, report_own_index(side), &function))
        return false;
    g->name = function.name;
    if (by != SELECT_BY_LINE) {
        g->file = function.file;
        g->func = function.func;
        return true;
    }
    struct buf text;
    buf_init(&text, SIZE_MAX / 2);
    if (f && f->file && f->line)
        buf_printf(&text, "%s:%u (%s)", f->file, (unsigned)f->line, g->name);
    else
        buf_printf(&text, "%s, no line", g->name);
    g->name = text.failed ? NULL : strings_add(r->strings, (const char *)text.data, text.size);
    buf_release(&text);
    return g->name != NULL;
}

/* Names may be alike: a function of the program's may be called as the fold is. */
static int compare_names(const void *left, const void *right)
{
    const struct report_group *a = left, *b = right;
    if (a->folded != b->folded)
        return a->folded ? 1 : -1;
    if (a->object != b->object || !a->name)
        return (a->object > b->object) - (a->object < b->object);
    const struct function x = {a->name, a->file, a->func}, y = {b->name, b->file, b->func};
    return function_compare(&x, &y);
}

static int compare_bytes(const void *left, const void *right)
{
    const struct report_group *a = left, *b = right;
    if (a->waste_bytes != b->waste_bytes)
        return a->waste_bytes > b->waste_bytes ? -1 : 1;
    return compare_names(left, right);
}

static int compare_times(const void *left, const void *right)
{
    const struct report_group *a = left, *b = right;
    if (a->waste_instances != b->waste_instances)
        return a->waste_instances > b->waste_instances ? -1 : 1;
    return compare_bytes(left, right);
}

static int compare_effects(const void *left, const void *right)
{
    const struct report_group *a = left, *b = right;
    if (a->effect != b->effect)
        return a->effect > b->effect ? -1 : 1;
    return compare_bytes(left, right);
}

static int (*order_of(enum select_sort sort))(const void *, const void *)
{
    bool bytes = sort == SELECT_BYTES || sort == SELECT_SHARE;
    return sort == SELECT_INSTANCES ? compare_times : bytes ? compare_bytes : compare_effects;
}

/* Places of the source: those that have a line stand before those that are known by their instruction alone. */
static int compare_lines(const struct report_pair *a, const struct report_pair *b)
{
    const struct report_frame *x = report_own_frame(&a->second), *y = report_own_frame(&b->second);
    bool has_x = x && x->file && x->line, has_y = y && y->file && y->line;
    if (has_x != has_y)
        return has_x ? -1 : 1;
    if (!has_x)
        return compare_u64(a->second.loc, b->second.loc);
    int order = compare_u64(x->line, y->line);
    return order ? order : strcmp(x->file, y->file);
}

/* Pairs of a group that are shown as one: of one kind and line. */
static int compare_rows(const struct report_group *a, const struct report_group *b)
{
    int order = compare_names(a, b);
    order = order ? order : a->best.pair->kind - b->best.pair->kind;
    return order ? order : compare_lines(a->best.pair, b->best.pair);
}

/* Within a row the pair with the most effect stands first, or the first of several. */
static int compare_parts(const void *left, const void *right)
{
    const struct report_group *a = left, *b = right;
    int order = compare_rows(a, b);
    if (!order && a->effect != b->effect)
        return a->effect > b->effect ? -1 : 1;
    return order ? order : (a->best.pair > b->best.pair) - (a->best.pair < b->best.pair);
}

static void add_group(struct report_group *to, const struct report_group *from)
{
    for (int kind = 0; kind < DEFECT_KINDS; kind++)
        to->bytes[kind] += from->bytes[kind];
    to->waste_bytes += from->waste_bytes;
    to->waste_instances += from->waste_instances;
    to->effect += from->effect;
    to->pairs += from->pairs;
}

/* A part of the pair has its part of the effect. */
static void fill(struct report_group *g, const struct report_pair *p, uint64_t instances, uint64_t bytes)
{
    *g = (struct report_group){.func = UINT32_MAX, .pairs = 1};
    g->effect = p->bytes ? p->effect * ((double)bytes / (double)p->bytes) : 0;
    g->best = (struct report_best){p, instances, bytes, g->effect};
    g->bytes[p->kind] = bytes;
    if (p->kind != DEFECT_SILENT_LOAD_AFTER_STORE) {
        g->waste_bytes = bytes;
        g->waste_instances = instances;
    }
}

static const char *whole_name(const struct report_object *o)
{
    return o->whole ? o->whole : o->name;
}

static int compare_wholes(const void *left, const void *right)
{
    const struct report_object *const *x = left, *const *y = right;
    const struct report_object *a = *x, *b = *y;
    int order = a->kind - b->kind;
    order = order ? order : strcmp(whole_name(a), whole_name(b));
    order = order ? order : compare_u64(a->func, b->func);
    if (!order && a->size != b->size)
        order = a->size < b->size ? -1 : 1;
    return order ? order : (a->id > b->id) - (a->id < b->id);
}

/* By an object's id, the object that it is summed up with: fields with the first of their variable's; else itself.  NULL when
 * memory is short. */
static uint32_t *find_wholes(const struct report *r)
{
    const struct report_object **variables = calloc(r->object_count + 1, sizeof(const struct report_object *));
    uint32_t *wholes = calloc(r->object_count + 1, sizeof *wholes);
    size_t count = 0;
    for (size_t i = 0; variables && wholes && i < r->object_count; i++) {
        wholes[r->objects[i].id] = r->objects[i].id;
        if ((r->objects[i].kind == OBJECT_VARIABLE || r->objects[i].kind == OBJECT_STACK) && r->objects[i].name)
            variables[count++] = &r->objects[i];
    }
    if (wholes && count)
        qsort(variables, count, sizeof *variables, compare_wholes);
    for (size_t i = 1; wholes && i < count; i++) {
        const struct report_object *a = variables[i - 1], *b = variables[i];
        if ((a->whole || b->whole) && a->kind == b->kind && a->size == b->size && a->func == b->func &&
            strcmp(whole_name(a), whole_name(b)) == 0)
            wholes[b->id] = wholes[a->id];
    }
    bool ok = variables;
    free(variables);
    if (ok)
        return wholes;
    free(wholes);
    return NULL;
}

/* One group for each pair, or of each of its objects. */
static bool fill_all(struct report *r, enum select_by by, const uint32_t *wholes, size_t *count)
{
    for (size_t i = 0; i < r->pair_count; i++) {
        const struct report_pair *p = &r->pairs[i];
        for (size_t part = 0; by == SELECT_BY_OBJECT && part < p->object_count; part++) {
            struct report_group *g = &r->groups[(*count)++];
            fill(g, p, p->objects[part].instances, p->objects[part].bytes);
            g->object = wholes[p->objects[part].object];
            for (size_t before = 0; before < part; before++) /* a pair counts once, in how many fields it may be */
                if (wholes[p->objects[before].object] == g->object)
                    g->pairs = 0;
        }
        if (by == SELECT_BY_OBJECT)
            continue;
        struct report_group *g = &r->groups[(*count)++];
        fill(g, p, p->instances, p->bytes);
        g->folded = report_folds(r, p);
        if (g->folded)
            g->name = "the allocator's and runtime's own work";
        else if (!name_group(r, by, &p->second, g))
            return false;
    }
    return true;
}

/* Adds up the row that begins at `at`; the place behind it. */
static size_t add_row(const struct report_group *parts, size_t at, size_t count, struct report_group *row)
{
    *row = parts[at];
    for (at++; at < count && compare_rows(row, &parts[at]) == 0; at++) {
        add_group(row, &parts[at]);
        row->best.instances += parts[at].best.instances;
        row->best.bytes += parts[at].best.bytes;
        row->best.effect += parts[at].best.effect;
    }
    return at;
}

static bool is_better(const struct report_best *a, const struct report_best *b)
{
    return a->effect != b->effect ? a->effect > b->effect : a->bytes > b->bytes;
}

static void merge(struct report *r, size_t count)
{
    struct report_group row;
    qsort(r->groups, count, sizeof *r->groups, compare_parts);
    for (size_t i = 0; i < count;) {
        struct report_group *last = r->group_count ? &r->groups[r->group_count - 1] : NULL;
        i = add_row(r->groups, i, count, &row);
        if (!last || compare_names(last, &row) != 0) {
            r->groups[r->group_count++] = row;
            continue;
        }
        add_group(last, &row);
        if (is_better(&row.best, &last->best))
            last->best = row.best;
    }
}

/* Pairs may be cut or sorted yet: the first groups get copies of theirs. */
static bool keep_bests(struct report *r, uint64_t top)
{
    const uint64_t most = top > BESTS ? top : BESTS;
    const size_t kept = r->group_count < most ? r->group_count : (size_t)most;
    r->bests = calloc(kept + 1, sizeof *r->bests);
    for (size_t i = 0; r->bests && i < r->group_count; i++) {
        if (i < kept) {
            r->bests[i] = *r->groups[i].best.pair;
            r->groups[i].best.pair = &r->bests[i];
        } else {
            r->groups[i].best = (struct report_best){.pair = NULL};
        }
    }
    return r->bests;
}

bool ranking_groups(struct report *r, const struct report_selection *s)
{
    static const char *const words[] = {
        [SELECT_BY_LINE] = "line", [SELECT_BY_FUNCTION] = "function", [SELECT_BY_OBJECT] = "object"};
    size_t count = 1, filled = 0;
    for (size_t i = 0; i < r->pair_count; i++)
        count += s->by == SELECT_BY_OBJECT ? r->pairs[i].object_count : 1;
    r->groups = calloc(count, sizeof *r->groups);
    uint32_t *wholes = s->by == SELECT_BY_OBJECT ? find_wholes(r) : NULL;
    bool ok = r->groups && (wholes || s->by != SELECT_BY_OBJECT) && fill_all(r, s->by, wholes, &filled);
    free(wholes);
    if (!ok)
        return false;
    merge(r, filled);
    qsort(r->groups, r->group_count, sizeof *r->groups, order_of(s->sort));
    uint64_t all = 0, so_far = 0;
    for (size_t i = 0; i < r->group_count; i++)
        all += r->groups[i].waste_bytes;
    for (size_t i = 0; i < r->group_count; i++) {
        so_far += r->groups[i].waste_bytes;
        r->groups[i].cumulative = all ? (double)so_far / (double)all : 0;
    }
    r->group_total = r->group_count;
    if (s->top && r->group_count > s->top)
        r->group_count = (size_t)s->top;
    r->grouped_by = s->by == SELECT_BY_DEFAULT ? NULL : words[s->by];
    return keep_bests(r, s->top);
}
