/* The report model: grouping, order, shares, and what becomes of hostile names. */
#include "base/clean.h"
#include "report/report.h"
#include "report/strings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Names of the made-up module. */
static const char *func_name(void *self, uint32_t func, size_t *size)
{
    (void)self;
    switch (func) {
    case 1:
        *size = 9;
        return "a\nb\x7F\xFFz\0\x1B["; /* the NUL and the escape are part of it */
    case 2:
        *size = 0;
        return "";
    case 3:
        *size = 400;
        return self;
    default:
        return NULL;
    }
}

static const char *opcode_name(void *self, uint16_t opcode)
{
    (void)self;
    return opcode == 1 ? "i32.store" : opcode == 2 ? "call" : "i64.load";
}

static void import_name(void *self, uint32_t func, const char **module, size_t *module_size, const char **name,
                        size_t *name_size)
{
    (void)self;
    *module = "env";
    *module_size = 3;
    *name = func == 0 ? "zoo" : func == 1 ? "ant\t" : "bee"; /* 2 and 3 are imports of one name */
    *name_size = strlen(*name);
}

static struct site sites[] = {
    {.file_off = 0x100, .func = 1, .opcode = 1, .kind = ACCESS_STORE},
    {.file_off = 0x50, .func = 2, .opcode = 3, .kind = ACCESS_LOAD},
    {.file_off = 0x200, .func = 3, .opcode = 2, .kind = ACCESS_CALL},
    {.file_off = 0x100, .func = 1, .opcode = 1, .kind = ACCESS_STORE}, /* no rewriter gives one place twice */
};

enum { A = SITE_FIRST, B, C, A_AGAIN };

static const struct site_table table = {.sites = sites, .count = 4};
static char long_name[400];

static struct report_names names(void)
{
    for (size_t i = 0; i < sizeof long_name; i += 4) /* four bytes a character: no boundary at 253 */
        memcpy(long_name + i, "\xF0\x9F\xA6\x80", 4);
    return (struct report_names){.self = long_name, .func = func_name, .opcode = opcode_name, .import = import_name};
}

static const struct report_input input = {.path = "x/\xC3\xA4\r.wasm", .size = 77};
static const struct report_ending ended = {.has_exit_code = true, .exit_code = 3};

static struct report build(const struct counters *counters, const struct report_ending *ending)
{
    struct report r;
    struct report_names n = names();
    struct error err = ERROR_INIT;
    assert_true(report_build(&r, counters, &table, &n, &input, ending, &err));
    assert_int_equal(err.code, ERROR_NONE);
    return r;
}

static void test_counts_and_ending(void **state)
{
    (void)state;
    struct counters c = {.bytes_loaded = 5, .bytes_stored = 6, .unread_at_exit = 2};
    for (unsigned kind = 0; kind <= ACCESS_OPAQUE_LEAVE; kind++)
        c.accesses[kind] = (uint64_t)1 << kind;
    struct report r = build(&c, &ended);
    assert_int_equal(r.loads, 1 << ACCESS_LOAD);
    assert_int_equal(r.stores, 1 << ACCESS_STORE);
    assert_int_equal(r.rmws, 1 << ACCESS_RMW | 1 << ACCESS_CMPXCHG);
    assert_int_equal(r.waits, 1 << ACCESS_WAIT);
    assert_int_equal(r.fills, 1 << ACCESS_FILL);
    assert_int_equal(r.copies, 1 << ACCESS_COPY);
    assert_int_equal(r.inits, 1 << ACCESS_INIT);
    assert_int_equal(r.host_reads, 1 << ACCESS_HOST_READ);
    assert_int_equal(r.host_writes, 1 << ACCESS_HOST_WRITE);
    assert_int_equal(r.accesses, (1 << (ACCESS_HOST_WRITE + 1)) - 2);
    assert_true(r.bytes_loaded == 5 && r.bytes_stored == 6 && r.unread_at_exit == 2);
    assert_true(r.has_exit_code && r.exit_code == 3 && !r.trap);
    assert_string_equal(r.input_path, "x/\xC3\xA4\xEF\xBF\xBD.wasm");
    assert_int_equal(r.input_size, 77);
    assert_int_equal(r.pair_count, 0);
    for (int kind = 0; kind < DEFECT_KINDS; kind++)
        assert_true(r.totals[kind].share == 0);
    report_release(&r);

    r = build(&c, &(struct report_ending){.trap = "wasm\ntrap"});
    assert_false(r.has_exit_code);
    assert_string_equal(r.trap, "wasm\xEF\xBF\xBDtrap");
    report_release(&r);
}

static void test_no_accesses_no_share(void **state)
{
    (void)state;
    /* Not reachable by a run, but a division by zero must not be either. */
    struct pair_count pairs[] = {{DEFECT_DEAD_STORE, A, A, 1, 4}};
    struct counters c = {.pairs = pairs, .pair_count = 1};
    struct report r = build(&c, &ended);
    assert_true(r.totals[DEFECT_DEAD_STORE].share == 0);
    report_release(&r);
}

static void test_pairs(void **state)
{
    (void)state;
    struct pair_count pairs[] = {
        {DEFECT_SILENT_STORE, B, A, 1, 4},
        {DEFECT_SILENT_STORE, SITE_HOST_WRITE, A, 1, 4},
        {DEFECT_SILENT_STORE, SITE_NONE, A, 2, 4},
        {DEFECT_DEAD_STORE, A, C, 1, 2},
        {DEFECT_DEAD_STORE, A, A, 1, 3},
        {DEFECT_DEAD_STORE, A_AGAIN, A, 10, 30},
        {DEFECT_DEAD_STORE, B, SITE_NONE, 1, 2},
        {DEFECT_SILENT_LOAD_AFTER_STORE, A, B, 1, 1},
        {DEFECT_SILENT_LOAD_AFTER_LOAD, B, B, 1, 9},
    };
    struct counters c = {
        .pairs = pairs, .pair_count = sizeof pairs / sizeof *pairs, .bytes_loaded = 40, .bytes_stored = 74};
    struct report r = build(&c, &ended);
    static const struct {
        uint8_t kind, origin;
        uint32_t first, second;
        uint64_t instances, bytes;
    } want[] = {
        {DEFECT_DEAD_STORE, ORIGIN_SITE, 0x100, 0x100, 11, 33}, /* two sites at one place */
        {DEFECT_DEAD_STORE, ORIGIN_SITE, 0x50, 0, 1, 2},
        {DEFECT_DEAD_STORE, ORIGIN_SITE, 0x100, 0x200, 1, 2},
        {DEFECT_SILENT_LOAD_AFTER_LOAD, ORIGIN_SITE, 0x50, 0x50, 1, 9},
        {DEFECT_SILENT_LOAD_AFTER_STORE, ORIGIN_SITE, 0x100, 0x50, 1, 1},
        {DEFECT_SILENT_STORE, ORIGIN_INIT, 0, 0x100, 2, 4},
        {DEFECT_SILENT_STORE, ORIGIN_HOST, 0, 0x100, 1, 4},
        {DEFECT_SILENT_STORE, ORIGIN_SITE, 0x50, 0x100, 1, 4},
    };
    assert_int_equal(r.pair_count, sizeof want / sizeof *want);
    for (size_t i = 0; i < r.pair_count; i++) {
        assert_int_equal(r.pairs[i].kind, want[i].kind);
        assert_int_equal(r.pairs[i].first.origin, want[i].origin);
        assert_int_equal(r.pairs[i].second.origin, ORIGIN_SITE);
        assert_int_equal(r.pairs[i].first.loc, want[i].first);
        assert_int_equal(r.pairs[i].second.loc, want[i].second);
        assert_int_equal(r.pairs[i].instances, want[i].instances);
        assert_int_equal(r.pairs[i].bytes, want[i].bytes);
    }
    assert_int_equal(r.totals[DEFECT_DEAD_STORE].instances, 13);
    assert_int_equal(r.totals[DEFECT_DEAD_STORE].bytes, 37);
    assert_true(r.totals[DEFECT_DEAD_STORE].share == 0.5);
    assert_true(r.totals[DEFECT_SILENT_LOAD_AFTER_LOAD].share == 9 / 40.0);
    assert_true(r.totals[DEFECT_SILENT_LOAD_AFTER_STORE].share == 1 / 40.0);
    assert_true(r.totals[DEFECT_SILENT_STORE].share == 12 / 74.0);

    const struct report_side *a = &r.pairs[0].first, *b = &r.pairs[1].first, *call = &r.pairs[2].second;
    assert_string_equal(a->name, "a\xEF\xBF\xBD"
                                 "b\xEF\xBF\xBD\xEF\xBF\xBDz\xEF\xBF\xBD\xEF\xBF\xBD[");
    assert_string_equal(a->op, "i32.store");
    assert_int_equal(a->func, 1);
    assert_string_equal(b->name, "func[2]"); /* an empty name is none */
    assert_ptr_equal(a->name, r.pairs[0].second.name);
    assert_ptr_equal(a->op, r.pairs[0].second.op);
    assert_string_equal(call->op, "call");
    assert_int_equal(strlen(call->name), sizeof long_name); /* whole: names are compared */
    assert_memory_equal(call->name, long_name, sizeof long_name);
    assert_string_equal(r.pairs[1].second.name, "");
    assert_int_equal(r.pairs[1].second.func, UINT32_MAX);
    assert_string_equal(r.pairs[5].first.name, "");
    report_release(&r);
}

/* Frames by site: A has two, with a hostile name and none; B has one without a line; C none. */
static bool find_frames(void *self, const struct site *site, struct report_raw_frame *frames, size_t *count,
                        const char **why)
{
    ++*(unsigned *)self;
    *count = 0;
    *why = "there is nothing";
    if (site == &sites[0]) {
        frames[0] = (struct report_raw_frame){
            .function = "in\nlined", .file = "a\xFF.h", .text = "x = 1;\n", .text_size = 6, .line = 3, .column = 4};
        frames[1] = (struct report_raw_frame){.file = "a.c", .line = 9};
        *count = 2;
        *why = NULL;
    } else if (site == &sites[1]) {
        frames[0] = (struct report_raw_frame){.function = "g", .file = "a.c"};
        *count = 1;
        *why = "line 0";
    }
    return true;
}

static const char *frames_func(void *self, uint32_t func, size_t *size)
{
    (void)self;
    (void)func;
    *size = 4;
    return "main";
}

static const char *source(void *self)
{
    (void)self;
    return "dwarf";
}

static const char *warning(void *self)
{
    assert_int_equal(*(unsigned *)self, 3); /* asked for once all sites were, and each of those once */
    return "broken\n";
}

static void test_frames(void **state)
{
    (void)state;
    unsigned asked = 0;
    struct pair_count pairs[] = {
        {DEFECT_DEAD_STORE, A, A, 1, 10},          {DEFECT_DEAD_STORE, A, B, 1, 9},
        {DEFECT_DEAD_STORE, C, A, 1, 8},           {DEFECT_DEAD_STORE, C, B, 1, 7},
        {DEFECT_SILENT_STORE, SITE_NONE, A, 1, 6}, {DEFECT_DEAD_STORE, A, SITE_NONE, 1, 5},
    };
    struct counters c = {.pairs = pairs, .pair_count = 6};
    const struct report_names n = {.self = &asked,
                                   .func = frames_func,
                                   .opcode = opcode_name,
                                   .import = import_name,
                                   .frames = find_frames,
                                   .lines_source = source,
                                   .lines_warning = warning};
    struct report r;
    struct error err = ERROR_INIT;
    assert_true(report_build(&r, &c, &table, &n, &input, &ended, &err));
    const struct report_side *a = &r.pairs[0].first, *b = &r.pairs[1].second;
    assert_int_equal(a->frame_count, 2);
    assert_null(a->no_line);
    assert_string_equal(a->frames[0].function, "in\xEF\xBF\xBDlined");
    assert_string_equal(a->frames[0].file, "a\xEF\xBF\xBD.h");
    assert_string_equal(a->frames[0].text, "x = 1;");
    assert_true(a->frames[0].line == 3 && a->frames[0].column == 4);
    assert_string_equal(a->frames[1].function, "main"); /* the outermost is the module's function */
    assert_string_equal(a->frames[1].file, "a.c");
    assert_null(a->frames[1].text);
    assert_ptr_equal(a->frames, r.pairs[0].second.frames);
    assert_ptr_equal(a->frames[1].file, b->frames[0].file); /* kept once */
    assert_string_equal(b->no_line, "line 0");
    assert_int_equal(r.pairs[2].first.frame_count, 0);
    assert_true(r.lines.asked);
    assert_string_equal(r.lines.source, "dwarf");
    assert_string_equal(r.lines.warning, "broken\xEF\xBF\xBD");
    assert_int_equal(r.lines.bytes, 45);
    assert_int_equal(r.lines.found, 10 + 6 + 5);
    assert_int_equal(r.lines.missing_count, 2);
    assert_string_equal(r.lines.missing[0].why, "line 0");
    assert_int_equal(r.lines.missing[0].bytes, 9 + 7);
    assert_int_equal(r.lines.missing[1].bytes, 8);
    report_release(&r);
}

static void test_opaque(void **state)
{
    (void)state;
    struct opaque_count opaque[] = {{0, 5}, {1, 6}, {2, 7}, {3, 8}};
    struct counters c = {.opaque = opaque, .opaque_count = 4};
    struct report r = build(&c, &ended);
    assert_int_equal(r.opaque_count, 3);
    assert_string_equal(r.opaque[0].import, "env.ant\xEF\xBF\xBD");
    assert_int_equal(r.opaque[0].calls, 6);
    assert_string_equal(r.opaque[1].import, "env.bee");
    assert_int_equal(r.opaque[1].calls, 15);
    assert_string_equal(r.opaque[2].import, "env.zoo");
    report_release(&r);
}

/* Random pairs, grouped a second time the slow way. */
static void test_random_pairs(void **state)
{
    (void)state;
    enum { SITES = 12, PAIRS = 400 };
    struct site many[SITES];
    struct pair_count pairs[PAIRS];
    struct report_names n = names();
    for (unsigned seed = 0; seed < 50; seed++) {
        srand(seed);
        for (size_t i = 0; i < SITES; i++)
            many[i] = (struct site){.file_off = (uint32_t)(rand() % 8 + 1) * 0x30000000u, .func = (uint32_t)i + 5};
        for (size_t i = 0; i < PAIRS; i++) {
            site_id first = (site_id)(rand() % (SITES + 2));
            pairs[i] = (struct pair_count){.kind = (uint8_t)(rand() % DEFECT_KINDS),
                                           .first = first == SITES  ? SITE_NONE
                                                    : first > SITES ? SITE_HOST_WRITE
                                                                    : first + SITE_FIRST,
                                           .second = (site_id)(rand() % SITES) + SITE_FIRST,
                                           .instances = (uint64_t)(rand() % 5),
                                           .bytes = (uint64_t)(rand() % 5)};
        }
        struct site_table t = {.sites = many, .count = SITES};
        struct counters c = {.pairs = pairs, .pair_count = (size_t)rand() % PAIRS};
        struct report r;
        struct error err = ERROR_INIT;
        assert_true(report_build(&r, &c, &t, &n, &input, &ended, &err));
        uint64_t bytes = 0, all = 0;
        for (size_t i = 0; i < r.pair_count; i++) {
            const struct report_pair *p = &r.pairs[i];
            uint64_t want = 0, instances = 0;
            for (size_t k = 0; k < c.pair_count; k++) {
                const struct pair_count *q = &pairs[k];
                int origin = q->first == SITE_NONE ? ORIGIN_INIT : q->first < SITE_FIRST ? ORIGIN_HOST : ORIGIN_SITE;
                if (q->kind == p->kind && origin == p->first.origin && site_loc(&t, q->first) == p->first.loc &&
                    site_loc(&t, q->second) == p->second.loc) {
                    want += q->bytes;
                    instances += q->instances;
                }
            }
            assert_true(p->bytes == want && p->instances == instances);
            bytes += want;
            if (i == 0 || p[-1].kind < p->kind)
                continue;
            assert_int_equal(p[-1].kind, p->kind);
            assert_true(p[-1].bytes >= p->bytes);
            if (p[-1].bytes > p->bytes)
                continue;
            int rank[2] = {p[-1].first.origin == ORIGIN_INIT   ? 0
                           : p[-1].first.origin == ORIGIN_HOST ? 1
                                                               : 2,
                           p->first.origin == ORIGIN_INIT   ? 0
                           : p->first.origin == ORIGIN_HOST ? 1
                                                            : 2};
            assert_true(rank[0] <= rank[1]);
            if (rank[0] < rank[1])
                continue;
            assert_true(p[-1].first.loc <= p->first.loc);
            if (p[-1].first.loc == p->first.loc)
                assert_true(p[-1].second.loc < p->second.loc);
        }
        for (size_t k = 0; k < c.pair_count; k++)
            all += pairs[k].bytes;
        assert_true(bytes == all);
        report_release(&r);
    }
}

static void check_clean(const char *bytes, size_t size, size_t limit, const char *want)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    assert_true(clean_put(&b, bytes, size, limit));
    assert_true(buf_put_u8(&b, 0));
    assert_string_equal((const char *)b.data, want);
    buf_release(&b);
}

static void check_clean_utf8(const char *bytes, const char *want)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    assert_true(clean_put_utf8(&b, bytes, strlen(bytes)));
    assert_true(buf_put_u8(&b, 0));
    assert_string_equal((const char *)b.data, want);
    assert_int_equal(clean_is_utf8(bytes, strlen(bytes)), strcmp(bytes, want) == 0);
    buf_release(&b);
}

#define R "\xEF\xBF\xBD"

static void test_clean(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *want;
    } cases[] = {
        {"", ""},
        {"plain $name<T>::f \xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80",
         "plain $name<T>::f \xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"},
        {"\x01\x1F \x7F", R R " " R},
        {"\xC2\x80\xC2\x9F\xC2\xA0", R R "\xC2\xA0"},                 /* C1, and the first character behind it */
        {"\xE2\x80\xAA\xE2\x80\xAE\xE2\x80\xAF", R R "\xE2\x80\xAF"}, /* U+202A, U+202E, U+202F */
        {"\xE2\x80\xA7\xE2\x80\xA8\xE2\x80\xA9", "\xE2\x80\xA7" R R}, /* U+2027, line and paragraph separator */
        {"\xE2\x81\xA5\xE2\x81\xA6\xE2\x81\xA9\xE2\x81\xAA", "\xE2\x81\xA5" R R "\xE2\x81\xAA"}, /* U+2065…206A */
        {"\x80", R},
        {"\xC0\xAF", R R},             /* overlong */
        {"\xE0\x80\xAF", R R R},       /* overlong */
        {"\xED\xA0\x80", R R R},       /* a surrogate */
        {"\xF4\x90\x80\x80", R R R R}, /* above U+10FFFF */
        {"\xF4\x8F\xBF\xBF", "\xF4\x8F\xBF\xBF"},
        {"\xE2\x82", R}, /* cut short: one maximal subpart */
        {"\xF0\x9F\x98"
         "a",
         R "a"},
        {"\xE2\x82\xE2\x82\xAC", R "\xE2\x82\xAC"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_clean(cases[i].bytes, strlen(cases[i].bytes), SIZE_MAX, cases[i].want);
    check_clean("a\0b", 3, SIZE_MAX, "a" R "b");
    check_clean("123456", 6, 6, "123456");
    check_clean("1234567", 7, 6, "123\xE2\x80\xA6");
    check_clean("12\xE2\x82\xAC"
                "6",
                6, 6,
                "12\xE2\x82\xAC"
                "6");
    check_clean("12\xE2\x82\xAC"
                "67",
                7, 6, "12\xE2\x80\xA6");                 /* no half characters */
    check_clean("\x01\x02\x03", 3, 6, R "\xE2\x80\xA6"); /* replacements count as what is shown */
    check_clean("abcd", 4, 3, "\xE2\x80\xA6");
    static const char *const utf8[][2] = {
        {"", ""},
        {"a\x01\x1B\xC2\x9B\xE2\x80\xAE\xF0\x9F\x98\x80", "a\x01\x1B\xC2\x9B\xE2\x80\xAE\xF0\x9F\x98\x80"},
        {"\xC0\xAF\xED\xA0\x80|", R R R R R "|"},
        {"a\xE2\x82", "a" R},
        {"\xE2\x82\xE2\x82\xAC", R "\xE2\x82\xAC"},
    };
    for (size_t i = 0; i < sizeof utf8 / sizeof *utf8; i++)
        check_clean_utf8(utf8[i][0], utf8[i][1]);
}

static void test_strings(void **state)
{
    (void)state;
    struct strings *s = strings_new();
    assert_non_null(s);
    enum { COUNT = 20000 };
    const char **kept = calloc(COUNT, sizeof *kept);
    assert_non_null(kept);
    for (uint64_t i = 0; i < COUNT; i++) {
        char text[32];
        int size = snprintf(text, sizeof text, "name %llu", (unsigned long long)i);
        uint64_t key = i * (i % 2 ? 1 : (uint64_t)1 << 30);
        assert_null(strings_find(s, key));
        kept[i] = strings_add(s, text, (size_t)size);
        assert_non_null(kept[i]);
        assert_true(strings_file(s, key, kept[i]));
    }
    for (uint64_t i = 0; i < COUNT; i++) {
        char text[32];
        snprintf(text, sizeof text, "name %llu", (unsigned long long)i);
        assert_ptr_equal(strings_find(s, i * (i % 2 ? 1 : (uint64_t)1 << 30)), kept[i]);
        assert_string_equal(kept[i], text);
    }
    char *big = malloc(1 << 20);
    assert_non_null(big);
    memset(big, 'x', 1 << 20);
    const char *copy = strings_add(s, big, 1 << 20);
    assert_memory_equal(copy, big, 1 << 20);
    assert_int_equal(copy[1 << 20], 0);
    assert_string_equal(strings_add(s, NULL, 0), "");
    free(big);
    free(kept);
    strings_free(s);
    strings_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts_and_ending),
        cmocka_unit_test(test_no_accesses_no_share),
        cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_opaque),
        cmocka_unit_test(test_frames),
        cmocka_unit_test(test_random_pairs),
        cmocka_unit_test(test_clean),
        cmocka_unit_test(test_strings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
