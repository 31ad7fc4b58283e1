/* place.h: where a variable lies in memory, by its location (DWARF 5, 2.6). */
#ifndef MT_SYMBOL_PLACE_H
#define MT_SYMBOL_PLACE_H

#include "symbol/data.h"

#include <elfutils/libdw.h>
#include <stdint.h>

/* Some of a variable's bytes. */
struct place_piece {
    uint64_t at, size; /* size 0: all, and how many they are is not known */
    uint64_t address;
};

enum { PLACE_PIECES_MAX = 256 };

struct place {
    bool in_frame; /* addresses count from the frame's base */
    unsigned count;
    struct place_piece pieces[PLACE_PIECES_MAX]; /* by `at`; what is not in memory is left out */
};

enum place_result {
    PLACE_NONE, /* it is in no fixed place in memory */
    PLACE_FOUND,
    PLACE_OF_THREAD, /* each thread has its own */
    PLACE_BROKEN,
};

/* `size` is the variable's; 0: not known.  `data` is of the module that runs. */
enum place_result place_read(struct place *p, Dwarf_Die *variable, uint64_t size, const struct symbol_data *data);

#endif
