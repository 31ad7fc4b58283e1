/* The summary: its words, its order, and that it fits into 100 columns whatever the numbers and names. */
#include "render/render.h"
#include "render_fixture.h"
#include "report/select.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

static void check(const struct report *r, const char *want)
{
    struct capture c;
    capture_open(&c);
    render_details(&c.out, r);
    assert_string_equal(capture_close(&c), want);
    capture_free(&c);
}

/* As the command line does it: all pairs are wanted. */
static struct report selected(struct report r)
{
    struct error err = ERROR_INIT;
    assert_true(report_select(&r, &(struct report_selection){0}, &err));
    return r;
}

static void test_whole(void **state)
{
    (void)state;
    struct report r = selected(fixture_report());
    check(&r, "Memory use of a.wasm (137.1 KiB)\n"
              "\n"
              "The program ended by itself, with exit status 7.\n"
              "\n"
              "Redundant loads, by the place that loads again (1 of 1 places)\n"
              "       bytes    share  added up          times\n"
              "     2.9 MiB     100%      100%          1,500  copy<char> @ABCDEF\n"
              "\n"
              "Dead stores, by both places (2 of 2 pairs of places)\n"
              "       bytes    share  added up          times\n"
              "     8 bytes    66.7%     66.7%              2  main @1234\n"
              "                                                then the same again\n"
              "     4 bytes    33.3%      100%              1  main @1234\n"
              "                                                then outside\n"
              "\n"
              "1,234,567 accesses: 1,000,000 loads, 234,540 stores, 1 atomic update, 5 atomic waits, 2 fills,\n"
              "  3 copies, 4 inits, 6 reads by the host, 7 writes by the host\n"
              "3.8 MiB loaded, 8.0 EiB stored, of which 16 bytes were unread at the end\n"
              "\n"
              "                           bytes             share             times      pairs   a million*\n"
              "redundant loads          2.9 MiB   75.0% of loaded             1,500          1      2.3 MiB\n"
              "    fetched again, and not written since: the program has had the value\n"
              "dead stores             12 bytes   <0.1% of stored                 3          2      9 bytes\n"
              "    overwritten before anything read them\n"
              "silent stores            8.0 PiB    100% of stored                15          3      6.5 PiB\n"
              "    wrote what memory held already\n"
              "loads after a store       1 byte   <0.1% of loaded                 1          1      0 bytes\n"
              "    fetched what the program had just put there: often ordinary communication through memory\n"
              "* bytes in a million accesses, so that runs of different length compare\n"
              "\n"
              "The worst pairs of redundant loads, dead and silent stores (6 of 6):\n"
              "  1. silent store, 8.0 PiB, 5 times: low effect, >99.9% of the waste\n"
              "      first  init      (the memory's initial content)\n"
              "      then   1234      i32.store                  main\n"
              "  2. redundant load, 2.9 MiB, 1,500 times: low effect, <0.1% of the waste\n"
              "      first  ABCDEF    v128.load32_splat          copy<char>\n"
              "      then   ABCDEF    v128.load32_splat          copy<char>\n"
              "  3. silent store, 20 bytes, 5 times: low effect, <0.1% of the waste\n"
              "      first  host      (written by the host)\n"
              "      then   1234      i32.store                  main\n"
              "  4. silent store, 20 bytes, 5 times: low effect, <0.1% of the waste\n"
              "      first  ABCDEF    v128.load32_splat          copy<char>\n"
              "      then   1234      i32.store                  main\n"
              "  5. dead store, 8 bytes, 2 times: low effect, <0.1% of the waste\n"
              "      first  1234      i32.store                  main\n"
              "      then   1234      i32.store                  main\n"
              "  6. dead store, 4 bytes, 1 time: low effect, <0.1% of the waste\n"
              "      first  1234      i32.store                  main\n"
              "      then   0                                    outside\n"
              "\n"
              "The largest pairs of loads after a store, often ordinary communication (1 of 1):\n"
              "  1. load after a store, 1 byte, 1 time: low effect, 100% of these\n"
              "      first  1234      i32.store                  main\n"
              "      then   ABCDEF    v128.load32_splat          copy<char>\n"
              "\n"
              "The module shares memory with other threads. What they do to it was not observed.\n"
              "\n"
              "Imports that may do anything to memory were called. Each call hides the defects across it:\n"
              "  env.f: 3 calls\n"
              "  env.g\"\\: 1 call\n"
              "\n"
              "More: -f lists all pairs by place (7), -ff each one by trace index, -fff the whole trace;\n"
              "--format json is for scripts.\n");
    free(r.ranked);
    free(r.places);
    free(r.dead);
    free(r.unread_places);
}

static void test_widths(void **state)
{
    (void)state;
    static const unsigned widths[] = {0, 61, 80, 91, 92, 150, 1000};
    char name[251] = "";
    memset(name, 'n', 250);
    memcpy(name, "qbeg", 4);
    memcpy(name + 247, "end", 3);
    struct report r = fixture_report();
    r.pairs[0].first.name = name;
    r = selected(r);
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        struct capture c;
        capture_open(&c);
        c.out.columns = widths[i];
        render_details(&c.out, &r);
        capture_close(&c);
        assert_true((strstr(c.text, name) != NULL) == (widths[i] == 0 || widths[i] == 1000));
        assert_true((strstr(c.text, "a million*\n") != NULL) == (!widths[i] || widths[i] >= 92));
        const char *begin = strstr(strstr(c.text, "The worst pairs"), "qbeg"),
                   *end = begin ? strchr(begin, '\n') : NULL;
        assert_non_null(end);
        assert_memory_equal(end - 3, "end", 3);
        const char *start = begin;
        while (start[-1] != '\n')
            start--;
        size_t columns = (size_t)(end - start); /* of these, an ellipsis has 3 bytes */
        if (widths[i] && widths[i] < 1000)
            assert_int_equal(columns - 2, widths[i]);
        capture_free(&c);
    }
    free(r.ranked);
    free(r.places);
    free(r.dead);
    free(r.unread_places);
}

static void test_lines(void **state)
{
    (void)state;
    struct report r = selected(fixture_lines_report());
    struct capture c;
    capture_open(&c);
    c.out.columns = 100;
    render_details(&c.out, &r);
    capture_close(&c);
    static const char *const parts[] = {
        "      first  1234      i32.store                  put\n"
        "                       /src/a.h:12\n"
        "                         c->key = \"k\";\n"
        "                       inlined into put_all, /src/a.h:30\n"
        "                       inlined into a function without a name, …/each/other/b.c:4294967295\n"
        "                       inlined into main\n"
        "      then   1234      i32.store                  put\n"
        "  6. ", /* the same place is not shown twice */
        "      first  1234      i32.store                  main\n"
        "                       /src/b.c\n"
        "      then   0                                    outside\n",
        "\nSource lines were found for 60.0% of the bytes in pairs; for the rest:\n"
        "  it is night (30.0%)\n"
        "  nobody knows (10.0%)\n",
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (!strstr(c.text, parts[i]))
            fail_msg("no %s in %s", parts[i], c.text);
    capture_free(&c);

    r.lines.source = NULL;
    capture_open(&c);
    c.out.columns = 100;
    render_details(&c.out, &r);
    capture_close(&c);
    assert_non_null(
        strstr(c.text, "\nNo source lines: the module has no debug information (compile and link it with -g).\n"));
    capture_free(&c);
    free(r.ranked);
    free(r.places);
    free(r.dead);
    free(r.unread_places);
}

static void test_endings(void **state)
{
    (void)state;
    static const struct {
        const char *trap, *want;
    } cases[] = {
        {"unreachable", "\nThe program trapped: unreachable.\n"},
        {"interrupt", "\nA signal interrupted the program; this is about what ran before.\n"},
        {"timeout", "\nThe program ran into the time limit; this is about what ran before.\n"},
        {"invalid exit status", "\nThe program ended itself with an exit status that is not allowed (126 or more).\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct report r = fixture_empty_report();
        r.trap = cases[i].trap;
        struct capture c;
        capture_open(&c);
        render_details(&c.out, &r);
        capture_close(&c);
        assert_non_null(strstr(c.text, cases[i].want));
        assert_non_null(strstr(c.text, "\n0 accesses\n"));
        assert_non_null(strstr(c.text, "\nNo dead store, silent store or silent load was seen.\n"));
        assert_null(strstr(c.text, "worst"));
        capture_free(&c);
    }
}

/* Ten of the kinds that are waste, by bytes; three of the loads after a store, apart. */
static void test_worst(void **state)
{
    (void)state;
    enum { EACH = 20 };
    static const struct report_side side = {.loc = 1, .name = "f", .op = "i32.load"};
    struct report_pair pairs[DEFECT_KINDS * EACH];
    size_t count = 0;
    for (uint8_t kind = 0; kind < DEFECT_KINDS; kind++) {
        for (uint64_t i = 0; i < EACH; i++, count++) {
            uint64_t bytes = kind == DEFECT_SILENT_LOAD_AFTER_STORE ? 900 - i : 500 - 4 * i - kind;
            pairs[count] =
                (struct report_pair){.kind = kind, .first = side, .second = side, .instances = 1, .bytes = bytes};
        }
    }
    struct report r = fixture_empty_report();
    r.pairs = pairs;
    r.pair_count = count;
    r = selected(r);
    struct capture c;
    capture_open(&c);
    render_details(&c.out, &r);
    capture_close(&c);
    static const char *const ranks[] = {
        "(10 of 60):\n  1. dead store, 500 bytes,",
        "  2. redundant load, 499 bytes,",
        "  3. silent store, 497 bytes,",
        "  4. dead store, 496 bytes,",
        "  10. dead store, 488 bytes,",
        "(3 of 20):\n  1. load after a store, 900 bytes,",
        "  3. load after a store, 898 bytes,",
    };
    const char *at = strstr(c.text, "The worst pairs");
    for (size_t i = 0; i < sizeof ranks / sizeof *ranks; i++) {
        at = strstr(at, ranks[i] + (i == 4 ? 1 : 0));
        if (!at)
            fail_msg("no %s in %s", ranks[i], c.text);
    }
    assert_null(strstr(c.text, " 11. "));
    assert_null(strstr(at, " 4. "));
    capture_free(&c);
    free(r.ranked);
    free(r.places);
    free(r.dead);
    free(r.unread_places);
}

static const struct report_side side_f = {.loc = 1, .name = "f", .op = "i32.load"};
static const struct report_side side_g = {.loc = 2, .name = "g", .op = "i32.load"};

/* Three pairs, one of them housekeeping; at most `top` are listed. */
static char *render_three(struct report_selection selection, struct report *r)
{
    struct report_pair pairs[] = {
        {.kind = DEFECT_DEAD_STORE, .first = side_f, .second = side_g, .instances = 1, .bytes = 50},
        {.kind = DEFECT_DEAD_STORE,
         .first = side_g,
         .second = side_g,
         .instances = 1,
         .bytes = 30,
         .what = CLASS_HOUSEKEEPING},
        {.kind = DEFECT_DEAD_STORE, .first = side_f, .second = side_f, .instances = 1, .bytes = 20},
    };
    struct error err = ERROR_INIT;
    *r = fixture_empty_report();
    r->pairs = pairs;
    r->pair_count = 3;
    assert_true(report_select(r, &selection, &err));
    struct capture c;
    capture_open(&c);
    render_details(&c.out, r);
    char *text = strdup(capture_close(&c));
    capture_free(&c);
    free(r->ranked);
    free(r->places);
    free(r->dead);
    free(r->unread_places);
    assert_non_null(text);
    return text;
}

static void assert_has(const char *text, const char *part, bool wanted)
{
    if ((strstr(text, part) != NULL) != wanted)
        fail_msg("%s %s in %s", wanted ? "no" : "not wanted:", part, text);
}

/* Housekeeping has no rank, but its bytes count in shares; --top does not change how many pairs there are. */
static void test_folded(void **state)
{
    (void)state;
    struct report r;
    char *text = render_three((struct report_selection){0}, &r);
    assert_has(text, "silent stores (2 of 2):", true);
    assert_has(text, "  1. dead store, 50 bytes, 1 time: low effect, 50.0% of the waste\n", true);
    assert_has(text, "  2. dead store, 20 bytes, 1 time: low effect, 20.0% of the waste\n", true);
    assert_has(text,
               "\nNot listed, the allocator's and runtime's own work: 1 pair; --housekeeping show lists them.\n"
               "  30 bytes of dead stores\n",
               true);
    assert_int_equal(r.pair_count, 3);
    free(text);

    text = render_three((struct report_selection){.show_housekeeping = true}, &r);
    assert_has(text, "silent stores (3 of 3):", true);
    assert_has(text, "  2. dead store, 30 bytes, 1 time: low effect, 30.0% of the waste\n", true);
    assert_has(text, "Not listed", false);
    free(text);

    text = render_three((struct report_selection){.top = 1}, &r);
    assert_has(text, "Dead stores, by both places (1 of 2 pairs of places)\n", true);
    assert_has(text, "silent stores (1 of 2):", true);
    assert_has(text, "  1. dead store, 50 bytes, 1 time: low effect, 50.0% of the waste", true);
    assert_has(text, "  2. ", false);
    assert_int_equal(r.pair_count, 1);
    free(text);

    text = render_three((struct report_selection){.top = 2}, &r); /* what has no rank does not take one's place */
    assert_has(text, "  2. dead store, 20 bytes", true);
    free(text);
}

/* Lines that a compiler made several instructions of are one place. */
static void test_places(void **state)
{
    (void)state;
    static const struct report_frame line = {.function = "f", .file = "a.c", .line = 7, .text = "x += p->n;"},
                                     other = {.function = "f", .file = "a.c", .line = 9};
    struct report_pair pairs[4];
    for (size_t i = 0; i < 4; i++)
        pairs[i] = (struct report_pair){.kind = DEFECT_SILENT_LOAD_AFTER_LOAD,
                                        .first = side_g,
                                        .second = {.loc = (uint32_t)(10 - i),
                                                   .func = 5,
                                                   .name = "f",
                                                   .op = "i32.load",
                                                   .frames = i == 1 ? &other : &line,
                                                   .frame_count = 1},
                                        .instances = 2,
                                        .bytes = 10 + (i == 1)};
    struct report r = fixture_empty_report();
    r.pairs = pairs;
    r.pair_count = 4;
    r = selected(r);
    assert_int_equal(r.place_count, 2);
    assert_int_equal(r.places[0].bytes, 30);
    assert_int_equal(r.places[0].instances, 6);
    assert_int_equal(r.places[0].side.loc, 7);
    assert_int_equal(r.places[1].bytes, 11);
    assert_true(r.places[1].cumulative == 1);
    struct capture c;
    capture_open(&c);
    render_details(&c.out, &r);
    capture_close(&c);
    assert_non_null(strstr(c.text, "\nRedundant loads, by the place that loads again (2 of 2 places)\n"
                                   "       bytes    share  added up          times\n"
                                   "    30 bytes    73.2%     73.2%              6  f\n"
                                   "                                                  a.c:7\n"
                                   "                                                    x += p->n;\n"
                                   "    11 bytes    26.8%      100%              2  f\n"
                                   "                                                  a.c:9\n"));
    capture_free(&c);
    free(r.ranked);
    free(r.places);
    free(r.dead);
    free(r.unread_places);
}

/* Columns of a text with one column for a character. */
static size_t longest_line(const char *text)
{
    size_t longest = 0, column = 0;
    for (; *text; text++) {
        column = *text == '\n' ? 0 : column + ((*text & 0xC0) != 0x80);
        longest = column > longest ? column : longest;
    }
    return longest;
}

static void test_width(void **state)
{
    (void)state;
    char name[241], wide[241], path[5001];
    memset(name, 'n', 240);
    memset(path, 'p', 5000);
    for (size_t i = 0; i < 240; i += 3)
        memcpy(wide + i, "\xE4\xBD\xA0", 3); /* U+4F60, two columns */
    name[240] = wide[240] = path[5000] = '\0';
    struct report_opaque opaque[15];
    for (size_t i = 0; i < 15; i++)
        opaque[i] = (struct report_opaque){i % 2 ? name : wide, UINT64_MAX};
    struct report r = fixture_report();
    r.input_path = path;
    r.has_exit_code = false;
    r.trap = name;
    r.opaque = opaque;
    r.opaque_count = 15;
    for (size_t i = 0; i < r.pair_count; i++) {
        r.pairs[i].first.loc = r.pairs[i].second.loc = UINT32_MAX;
        r.pairs[i].first.name = name;
        r.pairs[i].second.name = wide;
        r.pairs[i].first.op = r.pairs[i].second.op = "i64.atomic.rmw16.cmpxchg_u";
        r.pairs[i].bytes = r.pairs[i].instances = UINT64_MAX / 8;
    }
    r = selected(r);
    uint64_t *counts[] = {&r.accesses, &r.loads,  &r.stores, &r.rmws,       &r.waits,
                          &r.fills,    &r.copies, &r.inits,  &r.host_reads, &r.host_writes};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        *counts[i] = UINT64_MAX;
    for (int kind = 0; kind < DEFECT_KINDS; kind++)
        r.totals[kind] = (struct report_total){1000000000000000000, UINT64_MAX, 0.99999};
    struct capture c;
    capture_open(&c);
    c.out.columns = 100;
    render_details(&c.out, &r);
    capture_close(&c);
    assert_true(longest_line(c.text) <= 100);
    assert_non_null(strstr(c.text, "i64.atomic.rmw16.cmpxchg_u nnnn"));
    assert_non_null(strstr(c.text, "\xE4\xBD\xA0…"));
    assert_null(strstr(c.text, "\xE4\xBD\xA0\xE4\xBD\xA0\xE4\xBD\xA0\xE4\xBD\xA0\xE4\xBD\xA0\xE4\xBD\xA0\xE4\xBD\xA0"
                               "\xE4\xBD\xA0\xE4\xBD\xA0\xE4\xBD\xA0\xE4\xBD\xA0\xE4\xBD\xA0\xE4\xBD\xA0\xE4\xBD\xA0"
                               "\xE4\xBD\xA0\xE4\xBD\xA0\xE4\xBD\xA0\xE4\xBD\xA0\xE4\xBD\xA0\xE4\xBD\xA0\xE4\xBD\xA0"
                               "\xE4\xBD\xA0\xE4\xBD\xA0\xE4\xBD\xA0\xE4\xBD\xA0\xE4\xBD\xA0\xE4\xBD\xA0"));
    assert_non_null(strstr(c.text, "  and 5 more imports, which the JSON report names\n"));
    capture_free(&c);
    free(r.ranked);
    free(r.places);
    free(r.dead);
    free(r.unread_places);
}

static void test_names_that_just_fit(void **state)
{
    (void)state;
    char name[64] = "";
    for (size_t columns = 40; columns < 60; columns++) {
        memset(name, 'n', columns);
        name[columns] = '\0';
        struct report r = fixture_report();
        r.pairs[0].first.name = name;
        r = selected(r);
        struct capture c;
        capture_open(&c);
        c.out.columns = 100;
        render_details(&c.out, &r);
        capture_close(&c);
        char line[80] = " ";
        strcat(line, name);
        strcat(line, "\n");
        bool whole = strstr(c.text, line) != NULL;
        assert_true(whole == (columns <= 50)); /* 50 columns are left for it, and 49 beside an ellipsis */
        assert_true(whole || strstr(c.text, "nnnnnnnnnn…nnnnnnnnnn"));
        assert_true(longest_line(c.text) <= 100);
        capture_free(&c);
        free(r.ranked);
        free(r.places);
        free(r.dead);
        free(r.unread_places);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),   cmocka_unit_test(test_widths), cmocka_unit_test(test_lines),
        cmocka_unit_test(test_endings), cmocka_unit_test(test_worst),  cmocka_unit_test(test_folded),
        cmocka_unit_test(test_places),  cmocka_unit_test(test_width),  cmocka_unit_test(test_names_that_just_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
