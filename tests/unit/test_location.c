/* The analysis by location: worked examples, random streams against the naive reference and the analysis by index, and
 * the places where its shortcuts end. */
#include "analyze/location.h"

#include "examples.h"
#include "gen.h"
#include "naive.h"

#include "base/vec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

/* Runs the analysis over records, cut into batches of `batch` bytes or, since records are not cut, a little more. */
static struct counters analyze(const struct site_table *table, const struct buf *records, size_t batch)
{
    struct error err = ERROR_INIT;
    struct location_analysis *a = location_analysis_new(table, &err);
    assert_non_null(a);
    assert_true(location_analysis_want_distances(a, &err));
    struct counters c;
    for (size_t at = 0, n = 0; at < records->size; n++) {
        size_t end = at;
        while (end < records->size && end - at < batch)
            end += record_size(record_u32(records->data + end));
        assert_true(location_analysis_put(a, records->data + at, end - at));
        at = end;
        if (n % 64 == 63) { /* looking must not change anything */
            assert_true(location_analysis_counters(a, &c, &err));
            counters_release(&c);
        }
    }
    assert_true(location_analysis_counters(a, &c, &err));
    location_analysis_free(a);
    naive_sort(&c);
    return c;
}

static void assert_same_distance(const struct pair_distance *got, const struct pair_distance *want)
{
    assert_memory_equal(got->buckets, want->buckets, sizeof got->buckets);
    assert_memory_equal(got->spans, want->spans, sizeof got->spans);
}

static void assert_same_pairs(const struct counters *got, const struct counters *want)
{
    for (size_t i = 0; i < got->pair_count && i < want->pair_count; i++) {
        const struct pair_count *g = &got->pairs[i], *w = &want->pairs[i];
        if (g->kind != w->kind || g->first != w->first || g->second != w->second || g->instances != w->instances ||
            g->bytes != w->bytes)
            fail_msg("pair %zu: kind %d (%u, %u) %llu times, %llu bytes, not kind %d (%u, %u) %llu times, %llu bytes",
                     i, g->kind, g->first, g->second, (unsigned long long)g->instances, (unsigned long long)g->bytes,
                     w->kind, w->first, w->second, (unsigned long long)w->instances, (unsigned long long)w->bytes);
        if (g->first != SITE_HOST_WRITE)
            assert_same_distance(&got->distances[i], &want->distances[i]);
    }
    assert_int_equal(got->pair_count, want->pair_count);
}

static void assert_same(const struct counters *got, const struct counters *want)
{
    assert_same_pairs(got, want);
    assert_memory_equal(got->accesses, want->accesses, sizeof got->accesses);
    assert_int_equal(got->bytes_loaded, want->bytes_loaded);
    assert_int_equal(got->bytes_stored, want->bytes_stored);
    assert_int_equal(got->unread_at_exit, want->unread_at_exit);
    assert_int_equal(got->opaque_count, want->opaque_count);
    for (size_t i = 0; i < got->opaque_count; i++) {
        assert_int_equal(got->opaque[i].func, want->opaque[i].func);
        assert_int_equal(got->opaque[i].calls, want->opaque[i].calls);
    }
    assert_int_equal(counters_accesses(got), counters_accesses(want));
}

static void check_against_naive(const struct site_table *table, const struct buf *records, size_t batch)
{
    struct naive *naive = naive_new(table);
    naive_put(naive, records->data, records->size);
    struct counters want;
    naive_counters(naive, &want);
    struct counters got = analyze(table, records, batch);
    assert_same(&got, &want);
    counters_release(&got);
    counters_release(&want);
    naive_free(naive);
}

static void test_examples(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * example_count; i++) {
        const struct example *e = &examples[i / 2];
        struct site_table table = {.memories = GEN_MEMORIES};
        struct buf records;
        buf_init(&records, SIZE_MAX);
        example_make(e, i % 2, &table, &records);
        print_message("%s%s\n", e->name, i % 2 ? ", one instruction" : "");

        size_t count = 0;
        while (count < EXAMPLE_PAIRS && e->pairs[count].bytes)
            count++;
        struct naive *naive = naive_new(&table);
        naive_put(naive, records.data, records.size);
        struct counters want = {0};
        naive_group(naive, e->pairs, count, &want);
        struct counters got = analyze(&table, &records, SIZE_MAX);
        assert_same_pairs(&got, &want);
        assert_int_equal(got.unread_at_exit, e->unread_at_exit);

        counters_release(&got);
        counters_release(&want);
        naive_free(naive);
        free(table.sites);
        buf_release(&records);
    }
}

/* The table's last line, by location: what one instruction stored in four steps is one instance of four bytes. */
static void test_one_instance(void **state)
{
    (void)state;
    struct site_table table = {.memories = 1};
    site_id store = gen_site(&table, ACCESS_STORE, 1, 0, 0);
    site_id load = gen_site(&table, ACCESS_LOAD, 4, 0, 0);
    struct buf records;
    buf_init(&records, SIZE_MAX);
    for (uint64_t at = 3; at < 7; at++)
        gen_scalar(&table, &records, store, at, 0);
    gen_scalar(&table, &records, load, 3, 0);
    struct counters c = analyze(&table, &records, SIZE_MAX);
    assert_int_equal(c.pair_count, 1);
    assert_int_equal(c.pairs[0].kind, DEFECT_SILENT_LOAD_AFTER_STORE);
    assert_int_equal(c.pairs[0].first, store);
    assert_int_equal(c.pairs[0].second, load);
    assert_int_equal(c.pairs[0].instances, 1);
    assert_int_equal(c.pairs[0].bytes, 4);
    counters_release(&c);
    free(table.sites);
    buf_release(&records);
}

static void test_random(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct gen g;
        gen_init(&g, seed);
        g.opaque = seed % 3 != 0;
        struct buf records;
        buf_init(&records, SIZE_MAX);
        gen_records(&g, &records, 3000);
        check_against_naive(&g.table, &records, SIZE_MAX);
        check_against_naive(&g.table, &records, 1 + (size_t)gen_below(&g, 400));
        buf_release(&records);
        gen_release(&g);
    }
}

/* Opaque calls that come late, so that much was touched before lines are tracked, and rarely. */
static void test_late_barrier(void **state)
{
    (void)state;
    for (uint64_t seed = 100; seed < 120; seed++) {
        struct gen g;
        gen_init(&g, seed);
        struct buf records;
        buf_init(&records, SIZE_MAX);
        g.opaque = false;
        gen_records(&g, &records, 1500);
        for (int i = 0; i < 4; i++) {
            gen_opaque(&records, i == 1 ? SITE_OPAQUE_LEAVE : SITE_OPAQUE_ENTER, SITE_NONE, 9);
            gen_records(&g, &records, 300);
            gen_opaque(&records, SITE_OPAQUE_LEAVE, SITE_NONE, 9);
            gen_records(&g, &records, 300);
        }
        check_against_naive(&g.table, &records, SIZE_MAX);
        buf_release(&records);
        gen_release(&g);
    }
}

/* Few sites of plain loads and stores over few granules: what the fast paths are for. */
static void test_fast_paths(void **state)
{
    (void)state;
    for (uint64_t seed = 200; seed < 260; seed++) {
        struct gen g = {.state = seed};
        g.table.memories = GEN_MEMORIES;
        unsigned memory = seed % 5 == 0 ? GEN_MEMORY_64 : GEN_MEMORY;
        unsigned widths = (unsigned)(1 + seed % 5); /* few widths meet whole, many split */
        for (unsigned i = 0; i < 12; i++)
            gen_site(&g.table, i % 2 ? ACCESS_LOAD : ACCESS_STORE, 1U << (seed + i / 2) % widths, memory,
                     i % 3 ? 0 : 8);
        struct buf records;
        buf_init(&records, SIZE_MAX);
        uint64_t base = memory == GEN_MEMORY_64 ? (UINT64_C(1) << 32) - 64 : (1 << 20) - 64;
        for (int i = 0; i < 5000; i++) {
            size_t n = (size_t)gen_below(&g, g.table.count);
            uint64_t at = gen_below(&g, 128);
            if (gen_below(&g, 16))
                at -= at % g.table.sites[n].width;
            bool flag = g.table.sites[n].kind == ACCESS_STORE && gen_below(&g, 3) == 0;
            gen_scalar(&g.table, &records, (site_id)(SITE_FIRST + n), base + at, flag);
        }
        if (seed % 2)
            gen_opaque(&records, SITE_OPAQUE_LEAVE, SITE_NONE, 0);
        check_against_naive(&g.table, &records, SIZE_MAX);
        free(g.table.sites);
        buf_release(&records);
    }
}

struct by_index {
    struct index_pair *pairs;
    size_t count, capacity;
};

static bool collect(void *self, const struct index_pair *pair)
{
    struct by_index *all = self;
    assert_true(vec_room((void **)&all->pairs, &all->capacity, all->count, sizeof *all->pairs));
    all->pairs[all->count++] = *pair;
    return true;
}

/* The two analyses share nothing, so they are held against each other on streams too long for the naive one. */
static void test_against_index(void **state)
{
    (void)state;
    struct gen g;
    gen_init(&g, 7);
    struct buf records;
    buf_init(&records, SIZE_MAX);
    gen_records(&g, &records, 60000);
    struct by_index all = {0};
    struct error err = ERROR_INIT;
    struct index_analysis *a = index_analysis_new(&g.table, (struct index_sink){collect, &all}, &err);
    assert_true(index_analysis_put(a, records.data, records.size));
    index_analysis_free(a);

    struct naive *sites = naive_new(&g.table); /* only to know which site an index has */
    naive_put(sites, records.data, records.size);
    struct counters want = {0};
    naive_group(sites, all.pairs, all.count, &want);
    struct counters got = analyze(&g.table, &records, 4096);
    assert_same_pairs(&got, &want);
    counters_release(&got);
    counters_release(&want);
    naive_free(sites);
    free(all.pairs);
    buf_release(&records);
    gen_release(&g);
}

/* Every pair of many sites, so that the table of pairs grows, and partners change all the time. */
static void test_many_partners(void **state)
{
    (void)state;
    enum { SITES = 100 };
    struct site_table table = {.memories = 1};
    for (unsigned i = 0; i < SITES; i++)
        gen_site(&table, i % 2 ? ACCESS_LOAD : ACCESS_STORE, 8, 0, 0);
    struct buf records;
    buf_init(&records, SIZE_MAX);
    struct gen g = {.state = 3};
    for (int i = 0; i < 40000; i++) {
        site_id id = (site_id)(SITE_FIRST + gen_below(&g, SITES));
        gen_scalar(&table, &records, id, 8 * gen_below(&g, 4), id % 2 == 0 && gen_below(&g, 2));
    }
    check_against_naive(&table, &records, 1000);
    free(table.sites);
    buf_release(&records);
}

static void test_far_address(void **state)
{
    (void)state;
    struct site_table table = {.memories = GEN_MEMORIES};
    site_id fill = gen_site(&table, ACCESS_FILL, 0, GEN_MEMORY_64, 0);
    site_id store = gen_site(&table, ACCESS_STORE, 8, GEN_MEMORY_64, 0);
    for (int i = 0; i < 3; i++) {
        struct buf records;
        buf_init(&records, SIZE_MAX);
        gen_scalar(&table, &records, store, 64, 0);
        if (i == 0)
            gen_scalar(&table, &records, store, UINT64_MAX - 7, 0);
        else if (i == 1)
            gen_scalar(&table, &records, store, UINT64_C(1) << 45, 0);
        else
            gen_fill(&records, fill, 64, UINT64_MAX - 16, 0);
        struct error err = ERROR_INIT;
        struct location_analysis *a = location_analysis_new(&table, &err);
        assert_false(location_analysis_put(a, records.data, records.size));
        assert_int_equal(err.code, ERROR_MEMORY);
        location_analysis_free(a);
        buf_release(&records);
    }
    free(table.sites);
}

/* Ranges of many chunks, more than may have huge pages before they have proved dense. */
static void test_large_ranges(void **state)
{
    (void)state;
    struct site_table table = {.memories = GEN_MEMORIES};
    site_id fill = gen_site(&table, ACCESS_FILL, 0, 0, 0);
    site_id copy = gen_site(&table, ACCESS_COPY, 0, 0, 0);
    site_id store = gen_site(&table, ACCESS_STORE, 1, 0, 0);
    const uint64_t mib = 1 << 20;
    struct buf records;
    buf_init(&records, SIZE_MAX);
    for (uint64_t i = 0; i < 150; i++)
        gen_scalar(&table, &records, store, (10 + 2 * i) * mib, 0);
    gen_fill(&records, fill, 400 * mib + 1, 3 * mib, 0);
    gen_copy(&records, copy, 401 * mib + 2, 400 * mib + 1, 2 * mib + 1, 1);
    struct counters c = analyze(&table, &records, SIZE_MAX);
    assert_int_equal(c.bytes_stored, 150 + 5 * mib + 1);
    assert_int_equal(c.bytes_loaded, 2 * mib + 1);
    assert_int_equal(c.pair_count, 3);
    assert_int_equal(c.pairs[0].kind, DEFECT_DEAD_STORE); /* what the copy overwrites behind its source */
    assert_int_equal(c.pairs[0].first, fill);
    assert_int_equal(c.pairs[0].bytes, mib - 1);
    assert_int_equal(c.pairs[0].instances, 1);
    assert_int_equal(c.pairs[1].kind, DEFECT_SILENT_STORE);
    assert_int_equal(c.pairs[1].first, SITE_NONE);
    assert_int_equal(c.pairs[1].bytes, 2);
    assert_int_equal(c.pairs[2].kind, DEFECT_SILENT_STORE);
    assert_int_equal(c.pairs[2].first, fill);
    assert_int_equal(c.pairs[2].bytes, 2 * mib - 1);
    assert_int_equal(c.pairs[2].instances, 1);
    assert_int_equal(c.unread_at_exit, 150 + 2 * mib + 1);
    counters_release(&c);
    free(table.sites);
    buf_release(&records);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples),      cmocka_unit_test(test_one_instance), cmocka_unit_test(test_random),
        cmocka_unit_test(test_late_barrier),  cmocka_unit_test(test_fast_paths),   cmocka_unit_test(test_against_index),
        cmocka_unit_test(test_many_partners), cmocka_unit_test(test_far_address),  cmocka_unit_test(test_large_ranges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
