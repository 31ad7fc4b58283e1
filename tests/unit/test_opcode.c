/* The opcode table against itself, and against what the text names say.  With --list the table is printed for
 * opcode_names.py, which holds it against an independent disassembler. */
#include "trace/site.h"
#include "wasm/opcode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The two enums of wasm/opcode.h that trace/site.h repeats: sites are made by copying the numbers. */
_Static_assert((int)WASM_ACCESS_LOAD == (int)ACCESS_LOAD && (int)WASM_ACCESS_STORE == (int)ACCESS_STORE &&
                   (int)WASM_ACCESS_RMW == (int)ACCESS_RMW && (int)WASM_ACCESS_CMPXCHG == (int)ACCESS_CMPXCHG &&
                   (int)WASM_ACCESS_WAIT == (int)ACCESS_WAIT && (int)WASM_ACCESS_FILL == (int)ACCESS_FILL &&
                   (int)WASM_ACCESS_COPY == (int)ACCESS_COPY && (int)WASM_ACCESS_INIT == (int)ACCESS_INIT,
               "enum wasm_access must agree with enum access_kind");
_Static_assert((int)WASM_VALUE_NONE == (int)VALUE_NONE && (int)WASM_VALUE_I32 == (int)VALUE_I32 &&
                   (int)WASM_VALUE_I64 == (int)VALUE_I64 && (int)WASM_VALUE_F32 == (int)VALUE_F32 &&
                   (int)WASM_VALUE_F64 == (int)VALUE_F64 && (int)WASM_VALUE_V128 == (int)VALUE_V128,
               "enum wasm_value must agree with enum value_type");

static const struct wasm_opcode_info *info_at(int i)
{
    return wasm_opcode_info((enum wasm_opcode)i);
}

/* Finds by looking at every entry: what the tables are compared with. */
static int find_slowly(unsigned prefix, unsigned code)
{
    for (int i = 0; i < WASM_OPCODE_COUNT; i++) {
        if (info_at(i)->prefix == prefix && info_at(i)->code == code)
            return i;
    }
    return -1;
}

static void test_names_are_unique(void **state)
{
    (void)state;
    for (int i = 0; i < WASM_OPCODE_COUNT; i++) {
        assert_non_null(info_at(i)->name);
        assert_true(strlen(info_at(i)->name) > 1);
        for (int k = 0; k < i; k++)
            assert_string_not_equal(info_at(i)->name, info_at(k)->name);
    }
}

static void test_order_is_that_of_the_opcodes(void **state)
{
    (void)state;
    for (int i = 1; i < WASM_OPCODE_COUNT; i++) {
        const struct wasm_opcode_info *a = info_at(i - 1);
        const struct wasm_opcode_info *b = info_at(i);
        assert_true(a->prefix < b->prefix || (a->prefix == b->prefix && a->code < b->code));
    }
}

static void test_each_is_found(void **state)
{
    (void)state;
    for (int i = 0; i < WASM_OPCODE_COUNT; i++) {
        const struct wasm_opcode_info *info = info_at(i);
        assert_int_equal(wasm_opcode_find(info->prefix, info->code), i);
        if (info->prefix == 0)
            assert_int_equal(wasm_opcode_plain((uint8_t)info->code), i);
    }
}

static void test_holes_are_not_found(void **state)
{
    (void)state;
    int found = 0;
    for (unsigned prefix = 0; prefix < 256; prefix++) {
        bool used = prefix == 0 || (prefix >= 0xFB && prefix <= 0xFE);
        assert_int_equal(wasm_opcode_is_prefix((uint8_t)prefix), used && prefix != 0);
        for (unsigned code = 0; code < 0x400; code++) {
            int wanted = used ? find_slowly(prefix, code) : -1;
            assert_int_equal(wasm_opcode_find((uint8_t)prefix, code), wanted);
            found += wanted != -1;
        }
        const uint32_t far[] = {0x10000, 0x10000000, 0x80000028, UINT32_MAX};
        for (size_t i = 0; i < sizeof(far) / sizeof(far[0]); i++)
            assert_int_equal(wasm_opcode_find((uint8_t)prefix, far[i]), -1);
    }
    assert_int_equal(found, WASM_OPCODE_COUNT);
    for (unsigned byte = 0; byte < 256; byte++)
        assert_int_equal(wasm_opcode_plain((uint8_t)byte), find_slowly(0, byte));
}

static void test_anchors(void **state)
{
    (void)state;
    static const struct {
        unsigned prefix, code;
        const char *name;
    } anchors[] = {
        {0, 0x00, "unreachable"},
        {0, 0x28, "i32.load"},
        {0, 0x3E, "i64.store32"},
        {0, 0xC4, "i64.extend32_s"},
        {0, 0xD6, "br_on_non_null"},
        {0xFB, 0x1E, "i31.get_u"},
        {0xFC, 0x0A, "memory.copy"},
        {0xFC, 0x16, "i64.mul_wide_u"},
        {0xFD, 0x0C, "v128.const"},
        {0xFD, 0x5D, "v128.load64_zero"},
        {0xFD, 0xFF, "f64x2.convert_low_i32x4_u"},
        {0xFD, 0x113, "i32x4.relaxed_dot_i8x16_i7x16_add_s"},
        {0xFE, 0x4E, "i64.atomic.rmw32.cmpxchg_u"},
        {0xFE, 0x72, "ref.i31_shared"},
        {0, 0xE6, "switch"},
    };
    for (size_t i = 0; i < sizeof(anchors) / sizeof(anchors[0]); i++) {
        int op = wasm_opcode_find((uint8_t)anchors[i].prefix, anchors[i].code);
        assert_int_not_equal(op, -1);
        assert_string_equal(info_at(op)->name, anchors[i].name);
    }
    assert_int_equal(wasm_opcode_plain(0x28), WASM_OP_I32_LOAD);
    assert_int_equal(wasm_opcode_find(0xFC, 0x0B), WASM_OP_MEMORY_FILL);
}

/* ---- What a name says of the access */

static enum wasm_access access_by_name(const char *name)
{
    static const char *const others[] = {"global.", "table.", "struct.",
                                         "array."}; /* have atomics that touch no memory */
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (strncmp(name, others[i], strlen(others[i])) == 0)
            return WASM_ACCESS_NONE;
    if (strcmp(name, "memory.fill") == 0)
        return WASM_ACCESS_FILL;
    if (strcmp(name, "memory.copy") == 0)
        return WASM_ACCESS_COPY;
    if (strcmp(name, "memory.init") == 0)
        return WASM_ACCESS_INIT;
    if (strstr(name, ".cmpxchg"))
        return WASM_ACCESS_CMPXCHG;
    if (strstr(name, ".rmw"))
        return WASM_ACCESS_RMW;
    if (strstr(name, ".wait"))
        return WASM_ACCESS_WAIT;
    if (strstr(name, ".load"))
        return WASM_ACCESS_LOAD;
    return strstr(name, ".store") ? WASM_ACCESS_STORE : WASM_ACCESS_NONE;
}

static enum wasm_value value_by_name(const char *name)
{
    static const char *const types[] = {"", "i32.", "i64.", "f32.", "f64.", "v128."};
    for (int i = WASM_VALUE_I32; i <= WASM_VALUE_V128; i++) {
        if (strncmp(name, types[i], strlen(types[i])) == 0)
            return (enum wasm_value)i;
    }
    return strstr(name, "wait64") ? WASM_VALUE_I64 : WASM_VALUE_I32;
}

/* `load8x8`: 64 bits; `store16`, `rmw16`, `wait32`: as they say; plain `load`: as wide as its type. */
static unsigned width_by_name(const char *name)
{
    static const char *const words[] = {".load", ".store", ".rmw", ".wait"};
    static const unsigned widths[] = {0, 4, 8, 4, 8, 16};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        const char *at = strstr(name, words[i]);
        if (!at)
            continue;
        char *behind;
        unsigned long bits = strtoul(at + strlen(words[i]), &behind, 10);
        if (*behind == 'x')
            bits *= strtoul(behind + 1, NULL, 10);
        return bits ? (unsigned)bits / 8 : widths[value_by_name(name)];
    }
    return 0;
}

static void test_accesses_are_what_names_say(void **state)
{
    (void)state;
    int accesses = 0;
    for (int i = 0; i < WASM_OPCODE_COUNT; i++) {
        const struct wasm_opcode_info *info = info_at(i);
        enum wasm_access access = access_by_name(info->name);
        bool sized = access != WASM_ACCESS_NONE && access < WASM_ACCESS_FILL;
        assert_int_equal(info->access, access);
        assert_int_equal(info->width, sized ? width_by_name(info->name) : 0);
        assert_int_equal(info->value, sized ? value_by_name(info->name) : WASM_VALUE_NONE);
        accesses += access != WASM_ACCESS_NONE;

        bool memarg = info->imm == IMM_MEMARG || info->imm == IMM_MEMARG_LANE;
        assert_int_equal(memarg, sized || i == WASM_OP_MEMORY_ATOMIC_NOTIFY);
        assert_int_equal(info->imm == IMM_MEMARG_LANE, sized && strstr(info->name, "_lane") != NULL);
    }
    /* 23 scalar, 22 of vectors, 65 atomic, 3 bulk. */
    assert_int_equal(accesses, 23 + 22 + 65 + 3);
}

static int list(void)
{
#define OP(id, name, prefix, code, imm, access, width, value)                                                          \
    printf("%s\t0x%02x\t0x%02x\t%s\t%s\t%d\t%s\n", name, prefix, code, #imm, #access, width, #value);
#include "wasm/opcode.def"
#undef OP
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--list") == 0)
        return list();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_are_unique), cmocka_unit_test(test_order_is_that_of_the_opcodes),
        cmocka_unit_test(test_each_is_found),    cmocka_unit_test(test_holes_are_not_found),
        cmocka_unit_test(test_anchors),          cmocka_unit_test(test_accesses_are_what_names_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
