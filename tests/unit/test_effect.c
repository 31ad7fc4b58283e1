/* The expected effect of pairs, and ranks by it. */
#include "report/effect.h"
#include "report/select.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

static struct report_side side(unsigned access, unsigned width, uint32_t loc)
{
    return (struct report_side){.loc = loc, .name = "f", .op = "", .access = (uint8_t)access, .width = (uint8_t)width};
}

static struct report_pair pair(unsigned kind, struct report_side first, struct report_side second, uint64_t instances,
                               uint64_t bytes)
{
    return (struct report_pair){
        .kind = (uint8_t)kind, .first = first, .second = second, .instances = instances, .bytes = bytes};
}

static double estimated(struct report_pair p)
{
    struct report r = {.pairs = &p, .pair_count = 1};
    effect_estimate(&r);
    return effect_of_pair(&p);
}

/* The same bytes cost less by one fill than by stores, and wide accesses less than narrow ones. */
static void test_widths(void **state)
{
    (void)state;
    const struct report_side any = side(ACCESS_STORE, 4, 1);
    double fill = estimated(pair(DEFECT_SILENT_STORE, any, side(ACCESS_FILL, 0, 2), 1, 4096));
    double words = estimated(pair(DEFECT_SILENT_STORE, any, side(ACCESS_STORE, 4, 2), 1024, 4096));
    double bytes = estimated(pair(DEFECT_SILENT_STORE, any, side(ACCESS_STORE, 1, 2), 4096, 4096));
    double vectors = estimated(pair(DEFECT_SILENT_STORE, any, side(ACCESS_STORE, 16, 2), 256, 4096));
    assert_true(0 < fill && fill < vectors && vectors < words && words < bytes);
    double atomics = estimated(pair(DEFECT_SILENT_STORE, any, side(ACCESS_RMW, 4, 2), 1024, 4096));
    assert_true(atomics > words);
}

/* Of a dead store the first side is wasted; of everything else the second. */
static void test_sides(void **state)
{
    (void)state;
    const struct report_side narrow = side(ACCESS_STORE, 1, 1), fill = side(ACCESS_FILL, 0, 2);
    double first = estimated(pair(DEFECT_DEAD_STORE, narrow, fill, 1, 4096));
    double second = estimated(pair(DEFECT_SILENT_STORE, narrow, fill, 1, 4096));
    assert_true(first > 5 * second);
    /* Each of the 1,024 stores is an instance, but there are not so many fills. */
    double filled = estimated(pair(DEFECT_DEAD_STORE, fill, side(ACCESS_STORE, 4, 3), 1024, 4096));
    assert_true(filled <= estimated(pair(DEFECT_DEAD_STORE, fill, fill, 1, 4096)));
    assert_true(estimated(pair(DEFECT_SILENT_STORE, (struct report_side){.origin = ORIGIN_INIT}, narrow, 1, 1)) > 0);
}

/* What cannot be mended at its place counts less. */
static void test_classes(void **state)
{
    (void)state;
    const struct report_side load = side(ACCESS_LOAD, 4, 1), store = side(ACCESS_STORE, 4, 2);
    struct report_pair p = pair(DEFECT_SILENT_LOAD_AFTER_LOAD, load, load, 100, 400);
    struct report_pair after = pair(DEFECT_SILENT_LOAD_AFTER_STORE, store, load, 100, 400);
    double plain = estimated(p);
    p.advice = after.advice = "Do it.";
    p.what = CLASS_LOOP_INVARIANT_LOAD;
    double invariant = estimated(p);
    p.what = CLASS_READ_AGAIN;
    assert_true(estimated(p) > invariant); /* the loop goes, too */
    p.what = CLASS_HOUSEKEEPING;
    double house = estimated(p);
    p.what = CLASS_SAME_VALUE;
    double mended = estimated(p);
    p.advice = NULL; /* nothing is known to help */
    assert_true(estimated(p) < mended);
    p.what = CLASS_NONE;
    p.marks = MARK_ATOMIC;
    double marked = estimated(p);
    assert_true(invariant > plain && plain > house && plain > marked);
    assert_true(estimated(after) < plain); /* ordinary communication */
    after.what = CLASS_LOOP_INVARIANT_LOAD;
    assert_true(estimated(after) > invariant); /* the load waits for the store */
}

/* What is loaded again long after counts less, by the part that it is of. */
static void test_distances(void **state)
{
    (void)state;
    const struct report_side load = side(ACCESS_LOAD, 8, 1);
    struct report_pair p = pair(DEFECT_SILENT_LOAD_AFTER_LOAD, load, load, 1000, 8000);
    double unknown = estimated(p);
    p.distance.known = true;
    p.distance.sums.spans[SPAN_BETWEEN] = 8000;
    double near = estimated(p);
    p.distance.sums.spans[SPAN_BETWEEN] = p.distance.sums.spans[SPAN_FAR] = 4000;
    double half = estimated(p);
    p.distance.sums.spans[SPAN_BETWEEN] = 0;
    double far = estimated(p);
    assert_true(near == unknown && near > half && half > 2 * far && far > 0);
    p.what = CLASS_READ_AGAIN; /* what it found may be kept */
    p.advice = "Keep it.";
    assert_true(estimated(p) > near);
}

static void test_grades(void **state)
{
    (void)state;
    struct report r = {.loads = 500, .stores = 500, .bytes_loaded = 2000, .bytes_stored = 2000};
    double all = 1 / effect_share(&r, 1);
    assert_int_equal(effect_grade(&r, 0), EFFECT_LOW);
    assert_int_equal(effect_grade(&r, 0.99 * EFFECT_MEDIUM_FROM * all), EFFECT_LOW);
    assert_int_equal(effect_grade(&r, 1.01 * EFFECT_MEDIUM_FROM * all), EFFECT_MEDIUM);
    assert_int_equal(effect_grade(&r, 0.99 * EFFECT_HIGH_FROM * all), EFFECT_MEDIUM);
    assert_int_equal(effect_grade(&r, 1.01 * EFFECT_HIGH_FROM * all), EFFECT_HIGH);
    assert_true(effect_share(&r, 10 * all) == 1);
    r = (struct report){0};
    assert_true(effect_share(&r, 1) == 0);
}

/* Three pairs, the most bytes first; by effect, and by instances, the second leads. */
static void select_three(struct report *r, enum select_sort sort, uint64_t top)
{
    struct error err = ERROR_INIT;
    const struct report_side store = side(ACCESS_STORE, 1, 9);
    *r = (struct report){.pairs = calloc(3, sizeof *r->pairs), .pair_count = 3};
    assert_non_null(r->pairs);
    r->pairs[0] = pair(DEFECT_DEAD_STORE, side(ACCESS_FILL, 0, 1), side(ACCESS_FILL, 0, 1), 2, 9000);
    r->pairs[1] = pair(DEFECT_DEAD_STORE, store, store, 8000, 8000);
    r->pairs[2] = pair(DEFECT_SILENT_STORE, store, store, 100, 100);
    effect_estimate(r);
    assert_true(report_select(r, &(struct report_selection){.sort = sort, .top = top}, &err));
}

static void free_three(struct report *r)
{
    free(r->pairs);
    free(r->ranked);
    free(r->places);
    free(r->dead);
    free(r->unread_places);
}

static void test_ranks(void **state)
{
    (void)state;
    static const struct {
        enum select_sort sort;
        uint64_t top;
        uint64_t pairs[3], ranked[3]; /* bytes */
    } cases[] = {
        {SELECT_DEFAULT, 0, {9000, 8000, 100}, {8000, 9000, 100}}, /* the list stays by bytes */
        {SELECT_EFFECT, 0, {8000, 9000, 100}, {8000, 9000, 100}},
        {SELECT_BYTES, 0, {9000, 8000, 100}, {9000, 8000, 100}},
        {SELECT_INSTANCES, 0, {8000, 9000, 100}, {8000, 100, 9000}},
        {SELECT_DEFAULT, 1, {8000, 100}, {8000, 100}},
        {SELECT_BYTES, 1, {9000, 100}, {9000, 100}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct report r;
        select_three(&r, cases[i].sort, cases[i].top);
        assert_int_equal(r.pair_count, cases[i].top ? 2 : 3);
        assert_int_equal(r.ranked_count, r.pair_count);
        for (size_t k = 0; k < r.pair_count; k++) {
            assert_int_equal(r.pairs[k].bytes, cases[i].pairs[k]);
            assert_int_equal(r.ranked[k]->bytes, cases[i].ranked[k]);
        }
        assert_int_equal(r.dead[0].bytes, cases[i].sort == SELECT_BYTES ? 9000 : 8000);
        free_three(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_widths),    cmocka_unit_test(test_sides),  cmocka_unit_test(test_classes),
        cmocka_unit_test(test_distances), cmocka_unit_test(test_grades), cmocka_unit_test(test_ranks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
