/* Code for calling contexts: context.h. */
#include "rewrite/context.h"

#include "rewrite/asm.h"
#include "trace/context.h"
#include "trace/record.h"

#include <stddef.h>

/* Odd numbers near fractions of 2^32 (Knuth, The Art of Computer Programming 3, section 6.4). */
enum { K1 = 0x9e3779b1 - (1LL << 32), K2 = 0x85ebca6b - (1LL << 32), K3 = 0xc2b2ae35 - (1LL << 32) };

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

/* A new node, of which the trace is told.  Where there is no room for one, there will not be any later either. */
static const struct asm_func new_node = {
    "context_new", "parent:i site:i func:i size:i", "i", "id:i at:i",
    "global.get:FREE &id $size i32.add #OTHER i32.gt_u if #NODES_MAX global.set:NODES end "
    "global.get:NODES #NODES_MAX i32.ge_u global.get:TRANSITIONS #TRANSITIONS_MAX i32.ge_u i32.or "
    "if #OTHER #1 i32.store@node.number #OTHER return end "
    "$id global.get:NODES i32.store@node.number global.get:NODES #1 i32.add global.set:NODES "
    "$id $size i32.add global.set:FREE $id $size i32.store@node.size "
    "$id $parent i32.store@node.parent $id $site i32.store@node.site $id $func #1 i32.add i32.store@node.func "
    "$id $parent i32.load@node.depth #1 i32.add i32.store@node.depth "
    "global.get:POINTER global.get:LIMIT i32.gt_u if call:make_room end "
    "global.get:POINTER &at #HEAD_NEW i32.store@trace $at $parent i32.load@node.number i32.store@trace+4 "
    "$at $site i32.store@trace+8 $at $func i32.store@trace+12 $at #16 i32.add global.set:POINTER $id"};

static const struct asm_func child = {
    "context_child", "parent:i site:i func:i size:i", "i", "id:i at:i",
    "$parent $site $func call:context_place &at i32.load@table+12 &id if $id return end "
    "$parent $site $func $size call:context_new &id #OTHER i32.ne if "
    "  $at $parent $site $func $id call:context_put end $id"};

/* The node of a path without its outermost frame. */
static const struct asm_func shift = {"context_shift", "node:i", "i", "q:i",
                                      "$node i32.load@node.depth #2 i32.lt_u if #0 return end "
                                      "$node i32.load@node.parent call:context_shift &q "
                                      "$node i32.load@node.site #0 $q select $node i32.load@node.func #1 i32.sub "
                                      "$node i32.load@node.size call:context_child"};

/* The node of the path in which the function was entered already; 0: there is none. */
static const struct asm_func earlier = {"context_earlier", "parent:i func:i", "i", "",
                                        "loop $parent i32.eqz if #0 return end "
                                        "  $parent i32.load@node.func $func #1 i32.add i32.eq if $parent return end "
                                        "  $parent i32.load@node.parent =parent br:0 "
                                        "end unreachable"};

/* Where a transition leads that is not in the table. */
static const struct asm_func resolve_folding = {"context_resolve", "parent:i site:i func:i size:i", "i", "n:i",
                                                "$parent $func call:context_earlier &n if $n return end "
                                                "$parent $site $func $size call:context_child"};
static const struct asm_func resolve_limited = {
    "context_resolve", "parent:i site:i func:i size:i", "i", "",
    "$parent i32.load@node.depth #DEPTH i32.ge_u if $parent call:context_shift =parent end "
    "$parent $site #0 $parent select $func $size call:context_child"};

/* Whether a call's word may have another node: the table must have the one that it has now. */
static const struct asm_func keep = {
    "context_keep", "slot:i parent:i site:i", "i", "old:i func:i at:i",
    "$slot i32.load@word &old i32.eqz if #1 return end $old i32.load@node.func #1 i32.sub =func "
    "$parent $site $func call:context_place &at i32.load@table+12 if #1 return end "
    "global.get:TRANSITIONS #TRANSITIONS_MAX i32.ge_u if #0 return end "
    "$at $parent $site $func $old call:context_put #1"};

/* The context of a function that is being entered, where its code has not found it; that of wrappers does not look.  Where
 * paths are whole and the word is one of the parent's own, all that its call led to has gone through it: while it is 0 the
 * table need not be asked, nor told. */
#define ENTER_START                                                                                                    \
    "global.get:SITE &site i32.eqz if global.get:HOST global.set:PARENT end "                                          \
    "#0 global.set:SITE global.get:SLOT =slot #0 global.set:SLOT "                                                     \
    "global.get:PARENT &parent #OTHER i32.eq if #OTHER return end "                                                    \
    "$slot i32.load@word &id i32.load@node.func $func #1 i32.add i32.eq if $id return end "
#define ENTER_FIRST                                                                                                    \
    "$slot $parent i32.sub $parent i32.load@node.size i32.lt_u $slot i32.load@word i32.eqz i32.and if "                \
    "  $parent $func call:context_earlier &id i32.eqz if "                                                             \
    "    $parent $site $func $size call:context_new &id #OTHER i32.eq if #OTHER return end end "                       \
    "  $slot $id i32.store@word $id return end "
#define ENTER_BY_TABLE                                                                                                 \
    "$parent $site $func call:context_place &at i32.load@table+12 &id i32.eqz if "                                     \
    "  $parent $site $func $size call:context_resolve =id "                                                            \
    "  $parent $site $func call:context_place &at i32.load@table+12 i32.eqz $id #OTHER i32.ne i32.and "                \
    "  global.get:TRANSITIONS #TRANSITIONS_MAX i32.lt_u i32.and if "                                                   \
    "    $at $parent $site $func $id call:context_put end "                                                            \
    "end "                                                                                                             \
    "$slot #1 i32.sub #OTHER i32.lt_u $id #OTHER i32.ne i32.and if "                                                   \
    "  $slot $parent $site call:context_keep if $slot $id i32.store@word end end $id"
static const struct asm_func enter_folding = {"context_enter", "func:i size:i", "i", "site:i parent:i at:i id:i slot:i",
                                              ENTER_START ENTER_FIRST ENTER_BY_TABLE};
static const struct asm_func enter_limited = {"context_enter", "func:i size:i", "i", "site:i parent:i at:i id:i slot:i",
                                              ENTER_START ENTER_BY_TABLE};

/* What the trace tells of next happens in this context. */
static const struct asm_func note = {"context_note", "node:i", "", "at:i",
                                     "global.get:POINTER global.get:LIMIT i32.gt_u if call:make_room end "
                                     "global.get:POINTER &at #HEAD_CONTEXT i32.store@trace "
                                     "$at $node i32.load@node.number i32.store@trace+4 "
                                     "$at #8 i32.add global.set:POINTER $node global.set:NOTED"};

bool context_add_runtime(struct rewriter *rw)
{
    const struct asm_name constants[] = {
        {"K1", K1},
        {"K2", K2},
        {"K3", K3},
        {"SHIFT", 32 - CONTEXT_TABLE_LOG2},
        {"TABLE_MASK", (1 << CONTEXT_TABLE_LOG2) - 1},
        {"NODES_MAX", CONTEXT_NODES},
        {"TRANSITIONS_MAX", CONTEXT_TRANSITIONS},
        {"OTHER", CONTEXT_SPACE},
        {"DEPTH", rw->options->context_depth},
        {"HEAD_NEW", record_head(SITE_CONTEXT_NEW, 2, 0)},
        {"HEAD_CONTEXT", record_head(SITE_CONTEXT, 1, 0)},
        {"NODES", rw->context.nodes},
        {"FREE", rw->context.free},
        {"SLOT", rw->context.slot},
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
        {"word", rw->trace_memory, CONTEXT_NODES_AT},
        {"node.number", rw->trace_memory, CONTEXT_NODES_AT + NODE_NUMBER},
        {"node.parent", rw->trace_memory, CONTEXT_NODES_AT + NODE_PARENT},
        {"node.site", rw->trace_memory, CONTEXT_NODES_AT + NODE_SITE},
        {"node.func", rw->trace_memory, CONTEXT_NODES_AT + NODE_FUNC},
        {"node.depth", rw->trace_memory, CONTEXT_NODES_AT + NODE_DEPTH},
        {"node.size", rw->trace_memory, CONTEXT_NODES_AT + NODE_SIZE},
        {"table", rw->trace_memory, CONTEXT_TABLE_AT},
        {NULL, 0, 0},
    };
    const bool limited = rw->options->context_depth != 0;
    const struct asm_func funcs[] = {place,
                                     put,
                                     new_node,
                                     child,
                                     shift,
                                     earlier,
                                     limited ? resolve_limited : resolve_folding,
                                     keep,
                                     limited ? enter_limited : enter_folding,
                                     note};
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
    needs->calls += is_call(instr->op);
    needs->tail_calls = needs->tail_calls || context_is_tail_call(instr->op);
    needs->accesses = needs->accesses || wasm_opcode_info(instr->op)->access != WASM_ACCESS_NONE;
    return true;
}

bool context_find_needs(struct cursor code, struct context_needs *needs)
{
    *needs = (struct context_needs){0};
    return wasm_expr_walk(&code, see_need, needs);
}

void context_emit_used(struct rewriter *rw, struct buf *b)
{
    wasm_put_i32_const(b, SITE_NONE);
    put_global_set(b, rw->call_site);
    if (!rw->options->contexts)
        return;
    wasm_put_i32_const(b, 0);
    put_global_set(b, rw->context.slot);
}

static void put_node_load(struct emitter *e, uint32_t field)
{
    emit_trace_op(e->rw, e->out, WASM_OP_I32_LOAD, 2, CONTEXT_NODES_AT + field);
}

static int32_t node_size(const struct context_needs *needs)
{
    return (int32_t)((NODE_CALLS + 4 * needs->calls + 7) & ~UINT32_C(7));
}

void context_emit_entry(struct emitter *e, uint32_t func, const struct context_needs *needs)
{
    struct rewriter *rw = e->rw;
    struct buf *b = e->out;
    if (!needs->calls && !needs->accesses) { /* whoever is called next must not take the site for its own */
        context_emit_used(rw, b);
        return;
    }
    put_global_get(b, rw->context.slot);
    put_node_load(e, 0);
    emit_set(e, TEMP_CONTEXT);
    emit_get(e, TEMP_CONTEXT);
    put_node_load(e, NODE_FUNC);
    wasm_put_i32_const(b, (int32_t)(func + 1));
    wasm_put_op(b, WASM_OP_I32_NE);
    emit_hint(e, false);
    put_open(b, WASM_OP_IF);
    wasm_put_i32_const(b, (int32_t)func);
    wasm_put_i32_const(b, node_size(needs));
    wasm_put_op_u32(b, WASM_OP_CALL, rw->context.enter);
    emit_set(e, TEMP_CONTEXT);
    wasm_put_op(b, WASM_OP_ELSE);
    context_emit_used(rw, b);
    wasm_put_op(b, WASM_OP_END);
    if (needs->tail_calls) {
        put_global_get(b, rw->context.parent);
        emit_set(e, TEMP_PARENT);
    }
}

/* Where a call's word is.  A tail call's is in its function's node, but is of a call that stands in the caller's; so it is used only if
 * that is the node's parent, which it is not where a path was folded or cut. */
static void put_slot(struct emitter *e, uint32_t n, bool tail)
{
    struct buf *b = e->out;
    emit_get(e, TEMP_CONTEXT);
    wasm_put_i32_const(b, (int32_t)(NODE_CALLS + 4 * n));
    wasm_put_op(b, WASM_OP_I32_ADD);
    if (tail) {
        wasm_put_i32_const(b, 0);
        emit_get(e, TEMP_CONTEXT);
        put_node_load(e, NODE_PARENT);
        emit_get(e, TEMP_PARENT);
        wasm_put_op(b, WASM_OP_I32_EQ);
        wasm_put_op(b, WASM_OP_SELECT);
    }
    put_global_set(b, e->rw->context.slot);
}

void context_emit_call(struct emitter *e, site_id site, uint32_t n, bool tail, bool may_enter_wrapper)
{
    struct rewriter *rw = e->rw;
    wasm_put_i32_const(e->out, (int32_t)site);
    put_global_set(e->out, rw->call_site);
    put_slot(e, n, tail);
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
    wasm_put_i32_const(b, NODE_CALLS);
    wasm_put_op_u32(b, WASM_OP_CALL, rw->context.enter);
    put_global_set(b, rw->context.host);
}

void context_emit_import_end(struct rewriter *rw, struct buf *b, uint32_t saved)
{
    put_get(b, saved);
    put_global_set(b, rw->context.host);
}
