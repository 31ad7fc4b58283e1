/* The log's reader: what it counts of entries over many buffers, on its own thread, against plain sums. */
#include "analyze/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SITES = 40, ENTRIES = 400000 };

static struct site sites[SITES];
static struct site_table table = {.sites = sites, .count = SITES, .memories = 1};

static void make_sites(void)
{
    for (unsigned i = 0; i < SITES; i++)
        sites[i] = (struct site){.kind = i % 2 ? ACCESS_STORE : ACCESS_LOAD, .width = (uint8_t)(1 << i / 2 % 5)};
}

static mark own_of(unsigned i)
{
    return mark_make(SITE_FIRST + i, i % 2 ? MARK_PUT | MARK_UNREAD : 0);
}

static mark random_mark(void)
{
    unsigned i = (unsigned)rand() % SITES;
    return rand() % 9 ? mark_make(SITE_FIRST + i, i % 2 ? (unsigned)rand() & MARK_FLAGS : 0) : 0;
}

struct writer {
    struct log_reader *reader;
    uint8_t *log;
    uint32_t at;
};

static void put(struct writer *w, const void *bytes, size_t size)
{
    memcpy(w->log + w->at, bytes, size);
    w->at += (uint32_t)size;
}

/* A range that met a few marks, some of them in several parts: each site once, with all its bytes. */
static void put_range(struct writer *w, struct met_counts *want)
{
    site_id own = SITE_FIRST + 1;
    unsigned n = (unsigned)rand() % 6, silent = (unsigned)rand() % 2;
    uint64_t bytes[SITES + 1] = {0}; /* the last one: of no site */
    put(w, (uint32_t[]){mark_make(own, silent ? 0 : MARK_PUT | MARK_UNREAD) | LOG_PARTS, n}, 8);
    for (unsigned i = 0; i < n; i++) {
        unsigned site = (unsigned)rand() % 3 * 2 + 1, size = (unsigned)rand() % 200 + 1;
        bool none = silent && rand() % 4 == 0;
        unsigned flags = MARK_PUT | (silent ? (unsigned)rand() % 2 : MARK_UNREAD);
        put(w, (uint32_t[]){none ? 0 : mark_make(SITE_FIRST + site, flags), size}, 8);
        bytes[none ? SITES : site] += size;
    }
    for (unsigned i = 0; i <= SITES; i++)
        if (bytes[i])
            assert_true(pair_table_add_many(&want->pairs, silent ? DEFECT_SILENT_STORE : DEFECT_DEAD_STORE,
                                            i == SITES ? SITE_NONE : SITE_FIRST + i, own, 1, bytes[i]));
}

/* One random entry, counted in `want` too. */
static void put_entry(struct writer *w, struct met_counts *want)
{
    unsigned i = (unsigned)rand() % SITES;
    uint64_t count = rand() % 4 ? 1 : (uint64_t)rand();
    mark own = own_of(i), lanes[16];
    if (i % 2 && rand() % 3 == 0)
        own &= ~(mark)MARK_FLAGS;
    unsigned n = rand() % 2                                     ? 1
                 : cell_lanes(sites[i].width) > 1 && rand() % 2 ? cell_lanes(sites[i].width)
                                                                : sites[i].width;
    for (unsigned lane = 0; lane < n; lane++)
        lanes[lane] = lane && rand() % 3 ? lanes[0] : random_mark();
    const struct met met = {lanes, n, sites[i].width / n};
    assert_true(met_account(want, &met, own, count));
    if (rand() % 8 == 0)
        put_range(w, want);
    if (n == 1 && count == 1) {
        put(w, (uint32_t[]){own, lanes[0]}, 8);
    } else if (n == 1) {
        put(w, (uint32_t[]){own | LOG_COUNT, lanes[0]}, 8);
        put(w, &count, 8);
    } else {
        put(w, (uint32_t[]){own | LOG_LANES, n}, 8);
        put(w, &count, 8);
        put(w, lanes, n * sizeof *lanes);
    }
    if (w->at % LOG_BUFFER > LOG_BUFFER - LOG_SLACK)
        w->at = log_reader_pass(w->reader, w->at);
}

static int by_all(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct pair_count));
}

static struct pair_count *sorted(const struct pair_table *t)
{
    struct pair_count *pairs = calloc(t->count + 1, sizeof *pairs);
    pair_table_copy(t, pairs);
    qsort(pairs, t->count, sizeof *pairs, by_all);
    return pairs;
}

static void test_sums(void **state)
{
    (void)state;
    make_sites();
    srand(3);
    struct error err = ERROR_INIT;
    struct writer w = {.log = calloc(LOG_BUFFERS, LOG_BUFFER)};
    w.reader = log_reader_new(&table, w.log, &err);
    assert_non_null(w.reader);
    struct met_counts want = {.table = &table}, got = {.table = &table};
    for (int i = 0; i < ENTRIES; i++)
        put_entry(&w, &want);
    log_reader_pass(w.reader, w.at);
    assert_true(log_reader_finish(w.reader, &got));
    assert_memory_equal(got.accesses, want.accesses, sizeof got.accesses);
    assert_int_equal(got.bytes_loaded, want.bytes_loaded);
    assert_int_equal(got.bytes_stored, want.bytes_stored);
    assert_int_equal(got.pairs.count, want.pairs.count);
    struct pair_count *a = sorted(&got.pairs), *b = sorted(&want.pairs);
    assert_memory_equal(a, b, got.pairs.count * sizeof *a);
    free(a);
    free(b);
    pair_table_release(&got.pairs);
    pair_table_release(&want.pairs);
    log_reader_free(w.reader);
    free(w.log);
}

/* A reader that nobody asks for anything still ends. */
static void test_unused(void **state)
{
    (void)state;
    make_sites();
    struct error err = ERROR_INIT;
    uint8_t *log = calloc(LOG_BUFFERS, LOG_BUFFER);
    struct log_reader *reader = log_reader_new(&table, log, &err);
    assert_non_null(reader);
    log_reader_free(reader);
    free(log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sums), cmocka_unit_test(test_unused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
