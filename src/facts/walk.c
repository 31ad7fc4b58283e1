/* An operand below the known ones is unknown, so forgetting the whole stack is always right; that is what branches and instructions
 * without an entry here do.
 *
 * Values of locals are followed in two ways: within a stretch of code without branches or labels, and, where a local is
 * written once in its function and outside of all blocks, from there to the function's end, since nothing behind it can be
 * reached in another way. */
#include "facts/walk.h"

#include "wasm/opcode.h"

#include <string.h>

static const struct walk_value unknown = {.kind = WALK_UNKNOWN, .named = -1};

struct walk_value walk_operand(const struct walk *w, uint32_t down)
{
    return down < w->depth ? w->stack[w->depth - 1 - down] : unknown;
}

static struct walk_value pop(struct walk *w)
{
    return w->depth ? w->stack[--w->depth] : unknown;
}

static void push(struct walk *w, struct walk_value value)
{
    if (w->depth == WALK_STACK) { /* the deepest one is forgotten */
        memmove(w->stack, w->stack + 1, (WALK_STACK - 1) * sizeof *w->stack);
        w->depth--;
    }
    w->stack[w->depth++] = value;
}

static void replace(struct walk *w, uint32_t pops, struct walk_value value)
{
    while (pops--)
        pop(w);
    push(w, value);
}

static void forget(struct walk *w)
{
    w->depth = 0;
    w->stretch++;
}

static void get_local(struct walk *w, const struct wasm_instr *instr)
{
    struct walk_value value = {.kind = WALK_LOCAL, .index = instr->index, .named = -1};
    if (instr->index < w->local_count) {
        const struct walk_local *local = &w->locals[instr->index];
        if (local->last_write && local->alias.kind && (!local->stretch || local->stretch == w->stretch))
            value = local->alias;
        value.named = (int32_t)instr->index;
    }
    push(w, value);
}

static void set_local(struct walk *w, const struct wasm_instr *instr, struct walk_value value)
{
    if (instr->index >= w->local_count)
        return;
    struct walk_local *local = &w->locals[instr->index];
    local->last_write = (uint32_t)(instr->start - w->module->bytes);
    local->alias = value;
    /* Another local's value is its value at that time, and that local may change. */
    bool lasting = value.kind == WALK_CONST || value.kind == WALK_GLOBAL;
    local->stretch = lasting && local->writes == 1 && w->blocks == 0 ? 0 : w->stretch;
    bool itself = value.kind == WALK_LOCAL && value.index == instr->index;
    if (itself)
        local->alias = unknown; /* p = p + 8: its old value has no name any more */
    if (itself ? value.addend != 0 : !lasting)
        local->last_step = local->last_write;
}

static int64_t sign_extended(uint64_t value)
{
    return (int64_t)(value << 32) >> 32;
}

static bool is_fetched(struct walk_value v)
{
    return v.kind == WALK_FETCHED || v.kind == WALK_SHIFTED;
}

/* i32 and i64 addition and subtraction of a constant. */
static struct walk_value add(struct walk_value a, struct walk_value b, bool minus, bool wide)
{
    if (b.kind != WALK_CONST && a.kind == WALK_CONST && !minus) {
        struct walk_value swap = a;
        a = b;
        b = swap;
    }
    if (b.kind != WALK_CONST || a.kind == WALK_UNKNOWN || is_fetched(a))
        return unknown;
    uint64_t sum = minus ? (uint64_t)a.addend - (uint64_t)b.addend : (uint64_t)a.addend + (uint64_t)b.addend;
    a.addend = wide ? (int64_t)sum : sign_extended(sum & 0xFFFFFFFF);
    a.named = -1;
    return a;
}

/* A shift keeps what was fetched for the most part; of `or` one side is enough, for the other may be from the round before. */
static struct walk_value shift_or(struct walk_value a, struct walk_value b, bool is_or)
{
    bool from_load = is_or ? is_fetched(a) || is_fetched(b) : is_fetched(a) && b.kind == WALK_CONST;
    return from_load ? (struct walk_value){.kind = WALK_SHIFTED, .named = -1} : unknown;
}

static uint64_t little_end(const uint8_t *at, unsigned size)
{
    uint64_t value = 0;
    for (unsigned i = size; i--;)
        value = value << 8 | at[i];
    return value;
}

static void push_const(struct walk *w, const struct wasm_instr *instr)
{
    struct error ignored = ERROR_INIT;
    struct cursor c = {w->module->bytes, instr->imm, instr->end, &ignored};
    struct walk_value value = {.kind = WALK_CONST, .named = -1};
    int32_t s32 = 0;
    switch (instr->op) {
    case WASM_OP_I32_CONST:
        cursor_leb_s32(&c, "const", &s32);
        value.addend = s32;
        break;
    case WASM_OP_I64_CONST:
        cursor_leb_s64(&c, "const", &value.addend);
        break;
    case WASM_OP_F32_CONST:
        value.addend = (int64_t)little_end(instr->imm, 4);
        break;
    case WASM_OP_F64_CONST:
        value.addend = (int64_t)little_end(instr->imm, 8);
        break;
    default: /* v128.const: only zero fits */
        if (little_end(instr->imm, 8) || little_end(instr->imm + 8, 8))
            value = unknown;
    }
    push(w, value);
}

static void call(struct walk *w, uint32_t type_index, uint32_t more)
{
    if (type_index >= w->module->type_count || !w->module->types[type_index].params) {
        forget(w);
        return;
    }
    const struct wasm_type *type = &w->module->types[type_index];
    for (uint32_t i = 0; i < type->param_count + more; i++)
        pop(w);
    for (uint32_t i = 0; i < type->result_count; i++)
        push(w, unknown);
}

/* Operands of the plain numeric instructions, 0x45 to 0xC4; each leaves one value. */
static uint32_t numeric_operands(uint16_t code)
{
    static const struct {
        uint8_t first, last;
    } unary[] = {{0x45, 0x45}, {0x50, 0x50}, {0x67, 0x69}, {0x79, 0x7B}, {0x8B, 0x91}, {0x99, 0x9F}, {0xA7, 0xC4}};
    for (size_t i = 0; i < sizeof unary / sizeof *unary; i++)
        if (code >= unary[i].first && code <= unary[i].last)
            return 1;
    return 2;
}

static void access(struct walk *w, const struct wasm_opcode_info *info)
{
    switch (info->access) {
    case WASM_ACCESS_LOAD:
        if (info->imm == IMM_MEMARG_LANE) /* the vector comes, and goes, with it */
            replace(w, 2, unknown);
        else
            replace(w, 1, (struct walk_value){.kind = WALK_FETCHED, .named = -1, .addend = info->width});
        break;
    case WASM_ACCESS_STORE:
        pop(w);
        pop(w);
        break;
    case WASM_ACCESS_RMW:
        replace(w, 2, unknown);
        break;
    case WASM_ACCESS_CMPXCHG:
    case WASM_ACCESS_WAIT:
        replace(w, 3, unknown);
        break;
    default: /* fill, copy, init */
        pop(w);
        pop(w);
        pop(w);
    }
}

static void step_variable(struct walk *w, const struct wasm_instr *instr)
{
    switch (instr->op) {
    case WASM_OP_LOCAL_GET:
        get_local(w, instr);
        break;
    case WASM_OP_LOCAL_SET:
        set_local(w, instr, pop(w));
        break;
    case WASM_OP_LOCAL_TEE: {
        struct walk_value value = walk_operand(w, 0);
        set_local(w, instr, value);
        value.named = (int32_t)instr->index;
        replace(w, 1, value);
        break;
    }
    case WASM_OP_GLOBAL_GET:
        push(w, (struct walk_value){.kind = WALK_GLOBAL,
                                    .entry = !w->wrote_global && w->blocks == 0,
                                    .index = instr->index,
                                    .reading = (uint32_t)(instr->start - w->module->bytes),
                                    .named = -1});
        break;
    default: /* global.set */
        pop(w);
        w->wrote_global = true;
    }
}

static void step_call(struct walk *w, const struct wasm_instr *instr)
{
    w->wrote_global = true;
    if (instr->op == WASM_OP_CALL && instr->index < w->module->func_count)
        call(w, w->module->func_types[instr->index], 0);
    else if (instr->op == WASM_OP_CALL_INDIRECT)
        call(w, instr->index, 1);
    else
        forget(w);
}

void walk_step(struct walk *w, const struct wasm_instr *instr)
{
    const struct wasm_opcode_info *info = wasm_opcode_info(instr->op);
    switch (instr->op) {
    case WASM_OP_LOCAL_GET:
    case WASM_OP_LOCAL_SET:
    case WASM_OP_LOCAL_TEE:
    case WASM_OP_GLOBAL_GET:
    case WASM_OP_GLOBAL_SET:
        step_variable(w, instr);
        return;
    case WASM_OP_I32_CONST:
    case WASM_OP_I64_CONST:
    case WASM_OP_F32_CONST:
    case WASM_OP_F64_CONST:
    case WASM_OP_V128_CONST:
        push_const(w, instr);
        return;
    case WASM_OP_CALL:
    case WASM_OP_CALL_INDIRECT:
        step_call(w, instr);
        return;
    case WASM_OP_DROP:
        pop(w);
        return;
    case WASM_OP_SELECT:
        replace(w, 3, unknown);
        return;
    case WASM_OP_NOP:
        return;
    case WASM_OP_I32_ADD:
    case WASM_OP_I64_ADD:
    case WASM_OP_I32_SUB:
    case WASM_OP_I64_SUB: {
        struct walk_value b = walk_operand(w, 0), a = walk_operand(w, 1);
        replace(w, 2,
                add(a, b, instr->op == WASM_OP_I32_SUB || instr->op == WASM_OP_I64_SUB,
                    instr->op == WASM_OP_I64_ADD || instr->op == WASM_OP_I64_SUB));
        return;
    }
    case WASM_OP_I32_SHL:
    case WASM_OP_I64_SHL:
    case WASM_OP_I32_SHR_U:
    case WASM_OP_I64_SHR_U:
    case WASM_OP_I32_OR:
    case WASM_OP_I64_OR: {
        struct walk_value b = walk_operand(w, 0), a = walk_operand(w, 1);
        replace(w, 2, shift_or(a, b, instr->op == WASM_OP_I32_OR || instr->op == WASM_OP_I64_OR));
        return;
    }
    default:
        break;
    }
    w->wrote_global |= wasm_switches_stacks(instr->op);
    if (wasm_opens_block(instr->op))
        w->blocks++;
    else if ((instr->op == WASM_OP_END || instr->op == WASM_OP_DELEGATE) && w->blocks)
        w->blocks--;
    if (info->access)
        access(w, info);
    else if (!info->prefix && info->code >= 0x45 && info->code <= 0xC4)
        replace(w, numeric_operands(info->code), unknown);
    else
        forget(w);
}
