/* location_follow.h: what the loop over records follows beside pairs: how far their sides are apart, and the map of memory; for
 * location.c alone. */
#ifndef MT_ANALYZE_LOCATION_FOLLOW_H
#define MT_ANALYZE_LOCATION_FOLLOW_H

#include "analyze/location_state.h"

#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)
#define INLINE static inline __attribute__((always_inline))

/* How far the partners of a load are; its states as in note_load, and its bytes' times where `touched` says. */
INLINE bool distance_load(struct location_analysis *a, const struct fast_site *s, const struct times *touched,
                          uint64_t address, bool differ, const shadow_entry *states, unsigned count, unsigned size,
                          unsigned width)
{
    bool whole = true;
    for (unsigned i = 0; differ && i < count; i++)
        whole &= entry_toucher(states[i]) != 0;
    for (unsigned i = 0; whole && i < (differ ? count : 1); i++) {
        uint32_t key = entry_toucher(states[i]);
        enum defect_kind kind = key & 1 ? DEFECT_SILENT_LOAD_AFTER_STORE : DEFECT_SILENT_LOAD_AFTER_LOAD;
        if (key && !distances_note(&a->distances, kind, key >> 1, s->base, touched, address + i * size,
                                   differ ? size : width, address))
            return error_no_memory(a->err);
    }
    return true;
}

/* The same for a store, as in note_store. */
INLINE bool distance_store(struct location_analysis *a, const struct fast_site *s, const struct times *written,
                           uint64_t address, bool differ, const shadow_entry *states, unsigned count, unsigned size,
                           bool silent)
{
    struct distances *d = &a->distances;
    for (unsigned i = 0; i < (differ ? count : 1); i++) {
        uint32_t writer = entry_writer(states[i]);
        uint64_t at = address + i * size, bytes = differ ? size : count * size;
        if ((writer & ENTRY_UNREAD &&
             !distances_note(d, DEFECT_DEAD_STORE, writer >> 1, s->base, written, at, bytes, at)) ||
            (silent && !distances_note(d, DEFECT_SILENT_STORE, writer >> 1, s->base, written, at, bytes, at)))
            return error_no_memory(a->err);
    }
    return true;
}

/* Whole granules were touched. */
INLINE void time_granules(const struct times *t, uint64_t address, unsigned count, uint32_t now)
{
    for (unsigned i = 0; i < count; i++)
        t->granules[address / SHADOW_GRANULE + i] = now;
}

/* The same for the map: `count` states for `size` bytes each, or one for all `width` bytes if they do not differ. */
INLINE void map_load(struct map_grid *map, site_id second, uint64_t address, bool differ, const shadow_entry *states,
                     unsigned count, unsigned size, unsigned width)
{
    map_grid_add(map, MAP_TOUCHED, address, width);
    bool whole = true;
    for (unsigned i = 0; differ && i < count; i++)
        whole &= entry_toucher(states[i]) != 0;
    for (unsigned i = 0; whole && i < (differ ? count : 1); i++) {
        uint32_t key = entry_toucher(states[i]);
        if (key)
            map_grid_add_pair(map, key & 1 ? DEFECT_SILENT_LOAD_AFTER_STORE : DEFECT_SILENT_LOAD_AFTER_LOAD, key >> 1,
                              second, address + i * size, differ ? size : width);
    }
}

INLINE void map_store(struct map_grid *map, site_id second, uint64_t address, bool differ, const shadow_entry *states,
                      unsigned count, unsigned size, bool silent)
{
    for (unsigned i = 0; i < (differ ? count : 1); i++) {
        uint32_t writer = entry_writer(states[i]);
        uint64_t at = address + i * size, bytes = differ ? size : count * size;
        if (writer & ENTRY_UNREAD)
            map_grid_add_pair(map, DEFECT_DEAD_STORE, writer >> 1, second, at, bytes);
        if (silent)
            map_grid_add_pair(map, DEFECT_SILENT_STORE, writer >> 1, second, at, bytes);
    }
}

#endif
