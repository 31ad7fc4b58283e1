/* Memory that is given to planes ahead of a program: where one goes through its memory, and nowhere else. */
#include "analyze/prefault.h"
#include "analyze/region.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include <cmocka.h>

enum { CHUNK = 2 << 20, PAGE = 4096 };
static const size_t plane_size = (size_t)1 << 32;

static unsigned resident_pages(const struct planes *planes, enum plane plane, unsigned chunk)
{
    unsigned char pages[CHUNK / PAGE];
    assert_int_equal(mincore(planes->plane[plane] + (size_t)chunk * CHUNK, CHUNK, pages), 0);
    unsigned count = 0;
    for (unsigned i = 0; i < CHUNK / PAGE; i++)
        count += pages[i] & 1;
    return count;
}

static void use(const struct planes *planes, enum plane plane, unsigned chunk)
{
    memset(planes->plane[plane] + (size_t)chunk * CHUNK, 0x80, CHUNK);
}

/* False: it did not come within half a minute. */
static bool comes(const struct planes *planes, enum plane plane, unsigned chunk)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    for (int i = 0; i < 30000; i++) {
        if (resident_pages(planes, plane, chunk) == CHUNK / PAGE)
            return true;
        nanosleep(&pause, NULL);
    }
    return false;
}

static void gives_what_comes_next(void **state)
{
    (void)state;
    struct planes planes = {0};
    for (int i = 0; i < PLANE_COUNT; i++) {
        planes.plane[i] = region_reserve(plane_size);
        assert_non_null(planes.plane[i]);
        madvise(planes.plane[i], plane_size, MADV_NOHUGEPAGE);
    }
    for (unsigned chunk = 40; chunk < 48; chunk++) /* a page of each chunk */
        planes.plane[PLANE_WRITER][(size_t)(chunk + 1) * CHUNK - 1] = 1;
    use(&planes, PLANE_TOUCH_BYTES, 700);
    struct prefault *p = prefault_new(&planes);
    assert_non_null(p);
    assert_true(comes(&planes, PLANE_TOUCH_BYTES, 701));
    use(&planes, PLANE_TOUCH_BYTES, 701);
    assert_true(comes(&planes, PLANE_TOUCH_BYTES, 702));
    use(&planes, PLANE_WRITER, 80); /* which is looked at later than 40 */
    assert_true(comes(&planes, PLANE_WRITER, 81));
    prefault_free(p);
    assert_int_equal(resident_pages(&planes, PLANE_TOUCH_BYTES, 699), 0);
    assert_int_equal(resident_pages(&planes, PLANE_TOUCH_BYTES, 703), 0);
    for (unsigned chunk = 40; chunk < 48; chunk++)
        assert_int_equal(resident_pages(&planes, PLANE_WRITER, chunk), 1);
    assert_int_equal(resident_pages(&planes, PLANE_WRITER, 48), 0);
    assert_int_equal(resident_pages(&planes, PLANE_WRITER, 82), 0);
    for (int i = 0; i < PLANE_COUNT; i++)
        region_release(planes.plane[i], plane_size);
}

/* Kernels before 5.14 have no such wish. */
static bool is_to_be_had(void)
{
    void *page = region_reserve(PAGE);
    bool ok = page && region_populate(page, PAGE);
    region_release(page, PAGE);
    return ok;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(gives_what_comes_next)};
    return is_to_be_had() ? cmocka_run_group_tests(tests, NULL, NULL) : 0;
}
