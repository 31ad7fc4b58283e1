/* objects.h: which object an address belongs to, as a program allocates, frees and moves its stack (trace/object.h). */
#ifndef MT_ANALYZE_OBJECTS_H
#define MT_ANALYZE_OBJECTS_H

#include "analyze/counters.h"
#include "base/error.h"
#include "trace/object.h"

struct object_map;

/* Objects that are always there. */
enum { OBJECT_ID_STATIC, OBJECT_ID_UNALLOCATED, OBJECT_ID_OTHER, OBJECT_ID_FIRST };

/* `layout` must outlive the map.  Allocations are told apart by ids below id_limit.  NULL and *err when memory is short. */
struct object_map *object_map_new(const struct object_layout *layout, size_t id_limit, struct error *err);
void object_map_free(struct object_map *m);

/* A record of allocations or of the stack; `id` is what the call site of an allocation is called.  False when memory is
 * short. */
bool object_map_put(struct object_map *m, const uint8_t *record, uint32_t id);

/* The object at an address that a function accesses; UINT32_MAX when memory is short. */
uint32_t object_map_find(struct object_map *m, unsigned memory, uint64_t address, uint32_t func);

/* The object in which an access begins, as object_map_find has it, which loads or stores so many bytes there. */
uint32_t object_map_use(struct object_map *m, unsigned memory, uint64_t address, uint32_t func, uint64_t loaded,
                        uint64_t stored);

/* Counts an access, which may use two objects. */
void object_map_tick(struct object_map *m);

/* Adds what the blocks that are still in use have done to their objects, which are copies of the map's. */
void object_map_end(const struct object_map *m, struct object_count *objects);

/* The objects by number; `site` of those of the heap is an id as above.  Valid until the next put. */
const struct object_count *object_map_objects(const struct object_map *m, size_t *count);

#endif
