/* types.h: walks the type grammar (core specification, section 5.3) without building anything: callers want to know
 * where a type ends, and few of its facts. */
#ifndef MT_WASM_TYPES_H
#define MT_WASM_TYPES_H

#include "wasm/module.h"

enum {
    WASM_TYPE_I32 = 0x7f,
    WASM_TYPE_I64 = 0x7e,
    WASM_TYPE_F32 = 0x7d,
    WASM_TYPE_F64 = 0x7c,
    WASM_TYPE_V128 = 0x7b,
    WASM_TYPE_FUNCREF = 0x70,
    WASM_TYPE_EXNREF = 0x69,
    WASM_TYPE_REF = 0x64,   /* then a heap type */
    WASM_TYPE_EMPTY = 0x40, /* a block's type: no results */
    WASM_TYPE_FUNC = 0x60,
};

/* What is noted in *use is added to what stands there. */
bool wasm_skip_heap_type(struct cursor *c, struct wasm_type_use *use);
bool wasm_skip_value_type(struct cursor *c, struct wasm_type_use *use);
bool wasm_skip_block_type(struct cursor *c, struct wasm_type_use *use);
/* A body's locals, to its first instruction; how many they are is added to *count. */
bool wasm_skip_locals(struct cursor *c, uint64_t *count, struct wasm_type_use *use);
bool wasm_skip_table_type(struct cursor *c, struct wasm_type_use *use);
bool wasm_skip_global_type(struct cursor *c, struct wasm_type_use *use);
bool wasm_read_memory_type(struct cursor *c, struct wasm_memory *memory);

/* Reads one entry of the type section (a recursive group or a single type) and appends its types to the module. */
bool wasm_read_rec_type(struct cursor *c, struct wasm_module *module);

#endif
