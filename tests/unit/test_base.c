/* base: the cursor's limits, buffers, the error object, files written whole or not at all. */
#include "base/buf.h"
#include "base/cursor.h"
#include "base/vec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct leb_case {
    const char *bytes;
    size_t size;
    bool ok;
    int64_t value;
};

static void test_leb_u32(void **state)
{
    (void)state;
    static const struct leb_case cases[] = {
        {"\x00", 1, true, 0},
        {"\x7f", 1, true, 127},
        {"\x80\x01", 2, true, 128},
        {"\xff\xff\xff\xff\x0f", 5, true, UINT32_MAX},
        {"\x80\x80\x80\x80\x00", 5, true, 0},  /* longer than needed is fine */
        {"\xff\xff\xff\xff\x1f", 5, false, 0}, /* bit 32 */
        {"\x80\x80\x80\x80\x80\x00", 6, false, 0},
        {"\x80", 1, false, 0},
        {"", 0, false, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error err = ERROR_INIT;
        struct cursor c = cursor_over((const uint8_t *)cases[i].bytes, cases[i].size, &err);
        uint32_t value = 0;
        assert_int_equal(cursor_leb_u32(&c, "test", &value), cases[i].ok);
        if (cases[i].ok) {
            assert_int_equal(value, (uint32_t)cases[i].value);
            assert_int_equal(cursor_left(&c), 0);
        } else {
            assert_int_equal(cursor_offset(&c), 0); /* a failed read leaves the cursor where it was */
            assert_int_equal(err.code, ERROR_INPUT);
            assert_int_equal(err.offset, 0);
        }
    }
}

static void test_leb_signed(void **state)
{
    (void)state;
    static const struct leb_case s32[] = {
        {"\x7f", 1, true, -1},
        {"\x40", 1, true, -64},
        {"\xc0\x00", 2, true, 64},
        {"\x80\x80\x80\x80\x78", 5, true, INT32_MIN},
        {"\xff\xff\xff\xff\x07", 5, true, INT32_MAX},
        {"\xff\xff\xff\xff\x0f", 5, false, 0}, /* bits above the sign that do not repeat it */
        {"\x80\x80\x80\x80\x70", 5, false, 0},
    };
    for (size_t i = 0; i < sizeof s32 / sizeof *s32; i++) {
        struct error err = ERROR_INIT;
        struct cursor c = cursor_over((const uint8_t *)s32[i].bytes, s32[i].size, &err);
        int32_t value = 0;
        assert_int_equal(cursor_leb_s32(&c, "test", &value), s32[i].ok);
        if (s32[i].ok)
            assert_int_equal(value, s32[i].value);
    }
    struct error err = ERROR_INIT;
    static const uint8_t lowest[] = {0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f};
    struct cursor c = cursor_over(lowest, sizeof lowest, &err);
    int64_t value;
    assert_true(cursor_leb_s64(&c, "test", &value));
    assert_true(value == INT64_MIN);
}

static void test_counts_and_names(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {3, 'a', 'b'};
    struct error err = ERROR_INIT;
    struct cursor c = cursor_over(bytes, sizeof bytes, &err);
    const char *name;
    uint32_t size, count;
    assert_false(cursor_name(&c, "name", &name, &size));
    assert_int_equal(cursor_offset(&c), 0);
    assert_false(cursor_count(&c, "vector", 1, &count)); /* three items do not fit into two bytes */
    assert_int_equal(cursor_offset(&c), 0);
    struct cursor part;
    assert_false(cursor_split(&c, 4, "part", &part));
    assert_true(cursor_split(&c, 3, "part", &part));
    assert_int_equal(cursor_left(&c), 0);
    assert_int_equal(cursor_left(&part), 3);
}

static void test_first_error_wins(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    assert_false(error_at(&err, ERROR_INPUT, 7, "first %d", 1));
    assert_false(error_set(&err, ERROR_IO, "second"));
    assert_int_equal(err.code, ERROR_INPUT);
    assert_int_equal(err.offset, 7);
    assert_string_equal(err.message, "first 1");
}

static void test_buffer_maximum(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 100);
    for (int i = 0; i < 100; i++)
        assert_true(buf_put_u8(&b, (uint8_t)i));
    assert_false(buf_put_u8(&b, 0));
    assert_true(b.failed);
    assert_int_equal(b.size, 100);
    assert_int_equal(b.data[99], 99);
    assert_false(buf_put(&b, "x", 1)); /* stays failed */
    buf_clear(&b);
    assert_true(buf_printf(&b, "%05d", 42));
    assert_memory_equal(b.data, "00042", 5);
    size_t size;
    uint8_t *data = buf_detach(&b, &size);
    assert_int_equal(size, 5);
    assert_int_equal(b.size, 0);
    free(data);
    buf_release(&b);
}

static void test_vector_grows(void **state)
{
    (void)state;
    uint64_t *items = NULL;
    size_t capacity = 0;
    for (size_t i = 0; i < 1000; i++) {
        assert_true(vec_room((void **)&items, &capacity, i, sizeof *items));
        items[i] = i;
    }
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(items[i], i);
    size_t before = capacity = SIZE_MAX / 8;
    assert_false(vec_room((void **)&items, &capacity, capacity, sizeof *items));
    assert_int_equal(capacity, before);
    free(items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_leb_u32),          cmocka_unit_test(test_leb_signed),
        cmocka_unit_test(test_counts_and_names), cmocka_unit_test(test_first_error_wins),
        cmocka_unit_test(test_buffer_maximum),   cmocka_unit_test(test_vector_grows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
