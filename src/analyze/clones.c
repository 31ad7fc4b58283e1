/* What the analysis by location keeps of clones (trace/site.h). */
#include "analyze/location_state.h"
#include "analyze/region.h"

/* Programs with few clones do not need huge pages, and would have one for nothing. */
static void want_huge(struct location_analysis *a, size_t clones)
{
    const size_t some = (size_t)8 << 20, first = (SITE_FIRST + a->table->count) * sizeof *a->sites;
    size_t end = first + clones * sizeof *a->sites;
    if (end < first + some || a->huge_sites)
        return;
    a->huge_sites = true;
    end = (end + REGION_HUGE_PAGE - 1) & ~(size_t)(REGION_HUGE_PAGE - 1);
    if (end < a->site_count * sizeof *a->sites)
        region_want_huge((uint8_t *)a->sites + end, a->site_count * sizeof *a->sites - end);
}

void location_analysis_add_clone(struct location_analysis *a, site_id clone)
{
    site_id base = site_base(a->table, clone);
    struct fast_site *site = &a->sites[base];
    if (site->path == PATH_UNSEEN)
        access_choose_path(a, site, base);
    want_huge(a, a->table->clone_count);
    a->sites[clone] = (struct fast_site){
        .offset = site->offset, .path = site->path, .shape = site->shape, .width = site->width, .base = base};
}

struct location_row location_analysis_row(const struct location_analysis *a)
{
    return (struct location_row){(const uint8_t *)a->sites, sizeof *a->sites};
}
