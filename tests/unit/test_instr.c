/* wasm/instr: every opcode of the table with plausible immediates, cut short everywhere, and what the fields hold. */
#include "base/buf.h"
#include "wasm/encode.h"
#include "wasm/instr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* One way, or two, to write each kind of immediates.  What the fields of the instruction hold then: `index`, or for
 * memargs memory, alignment, offset and lane. */
static const struct sample {
    enum wasm_imm imm;
    const char *bytes;
    size_t size;
    uint32_t index, memory, memory_from;
    uint64_t static_offset;
    uint8_t align_log2, lane;
} samples[] = {
#define BYTES(text) text, sizeof(text) - 1
    {.imm = IMM_NONE, BYTES("")},
    {.imm = IMM_BLOCK, BYTES("\x40")},         /* no results */
    {.imm = IMM_BLOCK, BYTES("\x7b")},         /* v128 */
    {.imm = IMM_BLOCK, BYTES("\x63\x80\x01")}, /* (ref null 128) */
    {.imm = IMM_BLOCK, BYTES("\x64\x70")},     /* (ref func) */
    {.imm = IMM_BLOCK, BYTES("\x80\x81\x01")}, /* type 16512 */
    {.imm = IMM_LABEL, BYTES("\x05"), .index = 5},
    {.imm = IMM_BR_TABLE, BYTES("\x00\x80\x00")}, /* the default label alone, in two bytes */
    {.imm = IMM_BR_TABLE, BYTES("\x03\x00\x01\x82\x00\x07")},
    {.imm = IMM_FUNC, BYTES("\xff\xff\xff\xff\x0f"), .index = UINT32_MAX},
    {.imm = IMM_CALL_INDIRECT, BYTES("\x81\x01\x02"), .index = 129},
    {.imm = IMM_TYPE, BYTES("\x03"), .index = 3},
    {.imm = IMM_LOCAL, BYTES("\xcf\x86\x03"), .index = 49999},
    {.imm = IMM_GLOBAL, BYTES("\x80\x80\x80\x80\x00"), .index = 0},
    {.imm = IMM_TABLE, BYTES("\x09"), .index = 9},
    {.imm = IMM_MEMARG, BYTES("\x02\x28"), .align_log2 = 2, .static_offset = 40},
    {.imm = IMM_MEMARG,
     BYTES("\x43\x07\xff\xff\xff\xff\x7f"),
     .align_log2 = 3,
     .memory = 7,
     .static_offset = 0x7ffffffff},
    {.imm = IMM_MEMARG, BYTES("\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), .static_offset = UINT64_MAX},
    {.imm = IMM_MEMARG_LANE, BYTES("\x00\x10\x03"), .static_offset = 16, .lane = 3},
    {.imm = IMM_MEMARG_LANE, BYTES("\x41\x02\x10\x0f"), .align_log2 = 1, .memory = 2, .static_offset = 16, .lane = 15},
    {.imm = IMM_MEMORY, BYTES("\x63"), .memory = 99},
    {.imm = IMM_MEMORY_MEMORY, BYTES("\x04\x05"), .memory = 4, .memory_from = 5},
    {.imm = IMM_DATA_MEMORY, BYTES("\x06\x07"), .index = 6, .memory = 7},
    {.imm = IMM_DATA, BYTES("\x08"), .index = 8},
    {.imm = IMM_ELEM_TABLE, BYTES("\x01\x02"), .index = 1},
    {.imm = IMM_ELEM, BYTES("\x0a"), .index = 10},
    {.imm = IMM_TABLE_TABLE, BYTES("\x01\x02"), .index = 1},
    {.imm = IMM_I32, BYTES("\x80\x80\x80\x80\x78")},
    {.imm = IMM_I64, BYTES("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x7f")},
    {.imm = IMM_F32, BYTES("\x0b\x0b\x0b\x0b")}, /* `end`, if it were code */
    {.imm = IMM_F64, BYTES("\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b")},
    {.imm = IMM_V128, BYTES("\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b")},
    {.imm = IMM_SHUFFLE, BYTES("\x00\x1f\x01\x1e\x02\x1d\x03\x1c\x04\x1b\x05\x1a\x06\x19\x07\x18")},
    {.imm = IMM_LANE, BYTES("\x07"), .lane = 7},
    {.imm = IMM_SELECT_T, BYTES("\x01\x7f")},
    {.imm = IMM_SELECT_T, BYTES("\x02\x63\x00\x6f")},
    {.imm = IMM_HEAPTYPE, BYTES("\x70")},
    {.imm = IMM_HEAPTYPE, BYTES("\xff\xff\xff\xff\x0f")}, /* the greatest type index: 33 bits, with a sign */
    {.imm = IMM_TRY_TABLE, BYTES("\x40\x00")},
    {.imm = IMM_TRY_TABLE, BYTES("\x7f\x04\x00\x05\x00\x01\x81\x01\x01\x02\x00\x03\x80\x00")},
    {.imm = IMM_TAG, BYTES("\x02"), .index = 2},
    {.imm = IMM_TYPE_FIELD, BYTES("\x0c\x01"), .index = 12},
    {.imm = IMM_TYPE_U32, BYTES("\x0c\xff\xff\xff\xff\x0f"), .index = 12},
    {.imm = IMM_TYPE_DATA, BYTES("\x0c\x01"), .index = 12},
    {.imm = IMM_TYPE_ELEM, BYTES("\x0c\x01"), .index = 12},
    {.imm = IMM_TYPE_TYPE, BYTES("\x0c\x0d"), .index = 12},
    {.imm = IMM_CAST_BRANCH, BYTES("\x03\x01\x6e\x80\x01"), .index = 1},
    {.imm = IMM_FENCE, BYTES("\x00")},
    {.imm = IMM_RESUME, BYTES("\x82\x01\x00"), .index = 130},
    {.imm = IMM_RESUME, BYTES("\x03\x02\x00\x81\x01\x05\x01\x07"), .index = 3},
    {.imm = IMM_RESUME_THROW, BYTES("\x04\x81\x01\x01\x01\x07"), .index = 4},
    {.imm = IMM_TYPE_TAG, BYTES("\x05\x81\x01"), .index = 5},
    {.imm = IMM_ORDER_GLOBAL, BYTES("\x01\x86\x01"), .index = 134},
    {.imm = IMM_ORDER_TABLE, BYTES("\x00\x07"), .index = 7},
    {.imm = IMM_ORDER_TYPE, BYTES("\x01\x08"), .index = 8},
    {.imm = IMM_ORDER_FIELD, BYTES("\x00\x09\x81\x01"), .index = 9},
#undef BYTES
};

enum { SAMPLES = sizeof samples / sizeof *samples };

static void check_fields(const struct wasm_instr *instr, const struct sample *s)
{
    switch (s->imm) {
    case IMM_MEMARG_LANE:
        assert_int_equal(instr->lane, s->lane);
        /* fall through */
    case IMM_MEMARG:
        assert_int_equal(instr->memory, s->memory);
        assert_int_equal(instr->align_log2, s->align_log2);
        assert_true(instr->static_offset == s->static_offset);
        return;
    case IMM_LANE:
        assert_int_equal(instr->lane, s->lane);
        return;
    case IMM_MEMORY_MEMORY:
        assert_int_equal(instr->memory_from, s->memory_from);
        /* fall through */
    case IMM_MEMORY:
        assert_int_equal(instr->memory, s->memory);
        return;
    case IMM_DATA_MEMORY:
        assert_int_equal(instr->memory, s->memory);
        /* fall through */
    default:
        if (s->index)
            assert_int_equal(instr->index, s->index);
    }
}

/* Reads the first instruction of a copy that is exactly as long, so that the sanitiser sees a read behind its end. */
static bool read_exact(const uint8_t *bytes, size_t size, struct wasm_instr *instr, size_t *taken, struct error *err)
{
    uint8_t *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    if (size)
        memcpy(copy, bytes, size);
    *err = ERROR_INIT;
    struct cursor c = cursor_over(copy, size, err);
    memset(instr, 0xa5, sizeof *instr); /* what the reader does not set must not be taken for a value */
    bool ok = wasm_instr_read(&c, instr);
    *taken = (size_t)cursor_offset(&c);
    if (ok) {
        assert_ptr_equal(instr->start, copy);
        assert_ptr_equal(instr->end, copy + *taken);
    }
    free(copy);
    return ok;
}

static void check_opcode(enum wasm_opcode op, const struct sample *s)
{
    struct buf code;
    buf_init(&code, 100);
    wasm_put_op(&code, op);
    size_t immediates = code.size;
    buf_put(&code, s->bytes, s->size);
    size_t size = code.size;
    buf_put(&code, "\x0b\x0b", 2);
    struct error err;
    struct wasm_instr instr;
    size_t taken;
    assert_true(read_exact(code.data, code.size, &instr, &taken, &err));
    assert_int_equal(instr.op, op);
    assert_int_equal(taken, size);
    assert_int_equal(instr.imm - instr.start, immediates);
    check_fields(&instr, s);
    for (size_t n = 0; n < size; n++) { /* cut short: nothing is consumed, the error lies within */
        assert_false(read_exact(code.data, n, &instr, &taken, &err));
        assert_int_equal(taken, 0);
        assert_int_equal(err.code, ERROR_INPUT);
        assert_true(err.offset <= n);
    }
    buf_release(&code);
}

static void test_every_opcode(void **state)
{
    (void)state;
    unsigned checked = 0;
    for (int op = 0; op < WASM_OPCODE_COUNT; op++) {
        unsigned before = checked;
        for (size_t i = 0; i < SAMPLES; i++)
            if (samples[i].imm == wasm_opcode_info((enum wasm_opcode)op)->imm) {
                check_opcode((enum wasm_opcode)op, &samples[i]);
                checked++;
            }
        assert_true(checked > before); /* no kind of immediates without a sample */
    }
}

static void test_wrong_immediates(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        uint64_t offset;
        const char *message;
    } cases[] = {
#define CASE(bytes, offset, message) {bytes, sizeof(bytes) - 1, offset, message}
        CASE("\x28\x20\x00", 1, "malformed memarg flags"),                                          /* alignment 2^32 */
        CASE("\x28\x80\x01\x00", 1, "malformed memarg flags"),                                      /* bit 7 */
        CASE("\x28\x02\xff\xff\xff\xff\xff\xff\xff\xff\xff\x03", 2, "integer too large in memarg"), /* 65 bits */
        CASE("\xfe\x03\x01", 2, "zero byte expected"),
        CASE("\x1f\x40\x01\x04\x00", 3, "unknown catch clause 0x04"),
        CASE("\x1f\x40\x80\x80\x04", 2, "try_table: count of 65536 does not fit into what is left"),
        CASE("\x1c\x01\x10", 2, "unknown value type 0x10"),
        CASE("\x02\x60", 1, "unknown value type 0x60"),
        CASE("\x0e\x05\x00", 1, "br_table: count of 5 does not fit into what is left"),
        CASE("\xe3\x01\x01\x02\x00", 3, "unknown handler 0x02"),
        CASE("\xfe\x4f\x02\x00", 2, "unknown memory ordering 0x02"),
        CASE("\xff", 0, "unknown opcode 0xff"),
        CASE("\x16", 0, "unknown opcode 0x16"),
        CASE("\xfc\x80\x02", 0, "unknown opcode 0xfc 0x100"),
        CASE("\xfd\xff\xff\xff\xff\x0f", 0, "unknown opcode 0xfd 0xffffffff"),
        CASE("\xfe\x7f", 0, "unknown opcode 0xfe 0x7f"),
        CASE("\x41\xff\xff\xff\xff\x0f", 1, "integer too large in i32.const"),
        CASE("\x10\x80\x80\x80\x80\x80\x00", 1, "integer representation too long in index"),
#undef CASE
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error err;
        struct wasm_instr instr;
        size_t taken;
        assert_false(read_exact((const uint8_t *)cases[i].bytes, cases[i].size, &instr, &taken, &err));
        assert_int_equal(taken, 0);
        assert_string_equal(err.message, cases[i].message);
        assert_int_equal(err.offset, cases[i].offset);
    }
}

/* A prefix's opcode is a LEB128 as any other: it may be longer than needed. */
static void test_padded_opcode(void **state)
{
    (void)state;
    static const uint8_t copy[] = {0xfc, 0x8a, 0x80, 0x00, 0x01, 0x02};
    struct error err;
    struct wasm_instr instr;
    size_t taken;
    assert_true(read_exact(copy, sizeof copy, &instr, &taken, &err));
    assert_int_equal(instr.op, WASM_OP_MEMORY_COPY);
    assert_int_equal(instr.imm - instr.start, 4);
    assert_int_equal(taken, sizeof copy);
}

struct walk {
    enum wasm_opcode seen[16];
    size_t count, stop_at;
};

static bool note(void *self, const struct wasm_instr *instr)
{
    struct walk *w = self;
    assert_true(w->count < sizeof w->seen / sizeof *w->seen);
    w->seen[w->count++] = instr->op;
    return w->count != w->stop_at;
}

static void test_walk(void **state)
{
    (void)state;
    /* block, try, nop, delegate 0, try_table, end, if, else, end, end, end; then something else */
    static const uint8_t code[] = {0x02, 0x40, 0x06, 0x40, 0x01, 0x18, 0x00, 0x1f, 0x40,
                                   0x00, 0x0b, 0x04, 0x40, 0x05, 0x0b, 0x0b, 0x0b, 0xff};
    static const enum wasm_opcode order[] = {WASM_OP_BLOCK,     WASM_OP_TRY, WASM_OP_NOP, WASM_OP_DELEGATE,
                                             WASM_OP_TRY_TABLE, WASM_OP_END, WASM_OP_IF,  WASM_OP_ELSE,
                                             WASM_OP_END,       WASM_OP_END, WASM_OP_END};
    struct error err = ERROR_INIT;
    struct cursor c = cursor_over(code, sizeof code, &err);
    struct walk w = {.count = 0};
    assert_true(wasm_expr_walk(&c, note, &w));
    assert_int_equal(cursor_left(&c), 1); /* it stops behind the `end` that closes the expression */
    assert_int_equal(w.count, sizeof order / sizeof *order);
    assert_memory_equal(w.seen, order, sizeof order);

    c = cursor_over(code, sizeof code, &err);
    w = (struct walk){.stop_at = 4};
    assert_false(wasm_expr_walk(&c, note, &w));
    assert_int_equal(w.count, 4);

    c = cursor_over(code, sizeof code - 2, &err); /* without the last `end` */
    assert_false(wasm_expr_walk(&c, NULL, NULL));
    assert_int_equal(err.offset, sizeof code - 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_opcode),
        cmocka_unit_test(test_wrong_immediates),
        cmocka_unit_test(test_padded_opcode),
        cmocka_unit_test(test_walk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
