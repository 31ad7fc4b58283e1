/* dwarf_function.h: one function's inlined functions and lines, as lookups want them; private to dwarf.c. */
#ifndef MT_SYMBOL_DWARF_FUNCTION_H
#define MT_SYMBOL_DWARF_FUNCTION_H

#include "symbol/dwarf_fit.h"

struct dwarf_range {
    uint64_t low, high; /* code_off; high is behind the last byte; 0: it was lost */
};

/* The function, or one that is inlined into it, in the order of their entries: what lies within one follows it. */
struct dwarf_scope {
    Dwarf_Die die;
    const char *name;              /* once asked for; "" is none */
    const char *home;              /* likewise, the file that it is declared in; NULL: not known */
    size_t first_range, range_end; /* of the function's ranges */
    size_t end;                    /* the first scope that is not within */
    bool is_lost, is_gone;         /* the end of a range is lost; all of one is */
    bool is_declared;
    uint32_t file, line; /* of its declaration, once is_declared; line 0: not known */
};

struct dwarf_function {
    struct dwarf_scope *scopes; /* the first is the function itself */
    size_t scope_count, scope_capacity;
    struct dwarf_range *ranges;
    size_t range_count, range_capacity;
    size_t misfits; /* ranges of inlined functions that have no end, or don't lie within what they are inlined into */
    bool is_broken;
};

/* Reads a function that is the body [low, high).  False when memory is short. */
bool dwarf_function_read(struct dwarf_function *f, const struct dwarf_extent *e, uint64_t low, uint64_t high,
                         uint64_t shift);
void dwarf_function_release(struct dwarf_function *f);

/* The scopes around an address, innermost first, in *chain (room for `room`).  The outermost are left
 * out where there are more.  `row` tells the line of the address; NULL: it is not known. */
size_t dwarf_function_chain(struct dwarf_function *f, uint64_t address, const struct line_row *row,
                            struct dwarf_scope **chain, size_t room);

#endif
