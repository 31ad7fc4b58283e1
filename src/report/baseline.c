#include "report/baseline.h"

#include "report/matching.h"
#include "report/suppress.h"

#include <stdlib.h>

struct drop {
    const uint32_t *places; /* of each pair, among those that were matched */
    const bool *is_known;   /* by place */
    size_t entry;           /* the report's for them */
};

static size_t find_entry(const void *self, const struct report_pair *p, size_t index)
{
    const struct drop *d = self;
    (void)p;
    return d->is_known[d->places[index]] ? d->entry : SIZE_MAX;
}

static bool is_in(const struct match *m, const struct tolerance *tolerance)
{
    return m->old && m->new && (!tolerance || !tolerance_exceeded(tolerance, m->old->bytes, m->new->bytes));
}

bool baseline_drop(struct report *r, const struct report *old, const char *name, const struct tolerance *tolerance)
{
    struct matching m;
    const size_t entry = r->suppressed_count;
    bool *is_known = calloc(r->pair_count + 1, sizeof *is_known);
    bool ok = matching_make(&m, old, r) && is_known && suppress_add(r, name, true);
    for (size_t i = 0; ok && i < m.count; i++)
        if (is_in(&m.matches[i], tolerance))
            is_known[m.matches[i].new - m.new] = true;
    if (ok) {
        const struct drop d = {.places = m.places, .is_known = is_known, .entry = entry};
        suppress_drop(r, find_entry, &d);
    }
    free(is_known);
    matching_release(&m);
    return ok;
}
