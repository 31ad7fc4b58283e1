/* A program in two parts, judged as a whole, and its second part judged with symbols for what the first left (trace/halves.h): the pairs
 * and what is unread in the end are the same. */
#include "analyze/deferred.h"
#include "analyze/range.h"
#include "analyze/region.h"
#include "analyze/scalar.h"
#include "analyze/symbols.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SIZE = 3 * SYMBOL_PAGE, WINDOW = 200, SITES = 20, STEPS = 400, ROUNDS = 60 };
static const size_t space = 4 * (size_t)SIZE + (1 << 16);

static void planes_make(struct planes *p)
{
    *p = (struct planes){0};
    for (int i = 0; i < PLANE_CELLS; i++) {
        p->plane[i] = region_reserve(space);
        assert_non_null(p->plane[i]);
    }
}

static void planes_free(struct planes *p)
{
    for (int i = 0; i < PLANE_CELLS; i++)
        region_release(p->plane[i], space);
    planes_release(p);
}

struct step {
    unsigned kind; /* 0 to 5: load, store, store, fill, host reads, host writes */
    uint64_t address, size;
    unsigned site;
    bool silent;
};

/* Across the border of two pages, and two granules of a third one. */
static struct step random_step(const struct site *sites)
{
    struct step s = {.kind = (unsigned)rand() % 6, .silent = rand() % 2, .site = (unsigned)rand() % SITES};
    if (s.kind < 3)
        s.site = (s.site & ~1u) | (s.kind != 0);
    s.size = s.kind < 3 ? sites[s.site].width : (uint64_t)rand() % 90;
    s.address =
        rand() % 8 ? SYMBOL_PAGE - WINDOW / 2 + (uint64_t)rand() % WINDOW : 2 * SYMBOL_PAGE + (uint64_t)rand() % 8;
    return s;
}

static void take(const struct step *s, struct planes *p, struct met_counts *counts, uint64_t stamp)
{
    mark put = mark_make(SITE_FIRST + s->site, MARK_PUT | MARK_UNREAD);
    struct access x = {
        .site = SITE_FIRST + s->site, .kind = ACCESS_FILL, .flag = s->silent, .address = s->address, .length = s->size};
    switch (s->kind) {
    case 0:
        assert_true(scalar_judge(p, counts, mark_make(SITE_FIRST + s->site, 0), s->address, false));
        return;
    case 1:
    case 2:
        assert_true(scalar_judge(p, counts, put, s->address, s->silent));
        planes_settle(p, s->address, s->size);
        return;
    case 4:
        assert_true(planes_update(p, s->address, s->size, PLANES_READ, 0));
        return;
    default:
        assert_true(range_judge(p, &x, counts, stamp));
        assert_true(planes_update(p, s->address, s->size, s->kind == 3 ? PLANES_PUT : PLANES_HOST, put));
    }
}

static int by_key(const void *a, const void *b)
{
    const struct pair_count *x = a, *y = b;
    const uint64_t keys[2] = {pair_key((enum defect_kind)x->kind, x->first, x->second),
                              pair_key((enum defect_kind)y->kind, y->first, y->second)};
    return (keys[0] > keys[1]) - (keys[0] < keys[1]);
}

static void compare(const struct pair_table *a, const struct pair_table *b)
{
    assert_int_equal(a->count, b->count);
    struct pair_count *x = calloc(a->count + 1, sizeof *x), *y = calloc(b->count + 1, sizeof *y);
    assert_true(x && y);
    pair_table_copy(a, x);
    pair_table_copy(b, y);
    qsort(x, a->count, sizeof *x, by_key);
    qsort(y, b->count, sizeof *y, by_key);
    for (size_t i = 0; i < a->count; i++) {
        assert_int_equal(by_key(&x[i], &y[i]), 0);
        assert_int_equal(x[i].instances, y[i].instances);
        assert_int_equal(x[i].bytes, y[i].bytes);
    }
    free(x);
    free(y);
}

static size_t one_round(const struct site_table *table)
{
    struct planes first, second, whole;
    struct met_counts ignored = {.table = table}, of_whole = {.table = table}, of_second = {.table = table};
    struct deferred deferred = {0};
    uint32_t pages[] = {2, 0, 1}; /* in an order of their own: symbols that follow each other need not be neighbours */
    const struct symbol_map map = {pages, 3};
    planes_make(&first);
    planes_make(&second);
    planes_make(&whole);
    uint64_t stamp = 0;
    for (int n = rand() % STEPS; n > 0; n--) {
        const struct step s = random_step(table->sites);
        take(&s, &first, &ignored, ++stamp);
        take(&s, &whole, &ignored, ++stamp);
    }
    symbol_map_put(&map, &second);
    of_second.deferred = &deferred;
    for (int n = rand() % STEPS; n > 0; n--) {
        const struct step s = random_step(table->sites);
        take(&s, &second, &of_second, ++stamp);
        take(&s, &whole, &of_whole, ++stamp);
    }
    size_t words = deferred.count;
    of_second.deferred = NULL;
    assert_true(deferred_count(&deferred, &first, &map, &of_second, &stamp));
    compare(&of_second.pairs, &of_whole.pairs);
    assert_int_equal(planes_unread_with(&second, SIZE, &first, &map), planes_unread(&whole, SIZE));
    deferred_release(&deferred);
    pair_table_release(&ignored.pairs);
    pair_table_release(&of_second.pairs);
    pair_table_release(&of_whole.pairs);
    planes_free(&first);
    planes_free(&second);
    planes_free(&whole);
    return words;
}

static void test_two_parts(void **state)
{
    (void)state;
    struct site sites[SITES];
    for (unsigned i = 0; i < SITES; i++)
        sites[i] = (struct site){.kind = i % 2 ? ACCESS_STORE : ACCESS_LOAD, .width = (uint8_t)(1u << i / 2 % 5)};
    const struct site_table table = {.sites = sites, .count = SITES};
    srand(11);
    size_t words = 0;
    for (int n = 0; n < ROUNDS; n++)
        words += one_round(&table);
    assert_true(words > 10000); /* there was something to put aside */
}

/* The whole range of symbols, and nothing else. */
static void test_symbols(void **state)
{
    (void)state;
    static const uint32_t bytes[] = {0, 1, 4095, 4096, 12345678, SYMBOL_BYTES - 1};
    for (size_t i = 0; i < sizeof bytes / sizeof *bytes; i++) {
        mark m = symbol_make(bytes[i]);
        assert_true(mark_is_symbol(m) && mark_is_symbol(m & ~(mark)MARK_UNREAD));
        assert_int_equal(symbol_byte(m), bytes[i]);
        assert_int_equal(symbol_byte(m & ~(mark)MARK_UNREAD), bytes[i]);
        assert_int_equal(symbol_at(symbol_make(bytes[i] & ~3u), bytes[i] & 3), m);
    }
    static const mark others[] = {0, MARK_MIXED, MARK_FAR, MARK_NEVER, MARK_PENDING};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(mark_is_symbol(others[i]));
    assert_false(mark_is_symbol(mark_make(SYMBOL_SITE - 1, MARK_FLAGS)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_two_parts), cmocka_unit_test(test_symbols)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
