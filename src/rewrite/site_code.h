/* site_code.h: pieces of the code that stands beside an access and keeps the planes (trace/planes.h), which its two
 * kinds share: online.c, that calls functions, and hot.c, that does not. */
#ifndef MT_REWRITE_SITE_CODE_H
#define MT_REWRITE_SITE_CODE_H

#include "rewrite/emit.h"

/* How an access of some width goes to the planes. */
struct shape {
    uint8_t width;
    bool fine;                           /* in the planes of bytes */
    enum wasm_opcode load, store, guard; /* guard: of the touch plane, which must show that the granules are mixed */
    int32_t mixed;                       /* what the guard then loads */
    enum temp met;
};

struct site_code {
    struct emitter *e;
    const struct shape *shape;
    uint32_t offset; /* the static one */
    mark own;
    uint32_t cell, counter;
    bool in_hook; /* own and cell are in temporaries, and the counter is the cell's */
    bool store;
    unsigned width;
    unsigned key_size, slot_size;
    const struct habit *habit;
};

struct site_code code_of(struct emitter *e, const struct site *site, mark own, bool in_hook);
/* 0 to ONLINE_WIDTHS - 1, by width. */
unsigned code_width_index(const struct site_code *c);

/* A load or store of a plane. */
void code_plane(const struct site_code *c, enum plane plane, enum wasm_opcode op, uint32_t offset);
/* An `if` that is rarely entered. */
void code_unlikely(const struct site_code *c);
/* Leaves the effective address. */
void code_effective(const struct site_code *c);
/* Leaves the address of the marks; the static offset that goes with it is returned. */
uint32_t code_marks_address(const struct site_code *c);
enum plane code_touch_plane(const struct site_code *c);
enum plane code_writer_plane(const struct site_code *c);
/* Of an access that goes to the planes of bytes: leaves 1 unless these are the ones that count, for a store both. */
void code_guard(const struct site_code *c);
/* The same: sets TEMP_FINE. */
void code_fine(const struct site_code *c);
/* Leaves the site's own mark, in one lane. */
void code_own(const struct site_code *c);
/* Leaves 1 where the two values on the stack, rows of marks, differ. */
void code_differ(const struct site_code *c);
/* Leaves a row of which every lane is `m`. */
void code_lanes(const struct site_code *c, mark m);
/* Leaves 1 where the row on the stack has a lane whose bits of `mask` are not `want`. */
void code_test(const struct site_code *c, uint32_t mask, uint32_t want);
/* Leaves 1 where the row on the stack has a mark that nobody has read, or is no row of marks. */
void code_unread(const struct site_code *c);
/* The site's own mark to a plane. */
void code_mark(const struct site_code *c, enum plane plane);

#endif
