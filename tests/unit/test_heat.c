/* Heat: what is kept of a run comes back for the same module, and only where it is worth a new file. */
#include "api/heat.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t module[] = "a module's bytes, more than eight of them";

static bool has(const struct heat *h, unsigned site)
{
    return h->sites > site && (h->bits.data[site / 8] >> site % 8 & 1);
}

static int in_a_folder(void **state)
{
    (void)state;
    static char folder[] = "/tmp/test_heat_XXXXXX";
    return mkdtemp(folder) && setenv("XDG_CACHE_HOME", folder, 1) == 0 ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[200];
    snprintf(command, sizeof command, "rm -rf '%s'", getenv("XDG_CACHE_HOME"));
    return system(command);
}

static void test_round_trip(void **state)
{
    (void)state;
    struct heat none, some, other;
    heat_load(&none, module, sizeof module);
    assert_int_equal(none.sites, 0);
    uint64_t counts[20] = {[3] = 5000, [7] = 100000, [12] = 1, [19] = 90000};
    heat_save(&none, module, sizeof module, counts, 20, 20);
    heat_load(&some, module, sizeof module);
    assert_int_equal(some.sites, 20);
    for (unsigned i = 0; i < 20; i++)
        assert_int_equal(has(&some, i), i == 3 || i == 7 || i == 19);
    heat_load(&other, module, sizeof module - 1);
    assert_int_equal(other.sites, 0);

    uint64_t alike[20] = {[7] = 100, [19] = 100, [5] = 20}; /* less than a tenth is new */
    heat_save(&some, module, sizeof module, alike, 20, 20);
    heat_release(&other);
    heat_load(&other, module, sizeof module);
    assert_false(has(&other, 5));
    uint64_t new[20] = {[7] = 100, [5] = 50};
    heat_save(&some, module, sizeof module, new, 20, 20);
    heat_release(&other);
    heat_load(&other, module, sizeof module);
    assert_true(has(&other, 5) && has(&other, 3) && has(&other, 19) && !has(&other, 12));
    heat_release(&none);
    heat_release(&some);
    heat_release(&other);
}

static void test_limit(void **state)
{
    (void)state;
    struct heat h, after;
    heat_load(&h, module, 9);
    uint64_t counts[8] = {9, 8, 7, 6, 5, 4, 3, 2};
    heat_save(&h, module, 9, counts, 8, 3);
    heat_load(&after, module, 9);
    unsigned hot = 0;
    for (unsigned i = 0; i < 8; i++)
        hot += has(&after, i);
    assert_int_equal(hot, 3);
    assert_true(has(&after, 0) && has(&after, 1) && has(&after, 2));
    heat_release(&h);
    heat_release(&after);
}

static void test_nothing_ran(void **state)
{
    (void)state;
    struct heat h;
    heat_load(&h, module, 5);
    uint64_t counts[4] = {0};
    heat_save(&h, module, 5, counts, 4, 4);
    heat_load(&h, module, 5);
    assert_int_equal(h.sites, 0);
    heat_release(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_nothing_ran),
    };
    return cmocka_run_group_tests(tests, in_a_folder, remove_folder);
}
