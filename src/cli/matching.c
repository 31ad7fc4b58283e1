#include "cli/matching.h"

#include <stdlib.h>
#include <string.h>

/* Whether both may be one pair whose lines have moved: both sides by as many, or only one, the other being in another
 * file. */
static bool is_moved(const struct file_pair *a, const struct file_pair *b)
{
    return a->first.line == b->first.line || a->second.line == b->second.line ||
           (int64_t)a->second.line - a->first.line == (int64_t)b->second.line - b->first.line;
}

static bool is_same_group(const struct file_pair *a, const struct file_pair *b)
{
    return a->kind == b->kind && strcmp(a->first.function, b->first.function) == 0 &&
           strcmp(a->second.function, b->second.function) == 0;
}

static const struct file_pair *any_side(const struct match *c)
{
    return c->old ? c->old : c->new;
}

/* Joins a pair that is gone with one that appeared in the same functions.  The list is sorted, so that the partners are
 * near each other, and several keep their order. */
static void join_moved(struct match *m, size_t count)
{
    size_t start = 0; /* of the group */
    for (size_t i = 0; i < count; i++) {
        struct match *gone = &m[i];
        if (!gone->old || gone->new)
            continue;
        while (start < i && (!any_side(&m[start]) || !is_same_group(any_side(&m[start]), gone->old)))
            start++;
        for (size_t k = start; k < count; k++) {
            struct match *c = &m[k];
            if (any_side(c) && !is_same_group(any_side(c), gone->old))
                break;
            if (c->old || !c->new || !is_moved(gone->old, c->new))
                continue;
            gone->new = c->new;
            c->new = NULL; /* so that the entry is none */
            break;
        }
    }
}

bool match_pairs(const struct report_file *old, const struct report_file *new, struct match **matches, size_t *count)
{
    struct match *m = calloc(old->count + new->count + 1, sizeof *m);
    size_t i = 0, k = 0, n = 0, kept = 0;
    if (!m)
        return false;
    while (i < old->count || k < new->count) {
        int order = i == old->count ? 1 : k == new->count ? -1 : report_file_compare(&old->pairs[i], &new->pairs[k]);
        struct match *c = &m[n++];
        if (order <= 0)
            c->old = &old->pairs[i++];
        if (order >= 0)
            c->new = &new->pairs[k++];
    }
    join_moved(m, n);
    for (i = 0; i < n; i++)
        if (m[i].old || m[i].new) /* not joined with another */
            m[kept++] = m[i];
    *matches = m;
    *count = kept;
    return true;
}
