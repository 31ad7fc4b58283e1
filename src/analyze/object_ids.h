/* object_ids.h: ids for what a site, or a site in a context, does to one object: clones (trace/site.h), like those of
 * contexts. */
#ifndef MT_ANALYZE_OBJECT_IDS_H
#define MT_ANALYZE_OBJECT_IDS_H

#include "trace/site.h"

#include <stdbool.h>

/* What a site met last. */
struct object_last {
    uint32_t object; /* + 1; 0: nothing */
    site_id id;
};

struct object_ids {
    struct object_last *last; /* by id of a site or of a site in a context */
    site_id *origin;          /* of each clone: such an id */
    uint32_t *object;         /* its object + 1; 0: it is a clone of a context, and has no origin */
    uint32_t *slots;          /* a hash table of clones + 1, by origin and object */
    size_t slot_count, used;
    size_t id_limit, clone_limit;
};

/* False when memory is short; release in either case. */
bool object_ids_open(struct object_ids *o, size_t id_limit, size_t clone_limit);
void object_ids_close(struct object_ids *o);

/* The clone of an id, which `clones` knows as the site of this index, for an object.  A new one is added to `table`, whose
 * clones these are.  The id itself where there is no room for more; SITE_NONE when memory is short. */
site_id object_ids_find(struct object_ids *o, struct site_table *table, uint32_t *clones, site_id id, uint32_t index,
                        uint32_t object);

static inline site_id object_ids_get(struct object_ids *o, struct site_table *table, uint32_t *clones, site_id id,
                                     uint32_t index, uint32_t object)
{
    const struct object_last *last = &o->last[id];
    return last->object == object + 1 ? last->id : object_ids_find(o, table, clones, id, index, object);
}

#endif
