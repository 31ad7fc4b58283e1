/* Functions that do one thing to memory are known by that, so that they need no names.  A function that calls nothing and sets no global leaves nothing behind but what
 * it stores and returns:
 *
 * - it only fills if it loads nothing, and each store in its loops stores the same in all their rounds: what it stores comes from its parameters alone;
 * - it only copies if each store in its loops stores what was loaded, whole or put together from two words, as where both sides are not aligned
 *   alike;
 * - it only reads if it stores nothing.
 *
 * Each does it in a loop, over addresses that move. */
#include "facts/work.h"

#include "wasm/opcode.h"

bool work_is_plain(const struct wasm_instr *instr)
{
    const struct wasm_opcode_info *info = wasm_opcode_info(instr->op);
    static const struct {
        uint8_t first, last;
    } plain[] = {
        {0x00, 0x05}, /* unreachable, nop, block, loop, if, else */
        {0x0B, 0x0F}, /* end, branches, return */
        {0x1A, 0x1C}, /* drop, select */
        {0x20, 0x23}, /* locals, global.get */
        {0x28, 0x3F}, /* loads, stores, memory.size */
        {0x41, 0xC4}, /* constants, numbers */
    };
    if (info->prefix == 0xFD) /* SIMD */
        return true;
    if (info->prefix)
        return info->prefix == 0xFC && info->code < 8; /* saturating conversions */
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (info->code >= plain[i].first && info->code <= plain[i].last)
            return true;
    return false;
}

enum function_work work_of(const struct site_table *table, const struct site_facts *sites, size_t first, size_t end)
{
    size_t loads = 0, swept_loads = 0, stores = 0, swept = 0, steady = 0, copied = 0;
    for (size_t i = first; i < end; i++) {
        const struct site_facts *f = &sites[i];
        bool store = table->sites[i].kind == ACCESS_STORE, moves = f->loop && f->sweeps;
        if (!f->known || (!store && table->sites[i].kind != ACCESS_LOAD))
            return WORK_ANY;
        loads += !store;
        stores += store;
        swept_loads += !store && moves;
        swept += store && f->loop;
        steady += store && moves && (f->value == VALUE_CONST || f->value == VALUE_STEADY);
        copied += store && moves && (f->value == VALUE_LOAD || f->value == VALUE_LOADS);
    }
    if (!loads && steady && steady == swept)
        return WORK_FILLS;
    if (swept_loads && copied && copied == swept)
        return WORK_COPIES;
    return swept_loads && !stores ? WORK_READS : WORK_ANY;
}
