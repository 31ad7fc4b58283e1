/* The file of habits: what is kept comes back for the same module, and nothing else does; and it is kept when that is asked for. */
#include "api/habit_file.h"
#include "mem_tracer.h"
#include "trace/planes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t module[] = "a module's bytes, more than eight of them";

static int in_a_folder(void **state)
{
    (void)state;
    static char folder[] = "/tmp/test_habits_XXXXXX";
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
    struct habits f;
    habit_file_load(&f, module, sizeof module);
    assert_int_equal(f.count, 0);
    assert_null(f.by_site);
    struct habit by_site[20] = {
        [3] = {.kind = HABIT_STEADY, .key = mark_make(30, 0), .met = {2, 7}, .marks = 1},
        [7] = {.kind = HABIT_ODD},
        [19] = {.kind = HABIT_READ, .silent = {2, 63}, .often_silent = 1, .marks = 5},
    };
    uint32_t marks[12] = {[1] = mark_make(9, 0), [11] = mark_make(10, MARK_PUT)};
    struct habits habits = {by_site, 20, marks, 12};
    habit_file_save(module, sizeof module, &habits);
    habit_file_load(&f, module, sizeof module);
    assert_int_equal(f.count, 20);
    for (unsigned i = 0; i < 20; i++)
        assert_memory_equal(&f.by_site[i], &by_site[i], sizeof *by_site);
    assert_int_equal(f.mark_count, 12);
    assert_memory_equal(f.marks, marks, sizeof marks);
    habits_release(&f);
    habit_file_load(&f, module, sizeof module - 1);
    assert_int_equal(f.count, 0);

    by_site[3].kind = HABIT_COLD;
    habits.count = 4;
    habit_file_save(module, sizeof module, &habits);
    habit_file_load(&f, module, sizeof module);
    assert_int_equal(f.count, 4);
    assert_int_equal(f.by_site[3].kind, HABIT_COLD);
    habits_release(&f);
}

/* The only file in the folder of habits. */
static FILE *open_file(const char *mode)
{
    char command[300], path[300];
    snprintf(command, sizeof command, "ls '%s'/mem-tracer/habits/*", getenv("XDG_CACHE_HOME"));
    FILE *list = popen(command, "r");
    assert_non_null(list);
    assert_non_null(fgets(path, sizeof path, list));
    pclose(list);
    path[strcspn(path, "\n")] = '\0';
    return fopen(path, mode);
}

static void test_broken(void **state)
{
    (void)state;
    struct habit by_site[8] = {
        [2] = {.kind = HABIT_STEADY, .key = mark_make(30, 0)}, [5] = {.kind = HABIT_VARIED, .met = {1, 0}, .marks = 2}};
    uint32_t marks[5] = {mark_make(8, 0), 0, mark_make(9, 0), mark_make(9, 1), 0};
    const struct habits habits = {by_site, 8, marks, 5};
    habit_file_save(module, sizeof module, &habits);
    uint8_t bytes[300];
    FILE *f = open_file("rb");
    assert_non_null(f);
    size_t size = fread(bytes, 1, sizeof bytes, f);
    assert_true(size < sizeof bytes);
    fclose(f);
    struct habits read;
    for (size_t cut = 0; cut < size; cut++) {
        f = open_file("wb");
        assert_int_equal(fwrite(bytes, 1, cut, f), cut);
        fclose(f);
        habit_file_load(&read, module, sizeof module);
        assert_int_equal(read.count, 0);
    }
    static const uint8_t others[] = {0xff, 4};
    for (size_t i = 0; i < 2 * size; i++) { /* whatever stands there, what comes back is safe to make code from */
        uint8_t was = bytes[i / 2];
        bytes[i / 2] = others[i % 2];
        f = open_file("wb");
        assert_int_equal(fwrite(bytes, 1, size, f), size);
        fclose(f);
        bytes[i / 2] = was;
        habit_file_load(&read, module, sizeof module);
        for (size_t n = 0; n < read.count; n++) {
            const struct habit *h = &read.by_site[n];
            assert_true(h->kind <= HABIT_READ);
            assert_true(h->met.log2 <= 8 && h->silent.log2 <= 8 && h->mixed.log2 <= 8);
            assert_true(!h->mixed.log2 || h->kind == HABIT_VARIED);
            assert_true(h->kind != HABIT_STEADY || mark_is_plain(h->key));
            assert_true(h->kind == HABIT_COLD || h->marks + habit_marks(h, true) <= read.mark_count);
        }
        for (size_t n = 0; n < read.mark_count; n++)
            assert_true(!read.marks[n] || mark_is_plain(read.marks[n]));
        habits_release(&read);
    }
}

/* How many files there are in a folder of the user's cache, however deep. */
static unsigned files_in(const char *folder)
{
    char command[300];
    unsigned count = 0;
    snprintf(command, sizeof command, "find '%s/%s' -type f 2>/dev/null | wc -l", getenv("XDG_CACHE_HOME"), folder);
    FILE *list = popen(command, "r");
    assert_non_null(list);
    assert_int_equal(fscanf(list, "%u", &count), 1);
    pclose(list);
    return count;
}

/* A loop of 20,000 rounds that stores i at 8:
 *     (module (memory 1) (func (export "_start") (local i32) (loop (i32.store (i32.const 8) (local.get 0))
 *         (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 20000)))))) */
static const uint8_t hot[] = {0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x04, 0x01, 0x60, 0x00, 0x00,
                              0x03, 0x02, 0x01, 0x00, 0x05, 0x03, 0x01, 0x00, 0x01, 0x07, 0x0a, 0x01, 0x06, 0x5f,
                              0x73, 0x74, 0x61, 0x72, 0x74, 0x00, 0x00, 0x0a, 0x1e, 0x01, 0x1c, 0x01, 0x01, 0x7f,
                              0x03, 0x40, 0x41, 0x08, 0x20, 0x00, 0x36, 0x02, 0x00, 0x20, 0x00, 0x41, 0x01, 0x6a,
                              0x22, 0x00, 0x41, 0xa0, 0x9c, 0x01, 0x49, 0x0d, 0x00, 0x0b, 0x0b};

/* The library keeps compiled code and habits each when it is told to, and nothing else. */
static void test_options(void **state)
{
    (void)state;
    static const struct {
        bool cache, habits;
    } cases[] = {{false, false}, {false, true}, {true, false}, {true, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(remove_folder(NULL), 0);
        struct mem_tracer_options options = {.name = "a.wasm", .cache = cases[i].cache, .habits = cases[i].habits};
        struct mem_tracer_error error;
        char *json = NULL;
        assert_true(mem_tracer_run(hot, sizeof hot, &options, &json, &error));
        free(json);
        assert_int_equal(files_in("mem-tracer/habits"), cases[i].habits);
        assert_int_equal(files_in("wasmtime") > 0, cases[i].cache);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_broken),
        cmocka_unit_test(test_options),
    };
    return cmocka_run_group_tests(tests, in_a_folder, remove_folder);
}
