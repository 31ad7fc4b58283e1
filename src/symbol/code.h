/* code.h: the function bodies of the module that runs, by code_off: what debug information has to fit. */
#ifndef MT_SYMBOL_CODE_H
#define MT_SYMBOL_CODE_H

#include "wasm/module.h"

struct symbol_code {
    const struct wasm_body *bodies; /* the module's */
    size_t count;
    uint64_t start;      /* file_off of the code section's content */
    uint32_t count_size; /* bytes of the section's count, with which its content begins */
};

struct symbol_code symbol_code_of(const struct wasm_module *module);

static inline uint64_t code_body_start(const struct symbol_code *c, size_t body)
{
    return c->bodies[body].start - c->start;
}

static inline uint64_t code_body_end(const struct symbol_code *c, size_t body)
{
    return c->bodies[body].end - c->start;
}

/* The body whose bytes, with those of its size, hold the address; `count` when there is none. */
size_t code_body_at(const struct symbol_code *c, uint64_t address);

/* Whether the address is a beginning of the body: linkers say that of its locals, some tools that of its size. */
bool code_body_begins(const struct symbol_code *c, size_t body, uint64_t address);

#endif
