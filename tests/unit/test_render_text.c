/* The text blocks of -f and -ff, and the spool that the second is printed from. */
#include "render/render.h"
#include "render_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static void test_by_location(void **state)
{
    (void)state;
    struct report r = fixture_report();
    struct capture c;
    capture_open(&c);
    render_text(&c.out, &r);
    assert_string_equal(capture_close(&c),
                        "DedupDefects (by wasm binary addr) {\n"
                        "  dead_store_pairs (2 entries):\n"
                        "    (1234, 1234)  // 2 times, 8 bytes: main -> main\n"
                        "    (1234, 0)  // 1 times, 4 bytes: main -> outside\n"
                        "  silent_store_pairs (3 entries):\n"
                        "    (init, 1234)  // 5 times, 9007199254740993 bytes: init -> main\n"
                        "    (host, 1234)  // 5 times, 20 bytes: host -> main\n"
                        "    (ABCDEF, 1234)  // 5 times, 20 bytes: copy<char> -> main\n"
                        "  silent_load_pairs (2 entries):\n"
                        "    (ABCDEF, ABCDEF)  // after load, 1500 times, 3000000 bytes: copy<char> -> copy<char>\n"
                        "    (1234, ABCDEF)  // after store, 1 times, 1 bytes: main -> copy<char>\n"
                        "}\n");
    capture_free(&c);

    r = fixture_lines_report();
    capture_open(&c);
    render_text(&c.out, &r);
    capture_close(&c);
    assert_non_null(strstr(c.text, "    (1234, 1234)  // 2 times, 8 bytes: put (/src/a.h:12) -> put (/src/a.h:12)\n"
                                   "    (1234, 0)  // 1 times, 4 bytes: main -> outside\n"));
    capture_free(&c);

    r = fixture_empty_report();
    capture_open(&c);
    render_text(&c.out, &r);
    assert_string_equal(capture_close(&c), "DedupDefects (by wasm binary addr) {\n"
                                           "  dead_store_pairs (0 entries):\n"
                                           "  silent_store_pairs (0 entries):\n"
                                           "  silent_load_pairs (0 entries):\n"
                                           "}\n");
    capture_free(&c);
}

static void test_by_index(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    struct pair_spool spool;
    assert_true(pair_spool_open(&spool, &err));
    struct index_sink sink = pair_spool_sink(&spool);
    static const struct index_pair pairs[] = {
        {DEFECT_SILENT_STORE, INDEX_INIT, 0, 4},
        {DEFECT_SILENT_STORE, INDEX_HOST, 0, 3},
        {DEFECT_DEAD_STORE, 15, 42, 4},
        {DEFECT_SILENT_LOAD_AFTER_LOAD, 40, 43, 1},
        {DEFECT_SILENT_LOAD_AFTER_STORE, 40, 43, 2},
        {DEFECT_DEAD_STORE, 0, 5000000000, 8},
        {DEFECT_DEAD_STORE, 4999999999, 5000000000, 500},
        {DEFECT_SILENT_STORE, 15, 5000000001, 6000000000},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        assert_true(sink.pair(sink.self, &pairs[i]));
    for (int twice = 0; twice < 2; twice++) {
        struct capture c;
        capture_open(&c);
        assert_true(render_index_text(&c.out, &spool));
        assert_string_equal(capture_close(&c), "DefectResults (by index) {\n"
                                               "  dead_store_pairs (3 entries):\n"
                                               "    (15, 42)  // 4 bytes\n"
                                               "    (0, 5000000000)  // 8 bytes\n"
                                               "    (4999999999, 5000000000)  // 500 bytes\n"
                                               "  silent_store_pairs (3 entries):\n"
                                               "    (init, 0)  // 4 bytes\n"
                                               "    (host, 0)  // 3 bytes\n"
                                               "    (15, 5000000001)  // 6000000000 bytes\n"
                                               "  silent_load_pairs (2 entries):\n"
                                               "    (40, 43)  // after load, 1 bytes\n"
                                               "    (40, 43)  // after store, 2 bytes\n"
                                               "}\n");
        capture_free(&c);
    }
    pair_spool_close(&spool);
    assert_int_equal(err.code, ERROR_NONE);
}

/* Up to 2^62, with small numbers likely. */
static uint64_t random_number(void)
{
    uint64_t n = (uint64_t)rand() << 31 | (uint64_t)rand();
    return n >> (rand() % 62);
}

/* What goes in comes out, list by list. */
static void test_pair_spool(void **state)
{
    (void)state;
    enum { COUNT = 100000 };
    struct error err = ERROR_INIT;
    struct pair_spool spool;
    assert_true(pair_spool_open(&spool, &err));
    struct index_sink sink = pair_spool_sink(&spool);
    struct index_pair *pairs = calloc(COUNT, sizeof *pairs);
    assert_non_null(pairs);
    srand(7);
    uint64_t second = 0;
    for (size_t i = 0; i < COUNT; i++) {
        second += i == 5 ? (uint64_t)1 << 61 : random_number() >> 24;
        int first = rand() % 10;
        pairs[i] = (struct index_pair){.kind = (uint8_t)(rand() % DEFECT_KINDS),
                                       .first = first == 0 || second == 0 ? INDEX_INIT
                                                : first == 1              ? INDEX_HOST
                                                                          : random_number() % second,
                                       .second = second,
                                       .bytes = random_number()};
        assert_true(sink.pair(sink.self, &pairs[i]));
    }
    for (enum pair_list list = 0; list < PAIR_LISTS; list++) {
        assert_true(pair_spool_rewind(&spool, list));
        struct index_pair got;
        uint64_t count = 0;
        for (size_t i = 0; i < COUNT; i++) {
            enum pair_list in = pairs[i].kind == DEFECT_DEAD_STORE     ? LIST_DEAD_STORE
                                : pairs[i].kind == DEFECT_SILENT_STORE ? LIST_SILENT_STORE
                                                                       : LIST_SILENT_LOAD;
            if (in != list)
                continue;
            assert_true(pair_spool_next(&spool, list, &got));
            assert_true(got.kind == pairs[i].kind && got.first == pairs[i].first && got.second == pairs[i].second &&
                        got.bytes == pairs[i].bytes);
            count++;
        }
        assert_false(pair_spool_next(&spool, list, &got));
        assert_false(spool.files[list].failed);
        assert_true(count == spool.counts[list]);
    }
    free(pairs);
    pair_spool_close(&spool);
}

static void test_spool_cut_short(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    struct pair_spool spool;
    assert_true(pair_spool_open(&spool, &err));
    assert_true(spool_put(&spool.files[LIST_DEAD_STORE], "\x05\x80", 2));
    struct capture c;
    capture_open(&c);
    assert_false(render_index_text(&c.out, &spool));
    assert_int_equal(err.code, ERROR_IO);
    assert_non_null(strstr(err.message, "cannot read a temporary file in '"));
    capture_free(&c);
    pair_spool_close(&spool);
}

/* A limit on the size of files stands in for a full disk. */
static void test_spool_full(void **state)
{
    (void)state;
    struct rlimit old, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = (struct rlimit){.rlim_cur = 1 << 20, .rlim_max = old.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    struct error err = ERROR_INIT;
    struct pair_spool spool;
    assert_true(pair_spool_open(&spool, &err));
    struct index_sink sink = pair_spool_sink(&spool);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    size_t put = 0;
    while (put < 10000000 && sink.pair(sink.self, &(struct index_pair){DEFECT_DEAD_STORE, 1, 1000 * (put + 1), 4}))
        put++;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_true(put > 1000 && put < 10000000);
    assert_int_equal(err.code, ERROR_IO);
    assert_non_null(strstr(err.message, "cannot write a temporary file in '"));
    assert_non_null(strstr(err.message, strerror(EFBIG)));
    assert_false(sink.pair(sink.self, &(struct index_pair){DEFECT_DEAD_STORE, 1, 2, 4}));
    assert_false(pair_spool_rewind(&spool, LIST_DEAD_STORE));
    pair_spool_close(&spool);
}

static void test_temporary_directory(void **state)
{
    (void)state;
    const char *old = getenv("TMPDIR");
    char *kept = old ? strdup(old) : NULL;
    struct pair_spool spool;
    struct record_spool records;
    struct error err = ERROR_INIT;
    setenv("TMPDIR", "/nowhere/\n", 1);
    assert_false(pair_spool_open(&spool, &err));
    assert_string_equal(err.message,
                        "cannot make a temporary file in '/nowhere/\xEF\xBF\xBD': No such file or directory");
    err = ERROR_INIT;
    assert_false(record_spool_open(&records, &err));
    assert_int_equal(err.code, ERROR_IO);
    pair_spool_close(&spool);
    record_spool_close(&records);
    setenv("TMPDIR", "", 1); /* as if it were not set */
    err = ERROR_INIT;
    assert_true(pair_spool_open(&spool, &err));
    pair_spool_close(&spool);
    if (kept)
        setenv("TMPDIR", kept, 1);
    else
        unsetenv("TMPDIR");
    free(kept);
}

static void test_full_disk(void **state)
{
    (void)state;
    FILE *full = fopen("/dev/full", "w");
    assert_non_null(full);
    struct report r = fixture_report();
    struct output out;
    struct error err = ERROR_INIT;
    output_init(&out, full, "/dev/full");
    render_text(&out, &r);
    assert_false(output_finish(&out, &err));
    assert_string_equal(err.message, "cannot write '/dev/full': No space left on device");
    fclose(full);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_location), cmocka_unit_test(test_by_index),
        cmocka_unit_test(test_pair_spool),  cmocka_unit_test(test_spool_cut_short),
        cmocka_unit_test(test_spool_full),  cmocka_unit_test(test_temporary_directory),
        cmocka_unit_test(test_full_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
