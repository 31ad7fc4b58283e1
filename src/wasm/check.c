#include "wasm/check.h"

#include <stdlib.h>

bool wasm_check_types(const struct wasm_module *m, uint32_t types_end, uint64_t at, struct error *err)
{
    return types_end <= m->type_count || error_at(err, ERROR_INPUT, at, "unknown type %u", types_end - 1);
}

bool wasm_check_declare(struct wasm_module *m, uint32_t func, uint64_t at, struct error *err)
{
    if (func >= m->func_count)
        return error_at(err, ERROR_INPUT, at, "unknown function %u", func);
    if (!m->declared)
        m->declared = calloc(m->func_count / 8 + 1, 1);
    if (!m->declared)
        return error_no_memory(err);
    m->declared[func / 8] |= (uint8_t)(1u << func % 8);
    return true;
}

static bool is_declared(const struct wasm_module *m, uint32_t func)
{
    return m->declared && m->declared[func / 8] >> func % 8 & 1;
}

struct space {
    const char *name;
    size_t count;
};

static bool in_space(const struct wasm_module *m, const struct wasm_instr *instr, struct space space, uint32_t index,
                     struct error *err)
{
    return index < space.count ||
           error_at(err, ERROR_INPUT, (uint64_t)(instr->start - m->bytes), "unknown %s %u", space.name, index);
}

static bool check_func(const struct wasm_module *m, const struct wasm_instr *instr, struct error *err)
{
    if (!in_space(m, instr, (struct space){"function", m->func_count}, instr->index, err))
        return false;
    if (instr->op == WASM_OP_REF_FUNC && !is_declared(m, instr->index))
        return error_at(err, ERROR_INPUT, (uint64_t)(instr->start - m->bytes), "undeclared function reference");
    return true;
}

bool wasm_check_instr(const struct wasm_module *m, const struct wasm_instr *instr, uint64_t locals, struct error *err)
{
    const struct space types = {"type", m->type_count}, tables = {"table", m->table_count},
                       memories = {"memory", m->memory_count}, elements = {"element segment", m->element_count};
    switch (wasm_opcode_info(instr->op)->imm) {
    case IMM_FUNC:
        return check_func(m, instr, err);
    case IMM_LOCAL:
        return in_space(m, instr, (struct space){"local", locals}, instr->index, err);
    case IMM_GLOBAL:
    case IMM_ORDER_GLOBAL:
        return in_space(m, instr, (struct space){"global", m->global_count}, instr->index, err);
    case IMM_TABLE:
    case IMM_ORDER_TABLE:
        return in_space(m, instr, tables, instr->index, err);
    case IMM_TABLE_TABLE:
        return in_space(m, instr, tables, instr->index, err) && in_space(m, instr, tables, instr->second, err);
    case IMM_CALL_INDIRECT:
        return in_space(m, instr, types, instr->index, err) && in_space(m, instr, tables, instr->second, err);
    case IMM_ELEM_TABLE:
        return in_space(m, instr, elements, instr->index, err) && in_space(m, instr, tables, instr->second, err);
    case IMM_ELEM:
        return in_space(m, instr, elements, instr->index, err);
    case IMM_TYPE_ELEM:
        return in_space(m, instr, types, instr->index, err) && in_space(m, instr, elements, instr->second, err);
    case IMM_TYPE:
    case IMM_TYPE_FIELD:
    case IMM_TYPE_U32:
    case IMM_TYPE_DATA:
    case IMM_RESUME:
    case IMM_RESUME_THROW:
    case IMM_TYPE_TAG:
    case IMM_ORDER_TYPE:
    case IMM_ORDER_FIELD:
        return in_space(m, instr, types, instr->index, err);
    case IMM_TYPE_TYPE:
        return in_space(m, instr, types, instr->index, err) && in_space(m, instr, types, instr->second, err);
    case IMM_MEMORY:
    case IMM_MEMARG:
    case IMM_MEMARG_LANE:
    case IMM_DATA_MEMORY:
        return in_space(m, instr, memories, instr->memory, err);
    case IMM_MEMORY_MEMORY:
        return in_space(m, instr, memories, instr->memory, err) &&
               in_space(m, instr, memories, instr->memory_from, err);
    case IMM_BLOCK:
    case IMM_TRY_TABLE:
    case IMM_SELECT_T:
    case IMM_HEAPTYPE:
    case IMM_CAST_BRANCH:
        return wasm_check_types(m, instr->types.end, (uint64_t)(instr->start - m->bytes), err);
    default:
        return true;
    }
}

struct constant {
    struct wasm_module *m;
    struct error *err;
};

/* A global that comes later is not one of ours: ours cannot be named here, since they can change. */
static bool see_constant(void *self, const struct wasm_instr *instr)
{
    struct constant *k = self;
    k->m->has_exact |= instr->types.exact;
    if (instr->op == WASM_OP_REF_FUNC)
        return wasm_check_declare(k->m, instr->index, (uint64_t)(instr->start - k->m->bytes), k->err);
    return instr->op == WASM_OP_GLOBAL_GET || wasm_check_instr(k->m, instr, 0, k->err);
}

bool wasm_check_const(struct wasm_module *m, struct cursor *c)
{
    struct constant k = {m, c->err};
    return wasm_expr_walk(c, see_constant, &k);
}
