/* Code for calling contexts: context.h. */
#include "rewrite/context.h"

#include "rewrite/asm.h"
#include "trace/context.h"
#include "trace/record.h"

#include <stddef.h>

/* Odd numbers near fractions of 2^32 (Knuth, The Art of Computer Programming 3, section 6.4). */
enum { K1 = 0x9e3779b1 - (1LL << 32), K2 = 0x85ebca6b - (1LL << 32), K3 = 0xc2b2ae35 - (1LL << 32) };

/* A transition's place in the cache is (4 * parent + call site + func * K1) modulo the number of entries. */
enum { CACHE_PARENT_SHIFT = 6, CACHE_SITE_SHIFT = 4, CACHE_MASK = ((1 << CONTEXT_CACHE_LOG2) - 1) * CONTEXT_ENTRY };

static int32_t cache_func(uint32_t func)
{
    return (int32_t)(func * (uint32_t)K1 << CACHE_SITE_SHIFT);
}

/* Where the transition stands in the table, or the free slot where it belongs. */
static const struct asm_func place = {
    "context_place", "parent:i site:i func:i", "i", "h:i at:i",
    "$parent #K1 i32.mul $site #K2 i32.mul i32.add $func #K3 i32.mul i32.add #SHIFT i32.shr_u =h "
    "loop "
    "  $h #4 i32.shl &at i32.load@table+12 i32.eqz if $at return end "
    "  $at i32.load@table $parent i32.eq $at i32.load@table+4 $site i32.eq i32.and "
    "  $at i32.load@table+8 $func i32.eq i32.and if $at return end "
    "  $h #1 i32.add #TABLE_MASK i32.and =h br:0 "
    "end unreachable"};

static const struct asm_func put = {
    "context_put", "at:i parent:i site:i func:i node:i", "", "",
    "$at $parent i32.store@table $at $site i32.store@table+4 $at $func i32.store@table+8 $at $node i32.store@table+12 "
    "global.get:TRANSITIONS #1 i32.add global.set:TRANSITIONS"};

/* A new node, of which the trace is told. */
static const struct asm_func new_node = {
    "context_new", "parent:i site:i func:i", "i", "id:i at:i",
    "global.get:NODES &id #NODES_MAX i32.ge_u global.get:TRANSITIONS #TRANSITIONS_MAX i32.ge_u i32.or "
    "if #OTHER return end "
    "$id #1 i32.add global.set:NODES "
    "$id #4 i32.shl &at $parent i32.store@nodes $at $site i32.store@nodes+4 $at $func i32.store@nodes+8 "
    "$at $parent #4 i32.shl i32.load@nodes+12 #1 i32.add i32.store@nodes+12 "
    "global.get:POINTER global.get:LIMIT i32.gt_u if call:make_room end "
    "global.get:POINTER &at #HEAD_NEW i32.store@trace $at $parent i32.store@trace+4 "
    "$at $site i32.store@trace+8 $at $func i32.store@trace+12 $at #16 i32.add global.set:POINTER $id"};

static const struct asm_func child = {
    "context_child", "parent:i site:i func:i", "i", "id:i at:i",
    "$parent $site $func call:context_place &at i32.load@table+12 &id if $id return end "
    "$parent $site $func call:context_new &id #OTHER i32.ne if "
    "  $at $parent $site $func $id call:context_put end $id"};

/* The node of a path without its outermost frame. */
static const struct asm_func shift = {"context_shift", "node:i", "i", "at:i q:i",
                                      "$node #4 i32.shl &at i32.load@nodes+12 #2 i32.lt_u if #0 return end "
                                      "$at i32.load@nodes call:context_shift &q "
                                      "$at i32.load@nodes+4 #0 $q select $at i32.load@nodes+8 call:context_child"};

/* Where a transition leads that is not in the table. */
static const struct asm_func resolve_folding = {"context_resolve", "parent:i site:i func:i", "i", "n:i at:i",
                                                "$parent =n "
                                                "block loop $n #FIRST i32.lt_u br_if:1 "
                                                "  $n #4 i32.shl &at i32.load@nodes+8 $func i32.eq if $n return end "
                                                "  $at i32.load@nodes =n br:0 "
                                                "end end $parent $site $func call:context_child"};
static const struct asm_func resolve_limited = {
    "context_resolve", "parent:i site:i func:i", "i", "",
    "$parent #4 i32.shl i32.load@nodes+12 #DEPTH i32.ge_u if $parent call:context_shift =parent end "
    "$parent $site #0 $parent select $func call:context_child"};

/* The context of a function that is being entered, where the cache does not say.  The call site is used up. */
static const struct asm_func enter = {
    "context_enter", "func:i", "i", "site:i parent:i at:i id:i",
    "global.get:SITE &site i32.eqz if global.get:HOST global.set:PARENT end "
    "#0 global.set:SITE global.get:PARENT =parent "
    "$parent $site $func call:context_place &at i32.load@table+12 &id i32.eqz if "
    "  $parent $site $func call:context_resolve =id "
    "  $parent $site $func call:context_place &at i32.load@table+12 i32.eqz $id #OTHER i32.ne i32.and "
    "  global.get:TRANSITIONS #TRANSITIONS_MAX i32.lt_u i32.and if "
    "    $at $parent $site $func $id call:context_put end "
    "end "
    "$site if "
    "  $parent #6 i32.shl $site #4 i32.shl i32.add $func #K1 i32.mul #4 i32.shl i32.add #CACHE_MASK i32.and =at "
    "  $at $parent i32.store@cache $at $site i32.store@cache+4 "
    "  $at $func #1 i32.add i32.store@cache+8 $at $id i32.store@cache+12 "
    "end $id"};

/* What the trace tells of next happens in this context. */
static const struct asm_func note = {"context_note", "node:i", "", "at:i",
                                     "global.get:POINTER global.get:LIMIT i32.gt_u if call:make_room end "
                                     "global.get:POINTER &at #HEAD_CONTEXT i32.store@trace $at $node i32.store@trace+4 "
                                     "$at #8 i32.add global.set:POINTER $node global.set:NOTED"};

bool context_add_runtime(struct rewriter *rw)
{
    const struct asm_name constants[] = {
        {"K1", K1},
        {"K2", K2},
        {"K3", K3},
        {"SHIFT", 32 - CONTEXT_TABLE_LOG2},
        {"TABLE_MASK", (1 << CONTEXT_TABLE_LOG2) - 1},
        {"CACHE_MASK", CACHE_MASK},
        {"NODES_MAX", CONTEXT_NODES},
        {"TRANSITIONS_MAX", CONTEXT_TRANSITIONS},
        {"OTHER", CONTEXT_OTHER},
        {"FIRST", CONTEXT_FIRST},
        {"DEPTH", rw->options->context_depth},
        {"HEAD_NEW", record_head(SITE_CONTEXT_NEW, 2, 0)},
        {"HEAD_CONTEXT", record_head(SITE_CONTEXT, 1, 0)},
        {"NODES", rw->context.nodes},
        {"TRANSITIONS", rw->context.transitions},
        {"PARENT", rw->context.parent},
        {"HOST", rw->context.host},
        {"NOTED", rw->context.noted},
        {"SITE", rw->call_site},
        {"POINTER", rw->pointer},
        {"LIMIT", rw->limit},
        {"make_room", rw->flush},
        {NULL, 0},
    };
    const struct asm_memory memories[] = {
        {"trace", rw->trace_memory, 0},
        {"cache", rw->trace_memory, CONTEXT_CACHE_AT},
        {"nodes", rw->trace_memory, CONTEXT_NODES_AT},
        {"table", rw->trace_memory, CONTEXT_TABLE_AT},
        {NULL, 0, 0},
    };
    const struct asm_func funcs[] = {place, put,   new_node,
                                     child, shift, rw->options->context_depth ? resolve_limited : resolve_folding,
                                     enter, note};
    enum { COUNT = sizeof funcs / sizeof *funcs };
    uint32_t index[COUNT];
    if (!asm_add_funcs(rw, funcs, COUNT, constants, memories, index))
        return false;
    rw->context.enter = index[COUNT - 2];
    rw->context.note = index[COUNT - 1];
    return true;
}

bool context_is_tail_call(enum wasm_opcode op)
{
    return op == WASM_OP_RETURN_CALL || op == WASM_OP_RETURN_CALL_INDIRECT || op == WASM_OP_RETURN_CALL_REF;
}

static bool is_call(enum wasm_opcode op)
{
    return context_is_tail_call(op) || op == WASM_OP_CALL || op == WASM_OP_CALL_INDIRECT || op == WASM_OP_CALL_REF;
}

static bool see_need(void *self, const struct wasm_instr *instr)
{
    struct context_needs *needs = self;
    needs->calls = needs->calls || is_call(instr->op);
    needs->tail_calls = needs->tail_calls || context_is_tail_call(instr->op);
    needs->accesses = needs->accesses || wasm_opcode_info(instr->op)->access != WASM_ACCESS_NONE;
    return true;
}

bool context_find_needs(struct cursor code, struct context_needs *needs)
{
    *needs = (struct context_needs){0};
    return wasm_expr_walk(&code, see_need, needs);
}

static void put_cache(struct emitter *e, uint32_t field)
{
    emit_get(e, TEMP_CONTEXT);
    emit_trace_op(e->rw, e->out, WASM_OP_I32_LOAD, 2, CONTEXT_CACHE_AT + field);
}

void context_emit_entry(struct emitter *e, uint32_t func, const struct context_needs *needs)
{
    struct rewriter *rw = e->rw;
    struct buf *b = e->out;
    if (!needs->calls && !needs->accesses) { /* whoever is called next must not take the site for its own */
        wasm_put_i32_const(b, SITE_NONE);
        put_global_set(b, rw->call_site);
        return;
    }
    put_global_get(b, rw->context.parent);
    wasm_put_i32_const(b, CACHE_PARENT_SHIFT);
    wasm_put_op(b, WASM_OP_I32_SHL);
    put_global_get(b, rw->call_site);
    wasm_put_i32_const(b, CACHE_SITE_SHIFT);
    wasm_put_op(b, WASM_OP_I32_SHL);
    wasm_put_op(b, WASM_OP_I32_ADD);
    wasm_put_i32_const(b, cache_func(func));
    wasm_put_op(b, WASM_OP_I32_ADD);
    wasm_put_i32_const(b, CACHE_MASK);
    wasm_put_op(b, WASM_OP_I32_AND);
    emit_set(e, TEMP_CONTEXT);
    put_cache(e, 0);
    put_global_get(b, rw->context.parent);
    wasm_put_op(b, WASM_OP_I32_XOR);
    put_cache(e, 4);
    put_global_get(b, rw->call_site);
    wasm_put_op(b, WASM_OP_I32_XOR);
    wasm_put_op(b, WASM_OP_I32_OR);
    put_cache(e, 8);
    wasm_put_i32_const(b, (int32_t)(func + 1));
    wasm_put_op(b, WASM_OP_I32_XOR);
    wasm_put_op(b, WASM_OP_I32_OR);
    emit_hint(e, false);
    put_open(b, WASM_OP_IF);
    wasm_put_i32_const(b, (int32_t)func);
    wasm_put_op_u32(b, WASM_OP_CALL, rw->context.enter);
    emit_set(e, TEMP_CONTEXT);
    wasm_put_op(b, WASM_OP_ELSE);
    put_cache(e, 12);
    emit_set(e, TEMP_CONTEXT);
    wasm_put_i32_const(b, SITE_NONE);
    put_global_set(b, rw->call_site);
    wasm_put_op(b, WASM_OP_END);
    if (needs->tail_calls) {
        put_global_get(b, rw->context.parent);
        emit_set(e, TEMP_PARENT);
    }
}

void context_emit_call(struct emitter *e, site_id site, bool tail, bool may_enter_wrapper)
{
    struct rewriter *rw = e->rw;
    wasm_put_i32_const(e->out, (int32_t)site);
    put_global_set(e->out, rw->call_site);
    emit_get(e, tail ? TEMP_PARENT : TEMP_CONTEXT);
    put_global_set(e->out, rw->context.parent);
    if (may_enter_wrapper) {
        emit_get(e, TEMP_CONTEXT);
        put_global_set(e->out, rw->context.from);
    }
}

void context_emit_check(struct emitter *e)
{
    emit_get(e, TEMP_CONTEXT);
    put_global_get(e->out, e->rw->context.noted);
    wasm_put_op(e->out, WASM_OP_I32_NE);
    emit_hint(e, false);
    put_open(e->out, WASM_OP_IF);
    emit_get(e, TEMP_CONTEXT);
    wasm_put_op_u32(e->out, WASM_OP_CALL, e->rw->context.note);
    wasm_put_op(e->out, WASM_OP_END);
}

void context_emit_wrapper(struct rewriter *rw, struct buf *b, uint32_t site, uint32_t context)
{
    put_global_get(b, rw->context.from);
    put_global_get(b, rw->context.host);
    put_get(b, site);
    wasm_put_op(b, WASM_OP_SELECT);
    put_set(b, context);
}

void context_emit_wrapper_check(struct rewriter *rw, struct buf *b, uint32_t context)
{
    put_get(b, context);
    put_global_get(b, rw->context.noted);
    wasm_put_op(b, WASM_OP_I32_NE);
    put_open(b, WASM_OP_IF);
    put_get(b, context);
    wasm_put_op_u32(b, WASM_OP_CALL, rw->context.note);
    wasm_put_op(b, WASM_OP_END);
}

void context_emit_import(struct rewriter *rw, struct buf *b, uint32_t func, uint32_t saved)
{
    put_global_get(b, rw->context.host);
    put_set(b, saved);
    wasm_put_i32_const(b, (int32_t)func);
    wasm_put_op_u32(b, WASM_OP_CALL, rw->context.enter);
    put_global_set(b, rw->context.host);
}

void context_emit_import_end(struct rewriter *rw, struct buf *b, uint32_t saved)
{
    put_get(b, saved);
    put_global_set(b, rw->context.host);
}
