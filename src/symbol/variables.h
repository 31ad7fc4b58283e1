/* variables.h: variables with a fixed address, or a fixed place in a frame, by DWARF. */
#ifndef MT_SYMBOL_VARIABLES_H
#define MT_SYMBOL_VARIABLES_H

#include "symbol/data.h"

#include <elfutils/libdw.h>
#include <stddef.h>
#include <stdint.h>

/* A variable, or behind it one more piece of it, or a field of one. */
struct symbol_variable {
    uint64_t address, size; /* size 0: not known */
    char *name;             /* in words; owned; of a field and of one more piece NULL */
    char *field;            /* such as `.items[].name`; owned; NULL: a variable as a whole, or one more piece: */
    size_t whole;           /* of a field or a piece: the variable's place in the array; else its own */
    size_t same;    /* the piece that this is one more of, as the next element's `.name` is; else its own place */
    uint64_t total; /* of a variable: its size, with pieces that are in no memory */
    uint64_t code;  /* of a variable in a function's frame, whose address counts from there: where the function's
                               code begins, in the code section's content; else 0, as for fields */
    uint32_t base;  /* of such one: the local that holds where the frame is; VARIABLE_BASE_GLOBAL: a global does */
};

enum { VARIABLE_BASE_GLOBAL = UINT32_MAX };

struct symbol_variables {
    struct symbol_variable *items; /* in no order, but each variable's pieces and fields behind it */
    size_t count, capacity;
};

/* Adds what a unit of the debug information has: variables with a fixed address to v, those with a fixed place in their function's frame
 * to `frames`.  `data` is of the module that runs.  What is broken is passed over, and *fault says so in a phrase; how many variables
 * each thread has its own of is added to *of_threads.  False and *err when memory is short. */
bool variables_read(struct symbol_variables *v, struct symbol_variables *frames, Dwarf_Die *unit,
                    const struct symbol_data *data, size_t *of_threads, const char **fault, struct error *err);
void symbol_variables_release(struct symbol_variables *v);

#endif
