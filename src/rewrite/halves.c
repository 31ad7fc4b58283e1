/* Modules that run in halves (trace/halves.h): turns, and calls of WASI that only one of the two runs makes. */
#include "trace/halves.h"

#include "rewrite/asm.h"
#include "rewrite/context.h"
#include "rewrite/online.h"
#include "wasm/types.h"

#include <assert.h>

bool halves_add_turn(struct rewriter *rw)
{
    static const struct asm_func func = {"turn", "", "", "r:i",
                                         "#0 host:4 &r #1 i32.and global.set:KEEPS $r #1 i32.shr_u global.set:TURNS"};
    static_assert(HOST_TURN == 4, "the text says so");
    const struct asm_name constants[] = {{"KEEPS", rw->keeps}, {"TURNS", rw->turns}, {0}};
    return asm_add_funcs(rw, &func, 1, constants, &(struct asm_memory){0}, &rw->turn);
}

bool halves_put_call(struct rewriter *rw, struct buf *b, uint32_t func, uint32_t params, uint32_t temp)
{
    if (rw->options->halves) {
        wasm_put_i32_const(b, (int32_t)func);
        if (!emit_host_call(rw, b, HOST_ASK))
            return false;
        put_tee(b, temp);
        wasm_put_op(b, WASM_OP_IF);
        buf_put_u8(b, WASM_TYPE_I32);
        put_get(b, temp);
        wasm_put_i32_const(b, 1);
        wasm_put_op(b, WASM_OP_I32_SHR_U);
        wasm_put_op(b, WASM_OP_ELSE);
    }
    for (uint32_t i = 0; i < params; i++)
        put_get(b, i);
    wasm_put_op_u32(b, WASM_OP_CALL, func);
    if (rw->options->halves)
        wasm_put_op(b, WASM_OP_END);
    return true;
}

bool halves_put_told(struct rewriter *rw, struct buf *b, uint32_t result)
{
    if (!rw->options->halves)
        return true;
    put_get(b, result);
    if (!emit_host_call(rw, b, HOST_TELL))
        return false;
    wasm_put_op(b, WASM_OP_DROP);
    return true;
}

void halves_emit_turn(struct emitter *e)
{
    put_global_get(e->out, e->rw->turns);
    put_global_get(e->out, e->rw->busy);
    wasm_put_op(e->out, WASM_OP_I32_EQZ);
    wasm_put_op(e->out, WASM_OP_I32_SUB);
    put_global_set(e->out, e->rw->turns);
    put_global_get(e->out, e->rw->turns);
    wasm_put_op(e->out, WASM_OP_I32_EQZ);
    emit_hint(e, false);
    put_open(e->out, WASM_OP_IF);
    wasm_put_op_u32(e->out, WASM_OP_CALL, e->rw->turn);
    wasm_put_op(e->out, WASM_OP_END);
}

static bool see_turn(void *self, const struct wasm_instr *instr)
{
    bool *found = self;
    *found = instr->op == WASM_OP_LOOP || context_is_call(instr->op);
    return !*found; /* nothing else is asked */
}

bool halves_find_turns(struct cursor code, bool *found)
{
    *found = false;
    return wasm_expr_walk(&code, see_turn, found) || *found;
}

bool rewrite_can_be_halved(const struct site_table *sites)
{
    return sites->count < SYMBOL_SITE - SITE_FIRST;
}
