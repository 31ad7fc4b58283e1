#include "render/names.h"

#include <inttypes.h>

const char *load_class(unsigned kind)
{
    switch (kind) {
    case DEFECT_SILENT_LOAD_AFTER_LOAD:
        return "after load, ";
    case DEFECT_SILENT_LOAD_AFTER_STORE:
        return "after store, ";
    default:
        return "";
    }
}

bool in_list(unsigned kind, enum pair_list list)
{
    switch (kind) {
    case DEFECT_DEAD_STORE:
        return list == LIST_DEAD_STORE;
    case DEFECT_SILENT_STORE:
        return list == LIST_SILENT_STORE;
    default:
        return list == LIST_SILENT_LOAD;
    }
}

void put_list_head(struct output *out, enum pair_list list, uint64_t entries)
{
    static const char *const names[] = {[LIST_DEAD_STORE] = "dead_store_pairs",
                                        [LIST_SILENT_STORE] = "silent_store_pairs",
                                        [LIST_SILENT_LOAD] = "silent_load_pairs"};
    output_printf(out, "  %s (%" PRIu64 " entries):\n", names[list], entries);
}

const char *side_name(const struct report_side *side)
{
    switch (side->origin) {
    case ORIGIN_INIT:
        return "init";
    case ORIGIN_HOST:
        return "host";
    default:
        return *side->name ? side->name : "outside";
    }
}
