/* dwarf_unit.h: one compilation unit's files; private to dwarf.c and dwarf_unit.c. */
#ifndef MT_SYMBOL_DWARF_UNIT_H
#define MT_SYMBOL_DWARF_UNIT_H

#include "symbol/split.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DWARF_NO_LINES = -1 };

struct dwarf_unit {
    Dwarf_Die die;
    struct split_unit *split; /* the rest of it; NULL: it is whole, or the rest is lost */
    int64_t program;          /* where in .debug_line its lines begin, or DWARF_NO_LINES */
    size_t same;              /* the first unit with the same lines: often this one */
    Dwarf_Files *files;       /* NULL: none */
    char **paths;             /* of the files, once asked for */
    size_t file_count;
    bool is_read, is_broken, failed; /* memory was short for a path */
};

void dwarf_unit_init(struct dwarf_unit *u, Dwarf_Die *die, size_t index, const struct dwarf_unit *before);
void dwarf_unit_release(struct dwarf_unit *u);

/* The path of a file of the unit's list, absolute where its folder is known; NULL where there is none or memory is
 * short. */
const char *dwarf_unit_path(struct dwarf_unit *u, size_t index);

/* The same for a name as libdw gives it, in the unit of this entry; to be freed.  NULL when memory is short. */
char *dwarf_full_path(Dwarf_Die *unit, const char *name);

#endif
