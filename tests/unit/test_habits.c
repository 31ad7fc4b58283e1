/* Habits: what they are for sites whose runs and pairs are known. */
#include "analyze/habits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SITES = 40, RUNS = 100000 };

struct fixture {
    struct site sites[SITES];
    struct site_table table;
    struct pair_table pairs;
    uint64_t runs[SITES], odd[SITES];
    struct habits_input in;
    struct habits_wish wish;
    struct habits none, habits;
    struct habit *out; /* of the last derivation */
};

static void init(struct fixture *f)
{
    memset(f, 0, sizeof *f);
    for (unsigned i = 0; i < SITES; i++)
        f->sites[i] = (struct site){.kind = i % 2 ? ACCESS_STORE : ACCESS_LOAD, .width = 4};
    f->table = (struct site_table){.sites = f->sites, .count = SITES};
    f->in = (struct habits_input){.table = &f->table, .pairs = &f->pairs, .runs = f->runs, .odd = f->odd};
    f->wish = (struct habits_wish){.old = &f->none, .limit = SITES, .least = 1000};
}

static void release(struct fixture *f)
{
    free(f->habits.by_site);
    free(f->habits.marks);
    pair_table_release(&f->pairs);
}

static bool derive(struct fixture *f)
{
    free(f->habits.by_site);
    free(f->habits.marks);
    bool news = habits_derive(&f->in, &f->wish, &f->habits);
    f->out = f->habits.by_site;
    for (unsigned i = 0; i < SITES; i++) /* whoever reads them need not know which sites are stores */
        assert_true(f->out[i].marks + habit_marks(&f->out[i], true) <= f->habits.mark_count);
    return news;
}

static site_id id(unsigned index)
{
    return SITE_FIRST + index;
}

static void pair(struct fixture *f, enum defect_kind kind, site_id first, unsigned second, uint64_t times)
{
    assert_true(pair_table_add_many(&f->pairs, kind, first, id(second), times, times * 4));
}

static void test_loads(void **state)
{
    (void)state;
    struct fixture f;
    init(&f);
    f.runs[0] = f.runs[2] = f.runs[4] = f.runs[6] = f.runs[8] = RUNS;
    f.runs[10] = 999;
    pair(&f, DEFECT_SILENT_LOAD_AFTER_LOAD, id(20), 0, RUNS - 100);  /* one partner */
    pair(&f, DEFECT_SILENT_LOAD_AFTER_STORE, id(21), 2, RUNS - 100); /* one that put */
    pair(&f, DEFECT_SILENT_LOAD_AFTER_LOAD, id(20), 4, RUNS / 2);    /* two */
    pair(&f, DEFECT_SILENT_LOAD_AFTER_STORE, id(21), 4, RUNS / 2);
    pair(&f, DEFECT_SILENT_LOAD_AFTER_LOAD, id(20), 8, RUNS); /* but it is odd */
    f.odd[8] = RUNS / 9;
    f.runs[12] = RUNS; /* odd, too, but of another width */
    f.sites[12].width = 2;
    f.odd[12] = RUNS / 9;
    assert_true(derive(&f));
    assert_int_equal(f.out[0].kind, HABIT_STEADY);
    assert_int_equal(f.out[0].key, mark_make(id(20), 0));
    assert_int_equal(f.out[2].kind, HABIT_STEADY);
    assert_int_equal(f.out[2].key, mark_make(id(21), MARK_PUT | MARK_UNREAD));
    assert_int_equal(f.out[4].kind, HABIT_VARIED);
    assert_int_not_equal(hot_entry(&f.out[4].met, mark_make(id(20), 0)),
                         hot_entry(&f.out[4].met, mark_make(id(21), MARK_PUT | MARK_UNREAD)));
    for (unsigned i = 0; i < 2; i++) {
        mark m = i ? mark_make(id(21), MARK_PUT | MARK_UNREAD) : mark_make(id(20), 0);
        assert_int_equal(f.habits.marks[f.out[4].marks + hot_entry(&f.out[4].met, m)], m);
    }
    assert_int_equal(f.out[6].kind, HABIT_STEADY); /* never silent: it reads what the host wrote */
    assert_int_equal(f.out[6].key, MARK_NOBODY);
    assert_int_equal(f.out[8].kind, HABIT_VARIED);
    assert_int_not_equal(f.out[8].mixed.log2, 0);
    assert_int_equal(f.out[10].kind, HABIT_COLD);
    assert_int_equal(f.out[12].kind, HABIT_ODD);
    f.sites[8].habit = f.out[8];
    f.odd[8] = 0; /* it needs its table of rows all the same */
    assert_true(derive(&f));
    assert_int_not_equal(f.out[8].mixed.log2, 0);
    f.odd[8] = RUNS / 9; /* the table does not serve */
    assert_true(derive(&f));
    assert_int_equal(f.out[8].kind, HABIT_ODD);
    release(&f);
}

static void test_stores(void **state)
{
    (void)state;
    struct fixture f;
    init(&f);
    f.runs[1] = f.runs[3] = f.runs[5] = RUNS;
    pair(&f, DEFECT_DEAD_STORE, id(21), 3, RUNS);
    pair(&f, DEFECT_DEAD_STORE, id(21), 5, RUNS / 3);
    pair(&f, DEFECT_SILENT_STORE, SITE_NONE, 5, RUNS / 3);
    pair(&f, DEFECT_SILENT_STORE, SITE_HOST_WRITE, 5, RUNS / 3);
    assert_true(derive(&f));
    assert_int_equal(f.out[1].kind, HABIT_READ);
    assert_false(f.out[1].often_silent);
    assert_int_equal(f.out[3].kind, HABIT_STEADY);
    assert_int_equal(f.out[3].key, mark_make(id(21), MARK_PUT | MARK_UNREAD));
    assert_int_equal(f.out[5].kind, HABIT_VARIED);
    assert_true(f.out[5].often_silent);
    assert_int_not_equal(hot_entry(&f.out[5].silent, 0), hot_entry(&f.out[5].silent, MARK_HOST));
    release(&f);
}

/* A table keeps many partners apart as far as it can. */
static void test_many_partners(void **state)
{
    (void)state;
    struct fixture f;
    init(&f);
    f.runs[0] = RUNS;
    for (unsigned i = 1; i < SITES; i++)
        pair(&f, DEFECT_SILENT_LOAD_AFTER_LOAD, id(i), 0, RUNS / (SITES - 1));
    assert_true(derive(&f));
    assert_int_equal(f.out[0].kind, HABIT_VARIED);
    unsigned used[256] = {0}, alone = 0;
    for (unsigned i = 1; i < SITES; i++)
        used[hot_entry(&f.out[0].met, mark_make(id(i), 0))]++;
    for (unsigned i = 0; i < 256; i++)
        alone += used[i] == 1;
    assert_true(alone >= (SITES - 1) * 3 / 4);
    release(&f);
}

static void test_news(void **state)
{
    (void)state;
    struct fixture f;
    init(&f);
    f.runs[0] = f.runs[2] = RUNS;
    struct habit by_site[SITES] = {
        [0] = {.kind = HABIT_ODD}, [2] = {.kind = HABIT_VARIED}, [4] = {.kind = HABIT_VARIED, .met = {3, 1}}};
    uint32_t marks[8] = {[6] = mark_make(id(30), 0)};
    const struct habits old = {by_site, SITES, marks, 8};
    f.wish.old = &old;
    assert_false(derive(&f));                      /* all that ran is known */
    assert_int_equal(f.out[0].kind, HABIT_ODD);    /* and stays so */
    assert_int_equal(f.out[4].kind, HABIT_VARIED); /* so does what did not run */
    assert_int_equal(f.out[4].met.log2, 3);
    assert_int_equal(f.habits.marks[f.out[4].marks + 6], marks[6]);
    f.in.late = RUNS;
    assert_true(derive(&f)); /* but does not serve well */
    by_site[2] = (struct habit){.kind = HABIT_STEADY, .key = MARK_NOBODY};
    f.runs[2] = 3000 * (uint64_t)RUNS;
    f.in.late = 20 * (uint64_t)RUNS;
    assert_false(derive(&f)); /* or well enough, with code of the same kind */
    f.odd[2] = 200 * (uint64_t)RUNS;
    assert_true(derive(&f)); /* another kind may serve better */
    f.odd[2] = 0;
    f.runs[2] = RUNS;
    f.in.late = 0;
    f.runs[6] = RUNS;
    assert_true(derive(&f));
    f.wish.limit = 1;
    f.wish.old = &f.none;
    f.runs[2] = 2 * RUNS;
    assert_true(derive(&f));
    assert_int_equal(f.out[0].kind, HABIT_COLD);
    assert_int_not_equal(f.out[2].kind, HABIT_COLD);
    release(&f);
}

static void test_nothing_ran(void **state)
{
    (void)state;
    struct fixture f;
    init(&f);
    assert_false(derive(&f));
    for (unsigned i = 0; i < SITES; i++)
        assert_int_equal(f.out[i].kind, HABIT_COLD);
    release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_loads), cmocka_unit_test(test_stores),      cmocka_unit_test(test_many_partners),
        cmocka_unit_test(test_news),  cmocka_unit_test(test_nothing_ran),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
