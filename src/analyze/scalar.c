#include "analyze/scalar.h"

bool scalar_judge(struct planes *planes, struct met_counts *counts, mark own, uint64_t address, bool silent)
{
    const struct site *site = site_get(counts->table, mark_site(own));
    mark touch[MET_LANES_MAX], writer[MET_LANES_MAX];
    planes_meet(planes, address, site->width, touch, writer);
    const struct met met = {touch, site->width, 1}, writers = {writer, site->width, 1};
    return met_pairs(counts, &met, own, 1) && (!silent || met_pairs(counts, &writers, own & ~(mark)MARK_FLAGS, 1)) &&
           planes_update(planes, address, site->width, site->kind == ACCESS_STORE ? PLANES_PUT : PLANES_FETCH, own);
}
