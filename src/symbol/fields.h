/* fields.h: fields of variables, by their types in DWARF. */
#ifndef MT_SYMBOL_FIELDS_H
#define MT_SYMBOL_FIELDS_H

#include "symbol/place.h"
#include "symbol/variables.h"

/* Adds the fields of a variable, whose entry this is and which lies there, behind all others: of a structure its members, and theirs, down to
 * scalars, unions and arrays of such.  Elements of an array of structures have their own (`.items[3].name`) where there are
 * few, else all `.items[].name` are pieces of one.  Objects are told apart in units of 4 bytes, so fields that share one are
 * one: `.kind, .flags`.  Adds none where there would be one only, or too many.  *fault is set where a type can't be found.  False when memory is short. */
bool fields_add(struct symbol_variables *v, size_t variable, Dwarf_Die *die, const struct place *place,
                const char **fault);

#endif
