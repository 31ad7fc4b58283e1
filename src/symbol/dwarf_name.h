/* dwarf_name.h: what functions are called; private to what reads DWARF here. */
#ifndef MT_SYMBOL_DWARF_NAME_H
#define MT_SYMBOL_DWARF_NAME_H

#include "base/buf.h"

#include <elfutils/libdw.h>

/* The name that linkers know the function by: mangled, where the language does so.  NULL: it has none. */
const char *dwarf_name_linkage(Dwarf_Die *function);

/* Appends the function's name in words, or nothing where it has none.  False when memory is short. */
bool dwarf_name_put(struct buf *out, Dwarf_Die *function);

/* Whether a function of the unit has a name that fits; also one that is inlined wherever it is called.  False when memory is short. */
bool dwarf_name_find(Dwarf_Die *unit, bool (*fits)(void *self, const char *name), void *self, bool *found);

#endif
