/* Names of functions: what a build adds to them, the forms that people write, and the patterns that fit them. */
#include "report/function_name.h"
#include "report/pattern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_plain(void **state)
{
    (void)state;
    static const struct {
        const char *name, *plain; /* NULL: the same */
    } cases[] = {
        {"f", NULL},
        {"", NULL},
        {"reset.llvm.8421733984517", "reset"},
        {"reset.__uniq.1234.llvm.5", "reset"},
        {"reset.3", "reset"},
        {"f.isra.0.constprop.1", "f"},
        {"f.part.0", "f"},
        {"f.cold", "f"},
        {"f.cold.1", "f"},
        {"f.resume", NULL}, /* of a coroutine: another function */
        {"f.command_export", NULL},
        {".llvm.3", NULL},
        {"net::reset(int) [clone .llvm.77]", "net::reset(int)"},
        {"net::reset(int) [clone .isra.0] [clone .cold]", "net::reset(int)"},
        {"net::reset(int) (.llvm.77)", "net::reset(int)"},
        {"net::reset(int) [clone .resume]", NULL},
        {"f(int [3])", NULL},
        {"arena::pool::grab::h0b2e442713e69930", "arena::pool::grab"},
        {"arena::pool::grab::h0b2e442713e69930 [clone .llvm.5]", "arena::pool::grab"},
        {"arena::pool::h0b2e442713e6993", NULL}, /* 15 digits */
        {"<arena[4f1d2c]::Pool as core[e2a8bd7d0f3f9c31]::ops::Drop>::drop", "<arena::Pool as core::ops::Drop>::drop"},
        {"core[846817f741e54dfd]::ptr::drop_in_place::<[u8; 4]>", "core::ptr::drop_in_place::<[u8; 4]>"},
        {"<[cafe] as core::Clone>::clone", NULL}, /* a slice of a type */
        {"main.walk.func1.2", NULL},              /* Go: the second closure in a closure */
        {"main.F[go.shape.int]", NULL},
        {"runtime.(*mspan).init", NULL},
        {"fmt.format__anon_2345", "fmt.format__anon_"},
        {"mem.Allocator.alloc__func_53", "mem.Allocator.alloc__func_"},
        {"hash_map.Map(u8,hash_map.Context__struct_99).get", "hash_map.Map(u8,hash_map.Context__struct_).get"},
        {"make__struct_7", NULL}, /* no Zig name: no dot */
        {"~lib/rt/itcms/__new", NULL},
        {"start:assembly/index~anonymous|0", NULL},
        {"std::v1::sort<int, 3>(int*)", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf b;
        buf_init(&b, SIZE_MAX / 2);
        const char *plain = cases[i].plain ? cases[i].plain : cases[i].name;
        assert_true(function_name_put(&b, cases[i].name) && buf_put_u8(&b, 0));
        assert_string_equal((const char *)b.data, plain);
        assert_int_equal(function_name_is_plain(cases[i].name), cases[i].plain == NULL);
        buf_release(&b);
    }
}

static void test_forms(void **state)
{
    (void)state;
    static const struct {
        const char *name, *forms[4]; /* besides the name */
    } cases[] = {
        {"f", {NULL}},
        {"f(int)", {"f"}},
        {"Matrix::operator*(int) const", {"Matrix::operator*"}},
        {"Matrix::operator()(int, char)", {"Matrix::operator()"}},
        {"Matrix::operator()", {NULL}},
        {"operator new(unsigned long)", {"operator new"}},
        {"A::operator unsigned int() const", {"A::operator unsigned int"}},
        {"A::operator->() const", {"A::operator->"}},
        {"A::operator[](int)", {"A::operator[]"}},
        {"(anonymous namespace)::f(int)", {"(anonymous namespace)::f"}},
        {"void std::sort<int*>(int*, int*)",
         {"std::sort<int*>(int*, int*)", "void std::sort<int*>", "std::sort<int*>", "std::sort"}},
        {"bool operator< <int>(V<int> const&, V<int> const&)", {"operator< <int>", "operator<"}},
        {"f(void (*)(int))::{lambda(int)#1}::operator()(int) const", {"f(void (*)(int))::{lambda(int)#1}::operator()"}},
        {"<T as Trait>::f", {NULL}},
        {"core::ptr::drop_in_place::<[u8; 4]>", {"core::ptr::drop_in_place"}},
        {"<a::B<C> as d::E>::f::<u8>", {"<a::B<C> as d::E>::f"}},
        {"runtime.(*mspan).init", {NULL}},
        {"main.F[go.shape.int]", {"main.F"}},
        {"~lib/array/Array<i32>#push", {NULL}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct function_name_form forms[FUNCTION_NAME_FORMS];
        size_t count = function_name_forms(cases[i].name, forms);
        assert_true(count >= 1 && count <= FUNCTION_NAME_FORMS);
        for (size_t k = 0; k < 4; k++) {
            bool found = !cases[i].forms[k];
            for (size_t j = 0; j < count && !found; j++)
                found = strlen(cases[i].forms[k]) == forms[j].size &&
                        memcmp(forms[j].text, cases[i].forms[k], forms[j].size) == 0;
            if (!found)
                fail_msg("%s has no form %s", cases[i].name, cases[i].forms[k]);
        }
        if (!cases[i].forms[0])
            assert_int_equal(count, 1);
    }
}

/* Whether what a user writes fits the first of two names, and the second. */
static void check_fits(const char *text, const char *a, const char *b, bool first, bool second)
{
    struct report_pair pairs[2] = {0};
    for (int i = 0; i < 2; i++) {
        pairs[i].first = (struct report_side){.origin = ORIGIN_INIT, .name = "", .op = ""};
        pairs[i].second = (struct report_side){.func = 1, .name = i ? b : a, .op = ""};
    }
    const struct report r = {.pairs = pairs, .pair_count = 2};
    const struct pattern p = pattern_of(&r, text);
    if (pattern_fits_side(&p, &pairs[0].second) != first || pattern_fits_side(&p, &pairs[1].second) != second)
        fail_msg("%s: %s, %s", text, a, b);
}

static void test_fits(void **state)
{
    (void)state;
    check_fits("f", "f(int)", "g(int)", true, false);
    check_fits("f*", "f(int)", "free", true, true);
    check_fits("f?ee", "free", "tree", true, false);
    check_fits("f(char*)", "f(char*)", "f(char, int*)", true, false); /* a name as it stands is no pattern */
    check_fits("f(char*)", "f(char)", "f(char, int*)", true, true);
    check_fits("f(char*)", "f(char x)", "g", true, false);
    check_fits("M::operator*", "M::operator*(int)", "M::operator+(int)", true, false);
    check_fits("M::operator*", "M::operator-(int)", "M::operator+(int)", true, true);
    check_fits("M::operator\\*", "M::operator*(int)", "M::operator+(int)", true, false);
    check_fits("M::operator()", "M::operator()(int)", "M::operator[](int)", true, false);
    check_fits("runtime.(*mspan).init", "runtime.(*mspan).init", "runtime.(x.mspan).init", true, false);
    check_fits("<T as Trait>::f", "<T as Trait>::f", "<U as Trait>::f", true, false);
    check_fits("~lib/rt/*", "~lib/rt/itcms/__new", "~lib/array/push", true, false);
    check_fits("reset", "reset.llvm.123", "reset.other", true, false);
    check_fits("reset.llvm.123", "reset.llvm.123", "reset.llvm.5", true, false);
    check_fits("a::b", "a::b::h0123456789abcdef", "a::c::h0123456789abcdef", true, false);
    check_fits("a::g", "a[5f]::g", "a[5f]::h", true, false);
    check_fits("std::sort", "void std::sort<int*>(int*, int*)", "void std::stable_sort<int*>(int*)", true, false);
    check_fits("?", "\xC3\xA4", "a", false, true);
    check_fits("**a**b", "xaxxb", "xbxa", true, false);
    check_fits("", "f", "g", false, false);
}

static void test_regex(void **state)
{
    (void)state;
    static const char *const sure[] = {"^malloc",       "malloc$", ".*alloc",   "malloc|free",
                                       "(malloc|free)", "[a-z]+x", "\\bfree\\b"};
    static const char *const none[] = {"malloc",
                                       "f*",
                                       "runtime.*",
                                       "operator|",
                                       "a::operator|(b)",
                                       "operator^",
                                       "start:a~anonymous|0",
                                       "$f",
                                       "f(char*)",
                                       "<[a] as b>::c",
                                       "operator[]",
                                       "f\\$",
                                       "std::operator|=<x>(int)"};
    for (size_t i = 0; i < sizeof sure / sizeof *sure; i++)
        assert_non_null(pattern_is_regex(sure[i]));
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_null(pattern_is_regex(none[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_fits),
        cmocka_unit_test(test_regex),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
