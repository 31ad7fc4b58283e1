/* type.h: types of DWARF entries, wherever they are described. */
#ifndef MT_SYMBOL_TYPE_H
#define MT_SYMBOL_TYPE_H

#include <elfutils/libdw.h>
#include <stdint.h>

/* The type of an entry, without names and qualifiers.  What is declared only, but has a signature, is the type of that unit
 * (DWARF 5, 5.7.1).  False where there is none, or it can't be found. */
bool type_of(Dwarf_Die *die, Dwarf_Die *type);

/* Whether the entry's type is said, but can't be found. */
bool type_is_missing(Dwarf_Die *die);

/* Bytes of a type that type_of gave; 0: not known. */
uint64_t type_size(Dwarf_Die *type);

enum { TYPE_DIMENSIONS_MAX = 64 };

/* How many dimensions an array has, and how long they are, the outermost first; 0: not known. */
unsigned type_dimensions(Dwarf_Die *array, uint64_t lengths[TYPE_DIMENSIONS_MAX]);

bool type_is_structure(Dwarf_Die *type);

#endif
