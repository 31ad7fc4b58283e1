/* Times of bytes and of their age, and counts of different numbers; distances themselves: test_location.c. */
#include "analyze/distances.h"
#include "analyze/sketch.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void test_bytes(void **state)
{
    (void)state;
    struct times t;
    assert_true(times_open(&t));
    uint32_t time;
    times_put(&t, 6, 9, 5); /* two bytes, a granule, three bytes */
    assert_int_equal(times_look(&t, 8, 4, &time), 4);
    assert_int_equal(time, 5);
    for (uint64_t at = 4; at < 16; at++) {
        times_look(&t, at, 1, &time);
        assert_int_equal(time, at >= 6 && at < 15 ? 5 : 0);
    }
    times_put_bytes(&t, 9, 2, 7);
    const uint32_t want[] = {5, 7, 7, 5};
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(times_look(&t, 8 + i, 8, &time), 1);
        assert_int_equal(time, want[i]);
    }
    times_put(&t, 8, 8, 9);
    assert_int_equal(times_look(&t, 9, 100, &time), 7);
    assert_int_equal(time, 9);
    times_close(&t);
}

/* Numbers come round after 2^31 accesses; what is old stays old. */
static void test_age(void **state)
{
    (void)state;
    struct times t;
    assert_true(times_open(&t));
    times_put(&t, 0, 4, 1);
    times_put(&t, 4, 1, 2);
    uint64_t now = 3;
    for (int i = 0; i < 6; i++) {
        now += TIMES_AGE;
        times_age(&t, 0, 4, (uint32_t)now & TIMES_MASK);
        for (uint64_t at = 0; at < 5; at++) {
            uint32_t time;
            times_look(&t, at, 1, &time);
            assert_int_equal(times_since((uint32_t)now & TIMES_MASK, time), TIMES_AGE);
        }
    }
    times_put(&t, 4, 4, (uint32_t)(now - 10) & TIMES_MASK);
    times_age(&t, 0, 4, (uint32_t)now & TIMES_MASK);
    uint32_t time;
    assert_int_equal(times_look(&t, 4, 4, &time), 4);
    assert_int_equal(times_since((uint32_t)now & TIMES_MASK, time), 10);
    times_close(&t);
}

/* The sketch of so many addresses, each given `times` times, says how many they are. */
static void check_count(uint64_t count, uint64_t stride, double tolerance)
{
    uint8_t sketch[SKETCH_SIZE] = {0};
    for (unsigned times = 0; times < 2; times++)
        for (uint64_t i = 0; i < count; i++)
            sketch_add(sketch, sizeof sketch, 65536 + i * stride);
    double got = (double)sketch_count(sketch, sizeof sketch);
    assert_true(got >= (double)count * (1 - tolerance) && got <= (double)count * (1 + tolerance));
}

static void test_count(void **state)
{
    (void)state;
    uint8_t none[SKETCH_SIZE] = {0};
    assert_int_equal(sketch_count(none, sizeof none), 0);
    for (uint64_t stride = 1; stride <= 64; stride *= 4) {
        check_count(1, stride, 0);
        for (uint64_t count = 10; count <= 10000000; count *= 10)
            check_count(count, stride, 0.4); /* three times the standard deviation */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_age),
        cmocka_unit_test(test_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
