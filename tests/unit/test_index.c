/* The analysis by trace index: worked examples, and random streams against the naive reference. */
#include "examples.h"
#include "gen.h"
#include "naive.h"

#include "base/vec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

struct pairs {
    struct index_pair *items;
    size_t count, capacity;
    size_t limit; /* the sink fails after so many */
};

static bool collect(void *self, const struct index_pair *pair)
{
    struct pairs *p = self;
    if (p->count == p->limit)
        return false;
    assert_true(vec_room((void **)&p->items, &p->capacity, p->count, sizeof *p->items));
    p->items[p->count++] = *pair;
    return true;
}

/* Runs the analysis over records, cut into batches of `batch` bytes or, since records are not cut, a little more. */
static struct pairs analyze(const struct site_table *table, const struct buf *records, size_t batch)
{
    struct pairs pairs = {.limit = SIZE_MAX};
    struct error err = ERROR_INIT;
    struct index_analysis *a = index_analysis_new(table, (struct index_sink){collect, &pairs}, &err);
    assert_non_null(a);
    for (size_t at = 0; at < records->size;) {
        size_t end = at;
        while (end < records->size && end - at < batch)
            end += record_size(record_u32(records->data + end));
        assert_true(index_analysis_put(a, records->data + at, end - at));
        at = end;
    }
    index_analysis_free(a);
    return pairs;
}

static void assert_same(const struct index_pair *got, size_t got_count, const struct index_pair *want, size_t count)
{
    for (size_t i = 0; i < got_count && i < count; i++) {
        if (got[i].kind != want[i].kind || got[i].first != want[i].first || got[i].second != want[i].second ||
            got[i].bytes != want[i].bytes)
            fail_msg("pair %zu: kind %d (%lld, %lld) %llu bytes, not kind %d (%lld, %lld) %llu bytes", i, got[i].kind,
                     (long long)got[i].first, (long long)got[i].second, (unsigned long long)got[i].bytes, want[i].kind,
                     (long long)want[i].first, (long long)want[i].second, (unsigned long long)want[i].bytes);
    }
    assert_int_equal(got_count, count);
}

static void test_examples(void **state)
{
    (void)state;
    for (size_t i = 0; i < example_count; i++) {
        const struct example *e = &examples[i];
        size_t want = 0;
        while (want < EXAMPLE_PAIRS && e->pairs[want].bytes)
            want++;
        struct site_table table = {.memories = GEN_MEMORIES};
        struct buf records;
        buf_init(&records, SIZE_MAX);
        example_make(e, false, &table, &records);
        print_message("%s\n", e->name);

        struct pairs got = analyze(&table, &records, SIZE_MAX);
        assert_same(got.items, got.count, e->pairs, want);
        free(got.items);

        struct naive *naive = naive_new(&table);
        naive_put(naive, records.data, records.size);
        size_t count;
        const struct index_pair *pairs = naive_pairs(naive, &count);
        assert_same(pairs, count, e->pairs, want);
        naive_free(naive);

        free(table.sites);
        buf_release(&records);
    }
}

static void test_random(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct gen g;
        gen_init(&g, seed);
        g.opaque = seed % 4 != 0;
        struct buf records;
        buf_init(&records, SIZE_MAX);
        gen_records(&g, &records, 2000);
        struct naive *naive = naive_new(&g.table);
        naive_put(naive, records.data, records.size);
        size_t count;
        const struct index_pair *want = naive_pairs(naive, &count);
        assert_true(count > 500);

        struct pairs got = analyze(&g.table, &records, SIZE_MAX);
        assert_same(got.items, got.count, want, count);
        free(got.items);
        got = analyze(&g.table, &records, 1 + (size_t)gen_below(&g, 200));
        assert_same(got.items, got.count, want, count);
        free(got.items);

        naive_free(naive);
        buf_release(&records);
        gen_release(&g);
    }
}

/* One write over as many firsts as it has bytes: they must come in order, and not take forever. */
static void test_many_firsts(void **state)
{
    (void)state;
    enum { COUNT = 100000 };
    struct site_table table = {.memories = 1};
    site_id store = gen_site(&table, ACCESS_STORE, 1, 0, 0);
    site_id fill = gen_site(&table, ACCESS_FILL, 0, 0, 0);
    struct buf records;
    buf_init(&records, SIZE_MAX);
    for (uint64_t i = 0; i < COUNT; i++)
        gen_scalar(&table, &records, store, i * 7919 % COUNT, 0);
    gen_fill(&records, fill, 0, COUNT, 0);
    struct pairs got = analyze(&table, &records, SIZE_MAX);
    assert_int_equal(got.count, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(got.items[i].first, i);
        assert_int_equal(got.items[i].second, COUNT);
        assert_int_equal(got.items[i].bytes, 1);
    }
    free(got.items);
    free(table.sites);
    buf_release(&records);
}

static void test_sink_fails(void **state)
{
    (void)state;
    struct site_table table = {.memories = 1};
    site_id store = gen_site(&table, ACCESS_STORE, 8, 0, 0);
    struct buf records;
    buf_init(&records, SIZE_MAX);
    for (int i = 0; i < 5; i++)
        gen_scalar(&table, &records, store, 64, 0);
    struct pairs pairs = {.limit = 2};
    struct error err = ERROR_INIT;
    struct index_analysis *a = index_analysis_new(&table, (struct index_sink){collect, &pairs}, &err);
    assert_false(index_analysis_put(a, records.data, records.size));
    assert_int_equal(pairs.count, 2);
    index_analysis_free(a);
    free(pairs.items);
    free(table.sites);
    buf_release(&records);
}

static void test_far_address(void **state)
{
    (void)state;
    struct site_table table = {.memories = GEN_MEMORIES};
    site_id store = gen_site(&table, ACCESS_STORE, 8, GEN_MEMORY_64, 0);
    struct buf records;
    buf_init(&records, SIZE_MAX);
    gen_scalar(&table, &records, store, UINT64_C(1) << 62, 0);
    struct pairs pairs = {.limit = SIZE_MAX};
    struct error err = ERROR_INIT;
    struct index_analysis *a = index_analysis_new(&table, (struct index_sink){collect, &pairs}, &err);
    assert_false(index_analysis_put(a, records.data, records.size));
    assert_int_equal(err.code, ERROR_MEMORY);
    index_analysis_free(a);
    free(table.sites);
    buf_release(&records);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples),   cmocka_unit_test(test_random),      cmocka_unit_test(test_many_firsts),
        cmocka_unit_test(test_sink_fails), cmocka_unit_test(test_far_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
