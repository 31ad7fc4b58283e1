/* Where huge pages are asked for. */
#include "analyze/backing.h"

#include "analyze/region.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const size_t space = (size_t)BACKING_CHUNK * BACKING_CHUNKS;

static void test_dense_and_sparse(void **state)
{
    (void)state;
    uint8_t *memories[PLANE_COUNT] = {0};
    for (int i = 0; i < BACKED_PLANES; i++)
        assert_non_null(memories[i] = region_reserve(space));
    struct backing b;
    backing_start(&b, memories);
    assert_true(b.huge[PLANE_TOUCH][0] && b.huge[PLANE_WRITER][0]);
    assert_false(b.huge[PLANE_TOUCH_BYTES][0] || b.huge[PLANE_WRITER_BYTES][0]);

    enum { DENSE = 9, SPARSE = 20 };
    memset(memories[PLANE_TOUCH_BYTES] + (size_t)DENSE * BACKING_CHUNK, 1, REGION_HUGE_PAGE);
    for (size_t at = 0; at < BACKING_CHUNK; at += REGION_HUGE_PAGE / 2)
        memories[PLANE_TOUCH_BYTES][(size_t)SPARSE * BACKING_CHUNK + at] = 1;
    backing_follow(&b);
    for (size_t i = 0; i < BACKING_CHUNKS; i++) {
        assert_int_equal(b.huge[PLANE_TOUCH_BYTES][i], i == DENSE || i == DENSE + 1);
        assert_false(b.huge[PLANE_WRITER_BYTES][i]);
    }

    size_t last = (size_t)(BACKING_CHUNKS - 1) * BACKING_CHUNK;
    for (size_t at = SPARSE; at < BACKING_CHUNKS; at += 8) /* no gap is long */
        memories[PLANE_TOUCH_BYTES][at * BACKING_CHUNK] = 1;
    memset(memories[PLANE_TOUCH_BYTES] + last, 1, REGION_HUGE_PAGE);
    backing_follow(&b); /* nothing lies behind the last chunk */
    assert_true(b.huge[PLANE_TOUCH_BYTES][BACKING_CHUNKS - 1]);

    for (int i = 0; i < BACKED_PLANES; i++)
        region_release(memories[i], space);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_dense_and_sparse)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
