/* The late log, written by hand as hot code would: what tables do not hold, accesses left to the host, and a full log. */
#include "analyze/late.h"

#include "analyze/region.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

enum { LOAD, STORE, STEADY, PARTNER, SITES };
enum { AGAIN = 400 }; /* times */

static const size_t space = (size_t)1 << 32;

struct fixture {
    struct site sites[SITES];
    struct site_table table;
    struct habits habits;
    uint32_t marks[2 * SITES]; /* none is known */
    struct planes planes;
    struct met_counts counts;
    struct late_log *log;
    struct error err;
};

static site_id id(unsigned index)
{
    return SITE_FIRST + index;
}

static mark own(unsigned index)
{
    return mark_make(id(index), index == STORE ? MARK_PUT | MARK_UNREAD : 0);
}

static void open_log(struct fixture *f)
{
    memset(f, 0, sizeof *f);
    f->err = ERROR_INIT;
    for (unsigned i = 0; i < SITES; i++) {
        f->sites[i] = (struct site){.kind = i == STORE ? ACCESS_STORE : ACCESS_LOAD,
                                    .width = 4,
                                    .cell = CELLS_FIRST + 4096 * i,
                                    .counter = CELLS_FIRST + 4096 * i + 4000,
                                    .habit.kind = HABIT_VARIED};
    }
    f->sites[STEADY].habit = (struct habit){.kind = HABIT_STEADY, .key = own(PARTNER)};
    f->habits.marks = f->marks;
    f->table = (struct site_table){.sites = f->sites, .count = SITES, .habits = &f->habits};
    f->counts.table = &f->table;
    for (int i = 0; i <= PLANE_CELLS; i++)
        f->planes.plane[i] = region_reserve(space);
    f->log = late_log_new(&f->table, &f->planes, &f->counts, &f->err);
    assert_non_null(f->log);
}

static void close_log(struct fixture *f)
{
    late_log_free(f->log);
    pair_table_release(&f->counts.pairs);
    for (int i = 0; i <= PLANE_CELLS; i++)
        region_release(f->planes.plane[i], space);
    planes_release(&f->planes);
}

static uint8_t *cells(struct fixture *f)
{
    return f->planes.plane[PLANE_CELLS];
}

static uint8_t *table_of(struct fixture *f, unsigned site)
{
    const struct site *s = &f->sites[site];
    return cells(f) + s->cell + hot_table(&s->habit, s->kind == ACCESS_STORE, s->width, HOT_MET).at;
}

static void put_entry(struct fixture *f, const uint32_t *words, uint32_t size)
{
    uint32_t at;
    memcpy(&at, cells(f) + CELLS_LATE_AT, sizeof at);
    memcpy(cells(f) + at, words, size);
    at += (size + 7) & ~7u;
    memcpy(cells(f) + CELLS_LATE_AT, &at, sizeof at);
}

static void put_met(struct fixture *f, unsigned site, mark met)
{
    put_entry(f, (const uint32_t[]){own(site) | LOG_COUNT, met}, 8);
}

/* Leaves an access of 4 bytes to the host: its granules become pending. */
static void leave(struct fixture *f, unsigned site, uint32_t address)
{
    uint32_t words[6] = {own(site), address};
    uint8_t *granules = f->planes.plane[PLANE_TOUCH] + (address & ~3u);
    memcpy(words + 2, granules, 16);
    put_entry(f, words, sizeof words);
    for (uint32_t at = address & ~3u; at < address + 4; at += 4)
        memcpy(f->planes.plane[PLANE_TOUCH] + at, &(const mark){MARK_PENDING}, sizeof(mark));
}

static void set_runs(struct fixture *f, unsigned site, uint64_t runs)
{
    memcpy(cells(f) + f->sites[site].counter, &runs, sizeof runs);
}

static uint64_t none(void *self, const struct site *site)
{
    (void)self;
    (void)site;
    return 0;
}

static uint64_t times(const struct fixture *f, enum defect_kind kind, site_id first, unsigned second)
{
    struct pair_count *pairs = calloc(f->counts.pairs.count + 1, sizeof *pairs);
    pair_table_copy(&f->counts.pairs, pairs);
    uint64_t found = 0;
    for (size_t i = 0; i < f->counts.pairs.count; i++)
        if (pairs[i].kind == kind && pairs[i].first == first && pairs[i].second == id(second))
            found = pairs[i].instances;
    free(pairs);
    return found;
}

/* Tables start with the marks that are known. */
static void test_known(void **state)
{
    (void)state;
    struct fixture f;
    open_log(&f);
    late_log_free(f.log);
    f.marks[1] = own(PARTNER);
    f.sites[LOAD].habit.marks = 1;
    f.log = late_log_new(&f.table, &f.planes, &f.counts, &f.err);
    mark key;
    memcpy(&key, table_of(&f, LOAD), sizeof key);
    assert_int_equal(key, own(PARTNER));
    memcpy(&key, table_of(&f, STORE), sizeof key);
    assert_int_equal(key, MARK_NEVER);
    assert_true(late_log_finish(f.log, none, NULL));
    assert_int_equal(f.counts.pairs.count, 0); /* known, but not met */
    close_log(&f);
}

static void test_tables(void **state)
{
    (void)state;
    struct fixture f;
    open_log(&f);
    put_met(&f, LOAD, own(PARTNER));
    put_met(&f, LOAD, own(PARTNER));
    put_met(&f, LOAD, own(LOAD)); /* the table has one entry: this one is counted, but does not take it */
    assert_true(late_log_take(f.log));
    mark key;
    memcpy(&key, table_of(&f, LOAD), sizeof key);
    assert_int_equal(key, own(PARTNER));
    for (int i = 1; i < AGAIN; i++)
        put_met(&f, LOAD, own(LOAD)); /* unless it comes again and again */
    assert_true(late_log_take(f.log));
    memcpy(&key, table_of(&f, LOAD), sizeof key);
    assert_int_equal(key, own(LOAD));
    assert_int_equal(times(&f, DEFECT_SILENT_LOAD_AFTER_LOAD, id(PARTNER), LOAD), 2);
    put_met(&f, STEADY, own(LOAD));
    set_runs(&f, STEADY, 10);
    set_runs(&f, LOAD, 2 + AGAIN);
    assert_true(late_log_finish(f.log, none, NULL));
    assert_int_equal(times(&f, DEFECT_SILENT_LOAD_AFTER_LOAD, id(LOAD), LOAD), AGAIN);
    assert_int_equal(times(&f, DEFECT_SILENT_LOAD_AFTER_LOAD, id(LOAD), STEADY), 1);
    assert_int_equal(times(&f, DEFECT_SILENT_LOAD_AFTER_LOAD, id(PARTNER), STEADY), 9); /* the rest met its key */
    assert_int_equal(f.counts.accesses[ACCESS_LOAD], 10 + 2 + AGAIN);
    close_log(&f);
}

/* Rows of marks of bytes have a table of their own. */
static void test_rows(void **state)
{
    (void)state;
    struct fixture f;
    open_log(&f);
    late_log_free(f.log);
    f.sites[LOAD].habit.mixed = (struct habit_table){1, 0};
    f.log = late_log_new(&f.table, &f.planes, &f.counts, &f.err);
    const struct hot_table t = hot_table(&f.sites[LOAD].habit, false, 4, HOT_MIXED);
    const mark row[4] = {own(STORE), own(STORE), own(PARTNER), own(PARTNER)};
    for (int i = 0; i < 3; i++)
        put_entry(&f, (const uint32_t[]){own(LOAD) | LOG_COUNT | LOG_LANES, row[0], row[1], row[2], row[3]}, 20);
    assert_true(late_log_take(f.log));
    const uint8_t *entry =
        cells(&f) + f.sites[LOAD].cell + t.at + ((size_t)hot_entry(&t.habit, hot_row_mark(&t, row)) << t.entry_log2);
    assert_memory_equal(entry, row, sizeof row); /* there the code finds it next time */
    set_runs(&f, LOAD, 3);
    assert_int_equal(late_log_left(f.log, LOAD), 3);
    assert_true(late_log_finish(f.log, none, NULL));
    assert_int_equal(times(&f, DEFECT_SILENT_LOAD_AFTER_STORE, id(STORE), LOAD), 3);
    assert_int_equal(times(&f, DEFECT_SILENT_LOAD_AFTER_LOAD, id(PARTNER), LOAD), 3);
    assert_int_equal(f.counts.bytes_loaded, 12);
    close_log(&f);
}

/* An access that is not aligned, and what touches the same granules before the host has seen it. */
static void test_left(void **state)
{
    (void)state;
    struct fixture f;
    open_log(&f);
    assert_true(planes_update(&f.planes, 100, 8, PLANES_PUT, own(STORE)));
    leave(&f, STORE, 102);
    leave(&f, LOAD, 102);
    leave(&f, LOAD, 102);
    leave(&f, LOAD, 104);
    set_runs(&f, STORE, 1);
    set_runs(&f, LOAD, 3);
    assert_true(late_log_take(f.log));
    mark touch[12], writer[12];
    planes_meet(&f.planes, 100, 12, touch, writer);
    for (unsigned i = 0; i < 8; i++) {
        assert_int_equal(touch[i], i < 2 ? own(STORE) : own(LOAD));
        assert_int_equal(writer[i], own(STORE));
    }
    assert_int_equal(touch[8] & MARK_MIXED_BIT, 0); /* no granule is pending any more */
    assert_true(late_log_finish(f.log, none, NULL));
    assert_int_equal(times(&f, DEFECT_DEAD_STORE, id(STORE), STORE), 1);
    assert_int_equal(times(&f, DEFECT_SILENT_LOAD_AFTER_STORE, id(STORE), LOAD), 2);
    assert_int_equal(times(&f, DEFECT_SILENT_LOAD_AFTER_LOAD, id(LOAD), LOAD), 2);
    assert_int_equal(late_log_left(f.log, LOAD), 3);
    close_log(&f);
}

/* Loads of bytes that are left since what touched their granule was say nothing of their own site. */
static void test_left_bytes(void **state)
{
    (void)state;
    struct fixture f;
    open_log(&f);
    f.sites[LOAD].width = 1;
    leave(&f, STORE, 102);
    for (int i = 0; i < 5; i++)
        leave(&f, LOAD, 103);
    leave(&f, LOAD, 200); /* this one is the first at its granule */
    set_runs(&f, STORE, 1);
    set_runs(&f, LOAD, 6);
    assert_true(late_log_finish(f.log, none, NULL));
    assert_int_equal(times(&f, DEFECT_SILENT_LOAD_AFTER_STORE, id(STORE), LOAD), 1);
    assert_int_equal(times(&f, DEFECT_SILENT_LOAD_AFTER_LOAD, id(LOAD), LOAD), 4);
    assert_int_equal(late_log_left(f.log, LOAD), 1);
    close_log(&f);
}

/* Compiled code waits in a loop, and a thread of the host takes the log. */
static void test_full(void **state)
{
    (void)state;
    struct fixture f;
    open_log(&f);
    _Atomic uint32_t *full = (_Atomic uint32_t *)(void *)(cells(&f) + CELLS_LATE_FULL);
    for (int n = 0; n < 5; n++) {
        put_met(&f, LOAD, own(PARTNER));
        atomic_store(full, 1);
        for (int i = 0; atomic_load(full) && i < 10000; i++)
            nanosleep(&(const struct timespec){.tv_nsec = 1000000}, NULL);
        assert_int_equal(atomic_load(full), 0);
        uint32_t at;
        memcpy(&at, cells(&f) + CELLS_LATE_AT, sizeof at);
        assert_true(at >= LATE_START && at <= LATE_SIZE - LATE_SLACK - 8192); /* it has room */
    }
    assert_true(late_log_finish(f.log, none, NULL));
    assert_int_equal(times(&f, DEFECT_SILENT_LOAD_AFTER_LOAD, id(PARTNER), LOAD), 5);
    assert_int_equal(late_log_entries(f.log), 5);
    close_log(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known), cmocka_unit_test(test_tables),     cmocka_unit_test(test_rows),
        cmocka_unit_test(test_left),  cmocka_unit_test(test_left_bytes), cmocka_unit_test(test_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
