/* render/intern: numbers of strings against a plain list, over several times that the table grows; empty strings and NULs. */
#include "render/intern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void test_numbers(void **state)
{
    (void)state;
    enum { COUNT = 3000 };
    struct intern t;
    intern_open(&t);
    for (int round = 0; round < 2; round++)
        for (uint32_t i = 0; i < COUNT; i++) {
            char text[16];
            int size = snprintf(text, sizeof text, "%x", i * 2654435761u);
            assert_int_equal(intern_put(&t, text, (size_t)size), i);
        }
    assert_int_equal(t.count, COUNT);
    for (uint32_t i = 0; i < COUNT; i++) {
        char text[16];
        int length = snprintf(text, sizeof text, "%x", i * 2654435761u);
        size_t size;
        const uint8_t *entry = intern_get(&t, i, &size);
        assert_int_equal(size, length);
        assert_memory_equal(entry, text, size);
    }
    intern_close(&t);
}

static void test_any_bytes(void **state)
{
    (void)state;
    struct intern t;
    intern_open(&t);
    assert_int_equal(intern_put(&t, "", 0), 0);
    assert_int_equal(intern_put(&t, "\0", 1), 1);
    assert_int_equal(intern_put(&t, "\0\0", 2), 2);
    assert_int_equal(intern_put(&t, "", 0), 0);
    assert_int_equal(intern_put(&t, "\0", 1), 1);
    intern_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_numbers), cmocka_unit_test(test_any_bytes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
