/* gen.h: random streams of records, of every kind and over few addresses, so that accesses often meet; and records made
 * one by one. */
#ifndef MT_TESTS_GEN_H
#define MT_TESTS_GEN_H

#include "base/buf.h"
#include "trace/record.h"

/* Memories of the tables made here. */
enum { GEN_MEMORY, GEN_MEMORY_OTHER, GEN_MEMORY_64, GEN_MEMORIES };

struct gen {
    uint64_t state; /* of the random numbers */
    struct site_table table;
    bool opaque; /* make opaque calls */
    bool values; /* some records have values behind their addresses */
};

/* A table with some sites of every kind, access width and memory. */
void gen_init(struct gen *g, uint64_t seed);
void gen_release(struct gen *g);

uint64_t gen_below(struct gen *g, uint64_t limit); /* a random number */

/* Appends `count` random records. */
void gen_records(struct gen *g, struct buf *out, size_t count);

/* Adds a site; its id.  Aborts when memory is short. */
site_id gen_site(struct site_table *t, unsigned kind, unsigned width, unsigned memory, uint64_t static_offset);

/* One record each; `at` is an effective address. */
void gen_scalar(const struct site_table *t, struct buf *out, site_id site, uint64_t at, unsigned flag);
void gen_fill(struct buf *out, site_id site, uint64_t at, uint64_t length, unsigned flag); /* or init */
void gen_copy(struct buf *out, site_id site, uint64_t to, uint64_t from, uint64_t length, unsigned flag);
void gen_host(struct buf *out, site_id head, site_id call, uint64_t at, uint64_t length);
void gen_opaque(struct buf *out, site_id head, site_id call, uint32_t func);

#endif
