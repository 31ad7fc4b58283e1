/* The grid of addresses and time: nothing is lost when rows and columns come to stand for more. */
#include "analyze/memory_map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static uint64_t sum(const struct memory_map *m, unsigned what)
{
    uint64_t all = 0;
    for (size_t i = 0; i < (size_t)m->rows * m->columns; i++)
        all += m->cells[i][what];
    return all;
}

static const uint64_t *cell(const struct memory_map *m, uint64_t address, uint64_t tick)
{
    uint64_t column = tick * MAP_TICK / m->column_records;
    return m->cells[column * m->rows + address / m->row_bytes];
}

static void test_small(void **state)
{
    (void)state;
    struct map_grid *g = map_grid_new();
    struct memory_map m;
    map_grid_add(g, DEFECT_DEAD_STORE, 255, 4); /* all in the row in which it begins */
    map_grid_add_range(g, DEFECT_SILENT_STORE, 255, 4);
    map_grid_time(g, 1);
    map_grid_add(g, MAP_TOUCHED, 600, 8);
    assert_true(map_grid_copy(g, &m));
    assert_int_equal(m.row_bytes, 256);
    assert_int_equal(m.column_records, MAP_TICK);
    assert_int_equal(m.rows, 3);
    assert_int_equal(m.columns, 2);
    assert_int_equal(cell(&m, 0, 0)[DEFECT_DEAD_STORE], 4);
    assert_int_equal(cell(&m, 0, 0)[DEFECT_SILENT_STORE], 1);
    assert_int_equal(cell(&m, 256, 0)[DEFECT_SILENT_STORE], 3);
    assert_int_equal(cell(&m, 600, 1)[MAP_TOUCHED], 8);
    free(m.cells);
    free(m.shares);
    free(g);
}

/* Addresses over 16 TiB, times over 2^40: against sums of what lies in the same cell in the end. */
static void test_growing(void **state)
{
    (void)state;
    enum { COUNT = 3000 };
    static uint64_t addresses[COUNT], ticks[COUNT];
    struct map_grid *g = map_grid_new();
    struct memory_map m;
    uint64_t random = 88172645463325252U, tick = 0;
    for (unsigned i = 0; i < COUNT; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        unsigned scale = i * 44 / COUNT;
        addresses[i] = random % ((uint64_t)2 << scale);
        ticks[i] = tick += (random >> 40) % ((uint64_t)1 << scale * 40 / 44);
        map_grid_time(g, ticks[i]);
        if (i % 2)
            map_grid_add(g, i % MAP_COUNTS, addresses[i], i + 1);
        else
            map_grid_add_range(g, i % MAP_COUNTS, addresses[i], 1);
    }
    assert_true(map_grid_copy(g, &m));
    assert_true(m.rows <= MAP_ROWS && m.columns <= MAP_COLUMNS && m.rows > MAP_ROWS / 4 &&
                m.columns > MAP_COLUMNS / 2 - 1);
    for (unsigned what = 0; what < MAP_COUNTS; what++) {
        uint64_t all = 0;
        for (unsigned i = what; i < COUNT; i += MAP_COUNTS)
            all += i % 2 ? i + 1 : 1;
        assert_int_equal(sum(&m, what), all);
    }
    for (unsigned i = 0; i < COUNT; i += 50) { /* each cell holds what lies there, whenever it was put */
        const uint64_t *have = cell(&m, addresses[i], ticks[i]);
        uint64_t want = 0;
        for (unsigned k = i % MAP_COUNTS; k < COUNT; k += MAP_COUNTS)
            if (cell(&m, addresses[k], ticks[k]) == have)
                want += k % 2 ? k + 1 : 1;
        assert_int_equal(have[i % MAP_COUNTS], want);
    }
    free(m.cells);
    free(m.shares);
    free(g);
}

static uint64_t share_of(const struct memory_map *m, uint64_t address, site_id first)
{
    for (unsigned i = 0; i < MAP_SHARES; i++) {
        const struct map_share *s = &m->shares[address / m->row_bytes][i];
        if (s->bytes && s->first == first && s->second == first + 1 && s->kind == DEFECT_DEAD_STORE)
            return s->bytes;
    }
    return 0;
}

/* Rows that come to stand for more have the pairs of all that they were. */
static void test_shares_growing(void **state)
{
    (void)state;
    struct map_grid *g = map_grid_new();
    struct memory_map m;
    for (unsigned i = 0; i < 1000; i++) {
        uint64_t address = (uint64_t)i * i * 3;
        map_grid_add_pair(g, DEFECT_DEAD_STORE, 10 + i % 5, 11 + i % 5, address, 4);
        map_grid_add_pair_range(g, DEFECT_DEAD_STORE, 20, 21, address, 300);
    }
    assert_true(map_grid_copy(g, &m));
    assert_true(m.row_bytes > 256);
    uint64_t sums[21] = {0};
    for (uint32_t row = 0; row < m.rows; row++)
        for (site_id first = 10; first < 21; first++)
            sums[first] += share_of(&m, row * m.row_bytes, first);
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(sums[10 + i], 200 * 4);
    assert_int_equal(sums[20], 1000 * 300);
    free(m.cells);
    free(m.shares);
    free(g);
}

/* More pairs than a row has room for: those that have most are there, with less than one part in MAP_SHARES too much. */
static void test_many_shares(void **state)
{
    (void)state;
    enum { PAIRS = 500, LARGE = 6 };
    struct map_grid *g = map_grid_new();
    struct memory_map m;
    uint64_t have[PAIRS] = {0}, all = 0, random = 88172645463325252U, kept = 0;
    for (unsigned i = 0; i < 40000; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        unsigned pair = random % 2 ? (unsigned)(random >> 20) % LARGE : (unsigned)(random >> 20) % PAIRS;
        map_grid_add_pair(g, DEFECT_DEAD_STORE, 10 + pair, 11 + pair, 8, 1 + random % 8);
        have[pair] += 1 + random % 8;
        all += 1 + random % 8;
    }
    assert_true(map_grid_copy(g, &m));
    for (unsigned i = 0; i < MAP_SHARES; i++)
        kept += m.shares[0][i].bytes;
    assert_int_equal(kept, all);
    for (unsigned pair = 0; pair < LARGE; pair++)
        assert_in_range(share_of(&m, 0, 10 + pair), have[pair], have[pair] + all / MAP_SHARES);
    free(m.cells);
    free(m.shares);
    free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_small), cmocka_unit_test(test_growing),
                                       cmocka_unit_test(test_shares_growing), cmocka_unit_test(test_many_shares)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
