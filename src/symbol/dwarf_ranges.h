/* dwarf_ranges.h: the address ranges of an entry, as they are written; private to what reads DWARF here. */
#ifndef MT_SYMBOL_DWARF_RANGES_H
#define MT_SYMBOL_DWARF_RANGES_H

#include "symbol/split.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DWARF_RANGES_MAX = 1 << 22 }; /* entries that share a list could otherwise claim any number */

/* Goes over an entry's ranges.  It begins as {.die = …, .split = …}. */
struct dwarf_range_walk {
    Dwarf_Die *die;
    const struct split_unit *split; /* that the entry is in; NULL: none */
    ptrdiff_t offset;               /* libdw's */
    Dwarf_Addr base;
    Dwarf_Addr low, high; /* high may be anything */
    bool is_broken;       /* the list cannot be read to its end */
};

/* False at the end. */
bool dwarf_range_next(struct dwarf_range_walk *w);

#endif
