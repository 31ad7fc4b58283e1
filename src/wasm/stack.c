#include "wasm/stack.h"

#include "wasm/types.h"

/* Opcodes behind a prefix, from the first to the last. */
static const struct effects {
    uint8_t prefix;
    uint16_t first, last;
    uint8_t pops, pushes;
} effects[] = {
    {0, 0x01, 0x01, 0, 0},                                                         /* nop */
    {0, 0x1a, 0x1a, 1, 0},                                                         /* drop */
    {0, 0x1b, 0x1c, 3, 1},                                                         /* select */
    {0, 0x20, 0x20, 0, 1},                                                         /* local.get */
    {0, 0x21, 0x21, 1, 0},      {0, 0x22, 0x22, 1, 1},      {0, 0x23, 0x23, 0, 1}, /* global.get */
    {0, 0x24, 0x24, 1, 0},      {0, 0x25, 0x25, 1, 1},                             /* table.get */
    {0, 0x26, 0x26, 2, 0},      {0, 0x28, 0x35, 1, 1},                             /* loads */
    {0, 0x36, 0x3e, 2, 0},                                                         /* stores */
    {0, 0x3f, 0x3f, 0, 1},                                                         /* memory.size */
    {0, 0x40, 0x40, 1, 1},      {0, 0x41, 0x44, 0, 1},                             /* constants */
    {0, 0x45, 0x45, 1, 1},                                                         /* i32 comparisons */
    {0, 0x46, 0x4f, 2, 1},      {0, 0x50, 0x50, 1, 1},                             /* i64 */
    {0, 0x51, 0x66, 2, 1},                                                         /* and f32, f64 */
    {0, 0x67, 0x69, 1, 1},                                                         /* i32 arithmetic */
    {0, 0x6a, 0x78, 2, 1},      {0, 0x79, 0x7b, 1, 1},                             /* i64 */
    {0, 0x7c, 0x8a, 2, 1},      {0, 0x8b, 0x91, 1, 1},                             /* f32 */
    {0, 0x92, 0x98, 2, 1},      {0, 0x99, 0x9f, 1, 1},                             /* f64 */
    {0, 0xa0, 0xa6, 2, 1},      {0, 0xa7, 0xc4, 1, 1},                             /* conversions */
    {0, 0xd0, 0xd0, 0, 1},                                                         /* ref.null */
    {0, 0xd1, 0xd1, 1, 1},      {0, 0xd2, 0xd2, 0, 1},                             /* ref.func */
    {0xfc, 0x00, 0x07, 1, 1},   {0xfc, 0x08, 0x08, 3, 0},                          /* memory.init */
    {0xfc, 0x09, 0x09, 0, 0},   {0xfc, 0x0a, 0x0c, 3, 0},                          /* memory.copy, fill, table.init */
    {0xfc, 0x0d, 0x0d, 0, 0},   {0xfc, 0x0e, 0x0e, 3, 0},   {0xfc, 0x0f, 0x0f, 2, 1}, /* table.grow */
    {0xfc, 0x10, 0x10, 0, 1},   {0xfc, 0x11, 0x11, 3, 0},   {0xfd, 0x00, 0x0a, 1, 1}, /* loads */
    {0xfd, 0x0b, 0x0b, 2, 0},   {0xfd, 0x0c, 0x0c, 0, 1},   {0xfd, 0x0d, 0x0e, 2, 1}, /* shuffle, swizzle */
    {0xfd, 0x0f, 0x16, 1, 1},                                                         /* splats; lanes */
    {0xfd, 0x17, 0x17, 2, 1},   {0xfd, 0x18, 0x19, 1, 1},   {0xfd, 0x1a, 0x1a, 2, 1},
    {0xfd, 0x1b, 0x1b, 1, 1},   {0xfd, 0x1c, 0x1c, 2, 1},   {0xfd, 0x1d, 0x1d, 1, 1},
    {0xfd, 0x1e, 0x1e, 2, 1},   {0xfd, 0x1f, 0x1f, 1, 1},   {0xfd, 0x20, 0x20, 2, 1},
    {0xfd, 0x21, 0x21, 1, 1},   {0xfd, 0x22, 0x4c, 2, 1},                             /* comparisons */
    {0xfd, 0x4d, 0x4d, 1, 1},   {0xfd, 0x4e, 0x51, 2, 1},   {0xfd, 0x52, 0x52, 3, 1}, /* bitselect */
    {0xfd, 0x53, 0x53, 1, 1},   {0xfd, 0x54, 0x57, 2, 1},                             /* loads and stores of a lane */
    {0xfd, 0x58, 0x5b, 2, 0},   {0xfd, 0x5c, 0x64, 1, 1},   {0xfd, 0x65, 0x66, 2, 1}, /* i8x16 */
    {0xfd, 0x67, 0x6a, 1, 1},   {0xfd, 0x6b, 0x73, 2, 1},   {0xfd, 0x74, 0x75, 1, 1},
    {0xfd, 0x76, 0x79, 2, 1},   {0xfd, 0x7a, 0x7a, 1, 1},   {0xfd, 0x7b, 0x7b, 2, 1},
    {0xfd, 0x7c, 0x81, 1, 1}, /* i16x8 */
    {0xfd, 0x82, 0x82, 2, 1},   {0xfd, 0x83, 0x84, 1, 1},   {0xfd, 0x85, 0x86, 2, 1},
    {0xfd, 0x87, 0x8a, 1, 1},   {0xfd, 0x8b, 0x93, 2, 1},   {0xfd, 0x94, 0x94, 1, 1},
    {0xfd, 0x95, 0x9f, 2, 1},   {0xfd, 0xa0, 0xa4, 1, 1},                               /* i32x4 */
    {0xfd, 0xa7, 0xaa, 1, 1},   {0xfd, 0xab, 0xbf, 2, 1},   {0xfd, 0xc0, 0xc4, 1, 1},   /* i64x2 */
    {0xfd, 0xc7, 0xca, 1, 1},   {0xfd, 0xcb, 0xdf, 2, 1},   {0xfd, 0xe0, 0xe3, 1, 1},   /* f32x4 */
    {0xfd, 0xe4, 0xeb, 2, 1},   {0xfd, 0xec, 0xef, 1, 1},                               /* f64x2 */
    {0xfd, 0xf0, 0xf7, 2, 1},   {0xfd, 0xf8, 0xff, 1, 1},   {0xfd, 0x100, 0x100, 2, 1}, /* relaxed */
    {0xfd, 0x101, 0x104, 1, 1}, {0xfd, 0x105, 0x10c, 3, 1}, {0xfd, 0x10d, 0x112, 2, 1},
    {0xfd, 0x113, 0x113, 3, 1}, {0xfe, 0x00, 0x00, 2, 1}, /* notify, wait, fence */
    {0xfe, 0x01, 0x02, 3, 1},   {0xfe, 0x03, 0x03, 0, 0},   {0xfe, 0x10, 0x16, 1, 1},
    {0xfe, 0x17, 0x1d, 2, 0},   {0xfe, 0x1e, 0x47, 2, 1},   {0xfe, 0x48, 0x4e, 3, 1},
};

/* A call of a function of that type, which takes so many operands besides. */
static bool call_effect(const struct wasm_module *module, uint64_t type, uint32_t besides, struct wasm_effect *effect)
{
    if (type >= module->type_count || !module->types[type].params)
        return false;
    *effect = (struct wasm_effect){module->types[type].param_count + besides, module->types[type].result_count};
    return true;
}

bool wasm_stack_effect(const struct wasm_module *module, const struct wasm_instr *instr, struct wasm_effect *effect)
{
    if (instr->op == WASM_OP_CALL || instr->op == WASM_OP_RETURN_CALL)
        return instr->index < module->func_count && call_effect(module, module->func_types[instr->index], 0, effect);
    if (instr->op == WASM_OP_CALL_INDIRECT || instr->op == WASM_OP_RETURN_CALL_INDIRECT)
        return call_effect(module, instr->index, 1, effect);
    const struct wasm_opcode_info *info = wasm_opcode_info(instr->op);
    for (size_t i = 0; i < sizeof effects / sizeof *effects; i++)
        if (effects[i].prefix == info->prefix && effects[i].first <= info->code && info->code <= effects[i].last) {
            *effect = (struct wasm_effect){effects[i].pops, effects[i].pushes};
            return true;
        }
    return false;
}

bool wasm_block_results(const struct wasm_module *module, const struct wasm_instr *instr, uint32_t *results)
{
    uint8_t first = *instr->imm;
    if (first == WASM_TYPE_EMPTY) {
        *results = 0;
        return true;
    }
    if (first & 0x40 && !(first & 0x80)) { /* a value type: a negative number of one byte; others may be longer */
        *results = 1;
        return first >= WASM_TYPE_V128;
    }
    uint64_t type = 0;
    unsigned shift = 0;
    for (const uint8_t *at = instr->imm; at < instr->end && shift < 35; at++, shift += 7)
        type |= (uint64_t)(*at & 0x7f) << shift;
    if (type >= module->type_count || !module->types[type].params || module->types[type].param_count)
        return false;
    *results = module->types[type].result_count;
    return true;
}
