/* Hooks: one function for each way of accessing memory that needs one.  A scalar hook takes the instruction's operands
 * and the record's head, does the access itself, records it and returns the result, so that the body that calls it
 * needs no temporaries of its own. */
#include "rewrite/online.h"
#include "trace/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool keys_equal(const struct hook_key *a, const struct hook_key *b)
{
    return a->static_offset == b->static_offset && a->segment == b->segment && a->opcode == b->opcode &&
           a->memory == b->memory && a->memory_from == b->memory_from && a->align_log2 == b->align_log2 &&
           a->lane == b->lane;
}

/* Multiplicative hashing (Knuth, The Art of Computer Programming 3, section 6.4); the multiplier is 2^64 / φ. */
static size_t key_slot(const struct hook_key *k, size_t capacity)
{
    uint64_t mixed = k->static_offset * 31 + k->segment;
    mixed = mixed * 31 + k->opcode;
    mixed = mixed * 31 +
            ((uint64_t)k->memory << 32 | (uint64_t)k->memory_from << 16 | k->align_log2 | (uint64_t)k->lane << 8);
    return (size_t)(mixed * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (capacity - 1);
}

static struct hook *find_slot(struct hook *hooks, size_t capacity, const struct hook_key *key)
{
    size_t at = key_slot(key, capacity);
    while (hooks[at].func && !keys_equal(&hooks[at].key, key))
        at = (at + 1) & (capacity - 1);
    return &hooks[at];
}

static bool make_room(struct rewriter *rw)
{
    if (rw->hook_count * 2 < rw->hook_capacity)
        return true;
    size_t capacity = rw->hook_capacity ? rw->hook_capacity * 2 : 256;
    struct hook *hooks = calloc(capacity, sizeof *hooks);
    if (!hooks)
        return error_no_memory(rw->err);
    for (size_t i = 0; i < rw->hook_capacity; i++)
        if (rw->hooks[i].func)
            *find_slot(hooks, capacity, &rw->hooks[i].key) = rw->hooks[i];
    free(rw->hooks);
    rw->hooks = hooks;
    rw->hook_capacity = capacity;
    return true;
}

static char type_letter(enum temp temp)
{
    return "vdfli"[temp_type(temp) - 0x7b];
}

static char result_letter(uint8_t value)
{
    return " ilfdv"[value];
}

static bool add_scalar_hook(struct rewriter *rw, const struct wasm_instr *instr, const struct site *site,
                            const char *name, uint32_t *func)
{
    enum temp operands[4];
    unsigned n = access_operands(site, instr, operands);
    char params[8] = {0}, results[2] = {0};
    for (unsigned i = 0; i < n; i++)
        params[i] = type_letter(operands[i]);
    params[n] = 'i';
    bool online = rw->options->online && online_covers(instr, site);
    if (online)
        params[n + 1] = 'i';
    if (site->kind == ACCESS_WAIT)
        results[0] = 'i';
    else if (site->kind != ACCESS_STORE)
        results[0] = result_letter(site->value);
    struct buf *body;
    if (!rewriter_add_func(rw, params, results, name, func, &body))
        return false;
    struct emitter e;
    struct buf code;
    buf_init(&code, 1 << 16);
    emitter_init(&e, rw, &code, online ? n + 2 : n + 1);
    for (unsigned i = 0; i < n; i++)
        emitter_bind(&e, operands[i], i);
    emitter_bind(&e, TEMP_HEAD, n);
    if (online) {
        emitter_bind(&e, TEMP_CELL, n + 1);
        online_emit(&e, instr, site, 0, true);
    } else {
        emit_check(rw, &code);
        emit_access(&e, instr, site, 0, true);
        if (rw->options->online)
            online_emit_flush(rw, &code);
    }
    wasm_put_op(&code, WASM_OP_END);
    wasm_put_u32(body, e.count);
    emitter_put_locals(&e, body);
    buf_put(body, code.data, code.size);
    bool ok = !code.failed && !body->failed;
    buf_release(&code);
    return ok || error_no_memory(rw->err);
}

static bool add_bulk_hook(struct rewriter *rw, const struct wasm_instr *instr, const struct site *site,
                          const char *name, uint32_t *func)
{
    char params[5] = {0};
    bulk_hook_params(rw, instr, params);
    params[3] = 'i';
    struct buf *body;
    if (!rewriter_add_func(rw, params, "", name, func, &body))
        return false;
    bulk_hook_body(rw, instr, site, body);
    return !body->failed || error_no_memory(rw->err);
}

/* `_trace_i32.load offset=8 memory=1`, as the instruction would be written. */
static void hook_name(const struct wasm_instr *instr, const struct hook_key *key, char *name, size_t size)
{
    int n = snprintf(name, size, "_trace_%s", wasm_opcode_info(instr->op)->name);
    if (key->static_offset && n > 0 && (size_t)n < size)
        n += snprintf(name + n, size - (size_t)n, " offset=%llu", (unsigned long long)key->static_offset);
    if (key->memory && n > 0 && (size_t)n < size)
        snprintf(name + n, size - (size_t)n, " memory=%u", key->memory);
}

bool hook_for(struct rewriter *rw, const struct wasm_instr *instr, const struct site *site, uint32_t *func)
{
    bool bulk = site->kind >= ACCESS_FILL;
    struct hook_key key = {.opcode = (uint16_t)instr->op, .memory = (uint16_t)instr->memory};
    if (bulk) {
        key.segment = instr->op == WASM_OP_MEMORY_INIT ? instr->index : 0;
        key.memory_from = instr->op == WASM_OP_MEMORY_COPY ? (uint16_t)instr->memory_from : 0;
    } else {
        key.static_offset = instr->static_offset;
        key.align_log2 = instr->align_log2;
        key.lane = wasm_opcode_info(instr->op)->imm == IMM_MEMARG_LANE ? instr->lane : 0;
    }
    if (!make_room(rw))
        return false;
    struct hook *slot = find_slot(rw->hooks, rw->hook_capacity, &key);
    if (!slot->func) {
        char name[sizeof((struct added_func *)0)->name];
        hook_name(instr, &key, name, sizeof name);
        bool ok = bulk ? add_bulk_hook(rw, instr, site, name, func) : add_scalar_hook(rw, instr, site, name, func);
        if (!ok)
            return false;
        *slot = (struct hook){key, *func};
        rw->hook_count++;
    }
    *func = slot->func;
    return true;
}
