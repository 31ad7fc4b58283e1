/* frames.h: where functions keep their frames, by their code. */
#ifndef MT_API_FRAMES_H
#define MT_API_FRAMES_H

#include "wasm/module.h"

/* What a function does with the stack pointer. */
struct frame_code {
    bool sets_pointer; /* else its frame lies below the stack pointer, which stays as it is */
    bool has_base;
    uint64_t base; /* what the local holds, less than the stack pointer by so much */
};

/* `base_local`: the local that holds where the frame is. */
struct frame_code frame_code_read(const struct wasm_module *module, uint32_t func, uint32_t stack_global,
                                  uint32_t base_local);

#endif
