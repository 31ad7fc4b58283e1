/* wasm: malformed modules pin message and offset; damaged ones never crash; integers written read back. */
#include "base/buf.h"
#include "files.h"
#include "wasm/check.h"
#include "wasm/encode.h"
#include "wasm/instr.h"
#include "wasm/module.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HEADER "\0asm\1\0\0\0"

static const struct bad {
    const char *bytes;
    size_t size;
    uint64_t offset;
    const char *message;
} bad[] = {
#define BAD(bytes, offset, message) {bytes, sizeof(bytes) - 1, offset, message}
    BAD("", 0, "the file is empty"),
    BAD("\0as", 0, "not a WebAssembly binary: it does not start with \\0asm"),
    BAD("\0asm\1\0", 4, "unexpected end in version"),
    BAD("\0asm\xd\0\1\0", 4, "this is a WebAssembly component; only core modules can be instrumented"),
    BAD("\0asm\2\0\0\0", 4, "unknown WebAssembly version 2"),
    BAD(HEADER "\x0e\0", 8, "unknown section id 14"),
    BAD(HEADER "\1", 9, "unexpected end in section size"),
    BAD(HEADER "\1\5\1", 10, "unexpected end in type section"),
    BAD(HEADER "\1\2\0\0", 11, "type section is longer than its content"),
    BAD(HEADER "\1\4\1\x7f\0\0", 11, "unknown type form 0x7f"),
    BAD(HEADER "\1\5\xff\xff\xff\xff\xf", 10, "type section: count of 4294967295 does not fit into what is left"),
    BAD(HEADER "\1\5\1\x60\1\x10\0", 13, "unknown value type 0x10"),
    BAD(HEADER "\3\2\1\0", 11, "unknown type 0"),
    BAD(HEADER "\5\3\1\x10\1", 11, "unknown limits flags 0x10"),
    BAD(HEADER "\5\3\1\0\1\4\4\1\x70\0\1", 13, "table section is out of order"),
    BAD(HEADER "\5\3\1\0\1\5\3\1\0\1", 13, "memory section is out of order"),
    BAD(HEADER "\1\4\1\x60\0\0\3\2\1\0", 18, "1 functions but 0 bodies"),
    BAD(HEADER "\7\5\1\1x\0\0", 11, "export of unknown function 0"),
    BAD(HEADER "\x8\1\0", 10, "unknown start function 0"),
    BAD(HEADER "\xb\3\1\3\0", 11, "unknown data segment flags 0x3"),
    BAD(HEADER "\x9\3\1\x9\0", 11, "unknown element segment flags 0x9"),
    BAD(HEADER "\xc\1\1", 10, "1 data segments announced, 0 found"),
    BAD(HEADER "\xc\1\0\xb\3\1\1\0", 10, "0 data segments announced, 1 found"),
    BAD(HEADER "\6\5\1\x7f\0\xff\xb", 13, "unknown opcode 0xff"),
    BAD(HEADER "\6\6\1\x70\0\xd2\0\xb", 13, "unknown function 0"),
    BAD(HEADER "\6\7\1\x63\3\0\xd0\3\xb", 11, "unknown type 3"),
    BAD(HEADER "\4\5\1\x63\0\0\1", 11, "unknown type 0"),
    BAD(HEADER "\xd\3\1\0\0", 11, "unknown type 0"),
    BAD(HEADER "\7\5\1\1x\3\0", 11, "export of unknown global 0"),
    BAD(HEADER "\x9\6\1\0\x41\0\xb\0", 11, "unknown table 0"),
    BAD(HEADER "\x9\5\1\1\0\1\0", 14, "unknown function 0"),
    BAD(HEADER "\xb\6\1\0\x41\0\xb\0", 11, "unknown memory 0"),
    BAD(HEADER "\1\5\1\x60\0\1\x7f\3\2\1\0\x8\1\0", 21, "the start function has parameters or results"),
    BAD(HEADER "\6\7\1\x7f\0\xfe\x4f\2\0", 15, "unknown memory ordering 0x02"),
    BAD(HEADER "\6\x8\1\x7f\0\xe3\0\1\2\0", 16, "unknown handler 0x02"),
    BAD(HEADER "\2\x8\1\1a\0\x7f\1\0\x9", 17, "unknown import kind 0x09"),
    BAD(HEADER "\2\x6\1\1a\0\x7e\x9", 15, "unknown import kind 0x09"),
    BAD(HEADER "\2\x8\1\1a\0\x7e\0\0\0", 15, "unknown type 0"),
    BAD(HEADER "\0\x4\2a\xd2\0", 11, "custom section's name is not UTF-8"),
#undef BAD
};

static void test_malformed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct error err = ERROR_INIT;
        struct wasm_module m;
        assert_false(wasm_module_read(&m, (const uint8_t *)bad[i].bytes, bad[i].size, &err));
        assert_string_equal(err.message, bad[i].message);
        assert_int_equal(err.offset, bad[i].offset);
        wasm_module_release(&m);
    }
}

/* Reads a module and all its bodies. */
static bool read_whole(const uint8_t *bytes, size_t size)
{
    struct error err = ERROR_INIT;
    struct wasm_module m;
    bool ok = wasm_module_read(&m, bytes, size, &err);
    for (size_t i = 0; ok && i < m.body_count; i++) {
        struct cursor c = {bytes, bytes + m.bodies[i].code, bytes + m.bodies[i].end, &err};
        struct wasm_instr instr;
        while (c.at < c.end && wasm_instr_read(&c, &instr))
            ;
    }
    wasm_module_release(&m);
    return ok;
}

static void truncate_everywhere(const struct file *f)
{
    assert_true(read_whole(f->bytes, f->size));
    size_t step = f->size > 2000 ? f->size / 500 : 1;
    for (size_t n = 0; n < f->size; n += step) {
        uint8_t *part = malloc(n ? n : 1);
        assert_non_null(part);
        memcpy(part, f->bytes, n);
        read_whole(part, n); /* whatever it says: no crash, nothing read behind the end */
        free(part);
    }
}

/* One type and one function, which nothing declares: what an instruction names beyond that would be of the rewriter's own. */
static void test_unknown_indices(void **state)
{
    (void)state;
    static const char small[] = HEADER "\1\4\1\x60\0\0\3\2\1\0\xa\4\1\2\0\xb";
    static const struct {
        char code[8]; /* with zeros behind, so that there is enough to read */
        const char *message;
    } cases[] = {
        {"\x10\1", "unknown function 1"},
        {"\xd2\0", "undeclared function reference"},
        {"\x20\2", "unknown local 2"},
        {"\x23\0", "unknown global 0"},
        {"\x25\0", "unknown table 0"},
        {"\x11\1\0", "unknown type 1"},
        {"\x11\0\0", "unknown table 0"},
        {"\x02\1", "unknown type 1"},
        {"\x1c\1\x63\2", "unknown type 2"},
        {"\xd0\1", "unknown type 1"},
        {"\xd0\x62\1", "unknown type 1"},
        {"\x28\2\0", "unknown memory 0"},
        {"\x28\x42\3\0", "unknown memory 3"},
        {"\x3f\0", "unknown memory 0"},
        {"\xfc\xd\0", "unknown element segment 0"},
        {"\xfb\x11\0\1", "unknown type 1"},
    };
    struct error err = ERROR_INIT;
    struct wasm_module m;
    assert_true(wasm_module_read(&m, (const uint8_t *)small, sizeof small - 1, &err));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cursor c = cursor_over((const uint8_t *)cases[i].code, sizeof cases[i].code, &err);
        struct wasm_instr instr;
        err = ERROR_INIT;
        assert_true(wasm_instr_read(&c, &instr));
        assert_false(wasm_check_instr(&m, &instr, 2, &err));
        assert_string_equal(err.message, cases[i].message);
    }
    wasm_module_release(&m);
}

static void test_truncated(void **state)
{
    (void)state;
    assert_true(files_visit("conformance/cases", truncate_everywhere) > 20);
}

static void damage(const struct file *f)
{
    uint32_t seed = 12345;
    uint8_t *copy = malloc(f->size);
    assert_non_null(copy);
    for (int round = 0; round < 300; round++) {
        memcpy(copy, f->bytes, f->size);
        for (int hits = 0; hits < 3; hits++) {
            seed = seed * 1103515245 + 12345;
            copy[8 + (seed >> 8) % (f->size - 8)] = (uint8_t)(seed >> 3);
        }
        read_whole(copy, f->size);
    }
    free(copy);
}

static void test_damaged(void **state)
{
    (void)state;
    assert_true(files_visit("conformance/programs", damage) > 5);
    assert_true(files_visit("conformance/fuzz", damage) > 5);
}

static void test_integers_round_trip(void **state)
{
    (void)state;
    static const int64_t values[] = {0,   1,    -1,   63,        64,        -64,       -65,       127,         128,
                                     255, 8191, 8192, INT32_MIN, INT32_MAX, INT64_MIN, INT64_MAX, -(1LL << 40)};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        struct buf b;
        buf_init(&b, 64);
        wasm_put_s64(&b, values[i]);
        wasm_put_u32(&b, (uint64_t)values[i]);
        struct error err = ERROR_INIT;
        struct cursor c = cursor_over(b.data, b.size, &err);
        int64_t s;
        uint64_t u;
        assert_true(cursor_leb_s64(&c, "s", &s) && cursor_leb_u64(&c, "u", &u));
        assert_true(s == values[i] && u == (uint64_t)values[i]);
        assert_int_equal(cursor_left(&c), 0);
        assert_int_equal(wasm_u32_size(7), 1);
        buf_release(&b);
    }
}

static void test_deep_nesting(void **state)
{
    (void)state;
    enum { DEPTH = 100000 };
    struct buf b;
    buf_init(&b, 1 << 20);
    for (int i = 0; i < DEPTH; i++)
        buf_put(&b, "\x02\x40", 2);
    for (int i = 0; i <= DEPTH; i++)
        buf_put_u8(&b, 0x0b);
    struct error err = ERROR_INIT;
    struct cursor c = cursor_over(b.data, b.size, &err);
    assert_true(wasm_expr_walk(&c, NULL, NULL));
    assert_int_equal(cursor_left(&c), 0);
    buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_malformed),    cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_damaged),      cmocka_unit_test(test_integers_round_trip),
        cmocka_unit_test(test_deep_nesting), cmocka_unit_test(test_unknown_indices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
