/* Functions that stand in a module twice, once with what keeps planes and once without (trace/halves.h): those that run often and begin
 * often.  While one is under way, planes neither begin to be kept nor cease to be: a global counts the calls of such functions that may
 * come to a turn, and there are no turns unless it is 0. */
#include "rewrite/context.h"
#include "rewrite/online.h"

#include <stdlib.h>

/* One that calls nothing is never under way when there is a turn; one that calls others is too often, unless it begins often. */
static bool choose(const struct rewriter *rw, uint32_t func, bool *chosen)
{
    uint8_t heat = rw->options->func_heat[func];
    struct context_needs needs;
    struct wasm_type_use use = {0};
    struct cursor code;
    *chosen = false;
    if (heat == HEAT_COLD)
        return true;
    if (!rewriter_code(rw, func, &use, &code) || !context_find_needs(code, &needs))
        return false;
    *chosen = !needs.tail_calls && (heat == HEAT_OFTEN || !needs.calls);
    return true;
}

bool halves_add_plain(struct rewriter *rw)
{
    const struct wasm_module *in = rw->in;
    rw->plain = calloc(in->func_count + 1, sizeof *rw->plain);
    if (!rw->plain)
        return error_no_memory(rw->err);
    for (uint32_t f = (uint32_t)in->func_imports;
         rw->options->func_heat && f < in->func_count && f < rw->options->func_count; f++) {
        bool chosen;
        struct buf *body;
        if (!choose(rw, f, &chosen) ||
            (chosen && !rewriter_add_func_of_type(rw, in->func_types[f], "_trace_plain", &rw->plain[f], &body)))
            return false;
    }
    return true;
}

bool halves_is_double(const struct rewriter *rw, uint32_t func)
{
    return rw->options->halves && rw->plain[func];
}

void halves_emit_choice(struct rewriter *rw, uint32_t func, struct buf *out)
{
    put_global_get(out, rw->keeps);
    wasm_put_op(out, WASM_OP_I32_EQZ);
    put_open(out, WASM_OP_IF);
    for (uint32_t i = 0; i < rw->in->types[rw->in->func_types[func]].param_count; i++)
        put_get(out, i);
    wasm_put_op_u32(out, WASM_OP_CALL, rw->plain[func]);
    wasm_put_op(out, WASM_OP_RETURN);
    wasm_put_op(out, WASM_OP_END);
}

bool halves_call_is_busy(const struct rewriter *rw, const struct wasm_instr *instr)
{
    if (instr->op != WASM_OP_CALL)
        return instr->op == WASM_OP_CALL_INDIRECT || instr->op == WASM_OP_CALL_REF;
    return instr->index >= rw->in->func_imports && !rw->plain[instr->index];
}

void halves_emit_busy(struct rewriter *rw, bool more, struct buf *out)
{
    put_global_get(out, rw->busy);
    wasm_put_i32_const(out, more ? 1 : -1);
    wasm_put_op(out, WASM_OP_I32_ADD);
    put_global_set(out, rw->busy);
}

static void put_call(struct rewriter *rw, const struct wasm_instr *instr, struct buf *out)
{
    bool busy = halves_call_is_busy(rw, instr);
    if (busy)
        halves_emit_busy(rw, true, out);
    if (instr->op != WASM_OP_CALL)
        buf_put(out, instr->start, (size_t)(instr->end - instr->start));
    else if (rw->plain[instr->index])
        wasm_put_op_u32(out, WASM_OP_CALL, rw->plain[instr->index]);
    else
        wasm_put_op_u32(out, WASM_OP_CALL, rewriter_func(rw, instr->index));
    if (busy)
        halves_emit_busy(rw, false, out);
}

/* Writes what stands in the place of an instruction; false where it stays. */
static bool replace(struct rewriter *rw, const struct wasm_instr *instr, struct buf *out)
{
    switch (instr->op) {
    case WASM_OP_CALL:
    case WASM_OP_CALL_INDIRECT:
    case WASM_OP_CALL_REF:
        put_call(rw, instr, out);
        return true;
    case WASM_OP_REF_FUNC:
        wasm_put_op_u32(out, WASM_OP_REF_FUNC, rewriter_func(rw, instr->index));
        return true;
    case WASM_OP_MEMORY_GROW:
        if (!rw->grows || !rw->grows[instr->memory])
            return false;
        wasm_put_op_u32(out, WASM_OP_CALL, rw->grows[instr->memory]);
        return true;
    default:
        return false;
    }
}

bool halves_put_plain(struct rewriter *rw, uint32_t func)
{
    struct buf *out = &rw->funcs[rw->plain[func] - rw->in->func_count].body;
    struct wasm_type_use use = {0};
    struct cursor code;
    if (!rewriter_code(rw, func, &use, &code))
        return false;
    const uint8_t *copied = rw->in->bytes + rw->in->bodies[func - rw->in->func_imports].code;
    while (code.at < code.end) {
        struct wasm_instr instr;
        if (!wasm_instr_read(&code, &instr))
            return false;
        buf_put(out, copied, (size_t)(instr.start - copied));
        copied = replace(rw, &instr, out) ? instr.end : instr.start;
    }
    buf_put(out, copied, (size_t)(code.end - copied));
    return !out->failed || error_no_memory(rw->err);
}
