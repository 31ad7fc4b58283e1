/* Rewrites one function's body, instruction by instruction. */
#include "rewrite/body.h"
#include "rewrite/places.h"
#include "wasm/check.h"
#include "wasm/types.h"

#include "base/vec.h"

#include <stdlib.h>
#include <string.h>

/* More temporaries than any body needs. */
enum { TEMPS_MAX = TEMP_COUNT };

static bool open_block(struct body *b, bool is_loop)
{
    if (!vec_room((void **)&b->blocks, &b->capacity, b->depth, sizeof *b->blocks))
        return error_no_memory(b->rw->err);
    b->blocks[b->depth++] =
        (struct block){.region = b->region, .room = b->region_room, .epoch = b->epoch, .is_loop = is_loop};
    if (is_loop) {
        b->region = b->epoch = 0;
        b->loops++;
    }
    return true;
}

/* Behind a block paths meet: the region goes on only if no path can have left it.  A loop's end has one way in. */
static void close_block(struct body *b)
{
    struct block *block = &b->blocks[--b->depth];
    if (block->is_loop) {
        b->loops--;
        return;
    }
    if (block->split || b->region != block->region)
        b->region = 0;
    if (block->epoch_split || b->epoch != block->epoch)
        b->epoch = 0;
}

static void enter_other_arm(struct body *b)
{
    struct block *block = &b->blocks[b->depth - 1];
    if (b->region != block->region) {
        block->split = true;
        b->region_room = block->room; /* what is left now is another region's */
    }
    b->region = block->region;
    block->epoch_split = b->epoch != block->epoch;
    b->epoch = block->epoch;
}

/* A call that may enter an import's wrapper says where it stands, and each where contexts are followed. */
static bool rewrite_call(struct body *b, const struct wasm_instr *instr)
{
    b->region = b->epoch = 0;
    struct rewriter *rw = b->rw;
    bool direct = instr->op == WASM_OP_CALL || instr->op == WASM_OP_RETURN_CALL;
    bool to_wrapper = direct ? rewriter_func(rw, instr->index) != instr->index : rw->wraps_indirectly;
    if (!to_wrapper && !rw->options->contexts)
        return true;
    struct site site = {.file_off = body_file_off(b, instr->start),
                        .func = b->func,
                        .opcode = (uint16_t)instr->op,
                        .kind = ACCESS_CALL};
    site_id id;
    if (!rewriter_add_site(rw, &site, &id))
        return false;
    body_replace(b, instr);
    rw->context.extra_sites += !to_wrapper || (direct && rw->context.bare[instr->index]);
    if (rw->options->contexts) {
        context_emit_call(&b->emitter, id, b->calls++, context_is_tail_call(instr->op), to_wrapper);
    } else {
        wasm_put_i32_const(b->code, (int32_t)id);
        wasm_put_op_u32(b->code, WASM_OP_GLOBAL_SET, rw->call_site);
    }
    if (direct)
        wasm_put_op_u32(b->code, instr->op, rewriter_func(rw, instr->index));
    else
        buf_put(b->code, instr->start, (size_t)(instr->end - instr->start));
    return true;
}

/* The stack pointer is set. */
static void note_stack(struct body *b, const struct wasm_instr *instr)
{
    buf_put(b->code, b->copied, (size_t)(instr->start - b->copied));
    b->copied = instr->end;
    body_end_records(b);
    buf_put(b->code, instr->start, (size_t)(instr->end - instr->start));
    wasm_put_i32_const(b->code, (int32_t)b->func);
    wasm_put_op_u32(b->code, WASM_OP_CALL, b->rw->note_stack);
    b->region = 0; /* it writes records */
}

/* Whether what follows may run more or less often than what stands before: a loop's end has one way in, a block's start
 * too. */
static bool ends_stretch(const struct body *b, enum wasm_opcode op)
{
    switch (op) {
    case WASM_OP_BLOCK:
        return false;
    case WASM_OP_END:
        return !b->blocks[b->depth - 1].is_loop;
    case WASM_OP_ELSE:
    case WASM_OP_CATCH:
    case WASM_OP_CATCH_ALL:
    case WASM_OP_DELEGATE:
    case WASM_OP_RETURN:
    case WASM_OP_UNREACHABLE:
    case WASM_OP_THROW_REF:
        return true;
    default:
        break;
    }
    switch (wasm_opcode_info(op)->imm) {
    case IMM_BLOCK:
    case IMM_TRY_TABLE:
    case IMM_LABEL:
    case IMM_BR_TABLE:
    case IMM_CAST_BRANCH:
    case IMM_FUNC:
    case IMM_CALL_INDIRECT:
    case IMM_TAG:
    case IMM_TYPE:
        return true;
    default:
        return wasm_switches_stacks(op);
    }
}

/* A reference to a function with a wrapper: to that, but not of exactly its type where the function's is not (refs.c). */
static bool rewrite_reference(struct body *b, const struct wasm_instr *instr)
{
    if (!b->exact_known && !refs_find_exact(b->rw, b->func, &b->exact))
        return false;
    b->exact_known = true;
    bool widens = b->exact && rewriter_widens(b->rw, instr->index);
    body_replace(b, instr);
    if (widens) {
        wasm_put_op(b->code, WASM_OP_BLOCK);
        buf_put_u8(b->code, WASM_TYPE_REF);
        wasm_put_s64(b->code, b->rw->in->func_types[instr->index]);
    }
    wasm_put_op_u32(b->code, WASM_OP_REF_FUNC, rewriter_func(b->rw, instr->index));
    if (widens)
        wasm_put_op(b->code, WASM_OP_END);
    return true;
}

static bool rewrite_instr(struct body *b, const struct wasm_instr *instr)
{
    if (!wasm_check_instr(b->rw->in, instr, b->emitter.next_local - b->emitter.count, b->rw->err))
        return false;
    if (ends_stretch(b, instr->op)) {
        b->counter = 0;
        if (b->recording) {
            buf_put(b->code, b->copied, (size_t)(instr->start - b->copied));
            b->copied = instr->start;
            body_end_records(b);
        }
    }
    switch (instr->op) {
    case WASM_OP_BLOCK:
    case WASM_OP_IF:
    case WASM_OP_TRY:
    case WASM_OP_TRY_TABLE:
        return open_block(b, false);
    case WASM_OP_LOOP:
        return open_block(b, true);
    case WASM_OP_ELSE:
        enter_other_arm(b);
        return true;
    case WASM_OP_CATCH:
    case WASM_OP_CATCH_ALL:
        b->region = b->epoch = 0;
        return true;
    case WASM_OP_END:
    case WASM_OP_DELEGATE:
        close_block(b);
        return true;
    case WASM_OP_CALL:
    case WASM_OP_RETURN_CALL:
    case WASM_OP_CALL_INDIRECT:
    case WASM_OP_RETURN_CALL_INDIRECT:
    case WASM_OP_CALL_REF:
    case WASM_OP_RETURN_CALL_REF:
        return rewrite_call(b, instr);
    case WASM_OP_GLOBAL_SET:
        if (b->rw->note_stack && instr->index == b->rw->options->objects->stack_global)
            note_stack(b, instr);
        return true;
    case WASM_OP_MEMORY_GROW:
        if (b->rw->grows && b->rw->grows[instr->memory]) {
            body_replace(b, instr);
            wasm_put_op_u32(b->code, WASM_OP_CALL, b->rw->grows[instr->memory]);
        }
        return true;
    case WASM_OP_REF_FUNC:
        return rewriter_func(b->rw, instr->index) == instr->index || rewrite_reference(b, instr);
    default:
        if (wasm_switches_stacks(instr->op))
            b->region = b->epoch = 0;
        if (wasm_opcode_info(instr->op)->access != WASM_ACCESS_NONE)
            return body_access(b, instr);
        return true;
    }
}

struct locals {
    uint32_t groups;
    uint64_t count; /* with parameters */
    const uint8_t *start, *end;
};

/* Where contexts are followed: finds out what the function needs of them. */
static bool find_needs(struct body *b, struct cursor code, const struct locals *locals)
{
    b->needs = (struct context_needs){0};
    if (!b->rw->options->contexts)
        return true;
    if (locals->count + 2 > WASM_MAX_LOCALS)
        return error_at(b->rw->err, ERROR_LIMIT, cursor_offset(&code), "no room for a calling context's locals");
    return context_find_needs(code, &b->needs);
}

/* An instruction begins, in `code` as well, once what stands before it is copied. */
static bool note_instr(struct body *b, const struct wasm_instr *instr)
{
    size_t position = b->code->size + (size_t)(instr->start - b->copied);
    return !b->noted || places_note(b->rw->places, position, body_file_off(b, instr->start)) ||
           error_no_memory(b->rw->err);
}

/* Walks the code behind the locals; the body must end exactly where its last `end` does. */
static bool rewrite_code(struct body *b, struct cursor *c)
{
    b->copied = c->at;
    if (!open_block(b, false))
        return false;
    while (b->depth) {
        struct wasm_instr instr;
        if (!wasm_instr_read(c, &instr))
            return false;
        if (instr.op == WASM_OP_ELSE && b->depth < 2)
            return error_at(b->rw->err, ERROR_INPUT, body_file_off(b, instr.start), "else without if");
        if (!note_instr(b, &instr) || !rewrite_instr(b, &instr))
            return false;
    }
    if (c->at != c->end)
        return error_at(b->rw->err, ERROR_INPUT, cursor_offset(c), "code behind the end of a function");
    buf_put(b->code, b->copied, (size_t)(c->end - b->copied));
    return !b->code->failed || error_no_memory(b->rw->err);
}

static bool read_locals(struct cursor *c, uint32_t params, size_t types, struct locals *locals)
{
    if (!cursor_count(c, "locals", 2, &locals->groups))
        return false;
    locals->start = c->at;
    locals->count = params;
    for (uint32_t i = 0; i < locals->groups; i++) {
        uint64_t at = cursor_offset(c);
        uint32_t n;
        struct wasm_type_use use = {0};
        if (!cursor_leb_u32(c, "locals", &n) || !wasm_skip_value_type(c, &use))
            return false;
        if (use.end > types)
            return error_at(c->err, ERROR_INPUT, at, "unknown type %u", use.end - 1);
        locals->count += n;
        if (locals->count > WASM_MAX_LOCALS)
            return error_at(c->err, ERROR_LIMIT, at, "too many locals; the limit is %d", WASM_MAX_LOCALS);
    }
    locals->end = c->at;
    return true;
}

/* Bytes before the code. */
static size_t locals_size(const struct emitter *e, const struct locals *locals)
{
    uint64_t groups = (uint64_t)locals->groups + e->count;
    return wasm_u32_size(groups) + (size_t)(locals->end - locals->start) + (size_t)2 * e->count;
}

/* The function's part of the branch hint section: offsets count from the body's start, and each hint is one byte. */
static void put_hints(const struct body *b, const struct locals *locals)
{
    size_t count = b->hints.size / sizeof(struct branch_hint), before = locals_size(&b->emitter, locals);
    if (!count)
        return;
    struct buf *out = &b->rw->hints;
    b->rw->hinted_funcs++;
    wasm_put_u32(out, b->func);
    wasm_put_u32(out, count);
    for (size_t i = 0; i < count; i++) {
        struct branch_hint hint;
        memcpy(&hint, b->hints.data + i * sizeof hint, sizeof hint);
        wasm_put_u32(out, before + hint.offset);
        buf_put_u8(out, 1);
        buf_put_u8(out, (uint8_t)hint.likely);
    }
}

/* Size, locals and code. */
static void put_body(const struct emitter *e, const struct locals *locals, const struct buf *code, struct buf *out)
{
    uint64_t groups = (uint64_t)locals->groups + e->count;
    size_t old_groups = (size_t)(locals->end - locals->start);
    size_t size = locals_size(e, locals) + code->size;
    wasm_put_u32(out, size);
    wasm_put_u32(out, groups);
    buf_put(out, locals->start, old_groups);
    emitter_put_locals(e, out);
    buf_put(out, code->data, code->size);
}

/* One try; *size is what the body is long. */
static bool try_rewrite(struct body *b, struct cursor code, const struct locals *locals, struct buf *scratch,
                        size_t *size)
{
    buf_clear(scratch);
    b->code = scratch;
    b->depth = 0;
    b->loops = 0;
    b->region = b->regions = b->counter = 0;
    b->epoch = b->epochs = b->calls = 0;
    b->recording = false;
    if (b->noted)
        b->rw->places->instr_count = 0;
    emitter_init(&b->emitter, b->rw, scratch, (uint32_t)locals->count);
    buf_clear(&b->hints);
    b->emitter.hints = &b->hints;
    if (b->rw->options->contexts)
        context_emit_entry(&b->emitter, b->func, &b->needs);
    if (!rewrite_code(b, &code))
        return false;
    *size = locals_size(&b->emitter, locals) + scratch->size;
    return true;
}

/* Whether code in the body of a function would take too long to compile (rewrite.h) for a module of which nothing is known yet. */
static bool is_giant(const struct body *b, size_t first_site)
{
    const struct rewrite_options *o = b->rw->options;
    return o->online && !o->habits && o->inlining == REWRITE_INLINE_AUTO &&
           b->rw->sites->count - first_site > REWRITE_GIANT;
}

bool body_rewrite(struct rewriter *rw, uint32_t func, struct buf *scratch, struct buf *out)
{
    const struct wasm_module *in = rw->in;
    const struct wasm_body *where = &in->bodies[func - in->func_imports];
    struct cursor c = {in->bytes, in->bytes + where->code, in->bytes + where->end, rw->err};
    struct locals locals;
    if (!read_locals(&c, in->types[in->func_types[func]].param_count, in->type_count, &locals))
        return false;
    struct body b = {.rw = rw, .func = func, .noted = places_in(rw->places, func)};
    b.inlining = rw->options->inlining != REWRITE_INLINE_NEVER && locals.count + TEMPS_MAX <= WASM_MAX_LOCALS;
    buf_init(&b.hints, WASM_MAX_BODY_SIZE * (size_t)8);
    size_t first_site = rw->sites->count, extra_sites = rw->context.extra_sites, size = 0;
    uint64_t first_cell = rw->cells;
    bool ok = find_needs(&b, c, &locals) && try_rewrite(&b, c, &locals, scratch, &size);
    if (ok && b.inlining && (size > WASM_MAX_BODY_SIZE || is_giant(&b, first_site))) { /* hooks take less room */
        rw->sites->count = first_site;
        rw->context.extra_sites = extra_sites;
        rw->cells = first_cell;
        b.inlining = false;
        ok = try_rewrite(&b, c, &locals, scratch, &size);
    }
    free(b.blocks);
    if (ok)
        put_hints(&b, &locals);
    for (size_t i = first_site; ok && i < rw->sites->count; i++) { /* now it is known what stands before the code */
        struct site *site = &rw->sites->sites[i];
        uint32_t before = (uint32_t)locals_size(&b.emitter, &locals);
        if (!site->code_end)
            continue;
        site->stretch_start += before;
        site->stretch_end += before;
        site->code_end += before;
    }
    ok = ok && (!b.hints.failed || error_no_memory(rw->err));
    buf_release(&b.hints);
    if (!ok)
        return false;
    if (size > WASM_MAX_BODY_SIZE)
        return error_at(rw->err, ERROR_LIMIT, where->start,
                        "function %u would be larger than %d bytes, the limit of a function's body", func,
                        WASM_MAX_BODY_SIZE);
    bool as_it_was = rw->sites->count == first_site && !b.emitter.count && !rw->wraps && !rw->note_stack &&
                     !rw->options->contexts && !rw->grows;
    if (as_it_was)
        buf_put(out, in->bytes + where->start, where->end - where->start);
    else
        put_body(&b.emitter, &locals, scratch, out);
    if (b.noted)
        places_find(rw->places, func,
                    as_it_was ? (size_t)(locals.end - in->bytes) - where->code : locals_size(&b.emitter, &locals));
    return !out->failed || error_no_memory(rw->err);
}
