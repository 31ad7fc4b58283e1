/* wasm/stack: what instructions do to the operand stack adds up, in all modules of the tests: blocks end with as many operands as their
 * types say. */
#include "files.h"
#include "wasm/stack.h"
#include "wasm/types.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { DEPTH_MAX = 1024 };

static struct {
    const struct wasm_module *module;
    struct {
        int64_t height;
        uint32_t results;
        bool dead;
    } blocks[DEPTH_MAX];
    size_t depth;
    bool unknown;
    uint64_t ends, bodies, wholly_known;
} walk;

static void open_block(uint32_t results)
{
    assert_true(walk.depth < DEPTH_MAX);
    bool dead = walk.depth && walk.blocks[walk.depth - 1].dead;
    walk.blocks[walk.depth].height = 0;
    walk.blocks[walk.depth].results = results;
    walk.blocks[walk.depth++].dead = dead;
}

static void check_end(void)
{
    if (walk.blocks[walk.depth - 1].dead)
        return;
    assert_int_equal(walk.blocks[walk.depth - 1].height, walk.blocks[walk.depth - 1].results);
    walk.ends++;
}

static void see_plain(const struct wasm_instr *instr)
{
    struct wasm_effect effect;
    if (!wasm_stack_effect(walk.module, instr, &effect)) {
        walk.unknown = true;
        return;
    }
    int64_t *height = &walk.blocks[walk.depth - 1].height;
    if (!walk.blocks[walk.depth - 1].dead)
        assert_true(*height >= effect.pops);
    *height += (int64_t)effect.pushes - effect.pops;
    if (instr->op == WASM_OP_RETURN_CALL || instr->op == WASM_OP_RETURN_CALL_INDIRECT)
        walk.blocks[walk.depth - 1].dead = true;
}

static bool see(void *self, const struct wasm_instr *instr)
{
    (void)self;
    uint32_t results = 0;
    if (walk.unknown)
        return true;
    switch (instr->op) {
    case WASM_OP_BLOCK:
    case WASM_OP_LOOP:
    case WASM_OP_IF:
        walk.blocks[walk.depth - 1].height -= instr->op == WASM_OP_IF;
        walk.unknown = !wasm_block_results(walk.module, instr, &results);
        open_block(results);
        return true;
    case WASM_OP_ELSE:
        check_end();
        walk.blocks[walk.depth - 1].height = 0;
        walk.blocks[walk.depth - 1].dead = walk.depth > 1 && walk.blocks[walk.depth - 2].dead;
        return true;
    case WASM_OP_END:
        check_end();
        results = walk.blocks[--walk.depth].results;
        if (walk.depth)
            walk.blocks[walk.depth - 1].height += results;
        return true;
    case WASM_OP_BR_IF:
        walk.blocks[walk.depth - 1].height--;
        return true;
    case WASM_OP_BR:
    case WASM_OP_BR_TABLE:
    case WASM_OP_RETURN:
    case WASM_OP_UNREACHABLE:
        walk.blocks[walk.depth - 1].dead = true;
        return true;
    default:
        see_plain(instr);
        return true;
    }
}

static void visit(const struct file *file)
{
    struct error err = ERROR_INIT;
    struct wasm_module m;
    if (!wasm_module_read(&m, file->bytes, file->size, &err)) {
        wasm_module_release(&m);
        return;
    }
    walk.module = &m;
    for (size_t i = 0; i < m.body_count; i++) {
        struct cursor c = {m.bytes, m.bytes + m.bodies[i].code, m.bytes + m.bodies[i].end, &err};
        uint64_t count = 0;
        struct wasm_type_use use = {0};
        if (!wasm_skip_locals(&c, &count, &use))
            continue;
        walk.depth = 0;
        walk.unknown = false;
        open_block(m.types[m.func_types[m.func_imports + i]].result_count);
        wasm_expr_walk(&c, see, NULL);
        walk.bodies++;
        walk.wholly_known += !walk.unknown;
    }
    wasm_module_release(&m);
}

static void test_heights(void **state)
{
    (void)state;
    assert_true(files_visit("conformance/cases", visit) > 20);
    files_visit("conformance/programs", visit);
    assert_true(walk.wholly_known > walk.bodies / 2);
    assert_true(walk.ends > 1000);
}

static const uint8_t header[] = {0, 'a', 's', 'm', 1, 0, 0, 0, 1, 9, 2, 0x60, 0, 2, 0x7f, 0x7f, 0x60, 0, 0};

/* Types of blocks: none, a value, a function's; and those that are not known. */
static void test_blocks(void **state)
{
    (void)state;
    static const struct {
        uint8_t bytes[4];
        int results; /* -1: not known */
    } blocks[] = {{{0x40}, 0}, {{0x7f}, 1},       {{0x7b}, 1},  {{0x00}, 2},
                  {{0x01}, 0}, {{0x81, 0x00}, 0}, {{0x02}, -1}, {{0x64, 0x70}, -1}};
    struct error err = ERROR_INIT;
    struct wasm_module m;
    assert_true(wasm_module_read(&m, header, sizeof header, &err));
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        const struct wasm_instr instr = {.imm = blocks[i].bytes, .end = blocks[i].bytes + sizeof blocks[i].bytes};
        uint32_t results = 7;
        assert_int_equal(wasm_block_results(&m, &instr, &results), blocks[i].results >= 0);
        if (blocks[i].results >= 0)
            assert_int_equal(results, blocks[i].results);
    }
    wasm_module_release(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_heights), cmocka_unit_test(test_blocks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
