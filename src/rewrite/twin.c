#include "rewrite/twin.h"

#include "base/vec.h"
#include "wasm/stack.h"

#include <stdlib.h>

/* A block, while the code is gone through. */
struct frame {
    int64_t height;       /* of the operand stack, from the block's start on */
    uint32_t results;     /* of the block */
    bool is_dead;         /* nothing comes here */
    bool has_call;        /* it holds something that no twin can hold */
    size_t first;         /* twins before the block */
    uint32_t accesses;    /* in all of it */
    const uint8_t *start; /* where the next twin may begin, and so far end; start NULL: nowhere */
    const uint8_t *end;
    uint32_t held, behind; /* accesses in the twin so far, and behind its end */
};

struct finder {
    const struct wasm_module *module;
    struct twins *twins;
    struct frame *frames;
    size_t depth, capacity;
    bool unknown, failed;
};

void twins_release(struct twins *twins)
{
    free(twins->items);
    *twins = (struct twins){0};
}

static struct frame *top(struct finder *f)
{
    return &f->frames[f->depth - 1];
}

/* Whether planes may begin to be kept, or not to be, while the instruction runs; or whether more than labels of it changes. */
static bool is_barrier(const struct wasm_instr *instr)
{
    switch (instr->op) {
    case WASM_OP_CALL:
    case WASM_OP_CALL_INDIRECT:
    case WASM_OP_RETURN_CALL:
    case WASM_OP_RETURN_CALL_INDIRECT:
    case WASM_OP_MEMORY_GROW:
    case WASM_OP_REF_FUNC:
        return true;
    default:
        return false;
    }
}

static void close_twin(struct finder *f, struct frame *frame, bool never_ends)
{
    if (frame->start && frame->held) {
        if (vec_room((void **)&f->twins->items, &f->twins->capacity, f->twins->count, sizeof *f->twins->items))
            f->twins->items[f->twins->count++] = (struct twin){frame->start, frame->end, never_ends};
        else
            f->failed = true;
    }
    frame->start = NULL;
    frame->held = 0;
}

/* Behind an instruction: another twin may begin, or the present one may end here. */
static void note_boundary(struct frame *frame, const uint8_t *at)
{
    if (frame->is_dead || frame->height != 0)
        return;
    if (!frame->start) {
        frame->start = at;
        frame->behind = 0;
    }
    frame->end = at;
    frame->held += frame->behind;
    frame->behind = 0;
}

static void open_frame(struct finder *f, const uint8_t *at, uint32_t results)
{
    if (!vec_room((void **)&f->frames, &f->capacity, f->depth, sizeof *f->frames)) {
        f->failed = true;
        return;
    }
    bool dead = f->depth && top(f)->is_dead;
    f->frames[f->depth++] = (struct frame){.results = results, .is_dead = dead, .first = f->twins->count};
    note_boundary(top(f), at);
}

static void meet_barrier(struct finder *f)
{
    for (size_t i = 0; i < f->depth; i++) {
        f->frames[i].has_call = true;
        close_twin(f, &f->frames[i], false);
    }
}

/* A block is over: as a whole it may be a part of a twin around it. */
static void close_frame(struct finder *f, const uint8_t *at)
{
    struct frame closed = *top(f);
    bool in_twin =
        f->depth > 1 && f->frames[f->depth - 2].start; /* if no call was met, then not in this statement either */
    if (closed.has_call || !in_twin)
        close_twin(f, &closed, false);
    else
        f->twins->count = closed.first;
    if (--f->depth == 0)
        return;
    struct frame *frame = top(f);
    frame->height += closed.results;
    frame->accesses += closed.accesses;
    frame->behind += closed.accesses;
    note_boundary(frame, at);
}

static void enter_else(struct finder *f, const uint8_t *at)
{
    struct frame *frame = top(f);
    close_twin(f, frame, false);
    bool dead = f->depth > 1 && f->frames[f->depth - 2].is_dead;
    frame->is_dead = dead;
    frame->height = 0;
    frame->behind = 0;
    note_boundary(frame, at);
}

/* Nothing comes behind this instruction. */
static void leave(struct finder *f, const struct wasm_instr *instr)
{
    struct frame *frame = top(f);
    if (!frame->is_dead) {
        frame->end = instr->end;
        frame->held += frame->behind;
        close_twin(f, frame, true);
    }
    frame->is_dead = true;
}

static void see_plain(struct finder *f, const struct wasm_instr *instr)
{
    struct wasm_effect effect;
    if (!wasm_stack_effect(f->module, instr, &effect)) {
        f->unknown = true;
        return;
    }
    if (is_barrier(instr))
        meet_barrier(f);
    struct frame *frame = top(f);
    if (wasm_opcode_info(instr->op)->access != WASM_ACCESS_NONE) {
        frame->accesses++;
        frame->behind++;
    }
    frame->height += (int64_t)effect.pushes - effect.pops;
    if (instr->op == WASM_OP_RETURN_CALL || instr->op == WASM_OP_RETURN_CALL_INDIRECT)
        frame->is_dead = true;
    note_boundary(frame, instr->end);
}

static void see_block(struct finder *f, const struct wasm_instr *instr)
{
    uint32_t results = 0;
    f->unknown = f->unknown || !wasm_block_results(f->module, instr, &results);
    if (instr->op == WASM_OP_IF)
        top(f)->height--;
    open_frame(f, instr->end, results);
}

static bool see(void *self, const struct wasm_instr *instr)
{
    struct finder *f = self;
    if (f->unknown || f->failed)
        return true;
    switch (instr->op) {
    case WASM_OP_BLOCK:
    case WASM_OP_LOOP:
    case WASM_OP_IF:
        see_block(f, instr);
        return true;
    case WASM_OP_ELSE:
        enter_else(f, instr->end);
        return true;
    case WASM_OP_END:
        close_frame(f, instr->end);
        return true;
    case WASM_OP_BR_IF:
        top(f)->height--;
        note_boundary(top(f), instr->end);
        return true;
    case WASM_OP_BR:
    case WASM_OP_BR_TABLE:
    case WASM_OP_RETURN:
    case WASM_OP_UNREACHABLE:
        leave(f, instr);
        return true;
    default:
        see_plain(f, instr);
        return true;
    }
}

static int by_start(const void *a, const void *b)
{
    const struct twin *x = a, *y = b;
    return (x->start > y->start) - (x->start < y->start);
}

bool twins_find(const struct wasm_module *module, struct cursor code, struct twins *twins)
{
    struct finder f = {.module = module, .twins = twins};
    twins->count = 0;
    open_frame(&f, code.at, 0);
    bool ok = !f.failed && wasm_expr_walk(&code, see, &f);
    free(f.frames);
    if (ok && f.failed)
        return error_no_memory(code.err);
    if (f.unknown)
        twins->count = 0;
    if (twins->count)
        qsort(twins->items, twins->count, sizeof *twins->items, by_start);
    return ok;
}

static void put_label(uint32_t label, uint32_t depth, struct buf *out)
{
    wasm_put_u32(out, label >= depth ? (uint64_t)label + 1 : label);
}

bool twin_put_labels(const struct wasm_instr *instr, uint32_t depth, struct buf *out)
{
    if (instr->op == WASM_OP_BR || instr->op == WASM_OP_BR_IF) {
        wasm_put_op(out, instr->op);
        put_label(instr->index, depth, out);
        return true;
    }
    if (instr->op != WASM_OP_BR_TABLE)
        return false;
    struct error ignored = ERROR_INIT; /* the instruction has been read before */
    struct cursor c = {instr->imm, instr->imm, instr->end, &ignored};
    uint32_t count = 0, label;
    wasm_put_op(out, instr->op);
    cursor_leb_u32(&c, "labels", &count);
    wasm_put_u32(out, count);
    while (c.at < c.end && cursor_leb_u32(&c, "label", &label))
        put_label(label, depth, out);
    return true;
}

bool twin_put_plain(const struct wasm_module *module, const struct twin *twin, struct buf *out, struct error *err)
{
    struct cursor c = {module->bytes, twin->start, twin->end, err};
    const uint8_t *copied = twin->start;
    uint32_t depth = 0;
    while (c.at < c.end) {
        struct wasm_instr instr;
        if (!wasm_instr_read(&c, &instr))
            return false;
        depth += wasm_opens_block(instr.op);
        depth -= instr.op == WASM_OP_END;
        buf_put(out, copied, (size_t)(instr.start - copied));
        copied = instr.start;
        if (twin_put_labels(&instr, depth, out))
            copied = instr.end;
    }
    buf_put(out, copied, (size_t)(twin->end - copied));
    return true;
}
