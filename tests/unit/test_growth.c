/* What the analyses keep in tables that grow: nothing of it is lost when they do. */
#include "analyze/clone_pairs.h"
#include "analyze/object_ids.h"
#include "analyze/region.h"
#include "analyze/shadow.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { ORIGINS = 100, OBJECTS = 300, CLONES = ORIGINS * OBJECTS, LIMIT = CLONES - 10 };

/* Far more clones than there are slots at first; the same pair of origin and object always gets the same one. */
static void test_object_ids(void **state)
{
    (void)state;
    static uint32_t clones[CLONES];
    static site_id ids[CLONES];
    struct site_table table = {.count = ORIGINS};
    struct object_ids o;
    assert_true(object_ids_open(&o, SITE_FIRST + ORIGINS + CLONES, LIMIT));
    for (uint32_t i = 0; i < CLONES; i++) {
        site_id origin = SITE_FIRST + i % ORIGINS;
        ids[i] = object_ids_get(&o, &table, clones, origin, i % ORIGINS, i / ORIGINS);
        if (i < LIMIT) {
            assert_int_equal(ids[i], SITE_FIRST + ORIGINS + i);
            assert_int_equal(clones[i], i % ORIGINS);
        } else {
            assert_int_equal(ids[i], origin); /* no room: the origin stands for all of its objects */
        }
    }
    assert_int_equal(table.clone_count, LIMIT);
    for (uint32_t i = CLONES; i-- > 0;)
        assert_int_equal(object_ids_get(&o, &table, clones, SITE_FIRST + i % ORIGINS, i % ORIGINS, i / ORIGINS),
                         ids[i]);
    assert_int_equal(table.clone_count, LIMIT);
    object_ids_close(&o);
}

#define FIRST ((size_t)1 << 12)
#define GRANULES (5 * FIRST)

/* More granules whose bytes differ than the arena has room for at first; what it moved is as it was. */
static void test_slots(void **state)
{
    (void)state;
    const size_t slot_size = 4 * sizeof(shadow_entry);
    static shadow_entry entries[GRANULES];
    struct slot_arena a = {.base = region_reserve(FIRST * slot_size), .used = 1, .capacity = FIRST};
    assert_non_null(a.base);
    for (size_t i = 0; i < GRANULES; i++) {
        entries[i] = entry_put((site_id)(SITE_FIRST + i % 1000));
        shadow_entry *slot = slot_take(&a, &entries[i]);
        assert_false(a.failed);
        slot[i % 4] = entry_put((site_id)(SITE_FIRST + 1000 + i % 1000));
    }
    assert_int_equal(a.capacity, 8 * FIRST);
    for (size_t i = 0; i < GRANULES; i++)
        for (size_t byte = 0; byte < 4; byte++)
            assert_int_equal(slot_at(&a, entries[i])[byte],
                             entry_put((site_id)(SITE_FIRST + (byte == i % 4 ? 1000u : 0) + i % 1000)));
    region_release(a.base, a.capacity * slot_size);
}

/* Pairs in the order in which they first came, each counted as often as it was added, whatever waited. */
static void test_clone_pairs(void **state)
{
    (void)state;
    enum { SECONDS = 200, ROUNDS = 3 };
    struct clone_pairs t = {0};
    for (uint32_t round = 0; round < ROUNDS; round++)
        for (uint32_t i = 0; i < CLONES; i++)
            assert_true(clone_pairs_add(
                &t, pair_key(i % DEFECT_KINDS, SITE_FIRST + i / SECONDS, SITE_FIRST + i % SECONDS), round + 1, i));
    assert_true(clone_pairs_settle(&t));
    assert_int_equal(t.count, CLONES);
    for (uint32_t i = 0; i < CLONES; i++) {
        const struct clone_pair *p = &t.pairs[i];
        assert_int_equal(pair_key_kind(p->key), i % DEFECT_KINDS);
        assert_int_equal(pair_key_first(p->key), SITE_FIRST + i / SECONDS);
        assert_int_equal(pair_key_second(p->key), SITE_FIRST + i % SECONDS);
        assert_int_equal(p->instances, 1 + 2 + 3);
        assert_int_equal(p->bytes, (uint64_t)ROUNDS * i);
        assert_int_equal(clone_pairs_put(&t, &(struct clone_pair){.key = p->key}), i);
    }
    clone_pairs_release(&t);
}

/* Where there is no room for a pair of clones, its sites' has it; one that is there already is still counted. */
static void test_clone_pairs_limit(void **state)
{
    (void)state;
    enum { SITES = 2, EACH = 10, ROOM = 4 };
    uint32_t clones[SITES * EACH];
    for (uint32_t i = 0; i < SITES * EACH; i++)
        clones[i] = i % SITES;
    const struct site_table table = {.count = SITES, .clones = clones, .clone_count = SITES * EACH};
    struct clone_pairs t = {.table = &table, .limit = ROOM};
    const site_id first_clone = SITE_FIRST + SITES;
    for (int round = 0; round < 2; round++)
        for (uint32_t i = 0; i < EACH; i++) /* clones of the first site, and of the second */
            assert_true(
                clone_pairs_add(&t, pair_key(DEFECT_DEAD_STORE, first_clone + 2 * i, first_clone + 2 * i + 1), 1, 4));
    assert_true(clone_pairs_settle(&t));
    assert_int_equal(t.count, ROOM + 1);
    for (uint32_t i = 0; i < ROOM; i++) {
        assert_int_equal(t.pairs[i].key, pair_key(DEFECT_DEAD_STORE, first_clone + 2 * i, first_clone + 2 * i + 1));
        assert_int_equal(t.pairs[i].instances, 2);
    }
    assert_int_equal(t.pairs[ROOM].key, pair_key(DEFECT_DEAD_STORE, SITE_FIRST, SITE_FIRST + 1));
    assert_int_equal(t.pairs[ROOM].instances, 2 * (EACH - ROOM));
    assert_int_equal(t.pairs[ROOM].bytes, 2 * (EACH - ROOM) * 4);
    clone_pairs_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_object_ids),
        cmocka_unit_test(test_clone_pairs),
        cmocka_unit_test(test_clone_pairs_limit),
        cmocka_unit_test(test_slots),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
