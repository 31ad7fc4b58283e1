/* columns.h: a block of records as columns of numbers that compress well, and back (docs/trace-file.md has the format).
 *
 * Most accesses do what can be foretold from those before them: the same instruction comes next, and goes on by the same
 * stride.  So what is kept of each is a byte that says which guess was right, and the rest only where none was.  Both directions
 * keep the same guesses; they start afresh in each block, so that a block can be read without those before it. */
#ifndef MT_TRACE_COLUMNS_H
#define MT_TRACE_COLUMNS_H

#include "base/buf.h"
#include "trace/record.h"

enum column {
    COLUMN_CODES,       /* a byte for each record */
    COLUMN_SITES,       /* ids of records that were not expected next */
    COLUMN_ADDRESSES,   /* differences where no guess was right */
    COLUMN_FIELDS,      /* what records have beside addresses and values */
    COLUMN_VALUE_CODES, /* a byte for each value */
    COLUMN_VALUES,
    COLUMN_COUNT,
};

enum {
    COLUMNS_RECORDS = 1 << 19,      /* a block has no more */
    COLUMNS_MAX = 32 << 20,         /* nor has a column more bytes */
    COLUMNS_FULL = COLUMNS_MAX / 4, /* a block with so many in one column takes no more records */
};

/* The guesses.  `table` is borrowed. */
struct guesses;
struct guesses *guesses_new(const struct site_table *table);
void guesses_free(struct guesses *g);
void guesses_reset(struct guesses *g); /* at the start of a block */

struct columns {
    struct buf column[COLUMN_COUNT];
    size_t records;
};

void columns_init(struct columns *c);
void columns_release(struct columns *c);
void columns_clear(struct columns *c);

/* Adds the record at p, which is valid (record_valid), to the block.  False when memory is short. */
bool columns_put(struct columns *c, struct guesses *g, const uint8_t *p);

static inline bool columns_are_full(const struct columns *c)
{
    if (c->records >= COLUMNS_RECORDS)
        return true;
    for (unsigned i = 0; i < COLUMN_COUNT; i++)
        if (c->column[i].size >= COLUMNS_FULL)
            return true;
    return false;
}

/* Where a reader is in a block's columns. */
struct column_reader {
    const uint8_t *at[COLUMN_COUNT], *end[COLUMN_COUNT];
};

/* Writes the block's next record to `record`, and its size.  False where the columns, which may hold anything, have no valid
 * record of the table; whether its context is one is not looked at. */
bool columns_get(struct column_reader *r, struct guesses *g, uint8_t record[RECORD_UNIT * RECORD_MAX_UNITS],
                 size_t *size);

#endif
