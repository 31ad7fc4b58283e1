/* What was stored and never read before the program ended, by the instructions that stored it. */
#include "report/build.h"

#include "base/order.h"

#include <stdlib.h>
#include <string.h>

static int compare_locs(const void *left, const void *right)
{
    const struct report_unread *a = left, *b = right;
    return compare_u64(a->store.loc, b->store.loc);
}

static int compare_bytes(const void *left, const void *right)
{
    const struct report_unread *a = left, *b = right;
    int order = compare_u64(b->bytes, a->bytes);
    return order ? order : compare_locs(left, right);
}

/* Adds up those of one place; the most bytes first. */
static void finish(struct report *r)
{
    size_t last = 0;
    if (!r->unread_count)
        return;
    qsort(r->unread, r->unread_count, sizeof *r->unread, compare_locs);
    for (size_t i = 1; i < r->unread_count; i++) {
        if (compare_locs(&r->unread[last], &r->unread[i]) == 0)
            r->unread[last].bytes += r->unread[i].bytes;
        else
            r->unread[++last] = r->unread[i];
    }
    r->unread_count = last + 1;
    qsort(r->unread, r->unread_count, sizeof *r->unread, compare_bytes);
}

bool build_unread(struct build *b, const struct counters *counters)
{
    struct report *r = b->out;
    r->unread = calloc(counters->unread_count + 1, sizeof *r->unread);
    if (!r->unread)
        return false;
    for (size_t i = 0; i < counters->unread_count; i++) {
        struct report_unread *to = &r->unread[r->unread_count++];
        to->bytes = counters->unread[i].bytes;
        if (!build_side(b, counters->unread[i].site, &to->store))
            return false;
    }
    finish(r);
    return true;
}

bool merge_unread(struct report *into, const struct report *from)
{
    size_t count = into->unread_count + from->unread_count;
    struct report_unread *all = realloc(into->unread, (count + 1) * sizeof *all);
    if (!all)
        return false;
    into->unread = all;
    if (from->unread_count)
        memcpy(all + into->unread_count, from->unread, from->unread_count * sizeof *all);
    into->unread_count = count;
    finish(into);
    return true;
}
