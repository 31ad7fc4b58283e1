/* fields.h: fields of variables, by their types in DWARF. */
#ifndef MT_SYMBOL_FIELDS_H
#define MT_SYMBOL_FIELDS_H

#include "symbol/variables.h"

/* Adds the fields of the last variable, whose entry this is, behind it: of a structure its members, and theirs, down to
 * scalars, unions and arrays of such.  Elements of an array of structures have their own (`.items[3].name`) where there are
 * few, else all `.items[].name` are pieces of one.  Objects are told apart in units of 4 bytes, so fields that share one are
 * one: `.kind, .flags`.  Adds none where there would be one only, or too many.  False when memory is short. */
bool fields_add(struct symbol_variables *v, Dwarf_Die *variable);

#endif
