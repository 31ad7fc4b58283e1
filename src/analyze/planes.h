/* planes.h: looking at ranges of the planes (trace/planes.h) and changing them, byte for byte, whatever their state. */
#ifndef MT_ANALYZE_PLANES_H
#define MT_ANALYZE_PLANES_H

#include "analyze/unread.h"
#include "base/error.h"
#include "trace/planes.h"

enum { PLANES_WATCHED = 64 };

/* A granule that has MARK_PENDING in the touch plane, and what it would have there. */
struct planes_watched {
    uint64_t granule;
    mark touch;
    bool live;
};

struct planes {
    uint8_t *plane[PLANE_COUNT];
    struct planes_watched watched[PLANES_WATCHED];
    mark *far_touch, *far_writer; /* of bytes from FINE_LIMIT on; reserved when they are first needed */
};

void planes_release(struct planes *p);

/* The marks of the byte at `address`; returns for how many of the `size` bytes from there they surely hold. */
uint64_t planes_look(const struct planes *p, uint64_t address, uint64_t size, mark *touch, mark *writer);

enum { PLANES_BLOCK = 4 * GRANULE };

/* From the granule at `address` on: how many of the `size` bytes, PLANES_BLOCK or more, lie in blocks of PLANES_BLOCK bytes that
 * are like the first one, byte for byte, as to what touched them and, if asked for, what wrote them. */
uint64_t planes_run(const struct planes *p, uint64_t address, uint64_t size, bool writers);

/* The marks of each of a few bytes. */
void planes_meet(const struct planes *p, uint64_t address, unsigned width, mark touch[], mark writer[]);

enum planes_change {
    PLANES_FETCH, /* touch becomes the mark */
    PLANES_PUT,   /* both do */
    PLANES_READ,  /* what was unread is not any more; the mark is ignored */
    PLANES_HOST,  /* the host wrote; the mark is ignored */
};

/* False when memory is short. */
bool planes_update(struct planes *p, uint64_t address, uint64_t size, enum planes_change change, mark mark);

/* The granule of `address` is watched from now on, as the i-th of them; nothing else here may be asked about it until that ends. */
void planes_watch(struct planes *p, unsigned i, uint64_t address);

/* No granule of the bytes is watched any more; bit i says that the i-th was. */
uint64_t planes_unwatch(struct planes *p, uint64_t address, uint64_t size);

/* Makes the granules of the bytes plain that are mixed and whose bytes agree. */
void planes_settle(struct planes *p, uint64_t address, uint64_t size);

/* Adds the bytes of [0, size) that are unread. */
void planes_unread(const struct planes *p, uint64_t size, struct unread *to);

#endif
