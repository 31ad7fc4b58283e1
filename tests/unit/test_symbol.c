/* symbol: names in words, source maps, lines of source files, and DWARF that is not there or not whole. */
#include "symbol/demangle.h"
#include "symbol/lines.h"
#include "symbol/names.h"
#include "symbol/source_map.h"
#include "symbol/source_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void check_words(const char *bytes, size_t size, const char *want)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    assert_true(demangle_put(&b, bytes, size));
    assert_true(buf_put_u8(&b, 0));
    assert_string_equal((const char *)b.data, want);
    buf_release(&b);
}

static void test_demangle(void **state)
{
    (void)state;
    static const struct {
        const char *mangled, *want;
    } cases[] = {
        {"main", "main"},
        {"", ""},
        {"_", "_"},
        {"_Z", "_Z"},
        {"_Zebra", "_Zebra"},
        {"_ZN4shop4cart3addENS_4itemE", "shop::cart::add(shop::item)"},
        {"_ZNK4shop4cart5totalEv", "shop::cart::total() const"},
        {"_Z3maxIiET_S0_S0_", "int max<int>(int, int)"},
        /* legacy Rust, its hash left out; and v0 */
        {"_ZN4core3fmt9Formatter3pad17h0123456789abcdefE", "core::fmt::Formatter::pad"},
        {"_ZN71_$LT$Test$u20$$u2b$$u20$$u27$static$u20$as$u20$foo..Bar$LT$Test$GT$$GT$3bar17h930b740aa94f1d3aE",
         "<Test + 'static as foo::Bar<Test>>::bar"},
        {"_RNvC6_123foo3bar", "123foo::bar"},
        {"_RINvNtC3std3mem8align_ofdE", "std::mem::align_of::<f64>"},
        /* ABI tags: not shown, and a constructor's does not make it a function with a result */
        {"_ZNSt3__26vectorIiNS_9allocatorIiEEE9push_backB8nn190107EOi",
         "std::__2::vector<int, std::__2::allocator<int> >::push_back(int&&)"},
        {"_ZN1a1bC2B8nn190107IDnEEOT_", "a::b::b<decltype(nullptr)>(decltype(nullptr)&&)"},
        {"_ZN3B1a3fooEv", "B1a::foo()"}, /* no tag: part of an identifier */
        {"_ZN1aILi12EE1bE3B1aS0_", "a<12>::b(B1a, a<12>)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_words(cases[i].mangled, strlen(cases[i].mangled), cases[i].want);
    check_words("_ZN1a1bE\0v", 10, "_ZN1a1bE"); /* up to what a C string shows: all of it is kept */
}

/* A function whose parameter is a function that takes such a one twice, and so on: each level doubles the words. */
static void make_nested(char *name, unsigned levels)
{
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    name += sprintf(name, "_Z1fPFviEPFvS0_S0_E");
    for (unsigned i = 0; i < levels; i++)
        name += sprintf(name, "PFvS%c_S%c_E", digits[2 * i + 2], digits[2 * i + 2]);
}

static void test_demangle_growth(void **state)
{
    (void)state;
    char name[1000];
    struct buf b;
    buf_init(&b, 1 << 20);
    make_nested(name, 3);
    assert_true(demangle_put(&b, name, strlen(name)));
    assert_true(b.size > 10 * strlen(name));
    assert_memory_equal(b.data, "f(void (*)(int)", 15);
    buf_clear(&b);
    make_nested(name, 16); /* some 2^20 bytes */
    assert_true(demangle_put(&b, name, strlen(name)));
    assert_int_equal(b.size, strlen(name));
    assert_memory_equal(b.data, name, b.size);
    buf_release(&b);
}

#define MODULE "\0asm\1\0\0\0"

/* The module's bytes stay the caller's. */
static struct wasm_module decode(const char *bytes, size_t size)
{
    struct wasm_module m;
    struct error err = ERROR_INIT;
    if (!wasm_module_read(&m, (const uint8_t *)bytes, size, &err))
        fail_msg("%s", err.message);
    return m;
}

/* Functions 0 (imported as m.imp), 1 (exported as exp, named), 2 (exported as two), 3 (nothing), 4 (a name without letters). */
static const char names_module[] = MODULE "\x01\x04\x01\x60\0\0"
                                          "\x02\x09\x01\x01m\x03imp\0\0"
                                          "\x03\x05\x04\0\0\0\0"
                                          "\x07\x0d\x02\x03"
                                          "exp\0\x01"
                                          "\x03"
                                          "two\0\x02"
                                          "\x0a\x0d\x04\x02\0\x0b\x02\0\x0b\x02\0\x0b\x02\0\x0b"
                                          "\0\x11\x04name\x01\x0a\x02\x01\x05named\x04\0";

static void check_name(const struct symbol_names *names, size_t func, const char *want)
{
    const struct wasm_name *n = &names->funcs[func];
    assert_int_equal(n->size, strlen(want));
    assert_memory_equal(n->bytes, want, n->size);
}

static void test_names(void **state)
{
    (void)state;
    struct wasm_module m = decode(names_module, sizeof names_module - 1);
    struct symbol_names names;
    struct error err = ERROR_INIT;
    assert_true(symbol_names_read(&names, &m, NULL, &err));
    assert_int_equal(names.count, 5);
    check_name(&names, 0, "imp");
    check_name(&names, 1, "named");
    check_name(&names, 2, "two");
    assert_null(names.funcs[3].bytes);
    assert_null(names.funcs[4].bytes);
    symbol_names_release(&names);
    wasm_module_release(&m);
}

static struct source_map *read_map(const char *json, const char **fault)
{
    return source_map_read(json, strlen(json), fault);
}

static void check_position(const struct source_map *m, uint32_t from, uint32_t at, const char *file, uint32_t line,
                           uint32_t column)
{
    struct source_position p;
    bool found = source_map_find(m, from, at, &p);
    assert_int_equal(found, file != NULL);
    if (!found)
        return;
    assert_string_equal(p.file, file);
    assert_int_equal(p.line, line);
    assert_int_equal(p.column, column);
}

static void test_source_map(void **state)
{
    (void)state;
    const char *fault;
    /* 10: a.ts 1:1; 12: b.ts 21:3 with a name; 20: nothing; 22: b.ts 20:1 */
    struct source_map *m = read_map("{\"version\":3,\"sourceRoot\":\"src\",\"sources\":[\"a.ts\",\"b.ts\",null],"
                                    "\"sourcesContent\":[null,\"one\\ntwo\"],\"names\":[\"f\"],"
                                    "\"mappings\":\"UAAA,ECoBEA,Q,EADF,ECAA;UAAA\"}",
                                    &fault);
    assert_non_null(m);
    check_position(m, 0, 9, NULL, 0, 0);
    check_position(m, 0, 10, "src/a.ts", 1, 1);
    check_position(m, 0, 11, "src/a.ts", 1, 1);
    check_position(m, 0, 12, "src/b.ts", 21, 3);
    check_position(m, 0, 19, "src/b.ts", 21, 3);
    check_position(m, 15, 19, NULL, 0, 0); /* of another function */
    check_position(m, 0, 21, NULL, 0, 0);
    check_position(m, 0, 23, "src/b.ts", 20, 1);
    check_position(m, 0, 24, NULL, 0, 0); /* a source without a name; and the second line is no module's */
    check_position(m, 0, 1000, NULL, 0, 0);
    struct source_position p;
    assert_true(source_map_find(m, 0, 12, &p));
    assert_string_equal(p.name, "f");
    assert_string_equal(p.text, "one\ntwo");
    assert_true(source_map_find(m, 0, 10, &p));
    assert_null(p.name);
    assert_null(p.text);
    source_map_free(m);
    source_map_free(NULL);
}

static void test_source_map_malformed(void **state)
{
    (void)state;
    static const struct {
        const char *json, *fault;
    } cases[] = {
        {"", "it is no JSON"},
        {"{\"version\":3", "it is no JSON"},
        {"[]", "it lacks sources or mappings"},
        {"{\"sources\":[]}", "it lacks sources or mappings"},
        {"{\"sources\":{},\"mappings\":\"\"}", "it lacks sources or mappings"},
        {"{\"sections\":[{}]}", "a section lacks its offset"},
        {"{\"sections\":[{\"offset\":{\"line\":0,\"column\":0},\"map\":{}}]}", "it lacks sources or mappings"},
        {")]}' {\"sections\":[]}", "it is no JSON"}, /* all of it is the first line */
        {"{\"sources\":[\"a\"],\"mappings\":\"A!\"}", "its mappings are malformed"},
        {"{\"sources\":[\"a\"],\"mappings\":\"AA\"}", "its mappings are malformed"},
        {"{\"sources\":[\"a\"],\"mappings\":\"AAAAAA\"}", "its mappings are malformed"},
        {"{\"sources\":[\"a\"],\"mappings\":\"D\"}", "its mappings are malformed"},         /* before the file */
        {"{\"sources\":[\"a\"],\"mappings\":\"AADA\"}", "its mappings are malformed"},      /* line 0 */
        {"{\"sources\":[\"a\"],\"mappings\":\"ggggggggB\"}", "its mappings are malformed"}, /* no end */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *fault;
        assert_null(read_map(cases[i].json, &fault));
        assert_string_equal(fault, cases[i].fault);
    }
    const char *fault;
    struct source_map *m = read_map("{\"sources\":[\"a\"],\"mappings\":\"ACAA\"}", &fault); /* no such source */
    assert_non_null(m);
    assert_null(fault);
    check_position(m, 0, 0, NULL, 0, 0);
    source_map_free(m);
}

static void write_file(const char *folder, const char *name, const char *text)
{
    char path[300];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void check_line(struct source_text *t, const char *file, const char *content, uint32_t line, const char *want)
{
    size_t size = 0;
    uint32_t indent = 0;
    const char *got = source_text_line(t, file, content, line, &size, &indent);
    if (!want) {
        assert_null(got);
        return;
    }
    assert_non_null(got);
    assert_int_equal(size, strlen(want));
    assert_memory_equal(got, want, size);
    if (indent)
        assert_true(got[-1] == ' ' || got[-1] == '\t');
}

static void test_source_text(void **state)
{
    (void)state;
    char folder[] = "/tmp/test_symbol_XXXXXX", file[300];
    assert_non_null(mkdtemp(folder));
    write_file(folder, "a.c", "one\n\t two \r\n\n    \nfive");
    write_file(folder, "empty.c", "");
    struct source_move moves[] = {{"/gone", "/nowhere"}, {"/gone/src/", folder}, {"rel", folder}};
    struct source_text *t = source_text_new(folder, moves, 3);
    assert_non_null(t);
    snprintf(file, sizeof file, "%s/a.c", folder);
    check_line(t, file, NULL, 1, "one");
    check_line(t, file, NULL, 2, "two");
    check_line(t, file, NULL, 3, NULL);
    check_line(t, file, NULL, 4, NULL);
    check_line(t, file, NULL, 5, "five");
    check_line(t, file, NULL, 6, NULL);
    check_line(t, file, NULL, 0, NULL);
    check_line(t, "a.c", NULL, 1, "one");           /* from the base */
    check_line(t, "/gone/src/a.c", NULL, 1, "one"); /* the longest prefix */
    check_line(t, "/gone/srcs/a.c", NULL, 1, NULL);
    check_line(t, "/goner/a.c", NULL, 1, NULL);
    check_line(t, "rel/a.c", NULL, 5, "five");
    check_line(t, "relative/a.c", NULL, 1, NULL); /* a prefix is of whole parts */
    check_line(t, "empty.c", NULL, 1, NULL);
    check_line(t, folder, NULL, 1, NULL);
    check_line(t, "/dev/zero", NULL, 1, NULL); /* without an end */
    check_line(t, "map.ts", "x\n  y", 2, "y");
    check_line(t, "map.ts", "x\n  y", 3, NULL);
    source_text_free(t);
    source_text_free(NULL);
    unlink(file);
    snprintf(file, sizeof file, "%s/empty.c", folder);
    unlink(file);
    rmdir(folder);
}

/* One function at code_off 1, and whatever sections a case adds. */
#define CODE "\x01\x04\x01\x60\0\0\x03\x02\x01\0\x0a\x04\x01\x02\0\x0b"

static void check_lines(const char *bytes, size_t size, const char *source, const char *want_why, const char *warning)
{
    struct wasm_module m = decode(bytes, size);
    struct symbol_lines *lines;
    struct error err = ERROR_INIT;
    struct symbol_frame frames[SYMBOL_FRAMES_MAX];
    size_t count = 1;
    const char *why = NULL;
    assert_true(symbol_lines_open(&lines, &m, &(struct symbol_options){0}, &err));
    assert_true(symbol_lines_find(lines, 0, m.bodies[0].code + 1, frames, &count, &why, &err));
    assert_int_equal(count, 0);
    assert_string_equal(why, want_why);
    if (source)
        assert_string_equal(symbol_lines_source(lines), source);
    else
        assert_null(symbol_lines_source(lines));
    if (warning)
        assert_string_equal(symbol_lines_warning(lines), warning);
    else
        assert_null(symbol_lines_warning(lines));
    symbol_lines_close(lines);
    wasm_module_release(&m);
}

#define CHECK_LINES(bytes, source, why, warning) check_lines(bytes, sizeof bytes - 1, source, why, warning)

static void test_lines_without(void **state)
{
    (void)state;
    static const char nothing[] = "the module has no debug information";
    static const char not_there[] = "its function has no debug information";
    CHECK_LINES(MODULE CODE, NULL, nothing, NULL);
    CHECK_LINES(MODULE CODE "\0\x0c\x0b.debug_info", NULL, nothing, NULL); /* empty */
    CHECK_LINES(MODULE CODE "\0\x0d\x0b.debug_infoX", "dwarf", not_there,
                "the debug information is broken: it is about none of the module's code");
    CHECK_LINES(MODULE CODE "\0\x17\x13"
                            "external_debug_info\x02"
                            "ab",
                NULL, nothing, "the module's debug information lies in 'ab'");
    CHECK_LINES(MODULE CODE "\0\x16\x13"
                            "external_debug_info\x02"
                            "a",
                NULL, nothing, NULL); /* cut short */
    CHECK_LINES(MODULE CODE "\0\x13\x10"
                            "sourceMappingURL\x01"
                            "a",
                NULL, nothing, "the module's debug information lies in 'a'");
}

static void test_debug_file_refused(void **state)
{
    (void)state;
    char folder[] = "/tmp/test_symbol_XXXXXX", path[300];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/d.wasm", folder);
    static const struct {
        const char *bytes;
        size_t size;
        const char *want;
    } cases[] = {
        {"", 0, "has no debug information: "},
        {MODULE, 8, "has no debug information"},
        {"{}", 2, "is no source map: it lacks sources or mappings"},
        {MODULE "\x01\x04\x01\x60\0\0\x03\x02\x01\0\x0a\x05\x01\x03\0\x01\x0b\0\x0d\x0b.debug_infoX",
         8 + 6 + 4 + 7 + 15, "is about other code than the module's"},
    };
    struct wasm_module m = decode(MODULE CODE, sizeof MODULE CODE - 1);
    struct symbol_options options = {.debug_file = path};
    for (size_t i = 0; i <= sizeof cases / sizeof *cases; i++) {
        struct symbol_lines *lines;
        struct error err = ERROR_INIT;
        if (i < sizeof cases / sizeof *cases) {
            FILE *f = fopen(path, "wb");
            assert_non_null(f);
            assert_int_equal(fwrite(cases[i].bytes, 1, cases[i].size, f), cases[i].size);
            fclose(f);
        } else {
            unlink(path);
        }
        assert_false(symbol_lines_open(&lines, &m, &options, &err));
        const char *want = i < sizeof cases / sizeof *cases ? cases[i].want : "cannot read";
        if (!strstr(err.message, want))
            fail_msg("%s, not %s", err.message, want);
        symbol_lines_close(lines);
    }
    wasm_module_release(&m);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_demangle),
        cmocka_unit_test(test_demangle_growth),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_source_map),
        cmocka_unit_test(test_source_map_malformed),
        cmocka_unit_test(test_source_text),
        cmocka_unit_test(test_lines_without),
        cmocka_unit_test(test_debug_file_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
