/* Which frames are the program's own code. */
#include "report/own.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void test_files_of_toolchains(void **state)
{
    (void)state;
    static const char *const foreign[] = {
        "/rustc/29483883eed69d5fb4db01964cdf2af4d86e9cb2/library/alloc/src/vec/mod.rs",
        "/home/a/.rustup/toolchains/stable-x86_64-unknown-linux-gnu/lib/rustlib/src/rust/library/core/src/slice/mod.rs",
        "/usr/src/rustc-1.63.0/library/alloc/src/vec/mod.rs",
        "/home/a/.cargo/registry/src/index.crates.io-6f17d22bba15001f/serde_json-1.0.1/src/de.rs",
        "C:\\Users\\a\\.cargo\\registry\\src\\index.crates.io-6f17d22bba15001f\\serde_json-1.0.1\\src\\de.rs",
        "/usr/include/c++/v1/vector",
        "/opt/wasi-sdk-24.0/share/wasi-sysroot/include/wasm32-wasi/c++/v1/__memory/construct_at.h",
        "/build/wasi-libc-0.0~git20220510/libc-top-half/musl/src/string/memcpy.c",
        "dlmalloc/src/malloc.c",
        "/emsdk/emscripten/system/lib/libc/musl/src/stdio/vfprintf.c",
        "~lib/rt/itcms.ts",
        "/src/app/node_modules/@assemblyscript/loader/index.ts",
        "/usr/local/go/src/runtime/malloc.go",
        "runtime/malloc.go",
        "/root/go/pkg/mod/github.com/klauspost/compress@v1.17.0/zstd/decoder.go",
        "github.com/klauspost/compress@v1.17.0/zstd/decoder.go",
        "/usr/lib/zig/std/mem.zig",
        "/usr/lib/python3/dist-packages/ziglang/lib/std/mem/Allocator.zig",
    };
    static const char *const own[] = {
        "/home/a/app/src/main.rs",
        "app/runtime/heap.c",
        "/home/a/go/src/app/main.go",
        "main.go",
        "hello/main.go",
        "C:\\work\\app\\main.c",
        "lib/util.c",
        "/home/a/std/list.zig",
        "assembly/index.ts",
        "registry/main.c",
    };
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
        if (!own_not(NULL, foreign[i]))
            fail_msg("%s is taken for own", foreign[i]);
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (own_not(NULL, own[i]))
            fail_msg("%s is not taken for own, by %s", own[i], own_not(NULL, own[i]));
}

static void test_last_rule_decides(void **state)
{
    (void)state;
    const struct own_rule items[] = {{"vendor/*", false}, {"vendor/ours/*", true}, {"/rustc/*", true}};
    const struct own_rules rules = {items, 3};
    assert_string_equal(own_not(&rules, "/home/a/vendor/zlib/inflate.c"), "vendor/*");
    assert_null(own_not(&rules, "/home/a/vendor/ours/x.c"));
    assert_null(own_not(&rules, "/rustc/1/library/core/src/str.rs"));
    assert_non_null(own_not(&rules, "~lib/array.ts"));
}

/* A report of one pair whose second side has these frames. */
static uint32_t own_of(const struct report_frame *frames, uint32_t count, const struct own_rules *rules)
{
    struct report_pair pair = {.second = {.frames = frames, .frame_count = count, .own = OWN_UNKNOWN}};
    struct report r = {.pairs = &pair, .pair_count = 1};
    assert_true(own_find(&r, rules));
    return pair.second.own;
}

static void test_innermost_own_frame(void **state)
{
    (void)state;
    const struct report_frame frames[] = {
        {.function = "fill", .file = "/rustc/1/library/core/src/slice.rs", .line = 3},
        {.function = "no_line", .file = "src/a.rs"},
        {.function = "elsewhere", .file = "/build/b.rs", .line = 9},
        {.function = "main", .file = "src/main.rs", .line = 7, .text = "v.fill(0);"},
    };
    const struct own_rule all = {"*", false}, elsewhere = {"/rustc/*", true};
    assert_int_equal(own_of(frames, 4, NULL), 3); /* its source is at hand */
    assert_int_equal(own_of(frames, 3, NULL), 2);
    assert_int_equal(own_of(frames, 2, NULL), OWN_NONE); /* line 0 is no place */
    assert_int_equal(own_of(frames, 4, &(struct own_rules){&all, 1}), OWN_NONE);
    assert_int_equal(own_of(frames, 3, &(struct own_rules){&elsewhere, 1}), 0);
}

static void test_shown_frame(void **state)
{
    (void)state;
    const struct report_frame frames[] = {{.file = "a.c"}, {.function = "f"}, {.function = "g"}};
    struct report_side side = {.frames = frames, .frame_count = 3, .own = 2};
    assert_ptr_equal(report_own_frame(&side), &frames[2]);
    side.own = OWN_NONE;
    assert_ptr_equal(report_own_frame(&side), &frames[1]);
    side.frame_count = 1;
    assert_ptr_equal(report_own_frame(&side), &frames[0]);
    side.frame_count = 0;
    assert_null(report_own_frame(&side));
}

/* What a report says of its own frames stays, unless there are rules. */
static void test_known_frames_stay(void **state)
{
    (void)state;
    const struct report_frame frames[] = {{.function = "f", .file = "a.c", .line = 1},
                                          {.function = "g", .file = "b.c", .line = 1}};
    struct report_pair pair = {.second = {.frames = frames, .frame_count = 2, .own = 1}};
    struct report r = {.pairs = &pair, .pair_count = 1};
    const struct own_rule rule = {"b.c", false};
    assert_true(own_find(&r, NULL));
    assert_int_equal(pair.second.own, 1);
    assert_true(own_find(&r, &(struct own_rules){&rule, 1}));
    assert_int_equal(pair.second.own, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files_of_toolchains), cmocka_unit_test(test_last_rule_decides),
        cmocka_unit_test(test_innermost_own_frame), cmocka_unit_test(test_shown_frame),
        cmocka_unit_test(test_known_frames_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
