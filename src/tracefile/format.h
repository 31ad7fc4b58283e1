/* format.h: what writing and reading of trace files share (docs/trace-file.md). */
#ifndef MT_TRACEFILE_FORMAT_H
#define MT_TRACEFILE_FORMAT_H

#include "base/cursor.h"
#include "tracefile/tracefile.h"

#define TRACE_MAGIC "\x8bMTRACE\n"

enum {
    TRACE_MAGIC_SIZE = 8,
    TRACE_VERSION = 1,
    FRAME_HEADER = 20,    /* type, bytes stored, bytes before compression, records: 32 bits each; a checksum of all that
                           * follows it, and of these */
    FRAME_MAX = 64 << 20, /* neither is larger */
};

enum frame_type { FRAME_HEAD = 1, FRAME_SITES = 2, FRAME_RECORDS = 3, FRAME_END = 4 };

/* All of a site table, and back.  False when memory is short, or where no table stands. */
void trace_sites_put(struct buf *b, const struct site_table *table);
bool trace_sites_get(struct cursor *c, struct site_table *table);

#endif
