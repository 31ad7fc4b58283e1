#include "report/baseline.h"

#include "report/matching.h"
#include "report/suppress.h"

#include <stdlib.h>

struct drop {
    const bool *is_known; /* of each pair */
    size_t entry;         /* the report's for them */
};

static size_t find_entry(const void *self, const struct report_pair *p, size_t index)
{
    const struct drop *d = self;
    (void)p;
    return d->is_known[index] ? d->entry : SIZE_MAX;
}

static bool is_in(const struct match *m, const struct tolerance *tolerance)
{
    return m->old && m->new && (!tolerance || !tolerance_exceeded(tolerance, m->old->bytes, m->new->bytes));
}

/* A pair is known if each of its parts is. */
static void tell_pairs(const struct matching *m, const struct report *r, const bool *is_known_place, bool *is_known)
{
    size_t part = 0;
    for (size_t i = 0; i < r->pair_count; i++) {
        size_t parts = matching_parts(m, &r->pairs[i]);
        is_known[i] = true;
        while (parts--)
            is_known[i] = is_known_place[m->places[part++]] && is_known[i];
    }
}

bool baseline_drop(struct report *r, const struct report *old, const char *name, const struct tolerance *tolerance)
{
    struct matching m;
    const size_t entry = r->suppressed_count;
    bool ok = matching_make(&m, old, r);
    bool *is_known_place = calloc(m.new_count + 1, sizeof *is_known_place);
    bool *is_known = calloc(r->pair_count + 1, sizeof *is_known);
    ok = ok && is_known_place && is_known && suppress_add(r, name, true);
    for (size_t i = 0; ok && i < m.count; i++)
        if (is_in(&m.matches[i], tolerance))
            is_known_place[m.matches[i].new - m.new] = true;
    if (ok) {
        tell_pairs(&m, r, is_known_place, is_known);
        const struct drop d = {.is_known = is_known, .entry = entry};
        suppress_drop(r, find_entry, &d);
    }
    free(is_known_place);
    free(is_known);
    matching_release(&m);
    return ok;
}
