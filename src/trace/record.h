/* record.h: the layout of the records that instrumented code writes, and a reader that turns them into accesses.
 *
 * A record is 1 to 8 units of 8 bytes, little-endian.  Its first four bytes, the head, make the trace walkable without
 * the site table:
 *
 *     bits 4…31  site id, or one of the ids below SITE_FIRST
 *     bits 1…3   units of the record, minus one
 *     bit  0     flag: a store, fill, copy or init: every byte that it wrote held that content already (and there was
 *                at least one byte); a cmpxchg: it wrote; else 0
 *
 *     load, store, rmw, cmpxchg, wait   head:32 address:32            memory32
 *                                       head:32 0:32 address:64      memory64
 *        and, where the module was rewritten to record values, one slot for each value: 8 bytes (16 for v128), of which
 *        a value of 4 bytes fills the first half and leaves the second undefined:
 *        load: result · store: operand · rmw: operand, loaded · cmpxchg: expected, replacement, loaded · wait: expected,
 *        result (an i32)
 *     fill          head:32 value:32   destination:64 length:64
 *     copy          head:32 0:32       destination:64 source:64 length:64
 *     init          head:32 source:32  destination:64 length:64      (source: offset into the data segment)
 *     host read, host write   head:32 call site:32 address:64 length:64
 *     opaque enter, leave     head:32 call site:32 function index:32 0:32
 *     context       head:32 node:32                                  (context.h)
 *     allocation, stack   see object.h
 *     new context   head:32 parent:32  call site:32 function index:32   nodes are numbered upwards from CONTEXT_FIRST
 *
 * Addresses are address operands; the site's static offset is still to be added (host ranges and bulk accesses have
 * none). */
#ifndef MT_TRACE_RECORD_H
#define MT_TRACE_RECORD_H

#include "trace/site.h"

#include <stdbool.h>
#include <string.h>

enum {
    RECORD_UNIT = 8,
    RECORD_MAX_UNITS = 8,
    RECORD_FLAG = 1,
    RECORD_UNITS_SHIFT = 1,
    RECORD_SITE_SHIFT = 4,
};

static inline uint32_t record_head(site_id site, unsigned units, unsigned flag)
{
    return site << RECORD_SITE_SHIFT | (units - 1) << RECORD_UNITS_SHIFT | flag;
}

static inline site_id record_site(uint32_t head)
{
    return head >> RECORD_SITE_SHIFT;
}

static inline size_t record_size(uint32_t head)
{
    return RECORD_UNIT * (size_t)((head >> RECORD_UNITS_SHIFT & 7) + 1);
}

static inline uint32_t record_u32(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline uint64_t record_u64(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

/* 16 bytes in memory order; narrower values lie at the front. */
union access_value {
    uint32_t u32;
    uint64_t u64;
    float f32;
    double f64;
    uint8_t bytes[16];
};

/* The access, another of the project's contracts: one record with its site's facts beside it. */
struct access {
    site_id site;         /* of the instruction, or the call site of a host range or an opaque call */
    uint8_t kind;         /* enum access_kind */
    uint8_t flag;         /* RECORD_FLAG of the head */
    uint8_t values;       /* how many of `value` are there: 0 where the module does not record them */
    uint16_t memory;      /* touched memory; a copy's destination */
    uint16_t memory_from; /* a copy's source */
    uint32_t width;       /* bytes of a load, store, rmw, wait; 0 otherwise */
    uint32_t aux;     /* fill: value operand · init: offset in the segment · opaque: function index of the import ·
                             * context: its node */
    uint64_t operand; /* address operand; a copy's destination; start of a host range */
    uint64_t address; /* effective address: operand + static offset */
    uint64_t source;  /* copy: source address */
    uint64_t length;  /* bytes touched at `address`: width, or the length of a range */
    union access_value value[3];
};

/* The kind of the records that have an id below SITE_FIRST in the place of a site's; ACCESS_CALL, which no record is, for ids that none has. */
uint8_t record_own_kind(site_id id);

/* Reads the record at p, which must lie whole in memory; returns its size.  The trace comes from our own rewriter; a
 * reader of trace files must check heads against the table first (record_valid). */
size_t record_read(const struct site_table *table, const uint8_t *p, struct access *out);

/* Whether [p, end) starts with a whole record of a site that the table has, of the size that its kind needs. */
bool record_valid(const struct site_table *table, const uint8_t *p, const uint8_t *end);

/* Whether the kind is an access, numbered by a trace index. */
static inline bool access_is_numbered(unsigned kind)
{
    return kind >= ACCESS_LOAD && kind <= ACCESS_HOST_WRITE;
}

/* Where batches of records go.  `put` gets whole records in execution order, [records, records + size), which are
 * its to read until it returns; false stops the run with *err (the sink's own) set. */
struct record_sink {
    bool (*put)(void *self, const uint8_t *records, size_t size);
    void *self;
};

#endif
