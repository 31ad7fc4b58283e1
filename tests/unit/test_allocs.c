/* Words for how functions allocate: --alloc's. */
#include "api/allocs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void a_kind_is_short_for_its_roles(void **state)
{
    static const char *const same[][2] = {{"malloc", "size"},
                                          {"calloc", "count,size"},
                                          {"realloc", "block,size"},
                                          {"aligned", "align,size"},
                                          {"posix_memalign", "out,align,size:error"},
                                          {"free", "block"},
                                          {"rust_realloc", "block,-,align,size"},
                                          {"zig_alloc", "*,size,align,-"},
                                          {"zig_free", "*,block,-,align,-"},
                                          {"zig_resize", "*,block,-,align,size,-:done"},
                                          {"zig_remap", "*,block,-,align,size,-:block"}};
    (void)state;
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        struct alloc_shape kind, roles;
        assert_true(alloc_shape_read(&kind, same[i][0]));
        assert_true(alloc_shape_read(&roles, same[i][1]));
        assert_int_equal(kind.size, roles.size);
        assert_int_equal(kind.count, roles.count);
        assert_int_equal(kind.old, roles.old);
        assert_int_equal(kind.out, roles.out);
        assert_int_equal(kind.result, roles.result);
        assert_int_equal(kind.from_end, roles.from_end);
    }
}

static void reads_where_a_block_is_put(void **state)
{
    struct alloc_shape s;
    (void)state;
    assert_true(alloc_shape_read(&s, "out+12,-,size"));
    assert_int_equal(s.out, 0);
    assert_int_equal(s.out_offset, 12);
    assert_int_equal(s.size, 2);
    assert_int_equal(s.result, ALLOC_RESULT_NOTHING);
}

static void refuses_what_makes_no_sense(void **state)
{
    static const char *const bad[] = {"",
                                      "mallok",
                                      "size,",
                                      "size,size",
                                      ",size",
                                      "-",
                                      "align",
                                      "count",
                                      "out",
                                      "*",
                                      "*,",
                                      "out+,size",
                                      "out+x,size",
                                      "out+-1,size",
                                      "size:",
                                      "size:error",
                                      "size:done",
                                      "block:block",
                                      "block:done",
                                      "out,size:block",
                                      "size:block,size",
                                      "out+99999999999,size",
                                      "block,count"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct alloc_shape s;
        if (alloc_shape_read(&s, bad[i]))
            fail_msg("'%s' was taken", bad[i]);
    }
    char many[700];
    memset(many, 0, sizeof many);
    for (size_t i = 0; i < 300; i++)
        memcpy(many + 2 * i, "-,", 2);
    memcpy(many + 600, "size", 4);
    struct alloc_shape s;
    assert_false(alloc_shape_read(&s, many));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_kind_is_short_for_its_roles),
                                       cmocka_unit_test(reads_where_a_block_is_put),
                                       cmocka_unit_test(refuses_what_makes_no_sense)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
