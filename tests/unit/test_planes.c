/* Planes of marks: marks themselves, and ranges looked at and changed against an array with one pair of marks for each
 * byte. */
#include "analyze/planes.h"

#include "analyze/region.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SIZE = 8192 };

static void test_marks(void **state)
{
    (void)state;
    static const site_id ids[] = {0, 2, 8, 15, 16, 17, 0x1fff, 0x2000, 123456, MARK_SITE_LIMIT - 1};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        for (unsigned flags = 0; flags <= MARK_FLAGS; flags++) {
            mark m = mark_make(ids[i], flags);
            assert_true(mark_is_plain(m));
            assert_int_equal(mark_site(m), ids[i]);
            assert_int_equal(m & MARK_FLAGS, flags);
            assert_false(m & LOG_LANES);
            assert_false(m & LOG_COUNT);
            assert_false(m & MARK_MIXED_BIT);
        }
    assert_false(mark_is_plain(0));
    assert_false(mark_is_plain(MARK_MIXED));
    assert_false(mark_is_plain(MARK_FAR));
    assert_false(mark_is_plain(MARK_NEVER));
    assert_false(mark_is_plain(MARK_PENDING));
    assert_true(MARK_PENDING & MARK_MIXED_BIT); /* so that code takes it for a granule that it does not know */
}

/* No four bytes that start inside of one mark and end in the next look like a mark. */
static void test_marks_out_of_step(void **state)
{
    (void)state;
    srand(7);
    for (int n = 0; n < 100000; n++) {
        mark two[2] = {mark_make((site_id)rand() % MARK_SITE_LIMIT, (unsigned)rand() & MARK_FLAGS),
                       mark_make((site_id)rand() % MARK_SITE_LIMIT, (unsigned)rand() & MARK_FLAGS)};
        if (n % 5 == 0)
            two[n % 2] = 0;
        if (n % 7 == 0)
            two[n % 2] = n % 2 ? MARK_MIXED : MARK_PENDING;
        for (int step = 1; step < 4; step++) {
            mark between;
            memcpy(&between, (uint8_t *)two + step, sizeof between);
            assert_false(mark_is_plain(between));
        }
    }
}

struct model {
    mark touch[SIZE], writer[SIZE];
};

static void change_model(struct model *m, unsigned at, unsigned size, enum planes_change change, mark own)
{
    for (unsigned i = at; i < at + size; i++) {
        if (change == PLANES_FETCH || change == PLANES_PUT)
            m->touch[i] = own;
        if (change == PLANES_PUT)
            m->writer[i] = own;
        if (change == PLANES_READ)
            m->touch[i] &= ~(mark)MARK_UNREAD;
        if (change == PLANES_HOST) {
            m->touch[i] = MARK_NOBODY;
            m->writer[i] = MARK_HOST;
        }
    }
}

/* An untouched byte may say so in two ways. */
static mark known(mark touch)
{
    return touch ? touch : MARK_NOBODY;
}

/* Unread bytes are put down to what touched them last. */
static void compare_unread(const struct planes *p, const struct model *m, uint64_t all)
{
    static struct site sites[1 << 12];
    const struct site_table table = {.sites = sites, .count = sizeof sites / sizeof *sites};
    struct unread got;
    assert_true(unread_open(&got, &table));
    planes_unread(p, SIZE, &got);
    assert_int_equal(got.all, all);
    for (unsigned i = 0; i < SIZE; i++)
        if (m->touch[i] & MARK_UNREAD)
            got.bytes[mark_site(m->touch[i])]--;
    for (size_t i = 0; i < SITE_FIRST + table.count; i++)
        assert_int_equal(got.bytes[i], 0);
    unread_close(&got);
}

static void compare(const struct planes *p, const struct model *m, uint64_t base)
{
    uint64_t unread = 0, n;
    for (unsigned i = 0; i < SIZE; i += (unsigned)n) {
        mark touch, writer;
        n = planes_look(p, base + i, SIZE - i, &touch, &writer);
        assert_true(n >= 1 && n <= SIZE - i);
        for (unsigned j = i; j < i + n; j++) {
            assert_int_equal(known(touch), known(m->touch[j]));
            assert_int_equal(writer, m->writer[j]);
            unread += m->touch[j] & MARK_UNREAD;
        }
    }
    if (base == 0)
        compare_unread(p, m, unread);
}

static void random_changes(uint64_t base)
{
    struct planes p = {0};
    for (int i = 0; i < PLANE_CELLS; i++)
        p.plane[i] = region_reserve((size_t)1 << 32);
    struct model *m = calloc(1, sizeof *m);
    srand(1);
    for (int n = 0; n < 1000; n++) {
        unsigned at = (unsigned)rand() % SIZE, size = (unsigned)rand() % (n % 3 ? 9 : SIZE);
        if (n % 4 == 0)
            at &= ~3u;
        if (n % 9 == 0)
            size = SIZE;
        if (size > SIZE - at)
            size = SIZE - at;
        enum planes_change change = (enum planes_change)(rand() % 4);
        mark own = mark_make(SITE_FIRST + (site_id)rand() % 5, change == PLANES_PUT ? MARK_PUT | MARK_UNREAD : 0);
        assert_true(planes_update(&p, base + at, size, change, own));
        change_model(m, at, size, change, own);
        if (n % 5 == 0) /* which changes nothing that can be seen */
            planes_settle(&p, base + at, size);
        compare(&p, m, base);
    }
    free(m);
    for (int i = 0; i < PLANE_CELLS; i++)
        region_release(p.plane[i], (size_t)1 << 32);
    planes_release(&p);
}

static void test_near(void **state)
{
    (void)state;
    random_changes(0);
}

static void test_at_the_fine_limit(void **state)
{
    (void)state;
    random_changes(FINE_LIMIT - SIZE / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_marks),
        cmocka_unit_test(test_marks_out_of_step),
        cmocka_unit_test(test_near),
        cmocka_unit_test(test_at_the_fine_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
