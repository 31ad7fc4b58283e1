/* Which file a function of the module is declared in, as the debug information of some access in it says. */
#include "report/functions.h"

#include <stdlib.h>

struct home {
    const char *file;
    uint32_t loc; /* of the first access that has it */
};

static uint32_t last_func(const struct report_side *side, uint32_t last)
{
    return side->func != UINT32_MAX && side->func > last ? side->func : last;
}

static void learn(struct home *homes, uint32_t last, const struct report_side *side)
{
    const struct report_frame *outer = side->frame_count ? &side->frames[side->frame_count - 1] : NULL;
    const char *file = outer && outer->home ? outer->home : outer ? outer->file : NULL;
    if (!file || side->func > last)
        return;
    struct home *h = &homes[side->func];
    if (!h->file || side->loc < h->loc)
        *h = (struct home){file, side->loc};
}

static void tell(const struct home *homes, uint32_t last, struct report_side *side)
{
    if (side->func <= last && homes[side->func].file)
        side->home = homes[side->func].file;
}

bool functions_find_homes(struct report *r)
{
    enum { FUNCS_MAX = 1 << 24 }; /* of a report that another tool wrote, the index may be any number */
    uint32_t last = 0;
    for (size_t i = 0; i < r->pair_count; i++)
        last = last_func(&r->pairs[i].second, last_func(&r->pairs[i].first, last));
    if (last > FUNCS_MAX)
        return true;
    struct home *homes = calloc((size_t)last + 1, sizeof *homes);
    if (!homes)
        return false;
    for (size_t i = 0; i < r->pair_count; i++) {
        learn(homes, last, &r->pairs[i].first);
        learn(homes, last, &r->pairs[i].second);
    }
    for (size_t i = 0; i < r->pair_count; i++) {
        tell(homes, last, &r->pairs[i].first);
        tell(homes, last, &r->pairs[i].second);
    }
    for (size_t i = 0; i < r->context_count; i++)
        tell(homes, last, &r->contexts[i].call);
    for (size_t i = 0; i < r->unread_count; i++)
        tell(homes, last, &r->unread[i].store);
    free(homes);
    return true;
}
