/* The JSON report, read back by a JSON library that had no part in writing it. */
#include "render/render.h"
#include "render_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <string.h>

/* The object that the renderer writes; jansson refuses invalid UTF-8, keys twice and bytes behind the object. */
static json_t *rendered(const struct report *r)
{
    struct capture c;
    capture_open(&c);
    render_json(&c.out, r);
    capture_close(&c);
    json_error_t error;
    json_t *o = json_loads(c.text, JSON_REJECT_DUPLICATES, &error);
    if (!o)
        fail_msg("%s at %d:%d in %s", error.text, error.line, error.column, c.text);
    capture_free(&c);
    return o;
}

static void check_integer(const json_t *o, const char *key, uint64_t want)
{
    const json_t *v = json_object_get(o, key);
    if (!json_is_integer(v) || (uint64_t)json_integer_value(v) != want)
        fail_msg("%s: want %llu, got %lld", key, (unsigned long long)want, (long long)json_integer_value(v));
}

static void check_string(const json_t *o, const char *key, const char *want)
{
    const json_t *v = json_object_get(o, key);
    if (!want) {
        assert_true(json_is_null(v));
        return;
    }
    assert_true(json_is_string(v));
    assert_string_equal(json_string_value(v), want);
}

static void check_total(const json_t *totals, const char *kind, const struct report_total *want)
{
    const json_t *t = json_object_get(totals, kind);
    check_integer(t, "instances", want->instances);
    check_integer(t, "bytes", want->bytes);
    assert_true(json_is_real(json_object_get(t, "share")));
    assert_true(json_real_value(json_object_get(t, "share")) == want->share);
}

static void check_side(const json_t *pair, const char *key, const struct report_side *want)
{
    const json_t *side = json_object_get(pair, key);
    if (want->origin != ORIGIN_SITE) {
        check_string(side, "origin", want->origin == ORIGIN_INIT ? "init" : "host");
        assert_null(json_object_get(side, "loc"));
        return;
    }
    assert_null(json_object_get(side, "origin"));
    check_integer(side, "loc", want->loc);
    check_string(side, "function", *want->name ? want->name : NULL);
    check_string(side, "op", *want->op ? want->op : NULL);
}

static void test_every_field(void **state)
{
    (void)state;
    struct report r = fixture_report();
    json_t *o = rendered(&r);
    check_string(o, "schema", "mem-tracer.report");
    check_integer(o, "version", 1);
    check_string(json_object_get(o, "input"), "path", "dir/a.wasm");
    check_integer(json_object_get(o, "input"), "size", 140422);

    const json_t *run = json_object_get(o, "run");
    check_integer(run, "exit_code", 7);
    check_string(run, "trap", NULL);
    check_integer(run, "accesses", r.accesses);
    check_integer(run, "loads", r.loads);
    check_integer(run, "stores", r.stores);
    check_integer(run, "rmws", r.rmws);
    check_integer(run, "fills", r.fills);
    check_integer(run, "copies", r.copies);
    check_integer(run, "inits", r.inits);
    check_integer(run, "waits", r.waits);
    check_integer(run, "host_reads", r.host_reads);
    check_integer(run, "host_writes", r.host_writes);
    check_integer(run, "bytes_loaded", r.bytes_loaded);
    check_integer(run, "bytes_stored", r.bytes_stored);
    check_integer(run, "unread_at_exit", r.unread_at_exit);
    assert_true(json_is_true(json_object_get(run, "shared_memory")));
    const json_t *opaque = json_object_get(run, "opaque_calls");
    assert_int_equal(json_array_size(opaque), 2);
    check_string(json_array_get(opaque, 0), "import", "env.f");
    check_integer(json_array_get(opaque, 0), "calls", 3);
    check_string(json_array_get(opaque, 1), "import", "env.g\"\\");

    const json_t *totals = json_object_get(o, "totals");
    check_total(totals, "dead_store", &r.totals[DEFECT_DEAD_STORE]);
    check_total(totals, "silent_store", &r.totals[DEFECT_SILENT_STORE]);
    check_total(totals, "silent_load_after_load", &r.totals[DEFECT_SILENT_LOAD_AFTER_LOAD]);
    check_total(totals, "silent_load_after_store", &r.totals[DEFECT_SILENT_LOAD_AFTER_STORE]);

    static const char *const kinds[] = {"dead_store", "silent_load_after_load", "silent_load_after_store",
                                        "silent_store"};
    const json_t *pairs = json_object_get(o, "pairs");
    assert_int_equal(json_array_size(pairs), r.pair_count);
    for (size_t i = 0; i < r.pair_count; i++) {
        const json_t *pair = json_array_get(pairs, i);
        check_string(pair, "kind", kinds[r.pairs[i].kind]);
        check_side(pair, "first", &r.pairs[i].first);
        check_side(pair, "second", &r.pairs[i].second);
        check_integer(pair, "instances", r.pairs[i].instances);
        check_integer(pair, "bytes", r.pairs[i].bytes);
    }
    json_decref(o);
}

static void test_empty(void **state)
{
    (void)state;
    struct report r = fixture_empty_report();
    json_t *o = rendered(&r);
    const json_t *run = json_object_get(o, "run");
    assert_true(json_is_null(json_object_get(run, "exit_code")));
    check_string(run, "trap", "unreachable");
    assert_int_equal(json_array_size(json_object_get(run, "opaque_calls")), 0);
    assert_true(json_is_false(json_object_get(run, "shared_memory")));
    assert_true(json_is_array(json_object_get(o, "pairs")));
    assert_int_equal(json_array_size(json_object_get(o, "pairs")), 0);
    /* 0 is a share as any other: a real, as 0.0 in the contract */
    const json_t *total = json_object_get(json_object_get(o, "totals"), "dead_store");
    assert_true(json_is_real(json_object_get(total, "share")));
    json_decref(o);
}

static void test_hostile_strings(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "\"",   "\\",        "\\\"x\\", "</script>",    "\xEF\xBF\xBD", "\xF0\x9F\xA6\x80",
        "%s%n", "{\"a\": [", "tail\\",  "\x01\x1F\n\t", /* the report has none of these, but a slip there must not make broken JSON */
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct report r = fixture_report();
        r.input_path = r.trap = r.opaque[0].import = r.pairs[0].first.name = r.pairs[0].second.op = texts[i];
        json_t *o = rendered(&r);
        check_string(json_object_get(o, "input"), "path", texts[i]);
        check_string(json_object_get(o, "run"), "trap", texts[i]);
        check_side(json_array_get(json_object_get(o, "pairs"), 0), "first", &r.pairs[0].first);
        check_side(json_array_get(json_object_get(o, "pairs"), 0), "second", &r.pairs[0].second);
        json_decref(o);
    }
}

static void test_shares_read_back(void **state)
{
    (void)state;
    static const double shares[] = {0.05, 0.1, 1.0 / 3, 2.0 / 3, 1e-300, 0.99999999999999989, 5e-324};
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
        struct report r = fixture_empty_report();
        r.totals[DEFECT_SILENT_STORE].share = shares[i];
        json_t *o = rendered(&r);
        check_total(json_object_get(o, "totals"), "silent_store", &r.totals[DEFECT_SILENT_STORE]);
        json_decref(o);
    }
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
    render_json(&out, &r);
    assert_false(output_finish(&out, &err));
    assert_int_equal(err.code, ERROR_IO);
    assert_string_equal(err.message, "cannot write '/dev/full': No space left on device");
    fclose(full);

    full = fopen("/dev/full", "w");
    assert_non_null(full);
    setvbuf(full, NULL, _IONBF, 0); /* now the very first write fails: it must be the one that is remembered */
    err = ERROR_INIT;
    output_init(&out, full, NULL);
    output_text(&out, "x");
    assert_true(output_failed(&out));
    render_json(&out, &r);
    assert_false(output_finish(&out, &err));
    assert_string_equal(err.message, "cannot write standard output: No space left on device");
    fclose(full);
}

static void check_place(const json_t *frame, const char *key, uint32_t want)
{
    if (want)
        check_integer(frame, key, want);
    else
        assert_true(json_is_null(json_object_get(frame, key)));
}

static void test_lines(void **state)
{
    (void)state;
    struct report r = fixture_lines_report();
    json_t *o = rendered(&r);
    const json_t *lines = json_object_get(o, "lines");
    check_string(lines, "source", "dwarf");
    check_string(lines, "warning", "half of it is broken");
    check_integer(lines, "bytes", 100);
    check_integer(lines, "found", 60);
    assert_true(json_real_value(json_object_get(lines, "share")) == 0.6);
    const json_t *missing = json_object_get(lines, "missing");
    assert_int_equal(json_array_size(missing), 2);
    check_string(json_array_get(missing, 0), "why", "it is night");
    check_integer(json_array_get(missing, 1), "bytes", 10);
    for (size_t i = 0; i < r.pair_count; i++) {
        const struct report_side *want = &r.pairs[i].first;
        const json_t *side = json_object_get(json_array_get(json_object_get(o, "pairs"), i), "first");
        const json_t *frames = json_object_get(side, "frames");
        assert_int_equal(frames != NULL, want->frame_count > 0);
        assert_int_equal(json_array_size(frames), want->frame_count);
        for (uint32_t k = 0; k < want->frame_count; k++) {
            const json_t *frame = json_array_get(frames, k);
            check_string(frame, "function", want->frames[k].function);
            check_string(frame, "file", want->frames[k].file);
            check_place(frame, "line", want->frames[k].line);
            check_place(frame, "column", want->frames[k].column);
        }
    }
    json_decref(o);
    r = fixture_report(); /* nobody looked for lines */
    o = rendered(&r);
    assert_null(json_object_get(o, "lines"));
    json_decref(o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_every_field),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_hostile_strings),
        cmocka_unit_test(test_shares_read_back),
        cmocka_unit_test(test_full_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
