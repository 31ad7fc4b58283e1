#include "api/forwarder.h"

#include "wasm/instr.h"
#include "wasm/types.h"

struct walk {
    uint32_t params; /* passed on until now */
    uint32_t target;
    bool is_over; /* it does something else */
};

static bool visit(void *self, const struct wasm_instr *instr)
{
    struct walk *w = self;
    const bool called = w->target != UINT32_MAX;
    if (!called && instr->op == WASM_OP_LOCAL_GET && instr->index == w->params)
        w->params++;
    else if (!called && (instr->op == WASM_OP_CALL || instr->op == WASM_OP_RETURN_CALL))
        w->target = instr->index;
    else if (!called || (instr->op != WASM_OP_RETURN && instr->op != WASM_OP_END))
        w->is_over = true;
    return !w->is_over;
}

uint32_t forwarder_target(const struct wasm_module *module, uint32_t func)
{
    const struct wasm_body *body = &module->bodies[func - module->func_imports];
    struct error ignored = ERROR_INIT;
    struct cursor c = {module->bytes, module->bytes + body->code, module->bytes + body->end, &ignored};
    struct wasm_type_use use = {0};
    struct walk w = {.target = UINT32_MAX};
    uint64_t count;
    if (!wasm_skip_locals(&c, &count, &use) || !wasm_expr_walk(&c, visit, &w) || w.is_over ||
        w.target >= module->func_count)
        return UINT32_MAX;
    const struct wasm_type *own = &module->types[module->func_types[func]];
    const bool same = module->func_types[w.target] == module->func_types[func];
    return same && own->param_count == w.params ? w.target : UINT32_MAX;
}
