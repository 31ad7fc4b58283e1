/* examples.h: worked examples of docs/semantics.md, as records and pairs. */
#ifndef MT_TESTS_EXAMPLES_H
#define MT_TESTS_EXAMPLES_H

#include "analyze/index.h"
#include "base/buf.h"

enum { EXAMPLE_STEPS = 8, EXAMPLE_PAIRS = 6 };

struct example_step {
    uint8_t kind;  /* enum access_kind; 0: the end */
    uint8_t flag;  /* of the record */
    uint64_t at;   /* effective address; a copy's destination */
    uint64_t size; /* width or length */
    uint64_t from; /* a copy's source */
};

struct example {
    const char *name;
    struct example_step steps[EXAMPLE_STEPS];
    struct index_pair pairs[EXAMPLE_PAIRS]; /* in the order of index.h; up to one of no bytes */
    uint64_t unread_at_exit;
};

extern const struct example examples[];
extern const size_t example_count;

/* Appends the example's records and their sites, one for all steps of the same kind and width if `one_site`, else one
 * for each step. */
void example_make(const struct example *e, bool one_site, struct site_table *table, struct buf *out);

#endif
