#include "report/tolerance.h"

bool tolerance_exceeded(const struct tolerance *t, uint64_t before, uint64_t now)
{
    return now > before && now - before > t->floor && (double)(now - before) > t->share * (double)before;
}

struct report_class tolerance_small(const struct tolerance *t, const struct report *r, unsigned kind)
{
    struct report_class sum = {0};
    for (size_t i = 0; i < r->pair_count; i++) {
        const struct report_pair *p = &r->pairs[i];
        if (p->kind != kind || p->bytes > t->floor)
            continue;
        sum.pairs++;
        sum.bytes += p->bytes;
        sum.instances += p->instances;
    }
    return sum;
}
