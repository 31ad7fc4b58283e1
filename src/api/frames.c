/* A function's code is followed from its beginning as far as it is a straight line, with what is known of its values: constants,
 * and the stack pointer and what is so much below it. */
#include "api/frames.h"

#include "wasm/instr.h"
#include "wasm/types.h"

enum { STACK_MAX = 16, LOCALS_MAX = 64 };

enum value_kind { VALUE_OTHER, VALUE_NUMBER, VALUE_POINTER };

struct value {
    enum value_kind kind;
    uint64_t number; /* of a pointer: how much more it is than the stack pointer */
};

struct frame_walk {
    struct frame_code code;
    uint32_t stack_global, base_local;
    struct value stack[STACK_MAX], locals[LOCALS_MAX];
    unsigned depth;
    bool is_over; /* the straight line */
};

static void push(struct frame_walk *w, struct value v)
{
    if (w->depth == STACK_MAX)
        w->is_over = true;
    else
        w->stack[w->depth++] = v;
}

static struct value pop(struct frame_walk *w)
{
    return w->depth ? w->stack[--w->depth] : (struct value){0};
}

static void push_constant(struct frame_walk *w, const struct wasm_instr *instr)
{
    struct error ignored = ERROR_INIT;
    struct cursor c = {instr->start, instr->imm, instr->end, &ignored};
    int32_t narrow;
    int64_t wide;
    if (instr->op == WASM_OP_I32_CONST ? cursor_leb_s32(&c, "constant", &narrow)
                                       : cursor_leb_s64(&c, "constant", &wide))
        push(w, (struct value){VALUE_NUMBER, (uint64_t)(instr->op == WASM_OP_I32_CONST ? narrow : wide)});
    else
        w->is_over = true;
}

static void set_local(struct frame_walk *w, uint32_t local, struct value v)
{
    if (local < LOCALS_MAX)
        w->locals[local] = v;
    if (local != w->base_local)
        return;
    w->code.has_base = v.kind == VALUE_POINTER && (int64_t)v.number <= 0;
    w->code.base = -v.number;
    w->is_over = true;
}

static void compute(struct frame_walk *w, bool subtracts)
{
    struct value right = pop(w), left = pop(w);
    if (right.kind == VALUE_NUMBER && left.kind)
        push(w, (struct value){left.kind, subtracts ? left.number - right.number : left.number + right.number});
    else if (!subtracts && left.kind == VALUE_NUMBER && right.kind)
        push(w, (struct value){right.kind, left.number + right.number});
    else
        push(w, (struct value){0});
}

static bool visit(void *self, const struct wasm_instr *instr)
{
    struct frame_walk *w = self;
    w->code.sets_pointer |= instr->op == WASM_OP_GLOBAL_SET && instr->index == w->stack_global;
    if (w->is_over)
        return true;
    switch (instr->op) {
    case WASM_OP_GLOBAL_GET:
        push(w, (struct value){instr->index == w->stack_global ? VALUE_POINTER : VALUE_OTHER, 0});
        break;
    case WASM_OP_I32_CONST:
    case WASM_OP_I64_CONST:
        push_constant(w, instr);
        break;
    case WASM_OP_LOCAL_GET:
        push(w, instr->index < LOCALS_MAX ? w->locals[instr->index] : (struct value){0});
        break;
    case WASM_OP_LOCAL_SET:
        set_local(w, instr->index, pop(w));
        break;
    case WASM_OP_LOCAL_TEE:
        set_local(w, instr->index, w->depth ? w->stack[w->depth - 1] : (struct value){0});
        break;
    case WASM_OP_I32_ADD:
    case WASM_OP_I64_ADD:
    case WASM_OP_I32_SUB:
    case WASM_OP_I64_SUB:
        compute(w, instr->op == WASM_OP_I32_SUB || instr->op == WASM_OP_I64_SUB);
        break;
    default:
        w->is_over = true;
    }
    return true;
}

struct frame_code frame_code_read(const struct wasm_module *module, uint32_t func, uint32_t stack_global,
                                  uint32_t base_local)
{
    struct frame_walk w = {.stack_global = stack_global, .base_local = base_local};
    const struct wasm_body *body = &module->bodies[func - module->func_imports];
    struct error ignored = ERROR_INIT;
    struct cursor c = {module->bytes, module->bytes + body->code, module->bytes + body->end, &ignored};
    uint64_t count;
    struct wasm_type_use use = {0};
    if (wasm_skip_locals(&c, &count, &use))
        wasm_expr_walk(&c, visit, &w);
    return w.code;
}
