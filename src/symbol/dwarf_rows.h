/* dwarf_rows.h: the rows of one line sequence, by address; private to dwarf.c. */
#ifndef MT_SYMBOL_DWARF_ROWS_H
#define MT_SYMBOL_DWARF_ROWS_H

#include "symbol/line_program.h"

struct dwarf_rows {
    struct line_row *items;
    size_t count, capacity;
    bool is_read;
};

/* Reads the sequence that begins at p's next operation.  False when memory is short. */
bool dwarf_rows_read(struct dwarf_rows *r, struct line_program *p);
void dwarf_rows_release(struct dwarf_rows *r);

/* The row that the address belongs to; NULL before the first and behind the last. */
const struct line_row *dwarf_rows_find(const struct dwarf_rows *r, uint64_t address);

#endif
