/* What the host makes of cells when a run ends, without any program. */
#include "analyze/online.h"

#include "analyze/region.h"
#include "trace/planes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LOAD, STORE, SITES };

static const size_t space = (size_t)1 << 32;

struct fixture {
    struct site sites[SITES];
    struct site_table table;
    uint8_t *planes[PLANE_COUNT];
    struct online_analysis *online;
    struct error err;
};

static void open_analysis(struct fixture *f)
{
    memset(f, 0, sizeof *f);
    f->err = ERROR_INIT;
    for (unsigned i = 0; i < SITES; i++) {
        f->sites[i] =
            (struct site){.kind = i == STORE ? ACCESS_STORE : ACCESS_LOAD, .width = 4, .cell = CELLS_FIRST + 4096 * i};
        f->sites[i].counter = f->sites[i].cell + cell_counter(i == STORE, 4);
    }
    f->table = (struct site_table){.sites = f->sites, .count = SITES};
    for (int i = 0; i < PLANE_COUNT; i++)
        f->planes[i] = region_reserve(space);
    f->online = online_analysis_new(&f->table, &f->err);
    assert_non_null(f->online);
    assert_true(online_analysis_attach(f->online, f->planes));
}

static void set(struct fixture *f, uint32_t at, uint64_t value)
{
    memcpy(f->planes[PLANE_CELLS] + plane_shift(PLANE_CELLS) + at, &value, sizeof value);
}

static void close_analysis(struct fixture *f, struct counters *counters)
{
    assert_true(online_analysis_detach(f->online, 0, 0, NULL));
    assert_true(online_analysis_counters(f->online, counters, &f->err));
    online_analysis_free(f->online);
    for (int i = 0; i < PLANE_COUNT; i++)
        region_release(f->planes[i], space);
}

/* A stretch of code was counted, and its run cut off (by a time limit, say) before any of its sites had met something: their keys
 * are still what nothing can meet. */
static void test_never_ran(void **state)
{
    (void)state;
    struct fixture f;
    struct counters counters;
    open_analysis(&f);
    set(&f, f.sites[LOAD].counter, 1);
    close_analysis(&f, &counters);
    assert_int_equal(counters.pair_count, 0);
    assert_int_equal(counters.accesses[ACCESS_LOAD], 0);
    assert_int_equal(counters.bytes_loaded, 0);
    counters_release(&counters);
}

/* Five times, of which one met something else: four met the first slot's key. */
static void test_expected(void **state)
{
    (void)state;
    struct fixture f;
    struct counters counters;
    open_analysis(&f);
    const mark key = mark_make(SITE_FIRST + STORE, MARK_PUT | MARK_UNREAD);
    memcpy(f.planes[PLANE_CELLS] + f.sites[LOAD].cell, &key, sizeof key);
    set(&f, f.sites[LOAD].counter, 5);
    set(&f, f.sites[LOAD].cell + cell_elsewhere(false, 4), 1);
    set(&f, f.sites[STORE].counter, 3); /* which met what had been read */
    close_analysis(&f, &counters);
    assert_int_equal(counters.pair_count, 1);
    assert_int_equal(counters.pairs[0].kind, DEFECT_SILENT_LOAD_AFTER_STORE);
    assert_int_equal(counters.pairs[0].instances, 4);
    assert_int_equal(counters.pairs[0].bytes, 16);
    assert_int_equal(counters.accesses[ACCESS_LOAD], 4); /* the one elsewhere is counted where it is told of */
    assert_int_equal(counters.accesses[ACCESS_STORE], 3);
    counters_release(&counters);
}

static void call_host(struct fixture *f, unsigned slot, mark own, uint32_t address)
{
    uint32_t argument = 0;
    set(f, CELLS_ARG_COUNT, 0);
    memcpy(f->planes[PLANE_CELLS] + plane_shift(PLANE_CELLS) + CELLS_ARG_MARK, &own, sizeof own);
    memcpy(f->planes[PLANE_CELLS] + plane_shift(PLANE_CELLS) + CELLS_ARG_WORD, &address, sizeof address);
    assert_true(online_analysis_call(f->online, slot, &argument));
}

static mark *touch_of(struct fixture *f, uint32_t address)
{
    return plane_marks(f->planes[PLANE_TOUCH] + plane_shift(PLANE_TOUCH) + address);
}

/* What is watched has its mark back for whoever touches it, and the pair a distance: 499 accesses, in which the store went elsewhere. */
static void test_watched(void **state)
{
    (void)state;
    enum { ADDRESS = 4096, RUNS = 2000000 };
    struct fixture f;
    struct counters counters;
    open_analysis(&f);
    const mark store = mark_make(SITE_FIRST + STORE, MARK_PUT | MARK_UNREAD), load = mark_make(SITE_FIRST + LOAD, 0);
    set(&f, f.sites[STORE].counter, RUNS);
    *touch_of(&f, ADDRESS) = store;
    call_host(&f, HOST_WATCH, store, ADDRESS);
    assert_int_equal(*touch_of(&f, ADDRESS), MARK_PENDING);
    set(&f, f.sites[STORE].counter, RUNS + 500);
    call_host(&f, HOST_SCALAR, load, ADDRESS);
    assert_int_equal(*touch_of(&f, ADDRESS), MARK_PENDING); /* it is watched again */
    close_analysis(&f, &counters);
    assert_int_equal(counters.pair_count, 1);
    assert_int_equal(counters.pairs[0].kind, DEFECT_SILENT_LOAD_AFTER_STORE);
    assert_true(counters.distances_sampled);
    assert_non_null(counters.distances);
    assert_int_equal(counters.distances[0].samples, 1);
    assert_int_equal(counters.distances[0].buckets[2], 4);
    assert_int_equal(counters.distances[0].spans[SPAN_FAR], 4);
    counters_release(&counters);
}

/* Of a granule that is watched, an access to other bytes than those says nothing; the watch goes on.  A range ends it. */
static void test_watched_beside(void **state)
{
    (void)state;
    enum { ADDRESS = 4096, RUNS = 2000000 };
    struct fixture f;
    struct counters counters;
    open_analysis(&f);
    const mark store = mark_make(SITE_FIRST + STORE, MARK_PUT | MARK_UNREAD), load = mark_make(SITE_FIRST + LOAD, 0);
    set(&f, f.sites[STORE].counter, RUNS);
    *touch_of(&f, ADDRESS) = *touch_of(&f, ADDRESS + 4) = store;
    call_host(&f, HOST_WATCH, store, ADDRESS);
    call_host(&f, HOST_SCALAR, load, ADDRESS + 2); /* of four bytes, which lie in both */
    assert_int_equal(*touch_of(&f, ADDRESS), MARK_PENDING);
    const struct {
        uint32_t head, call;
        uint64_t address, length;
    } record = {record_head(SITE_HOST_READ, 3, 0), SITE_NONE, ADDRESS, 3};
    assert_true(online_analysis_put(f.online, (const uint8_t *)&record, sizeof record));
    assert_int_not_equal(*touch_of(&f, ADDRESS), MARK_PENDING);
    close_analysis(&f, &counters);
    assert_int_equal(counters.pair_count, 1);
    assert_non_null(counters.distances);
    assert_int_equal(counters.distances[0].samples, 0);
    counters_release(&counters);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_never_ran),
        cmocka_unit_test(test_expected),
        cmocka_unit_test(test_watched),
        cmocka_unit_test(test_watched_beside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
