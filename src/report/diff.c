#include "report/diff.h"

#include "base/order.h"
#include "report/same_functions.h"

#include <stdlib.h>

uint64_t diff_size(const struct diff_row *row)
{
    uint64_t old = row->old.bytes, new = row->new.bytes;
    return old > new ? old - new : new - old;
}

static uint64_t times(const struct diff_row *row)
{
    uint64_t old = row->old.instances, new = row->new.instances;
    return old > new ? old - new : new - old;
}

static int compare_rows(const struct diff_row *a, const struct diff_row *b)
{
    int order = compare_u64(a->kind, b->kind);
    const struct match_side *x = a->first ? a->first : a->second, *y = b->first ? b->first : b->second;
    order = order ? order : function_compare(&x->function, &y->function);
    order = order ? order : function_compare(&a->second->function, &b->second->function);
    order = order ? order : compare_u64(x->line, y->line);
    return order ? order : compare_u64(a->second->line, b->second->line);
}

static int compare_bytes(const void *left, const void *right)
{
    const struct diff_row *a = left, *b = right;
    int order = compare_u64(diff_size(b), diff_size(a));
    order = order ? order : compare_u64(a->change, b->change);
    return order ? order : compare_rows(a, b);
}

static int compare_times(const void *left, const void *right)
{
    int order = compare_u64(times(right), times(left));
    return order ? order : compare_bytes(left, right);
}

static double effect_size(const struct diff_row *row)
{
    return row->old.effect > row->new.effect ? row->old.effect - row->new.effect : row->new.effect - row->old.effect;
}

static int compare_effects(const void *left, const void *right)
{
    double a = effect_size(left), b = effect_size(right);
    return a > b ? -1 : a < b ? 1 : compare_bytes(left, right);
}

static struct diff_count count_of(const struct match_pair *p)
{
    struct diff_count c = {.pairs = 0};
    if (p) {
        c = (struct diff_count){.pairs = 1, .instances = p->instances, .bytes = p->bytes, .effect = p->effect};
        c.kinds[p->kind] = p->bytes;
    }
    return c;
}

static void add(struct diff_count *to, const struct diff_count *from)
{
    to->pairs += from->pairs;
    to->instances += from->instances;
    to->bytes += from->bytes;
    to->effect += from->effect;
    for (unsigned kind = 0; kind < DEFECT_KINDS; kind++)
        to->kinds[kind] += from->kinds[kind];
}

static void fill(struct report_diff *d)
{
    for (size_t i = 0; i < d->matching.count; i++) {
        const struct match *m = &d->matching.matches[i];
        const struct match_pair *shown = m->new ? m->new : m->old;
        if (!shown) /* each has a side */
            continue;
        d->rows[d->total++] = (struct diff_row){.kind = shown->kind,
                                                .first = &shown->first,
                                                .second = &shown->second,
                                                .functions = m->new ? d->new_functions : d->old_functions,
                                                .old = count_of(m->old),
                                                .new = count_of(m->new)};
    }
}

/* A row on its way into a group, with the number of its function. */
struct member {
    struct diff_row row;
    uint32_t function, line;
};

static int compare_members(const void *left, const void *right)
{
    const struct member *a = left, *b = right;
    int order = compare_u64(a->function, b->function);
    return order ? order : compare_u64(a->line, b->line);
}

static int compare_named(const void *left, const void *right)
{
    const struct member *a = left, *b = right;
    int order = compare_members(a, b);
    order = order ? order : compare_u64(a->row.new.pairs == 0, b->row.new.pairs == 0);
    return order ? order : compare_rows(&a->row, &b->row);
}

/* Puts the rows of each function, or line of one, together; the group is called as in the new report, if it is there. */
static void join(struct report_diff *d, struct member *members, const struct report_selection *s)
{
    size_t count = 0;
    qsort(members, d->total, sizeof *members, compare_named);
    for (size_t i = 0; i < d->total; i++) {
        struct member *m = &members[i];
        bool waste = s->only || match_kinds[m->row.kind] != DEFECT_SILENT_LOAD_AFTER_STORE;
        if (!waste)
            m->row.old.bytes = m->row.new.bytes = m->row.old.instances = m->row.new.instances = 0;
        m->row.kind = DEFECT_KINDS;
        m->row.first = NULL;
        if (count && compare_members(m, m - 1) == 0) {
            add(&d->rows[count - 1].old, &m->row.old);
            add(&d->rows[count - 1].new, &m->row.new);
        } else {
            d->rows[count++] = m->row;
        }
    }
    d->total = count;
}

static bool group(struct report_diff *d, const struct report_selection *s)
{
    struct same_function *functions = calloc(d->total + 1, sizeof *functions);
    struct member *members = calloc(d->total + 1, sizeof *members);
    bool ok = functions && members;
    for (size_t i = 0; ok && i < d->total; i++) {
        const struct diff_row *row = &d->rows[i];
        /* NOLINTBEGIN(clang-analyzer-core.NullDereference): each row got its sides when it was made */
        members[i] = (struct member){.row = *row, .line = s->by == SELECT_BY_LINE ? row->second->line : 0};
        functions[i] = (struct same_function){row->second->function, row->new.pairs > 0, &members[i].function};
        /* NOLINTEND(clang-analyzer-core.NullDereference) */
    }
    ok = ok && same_functions_number(functions, d->total);
    if (ok && d->total)
        join(d, members, s);
    free(functions);
    free(members);
    return ok;
}

static void classify(struct report_diff *d)
{
    for (size_t i = 0; i < d->total; i++) {
        struct diff_row *row = &d->rows[i];
        if (row->kind == DEFECT_KINDS && !row->old.bytes && !row->new.bytes)
            row->change = DIFF_SAME; /* no waste */
        else if (!row->old.pairs || !row->new.pairs)
            row->change = row->new.pairs ? DIFF_APPEARED : DIFF_GONE;
        else
            row->change = row->new.bytes == row->old.bytes  ? DIFF_SAME
                          : row->new.bytes > row->old.bytes ? DIFF_GREW
                                                            : DIFF_SHRANK;
        d->changes[row->change]++;
    }
}

static void sort(struct report_diff *d, enum select_sort by)
{
    if (d->total)
        qsort(d->rows, d->total, sizeof *d->rows,
              by == SELECT_EFFECT      ? compare_effects
              : by == SELECT_INSTANCES ? compare_times
                                       : compare_bytes);
}

bool report_diff_make(struct report_diff *d, struct report *old, struct report *new, const struct report_selection *s)
{
    *d = (struct report_diff){.old = old, .new = new};
    if (!report_choose(old, s) || !report_choose(new, s))
        return false;
    bool ok = matching_make(&d->matching, old, new);
    d->rows = ok ? calloc(d->matching.count + 1, sizeof *d->rows) : NULL;
    d->old_functions = functions_of(old);
    d->new_functions = functions_of(new);
    if (!d->rows || !d->old_functions || !d->new_functions)
        return false;
    if (s->by == SELECT_BY_OBJECT && !diff_take_objects(d))
        return false;
    if (s->by != SELECT_BY_OBJECT)
        fill(d);
    const bool groups = s->by > SELECT_BY_PAIR;
    if (groups && !group(d, s))
        return false;
    d->by = !groups ? NULL : s->by == SELECT_BY_LINE ? "line" : s->by == SELECT_BY_OBJECT ? "object" : "function";
    classify(d);
    sort(d, s->sort);
    d->count = s->top && s->top < d->total ? (size_t)s->top : d->total;
    return true;
}

void report_diff_release(struct report_diff *d)
{
    free(d->rows);
    free(d->old_objects);
    free(d->new_objects);
    functions_free(d->old_functions);
    functions_free(d->new_functions);
    matching_release(&d->matching);
    *d = (struct report_diff){.old = NULL};
}
