/* dwarf_fit.h: which functions and line sequences of the debug information are about the code that is there.
 *
 * Debug information may be about other code: a tool rewrote the module behind the linker, and the sections stayed as
 * they were.  So it is believed as far as the module bears it out: a function begins where a body begins and has
 * nothing outside of it; a sequence of lines is of the function in whose body it begins.  Private to dwarf.c. */
#ifndef MT_SYMBOL_DWARF_FIT_H
#define MT_SYMBOL_DWARF_FIT_H

#include "symbol/code.h"
#include "symbol/line_program.h"
#include "symbol/split.h"

enum dwarf_fit {
    FIT_NOT,    /* in no body, or not in one alone */
    FIT_WITHIN, /* ends before the body does in which it begins */
    FIT_WHOLE,  /* ends with that body */
};

/* Code that an entry says is a function, or that a sequence of lines is about. */
struct dwarf_extent {
    uint64_t low, high; /* code_off; high is behind the last byte */
    size_t unit;
    Dwarf_Die die;                  /* of a function */
    const struct split_unit *split; /* that the entry is in; NULL: none */
    uint64_t program;               /* of a sequence: where in .debug_line it begins */
    size_t body;                    /* where it fits */
    enum dwarf_fit fit;
    bool is_alone;  /* a sequence of code that no entry tells of (clang -g1, assemblers) */
    bool continues; /* what stands before it in the list */
    bool is_judged; /* its fit says something about the debug information */
};

struct dwarf_extents {
    struct dwarf_extent *items; /* owned by whoever has the struct */
    size_t count, capacity;
};

enum { FITS_NONE = -1 };

struct dwarf_fits {
    const struct symbol_code *code;
    struct dwarf_extents functions; /* what the linker dropped is not among them */
    struct dwarf_extents sequences; /* once it is decided: those that are believed, sorted */
    uint64_t shift;                 /* what is to be added to all addresses of the debug information */
    int32_t *function_of;           /* of each body: which, or FITS_NONE */
    bool *is_other;                 /* of each body: only what does not fit tells of it */
    bool is_by_wast;
    size_t told, misfits;             /* functions, and sequences that are alone */
    uint64_t code_bytes, other_bytes; /* of all bodies, and of those in is_other */
};

/* What the linker dropped is at 0, or at -1 or -2: of 32 bits, or of 64. */
static inline bool dwarf_is_dropped(uint64_t address)
{
    return address == 0 || address >= UINT32_MAX - 1;
}

/* Adds the functions of a unit, which may be split.  False when memory is short; *broken is set when entries cannot be read. */
bool dwarf_fits_add_functions(struct dwarf_fits *f, Dwarf_Die *unit, const struct split_unit *split, size_t index,
                              bool *broken);

/* Adds the line sequences of a program.  False when memory is short. */
bool dwarf_fits_add_sequences(struct dwarf_fits *f, struct line_program *p, size_t unit);

/* Decides, once all is added.  False when memory is short. */
bool dwarf_fits_decide(struct dwarf_fits *f);

/* The sequence that the address, in a body, belongs to, or NULL. */
const struct dwarf_extent *dwarf_fits_sequence(const struct dwarf_fits *f, size_t body, uint64_t address);

void dwarf_fits_release(struct dwarf_fits *f);

#endif
