/* The code of one load, store, rmw, cmpxchg or wait: the instruction as it was, then its record (trace/record.h).
 *
 * The record comes behind the instruction, so that an access that traps leaves none.  A store first fetches what it is
 * about to overwrite, with the same width, alignment and kind of access, so that it traps exactly where the store does. */
#include "rewrite/emit.h"
#include "trace/record.h"

/* wasmtime 48 lays so many bytes that cannot be accessed behind a memory (Config::memory_guard_size). */
static const uint64_t guarded_offset = UINT64_C(32) << 20;

static enum temp value_temp(uint8_t value)
{
    return (enum temp)(TEMP_I32 + value - VALUE_I32);
}

static enum temp result_temp(uint8_t value)
{
    return (enum temp)(TEMP_RESULT_I32 + value - VALUE_I32);
}

static enum temp addr_temp(const struct site *site)
{
    return site->address_64 ? TEMP_ADDR64 : TEMP_ADDR32;
}

unsigned access_operands(const struct site *site, const struct wasm_instr *instr, enum temp operands[4])
{
    unsigned n = 0;
    operands[n++] = addr_temp(site);
    bool lane = wasm_opcode_info(instr->op)->imm == IMM_MEMARG_LANE;
    if (site->kind != ACCESS_LOAD || lane)
        operands[n++] = value_temp(site->value);
    if (site->kind == ACCESS_CMPXCHG)
        operands[n++] = site->value == VALUE_I32 ? TEMP_SECOND_I32 : TEMP_SECOND_I64;
    if (site->kind == ACCESS_WAIT)
        operands[n++] = TEMP_TIMEOUT;
    return n;
}

uint32_t access_record_size(const struct rewriter *rw, const struct site *site)
{
    uint32_t size = site->address_64 ? 16 : 8;
    if (!rw->options->values)
        return size;
    uint32_t slot = site->value == VALUE_V128 ? 16 : 8;
    switch (site->kind) {
    case ACCESS_CMPXCHG:
        return size + 3 * slot;
    case ACCESS_RMW:
    case ACCESS_WAIT:
        return size + 2 * slot;
    default:
        return size + slot;
    }
}

/* How a store's bytes are fetched again, and compared with the operand. */
static const struct store_probe {
    uint16_t store, load;
    uint16_t narrow; /* turns the operand into what `load` leaves; 0: nothing to do */
    int64_t mask;    /* or the mask that does; 0: none */
    bool wide;       /* the load leaves an i64 */
} probes[] = {
    {WASM_OP_I32_STORE, WASM_OP_I32_LOAD, 0, 0, false},
    {WASM_OP_I64_STORE, WASM_OP_I64_LOAD, 0, 0, true},
    {WASM_OP_F32_STORE, WASM_OP_I32_LOAD, WASM_OP_I32_REINTERPRET_F32, 0, false},
    {WASM_OP_F64_STORE, WASM_OP_I64_LOAD, WASM_OP_I64_REINTERPRET_F64, 0, true},
    {WASM_OP_I32_STORE8, WASM_OP_I32_LOAD8_U, 0, 0xff, false},
    {WASM_OP_I32_STORE16, WASM_OP_I32_LOAD16_U, 0, 0xffff, false},
    {WASM_OP_I64_STORE8, WASM_OP_I64_LOAD8_U, 0, 0xff, true},
    {WASM_OP_I64_STORE16, WASM_OP_I64_LOAD16_U, 0, 0xffff, true},
    {WASM_OP_I64_STORE32, WASM_OP_I64_LOAD32_U, 0, 0xffffffff, true},
    {WASM_OP_I32_ATOMIC_STORE, WASM_OP_I32_ATOMIC_LOAD, 0, 0, false},
    {WASM_OP_I64_ATOMIC_STORE, WASM_OP_I64_ATOMIC_LOAD, 0, 0, true},
    {WASM_OP_I32_ATOMIC_STORE8, WASM_OP_I32_ATOMIC_LOAD8_U, 0, 0xff, false},
    {WASM_OP_I32_ATOMIC_STORE16, WASM_OP_I32_ATOMIC_LOAD16_U, 0, 0xffff, false},
    {WASM_OP_I64_ATOMIC_STORE8, WASM_OP_I64_ATOMIC_LOAD8_U, 0, 0xff, true},
    {WASM_OP_I64_ATOMIC_STORE16, WASM_OP_I64_ATOMIC_LOAD16_U, 0, 0xffff, true},
    {WASM_OP_I64_ATOMIC_STORE32, WASM_OP_I64_ATOMIC_LOAD32_U, 0, 0xffffffff, true},
    {WASM_OP_V128_STORE8_LANE, WASM_OP_I32_LOAD8_U, WASM_OP_I8X16_EXTRACT_LANE_U, 0, false},
    {WASM_OP_V128_STORE16_LANE, WASM_OP_I32_LOAD16_U, WASM_OP_I16X8_EXTRACT_LANE_U, 0, false},
    {WASM_OP_V128_STORE32_LANE, WASM_OP_I32_LOAD, WASM_OP_I32X4_EXTRACT_LANE, 0, false},
    {WASM_OP_V128_STORE64_LANE, WASM_OP_I64_LOAD, WASM_OP_I64X2_EXTRACT_LANE, 0, true},
};

static const struct store_probe *probe_of(enum wasm_opcode op)
{
    for (size_t i = 0; i < sizeof probes / sizeof *probes; i++)
        if (probes[i].store == op)
            return &probes[i];
    return NULL; /* v128.store: compared as a whole */
}

static enum temp old_temp(const struct store_probe *probe)
{
    return !probe ? TEMP_OLD_V128 : probe->wide ? TEMP_OLD_I64 : TEMP_OLD_I32;
}

static void emit_fetch_old(struct emitter *e, const struct wasm_instr *instr, const struct site *site)
{
    const struct store_probe *probe = probe_of(instr->op);
    emit_get(e, addr_temp(site));
    wasm_put_op(e->out, probe ? (enum wasm_opcode)probe->load : WASM_OP_V128_LOAD);
    wasm_put_memarg(e->out, instr->align_log2, instr->memory, instr->static_offset);
    emit_set(e, old_temp(probe));
}

void emit_store_flag(struct emitter *e, const struct wasm_instr *instr, const struct site *site)
{
    const struct store_probe *probe = probe_of(instr->op);
    emit_get(e, old_temp(probe));
    emit_get(e, value_temp(site->value));
    if (!probe) {
        wasm_put_op(e->out, WASM_OP_I8X16_EQ);
        wasm_put_op(e->out, WASM_OP_I8X16_ALL_TRUE);
        return;
    }
    if (probe->narrow) {
        wasm_put_op(e->out, (enum wasm_opcode)probe->narrow);
        if (wasm_opcode_info(instr->op)->imm == IMM_MEMARG_LANE)
            buf_put_u8(e->out, instr->lane);
    }
    if (probe->mask && probe->wide) {
        wasm_put_i64_const(e->out, probe->mask);
        wasm_put_op(e->out, WASM_OP_I64_AND);
    } else if (probe->mask) {
        wasm_put_i32_const(e->out, (int32_t)probe->mask);
        wasm_put_op(e->out, WASM_OP_I32_AND);
    }
    wasm_put_op(e->out, probe->wide ? WASM_OP_I64_EQ : WASM_OP_I32_EQ);
}

/* Leaves 1 when the cmpxchg wrote: it loaded what it expected, compared in the width of the access. */
static void emit_cmpxchg_flag(struct emitter *e, const struct site *site)
{
    bool wide = site->value == VALUE_I64;
    emit_get(e, result_temp(site->value));
    emit_get(e, value_temp(site->value));
    if (wide && site->width < 8) {
        wasm_put_i64_const(e->out, (int64_t)((UINT64_C(1) << (8 * site->width)) - 1));
        wasm_put_op(e->out, WASM_OP_I64_AND);
    } else if (!wide && site->width < 4) {
        wasm_put_i32_const(e->out, (1 << (8 * site->width)) - 1);
        wasm_put_op(e->out, WASM_OP_I32_AND);
    }
    wasm_put_op(e->out, wide ? WASM_OP_I64_EQ : WASM_OP_I32_EQ);
}

static void emit_value(struct emitter *e, enum temp temp, uint32_t *offset)
{
    static const struct {
        uint16_t op;
        uint8_t align, slot;
    } stores[] = {{WASM_OP_I32_STORE, 2, 8},
                  {WASM_OP_I64_STORE, 3, 8},
                  {WASM_OP_F32_STORE, 2, 8},
                  {WASM_OP_F64_STORE, 3, 8},
                  {WASM_OP_V128_STORE, 3, 16}};
    unsigned type = 0x7fu - temp_type(temp); /* value types are encoded downwards from i32 = 0x7f */
    emit_get(e, TEMP_RECORD);
    emit_get(e, temp);
    emit_trace_op(e->rw, e->out, (enum wasm_opcode)stores[type].op, stores[type].align, *offset);
    *offset += stores[type].slot;
}

static void emit_values(struct emitter *e, const struct site *site, uint32_t offset)
{
    if (site->kind != ACCESS_LOAD)
        emit_value(e, value_temp(site->value), &offset);
    if (site->kind == ACCESS_CMPXCHG)
        emit_value(e, site->value == VALUE_I32 ? TEMP_SECOND_I32 : TEMP_SECOND_I64, &offset);
    if (site->kind == ACCESS_WAIT) {
        emit_value(e, TEMP_RESULT_I32, &offset);
    } else if (site->kind != ACCESS_STORE) {
        emit_value(e, result_temp(site->value), &offset);
    }
}

/* Head and address, so far from TEMP_RECORD. */
static void emit_head(struct emitter *e, const struct wasm_instr *instr, const struct site *site, uint32_t head,
                      bool in_hook, uint32_t at)
{
    struct buf *out = e->out;
    emit_get(e, TEMP_RECORD);
    if (in_hook)
        emit_get(e, TEMP_HEAD);
    else
        wasm_put_i32_const(out, (int32_t)head);
    bool flag = site->kind == ACCESS_STORE && !e->rw->options->without_flags;
    if (flag || site->kind == ACCESS_CMPXCHG) {
        if (flag)
            emit_store_flag(e, instr, site);
        else
            emit_cmpxchg_flag(e, site);
        wasm_put_op(out, WASM_OP_I32_OR);
    }
    if (site->address_64) {
        wasm_put_op(out, WASM_OP_I64_EXTEND_I32_U);
        emit_trace_op(e->rw, out, WASM_OP_I64_STORE, 3, at);
        emit_get(e, TEMP_RECORD);
        emit_get(e, TEMP_ADDR64);
        emit_trace_op(e->rw, out, WASM_OP_I64_STORE, 3, at + 8);
    } else {
        emit_trace_op(e->rw, out, WASM_OP_I32_STORE, 2, at);
        emit_get(e, TEMP_RECORD);
        emit_get(e, TEMP_ADDR32);
        emit_trace_op(e->rw, out, WASM_OP_I32_STORE, 2, at + 4);
    }
}

void emit_access_alone(struct emitter *e, const struct wasm_instr *instr, const struct site *site)
{
    if (site->address_64 || instr->static_offset >= guarded_offset)
        emit_outside(e->rw, e->out,
                     &(struct reach){.memory = instr->memory,
                                     .base = emit_local(e, addr_temp(site)),
                                     .is_narrow = !site->address_64,
                                     .width = site->width,
                                     .offset = instr->static_offset});
    if (site->kind == ACCESS_STORE && !e->rw->options->without_flags)
        emit_fetch_old(e, instr, site);
    enum temp operands[4];
    unsigned n = access_operands(site, instr, operands);
    for (unsigned i = 0; i < n; i++)
        emit_get(e, operands[i]);
    buf_put(e->out, instr->start, (size_t)(instr->end - instr->start));
}

/* The instruction, whose result, if its record is to hold it, is in a temporary as well. */
static void emit_recorded(struct emitter *e, const struct wasm_instr *instr, const struct site *site)
{
    bool values = e->rw->options->values;
    emit_access_alone(e, instr, site);
    if (site->kind == ACCESS_WAIT && values)
        emit_tee(e, TEMP_RESULT_I32);
    else if (site->kind == ACCESS_CMPXCHG || (values && site->kind != ACCESS_STORE && site->kind != ACCESS_WAIT))
        emit_tee(e, result_temp(site->value));
}

void emit_access(struct emitter *e, const struct wasm_instr *instr, const struct site *site, uint32_t head,
                 bool in_hook)
{
    emit_recorded(e, instr, site);
    wasm_put_op_u32(e->out, WASM_OP_GLOBAL_GET, e->rw->pointer);
    emit_set(e, TEMP_RECORD);
    emit_head(e, instr, site, head, in_hook, 0);
    if (e->rw->options->values)
        emit_values(e, site, site->address_64 ? 16 : 8);
    emit_record_end(e, access_record_size(e->rw, site));
}

void emit_record_end(struct emitter *e, uint32_t size)
{
    emit_get(e, TEMP_RECORD);
    wasm_put_i32_const(e->out, (int32_t)size);
    wasm_put_op(e->out, WASM_OP_I32_ADD);
    wasm_put_op_u32(e->out, WASM_OP_GLOBAL_SET, e->rw->pointer);
}

/* Leaves head and address as one word. */
static void emit_head_word(struct emitter *e, const struct wasm_instr *instr, const struct site *site, uint32_t head)
{
    struct buf *out = e->out;
    emit_get(e, TEMP_ADDR32);
    wasm_put_op(out, WASM_OP_I64_EXTEND_I32_U);
    wasm_put_i64_const(out, 32);
    wasm_put_op(out, WASM_OP_I64_SHL);
    wasm_put_i64_const(out, head);
    wasm_put_op(out, WASM_OP_I64_OR);
    if (site->kind != ACCESS_STORE || e->rw->options->without_flags)
        return;
    emit_store_flag(e, instr, site);
    wasm_put_op(out, WASM_OP_I64_EXTEND_I32_U);
    wasm_put_op(out, WASM_OP_I64_OR);
}

/* Turns the word on the stack and the value into a whole record of 16 bytes. */
static void emit_second_word(struct emitter *e, const struct site *site)
{
    static const struct {
        uint16_t op;
        uint8_t lane;
    } puts[] = {[VALUE_I32] = {WASM_OP_I32X4_REPLACE_LANE, 2},
                [VALUE_I64] = {WASM_OP_I64X2_REPLACE_LANE, 1},
                [VALUE_F32] = {WASM_OP_F32X4_REPLACE_LANE, 2},
                [VALUE_F64] = {WASM_OP_F64X2_REPLACE_LANE, 1}};
    wasm_put_op(e->out, WASM_OP_I64X2_SPLAT);
    emit_get(e, site->kind == ACCESS_STORE ? value_temp(site->value) : result_temp(site->value));
    wasm_put_op(e->out, (enum wasm_opcode)puts[site->value].op);
    buf_put_u8(e->out, puts[site->value].lane);
}

/* Stores are what recording costs most, so loads and stores get by with one, or two if their values are vectors.  Returns where
 * the record is written, and not where the access is over: engines fetch a value where it is used first, so that a load may trap
 * in the midst of the code that records its value. */
uint32_t emit_access_at(struct emitter *e, const struct wasm_instr *instr, const struct site *site, uint32_t head,
                        uint32_t at)
{
    emit_recorded(e, instr, site);
    bool values = e->rw->options->values, vector = site->value == VALUE_V128;
    if (site->address_64 || (site->kind != ACCESS_LOAD && site->kind != ACCESS_STORE)) {
        emit_head(e, instr, site, head, false, at);
        if (values)
            emit_values(e, site, at + (site->address_64 ? 16 : 8));
        return (uint32_t)e->out->size;
    }
    emit_get(e, TEMP_RECORD);
    emit_head_word(e, instr, site, head);
    if (values && !vector)
        emit_second_word(e, site);
    emit_trace_op(e->rw, e->out, values && !vector ? WASM_OP_V128_STORE : WASM_OP_I64_STORE, 3, at);
    if (values && vector)
        emit_values(e, site, at + 8);
    return (uint32_t)e->out->size;
}
