/* dwarf_unit.h: one compilation unit as lookups want it; private to dwarf.c and dwarf_unit.c. */
#ifndef MT_SYMBOL_DWARF_UNIT_H
#define MT_SYMBOL_DWARF_UNIT_H

#include "base/error.h"

#include <elfutils/libdw.h>
#include <stddef.h>

struct dwarf_range {
    uint64_t low, high; /* code_off; high is behind the last byte */
    size_t index;       /* of what has the range */
};

/* Ranges of a kind, and how many more may be read: entries that share a list could otherwise claim any number. */
enum { DWARF_RANGES_MAX = 1 << 22 };

struct dwarf_ranges {
    struct dwarf_range *items; /* owned by whoever has the struct */
    size_t count, capacity;
    size_t read; /* also those that were left out */
};

/* A function, an inlined one or a block, in the order of their entries: what lies within one follows it. */
struct dwarf_scope {
    Dwarf_Off die;
    const char *name;              /* once asked for; "" is none */
    size_t first_range, range_end; /* of the unit's ranges */
    size_t end;                    /* the first scope that is not within */
    bool is_function, is_inlined;  /* else a block */
};

struct dwarf_unit {
    Dwarf_Die die;
    bool is_read, is_broken, failed; /* memory was short for a path */
    Dwarf_Lines *lines;              /* libdw's, sorted by address; NULL: none */
    size_t line_count;
    Dwarf_Files *files; /* NULL: none */
    char **paths;       /* of the files, once asked for */
    size_t file_count;
    struct dwarf_scope *scopes;
    size_t scope_count, scope_capacity;
    struct dwarf_ranges ranges;    /* of scopes */
    struct dwarf_range *functions; /* ranges of functions, sorted */
    size_t function_count, function_capacity;
};

/* Reads lines and scopes; code behind code_size was left out by the linker.  False and *err when memory is short. */
bool dwarf_unit_read(struct dwarf_unit *u, uint64_t code_size, struct error *err);
void dwarf_unit_release(struct dwarf_unit *u);

/* Adds the ranges of an entry that lie in the code.  False when memory is short; *broken is set when they can't be
 * read, or are too many. */
bool dwarf_add_ranges(struct dwarf_ranges *ranges, Dwarf_Die *die, size_t index, uint64_t code_size, bool *broken);
void dwarf_sort_ranges(struct dwarf_range *ranges, size_t count);

/* The range that holds the address, or NULL. */
const struct dwarf_range *dwarf_find_range(const struct dwarf_range *ranges, size_t count, uint64_t address);

/* The scopes around an address that are functions, inlined ones innermost first, in *chain (room for `room`).  The
 * outermost are left out where there are more. */
size_t dwarf_unit_chain(const struct dwarf_unit *u, uint64_t address, struct dwarf_scope **chain, size_t room);

/* The path of a file of the unit's list, absolute where its folder is known; NULL where there is none or memory is
 * short. */
const char *dwarf_unit_path(struct dwarf_unit *u, size_t index);

/* The row that the address belongs to, or NULL. */
Dwarf_Line *dwarf_unit_line(const struct dwarf_unit *u, uint64_t address);

#endif
