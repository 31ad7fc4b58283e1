#include "wasm/opcode.h"

static const struct wasm_opcode_info infos[WASM_OPCODE_COUNT] = {
#define OP(id, name, prefix, code, imm, access, width, value)                                                          \
    [WASM_OP_##id] = {name, prefix, code, IMM_##imm, WASM_ACCESS_##access, width, WASM_VALUE_##value},
#include "wasm/opcode.def"
#undef OP
};

#define ROW(prefix) ((prefix) == 0 ? 0 : (prefix) - WASM_PREFIX_FIRST + 1)

/* Two entries with one opcode would be an overridden initialiser, which the compiler reports. */
const uint16_t wasm_opcode_rows[WASM_OPCODE_ROWS][WASM_OPCODE_CODES] = {
#define OP(id, name, prefix, code, imm, access, width, value) [ROW(prefix)][code] = WASM_OP_##id + 1,
#include "wasm/opcode.def"
#undef OP
};

const struct wasm_opcode_info *wasm_opcode_info(enum wasm_opcode op)
{
    return &infos[op];
}
