/* Ranges that are overwritten, judged at once and byte by byte. */
#include "analyze/range.h"

#include "analyze/region.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SIZE = 4096, SITES = 12, SECOND = SITE_FIRST + 100 };

static const size_t space = (size_t)1 << 32;

static void judge_bytes(const struct planes *p, const struct access *x, struct pair_table *pairs)
{
    for (uint64_t at = x->address; at < x->address + x->length; at++) {
        mark touch, writer;
        planes_meet(p, at, 1, &touch, &writer);
        if (touch & MARK_UNREAD)
            assert_true(pair_table_add(pairs, DEFECT_DEAD_STORE, mark_site(touch), x->site, 1, 1));
        if (x->flag)
            assert_true(
                pair_table_add(pairs, DEFECT_SILENT_STORE, writer ? mark_site(writer) : SITE_NONE, x->site, 1, 1));
    }
}

static int by_key(const void *a, const void *b)
{
    const struct pair_count *x = a, *y = b;
    return x->kind != y->kind ? x->kind - y->kind : (x->first > y->first) - (x->first < y->first);
}

static void compare(const struct pair_table *a, const struct pair_table *b)
{
    struct pair_count x[2 * SITES + 4], y[2 * SITES + 4];
    assert_int_equal(a->count, b->count);
    assert_true(a->count <= 2 * SITES + 4);
    pair_table_copy(a, x);
    pair_table_copy(b, y);
    qsort(x, a->count, sizeof *x, by_key);
    qsort(y, a->count, sizeof *y, by_key);
    for (size_t i = 0; i < a->count; i++) {
        assert_int_equal(x[i].kind, y[i].kind);
        assert_int_equal(x[i].first, y[i].first);
        assert_int_equal(x[i].second, y[i].second);
        assert_int_equal(x[i].instances, y[i].instances);
        assert_int_equal(x[i].bytes, y[i].bytes);
    }
}

static void change(struct planes *p, uint64_t base)
{
    uint64_t at = (uint64_t)rand() % SIZE, size = (uint64_t)rand() % (rand() % 3 ? 9 : 900);
    size = size > SIZE - at ? SIZE - at : size;
    at += base;
    site_id site = SITE_FIRST + (site_id)rand() % SITES;
    enum planes_change how = (enum planes_change)(rand() % 4);
    assert_true(planes_update(p, at, size, how, mark_make(site, how == PLANES_PUT ? MARK_PUT | MARK_UNREAD : 0)));
    if (rand() % 3 == 0) /* pixels: each byte of a granule its own, again and again */
        for (uint64_t i = at; i < at + size; i++)
            assert_true(planes_update(p, i, 1, PLANES_PUT, mark_make(SITE_FIRST + i % 4, MARK_PUT | MARK_UNREAD)));
    if (rand() % 3 == 0) /* pairs of words */
        for (uint64_t i = at & ~UINT64_C(7); i + 8 <= at + size; i += 8)
            assert_true(planes_update(p, i, 8, PLANES_PUT, mark_make(SITE_FIRST + i / 8 % 2, MARK_PUT | MARK_UNREAD)));
}

static void compare_ranges(uint64_t base)
{
    struct planes p = {0};
    for (int i = 0; i < PLANE_CELLS; i++)
        p.plane[i] = region_reserve(space);
    srand(3);
    for (int n = 0; n < 3000; n++) {
        change(&p, base);
        uint64_t at = (uint64_t)rand() % SIZE, size = (uint64_t)rand() % (n % 3 ? SIZE : 13);
        struct access x = {.site = SECOND, .kind = ACCESS_FILL, .flag = (uint8_t)(n % 2), .address = base + at};
        x.length = size > SIZE - at ? SIZE - at : size;
        struct pair_table fast = {0}, slow = {0};
        assert_true(range_judge(&p, &x, &fast, 1));
        judge_bytes(&p, &x, &slow);
        compare(&fast, &slow);
        pair_table_release(&fast);
        pair_table_release(&slow);
    }
    for (int i = 0; i < PLANE_CELLS; i++)
        region_release(p.plane[i], space);
    planes_release(&p);
}

static void test_ranges(void **state)
{
    (void)state;
    compare_ranges(0);
}

static void test_at_the_fine_limit(void **state)
{
    (void)state;
    compare_ranges(FINE_LIMIT - SIZE / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_ranges), cmocka_unit_test(test_at_the_fine_limit)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
