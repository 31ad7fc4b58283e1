/* rewrite: no path through a rewritten body writes more than GUEST_SLACK bytes of records behind one check for room.
 *
 * A proof by walking the output, not a run of it: at each instruction stands the most that can have been written since
 * the last check.  It is taken to be GUEST_SLACK (so that only a check may follow) behind calls, in front of loops, and
 * wherever an exception can land. */
#include "base/buf.h"
#include "base/vec.h"
#include "files.h"
#include "rewrite/rewrite.h"
#include "symbol/names.h"
#include "trace/guest.h"
#include "wasm/encode.h"
#include "wasm/instr.h"
#include "wasm/types.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct frame {
    bool is_loop, is_if, has_else;
    uint32_t entry; /* at an if: what its second arm starts with */
    uint32_t out;   /* the most that a path which jumps behind the block brings */
};

struct walker {
    uint32_t pointer, limit, make_room; /* indices in the output */
    struct frame *frames;
    size_t depth, capacity;
    uint32_t written; /* since the last check; meaningless where no path leads */
    bool dead;        /* behind a jump */
    int compared;     /* instructions of a check that were seen */
    int32_t last_const;
    uint32_t worst;
    unsigned records, try_tables;
};

static void push(struct walker *w, bool is_loop, bool is_if)
{
    assert_true(vec_room((void **)&w->frames, &w->capacity, w->depth, sizeof *w->frames));
    w->frames[w->depth++] = (struct frame){.is_loop = is_loop, .is_if = is_if, .entry = w->dead ? 0 : w->written};
    if (is_loop)
        w->written = GUEST_SLACK;
}

static void jump(struct walker *w, uint32_t label)
{
    if (w->dead)
        return;
    assert_true(label < w->depth);
    struct frame *f = &w->frames[w->depth - 1 - label];
    if (w->written > f->out)
        f->out = w->written;
}

static void jump_anywhere(struct walker *w)
{
    for (uint32_t i = 0; i < w->depth; i++)
        jump(w, i);
}

static void close_block(struct walker *w)
{
    struct frame f = w->frames[--w->depth];
    uint32_t out = w->dead ? 0 : w->written;
    if (!f.is_loop && f.out > out)
        out = f.out;
    if (f.is_if && !f.has_else && f.entry > out)
        out = f.entry;
    w->written = out; /* too much at most where no path leads here */
    w->dead = false;
}

static void call(struct walker *w, uint32_t func)
{
    if (func == w->make_room) {
        w->written = 0;
        return;
    }
    w->written = GUEST_SLACK;
    if (w->try_tables)
        jump_anywhere(w);
}

/* pointer, limit, gt_u, if, call make_room, end: the path around the call has room, too. */
static bool is_check(struct walker *w, const struct wasm_instr *instr)
{
    static const enum wasm_opcode order[] = {WASM_OP_GLOBAL_GET, WASM_OP_GLOBAL_GET, WASM_OP_I32_GT_U, WASM_OP_IF};
    bool fits = instr->op == order[w->compared] && (w->compared != 0 || instr->index == w->pointer) &&
                (w->compared != 1 || instr->index == w->limit);
    w->compared = fits ? w->compared + 1 : 0;
    if (w->compared < 4)
        return false;
    w->compared = 0;
    return true;
}

/* Blocks; false for other instructions. */
static bool step_block(struct walker *w, const struct wasm_instr *instr)
{
    struct frame *innermost = w->depth ? &w->frames[w->depth - 1] : NULL;
    switch (instr->op) {
    case WASM_OP_BLOCK:
    case WASM_OP_TRY:
    case WASM_OP_TRY_TABLE:
        push(w, false, false);
        w->try_tables += instr->op == WASM_OP_TRY_TABLE;
        return true;
    case WASM_OP_LOOP:
        push(w, true, false);
        return true;
    case WASM_OP_IF:
        push(w, false, true);
        return true;
    case WASM_OP_ELSE:
    case WASM_OP_CATCH:
    case WASM_OP_CATCH_ALL:
        jump(w, 0);
        innermost->has_else = true;
        w->written = instr->op == WASM_OP_ELSE ? innermost->entry : GUEST_SLACK;
        w->dead = false;
        return true;
    case WASM_OP_END:
    case WASM_OP_DELEGATE:
        close_block(w);
        return true;
    default:
        return false;
    }
}

/* Jumps; false for other instructions. */
static bool step_jump(struct walker *w, const struct wasm_instr *instr)
{
    switch (instr->op) {
    case WASM_OP_BR_IF:
    case WASM_OP_BR_ON_NULL:
    case WASM_OP_BR_ON_NON_NULL:
    case WASM_OP_BR_ON_CAST:
    case WASM_OP_BR_ON_CAST_FAIL:
        jump(w, instr->index);
        return true;
    case WASM_OP_BR:
        jump(w, instr->index);
        w->dead = true;
        return true;
    case WASM_OP_BR_TABLE:
        jump_anywhere(w);
        w->dead = true;
        return true;
    case WASM_OP_THROW:
    case WASM_OP_THROW_REF:
    case WASM_OP_RETHROW:
        if (w->try_tables)
            jump_anywhere(w);
        w->dead = true;
        return true;
    case WASM_OP_RETURN:
    case WASM_OP_UNREACHABLE:
    case WASM_OP_RETURN_CALL:
    case WASM_OP_RETURN_CALL_INDIRECT:
    case WASM_OP_RETURN_CALL_REF:
        w->dead = true;
        return true;
    default:
        return false;
    }
}

static void add_record(struct walker *w)
{
    assert_true(w->last_const > 0 && w->last_const % 8 == 0);
    w->records++;
    if (w->dead)
        return;
    w->written += (uint32_t)w->last_const;
    w->worst = w->written > w->worst ? w->written : w->worst;
}

static bool step(void *self, const struct wasm_instr *instr)
{
    struct walker *w = self;
    if (is_check(w, instr))
        w->written = 0;
    if (step_block(w, instr) || step_jump(w, instr))
        return true;
    if (instr->op == WASM_OP_CALL)
        call(w, instr->index);
    else if (instr->op == WASM_OP_CALL_INDIRECT || instr->op == WASM_OP_CALL_REF)
        call(w, UINT32_MAX);
    if (instr->op == WASM_OP_GLOBAL_SET && instr->index == w->pointer)
        add_record(w); /* local.get, i32.const SIZE, i32.add, global.set */
    if (instr->op == WASM_OP_I32_CONST) {
        struct error err = ERROR_INIT;
        struct cursor c = {instr->imm, instr->imm, instr->end, &err};
        assert_true(cursor_leb_s32(&c, "const", &w->last_const));
    }
    return true;
}

static void walk_body(struct walker *w, const struct wasm_module *m, const struct wasm_body *body)
{
    struct error err = ERROR_INIT;
    struct cursor c = {m->bytes, m->bytes + body->code, m->bytes + body->end, &err};
    uint32_t groups, n;
    struct wasm_type_use use = {0};
    assert_true(cursor_leb_u32(&c, "locals", &groups));
    while (groups--)
        assert_true(cursor_leb_u32(&c, "locals", &n) && wasm_skip_value_type(&c, &use));
    w->depth = 0;
    w->written = GUEST_SLACK; /* whatever the caller wrote */
    w->dead = false;
    w->try_tables = 0;
    w->compared = 0;
    push(w, false, false);
    assert_true(wasm_expr_walk(&c, step, w));
}

static uint32_t find_func(const struct wasm_module *m, const char *name)
{
    struct symbol_names names;
    struct error err = ERROR_INIT;
    assert_true(symbol_names_read(&names, m, NULL, &err));
    uint32_t found = UINT32_MAX;
    for (uint32_t i = 0; i < names.count; i++)
        if (names.funcs[i].bytes && wasm_name_is(names.funcs[i], name))
            found = i;
    symbol_names_release(&names);
    assert_int_not_equal(found, UINT32_MAX);
    return found;
}

/* Rewrites the module and walks the bodies of its own functions; returns the number of records written inline. */
static unsigned check_module(const uint8_t *bytes, size_t size, bool values)
{
    struct error err = ERROR_INIT;
    struct wasm_module m, r;
    struct site_table sites;
    struct buf out;
    buf_init(&out, 1 << 26);
    struct rewrite_options options = {.values = values, .inlining = REWRITE_INLINE_ALWAYS};
    assert_true(wasm_module_read(&m, bytes, size, &err));
    assert_true(rewrite_module(&m, &options, &out, &sites, &err));
    assert_true(wasm_module_read(&r, out.data, out.size, &err));
    struct walker w = {.pointer = wasm_module_export(&r, GUEST_POINTER)->index,
                       .limit = wasm_module_export(&r, GUEST_LIMIT)->index,
                       .make_room = find_func(&r, "_trace_make_room")};
    for (size_t i = 0; i < m.body_count; i++)
        walk_body(&w, &r, &r.bodies[i]);
    assert_true(w.worst <= GUEST_SLACK);
    free(w.frames);
    site_table_release(&sites);
    buf_release(&out);
    wasm_module_release(&r);
    wasm_module_release(&m);
    return w.records;
}

static unsigned all_records;

static void visit(const struct file *f)
{
    all_records += check_module(f->bytes, f->size, true);
    all_records += check_module(f->bytes, f->size, false);
}

static void test_real_modules(void **state)
{
    (void)state;
    all_records = 0;
    assert_true(files_visit("conformance/cases", visit) > 20);
    assert_true(files_visit("conformance/programs", visit) > 5);
    assert_true(files_visit("conformance/fuzz", visit) > 5);
    assert_true(all_records > 10000); /* or nothing was looked at */
}

/* ---- Made-up control flow */

static void put_stores(struct buf *b, unsigned count)
{
    while (count--)
        buf_put(b, "\x41\x00\x41\x01\x36\x02\x00", 7); /* i32.const 0, i32.const 1, i32.store */
}

/* if (0) a few stores else many, and in the second arm the same again. */
static void put_arms(struct buf *b, unsigned depth, unsigned first, unsigned second)
{
    buf_put(b, "\x41\x00\x04\x40", 4);
    put_stores(b, first);
    wasm_put_op(b, WASM_OP_ELSE);
    put_stores(b, second);
    if (depth)
        put_arms(b, depth - 1, first, second);
    wasm_put_op(b, WASM_OP_END);
}

static void put_section(struct buf *out, uint8_t id, const char *bytes, size_t size)
{
    buf_put_u8(out, id);
    wasm_put_u32(out, size);
    buf_put(out, bytes, size);
}

static void check_body(const struct buf *code)
{
    struct buf module, section;
    buf_init(&module, 1 << 24);
    buf_init(&section, 1 << 24);
    buf_put(&module, "\0asm\1\0\0\0", 8);
    put_section(&module, WASM_SECTION_TYPE, "\1\x60\0\0", 4);
    put_section(&module, WASM_SECTION_FUNCTION, "\1\0", 2);
    put_section(&module, WASM_SECTION_MEMORY, "\1\0\1", 3);
    wasm_put_u32(&section, 1);
    wasm_put_u32(&section, code->size + 2);
    wasm_put_u32(&section, 0);
    buf_put(&section, code->data, code->size);
    wasm_put_op(&section, WASM_OP_END);
    wasm_put_section(&module, WASM_SECTION_CODE, &section);
    assert_true(check_module(module.data, module.size, true) > 0);
    assert_true(check_module(module.data, module.size, false) > 0);
    buf_release(&module);
    buf_release(&section);
}

static void test_straight_code(void **state)
{
    (void)state;
    for (unsigned n = 1; n < 3000; n += 200) {
        struct buf code;
        buf_init(&code, 1 << 20);
        put_stores(&code, n);
        check_body(&code);
        buf_release(&code);
    }
}

/* What an arm uses up, or a check that it makes, says nothing of the room that the other arm has. */
static void test_arms(void **state)
{
    (void)state;
    static const unsigned before[] = {0, 1, 200, 255, 256, 500, 511, 512};
    static const unsigned sizes[][2] = {{1, 1},    {3, 240},   {16, 240}, {16, 490},
                                        {240, 16}, {300, 300}, {0, 100},  {512, 1}};
    for (size_t i = 0; i < sizeof before / sizeof *before; i++)
        for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
            struct buf code;
            buf_init(&code, 1 << 20);
            put_stores(&code, before[i]);
            put_arms(&code, 5, sizes[k][0], sizes[k][1]);
            put_stores(&code, 100);
            check_body(&code);
            buf_release(&code);
        }
}

enum { NEST_MAX = 100000 }; /* bytes; much larger bodies are not rewritten inline */

/* Random nests of blocks, loops and ifs with stores between and jumps out of them. */
static void put_random(struct buf *b, uint32_t *seed, unsigned depth, unsigned open)
{
    for (unsigned n = (*seed = *seed * 1103515245 + 12345) >> 16 & 7; n && b->size < NEST_MAX; n--) {
        *seed = *seed * 1103515245 + 12345;
        unsigned choice = *seed >> 16 & 15;
        put_stores(b, *seed >> 20 & 127);
        if (choice < 3 && depth) {
            wasm_put_op(b, choice == 0 ? WASM_OP_BLOCK : WASM_OP_LOOP);
            buf_put_u8(b, WASM_TYPE_EMPTY);
            put_random(b, seed, depth - 1, open + 1);
            wasm_put_op(b, WASM_OP_END);
        } else if (choice < 8 && depth) {
            buf_put(b, "\x41\x00\x04\x40", 4);
            put_random(b, seed, depth - 1, open + 1);
            if (choice < 6) {
                wasm_put_op(b, WASM_OP_ELSE);
                put_random(b, seed, depth - 1, open + 1);
            }
            wasm_put_op(b, WASM_OP_END);
        } else if (choice < 11) {
            wasm_put_i32_const(b, 0);
            wasm_put_op_u32(b, WASM_OP_BR_IF, (*seed >> 8) % open);
        } else if (choice < 12) {
            wasm_put_op_u32(b, WASM_OP_BR, (*seed >> 8) % open);
        } else if (choice < 13) {
            wasm_put_op_u32(b, WASM_OP_CALL, 0);
        }
    }
}

static void test_random_nests(void **state)
{
    (void)state;
    uint32_t seed = 1;
    for (int i = 0; i < 300; i++) {
        struct buf code;
        buf_init(&code, 1 << 24);
        put_stores(&code, 1);
        put_random(&code, &seed, 5, 1);
        check_body(&code);
        buf_release(&code);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_real_modules),
        cmocka_unit_test(test_straight_code),
        cmocka_unit_test(test_arms),
        cmocka_unit_test(test_random_nests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
